// SPDX-License-Identifier: MIT
/** The gates: a submission that compiles and defines what the contract says, and that says and calls nothing else. */
import { pass } from "../judge/check.ts";
import { GATES, type CheckEntry, type Judgement } from "../kata/kata.ts";
import type { Judgements, Player } from "./player.ts";
import type { Workpiece } from "./workpiece.ts";

export class Gates implements Player {
  readonly groups = GATES.map((gate) => [gate]);
  readonly beside = "anything";
  /** What the compiler said about a file that it accepted. */
  warnings = "";

  constructor(readonly workpiece: Workpiece) {}

  async play([gate]: CheckEntry[]): Promise<Judgements> {
    return new Map([[gate!.id, gate!.id === "compiles" ? await this.#compiles() : await this.#allowedCalls()]]);
  }

  async #compiles(): Promise<Judgement> {
    const { ok, text } = await this.workpiece.compiled();
    if (!ok) return buildError("the compiler refuses the file", text);
    this.warnings = text;
    const { lacking } = await this.workpiece.audited();
    if (lacking.length === 0) return pass();
    return {
      verdict: "build_error",
      saw: `the file defines no function called ${lacking.join(", ")}`,
      expected: "a definition of every function in the kata's header",
    };
  }

  async #allowedCalls(): Promise<Judgement> {
    const { forbidden } = await this.workpiece.audited();
    return forbidden ? { verdict: "forbidden", ...forbidden } : pass();
  }
}

function buildError(saw: string, text: string): Judgement {
  return {
    verdict: "build_error",
    saw,
    expected: "a file that compiles as C11",
    ...(text && { lookAt: "the compiler's first error", detail: text.trim() }),
  };
}
