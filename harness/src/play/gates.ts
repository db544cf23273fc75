// SPDX-License-Identifier: MIT
/** The gates of one file, or of the only one: a submission that compiles and defines what the contract says, and that says and calls nothing else. */
import { join } from "node:path";
import { Unusable } from "../base/command.ts";
import { readSource } from "../build/submission.ts";
import { pass, waitsFor } from "../judge/check.ts";
import { gatesOf, type Finding, type Gate, type Judgement } from "../kata/kata.ts";
import type { Judgements, Player } from "./player.ts";
import { Workpiece } from "./workpiece.ts";

export class Gates implements Player<Gate> {
  readonly groups: Gate[][];
  readonly beside = "anything";
  /** What the compiler said about a file that it accepted. */
  warnings = "";

  constructor(readonly workpiece: Workpiece) {
    const { kata, file } = workpiece;
    this.groups = gatesOf(kata).flatMap((gate) => (gate.file === file ? [[gate]] : []));
  }

  async play([gate]: Gate[]): Promise<Judgements> {
    return new Map([[gate!.id, gate!.gate === "compiles" ? await this.#compiles() : await this.#allowedCalls()]]);
  }

  async #compiles(): Promise<Judgement> {
    const { ok, text } = await this.workpiece.compiled();
    if (!ok) {
      await this.#compilesBaseline();
      return buildError("the compiler refuses the file", {
        expected: "a file that compiles as C11",
        ...(text && { lookAt: "the compiler's first error", detail: text.trim() }),
      });
    }
    this.warnings = text;
    const { waitsFor: broken, twice } = await this.workpiece.part();
    const gates = gatesOf(this.workpiece.kata);
    if (broken) return waitsFor(gates.find(({ gate, file }) => gate === "compiles" && file === broken)!.id);
    if (twice)
      return buildError(`the file defines ${twice.name}, which ${twice.file} defines, too`, {
        expected: "one definition of each function in the kata's header",
      });
    const { lacking } = await this.workpiece.audited();
    if (lacking.length === 0) return pass();
    const { file } = this.workpiece;
    return buildError(`the file defines no function called ${lacking.join(", ")}`, {
      expected: `a definition of every function in the kata's header${file ? ` that the stub of ${file} has` : ""}`,
    });
  }

  /** A machine that lacks a header refuses every file. Throws Unusable when it refuses the kata's own, too. */
  async #compilesBaseline(): Promise<void> {
    const { kata } = this.workpiece;
    const files = [readSource(kata.edits[0]!, join(kata.folder, kata.baseline))];
    const { ok, text } = await new Workpiece(kata, { label: kata.baseline, files }).compiled();
    if (!ok) throw new Unusable(`${kata.baseline}, which is right, does not compile here either:\n${text.trim()}`);
  }

  async #allowedCalls(): Promise<Judgement> {
    const { forbidden } = await this.workpiece.audited();
    return forbidden ? { verdict: "forbidden", ...forbidden } : pass();
  }
}

function buildError(saw: string, more: Omit<Finding, "saw">): Judgement {
  return { verdict: "build_error", saw, ...more };
}
