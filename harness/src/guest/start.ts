// SPDX-License-Identifier: MIT
/** How a guest is started, in a box or bare; and what its box says of how it went. */
import { constants } from "node:os";
import { boxed, walled } from "../base/box.ts";
import { Unusable } from "../base/command.ts";
import type { Ended } from "../kata/run.ts";
import type { GuestOptions, Limits } from "./guest.ts";

/** After the evidence's. Nothing in the box has it but native/box. */
export const STATUS_DESCRIPTOR = 4;

interface Start {
  words: string[];
  env: Record<string, string>;
  cwd?: string;
}

/** What is to be spawned for `argv`; `run` marks its processes. */
export function commandOf(argv: string[], run: string, limits: Limits, options: GuestOptions): Start {
  const { box, cwd, sees, shares, rings } = options;
  const { address_bytes } = limits;
  const envOf = (parent: number) => ({ ...options.env, C10KATA_RUN: run, C10KATA_GRADER: String(parent) });
  const traces = address_bytes === null; // a sanitizer's build
  const how = { cwd: cwd ?? "/tmp", sees, shares, address_bytes, traces, rings };
  if (box.walls) return { words: walled(box.walls, argv, { ...how, env: envOf(process.pid) }), env: {} };
  if (!box.made) {
    const address = address_bytes === null ? [] : [`--as=${address_bytes}`];
    const words = [Bun.which("prlimit") ?? "prlimit", "--core=0", ...address, "--", ...argv];
    return { words, env: envOf(process.pid), ...(cwd && { cwd }) };
  }
  const env = envOf(1); // native/box, as its child sees it
  return { words: boxed(box.made, argv, { ...how, env, status: STATUS_DESCRIPTOR }), env: {} };
}

/** Killed by a signal: as shells tell it. */
const SHELL_SIGNALS = 128;

/** What native/box says: "began", then "exit CODE SURVIVORS" or "signal NUMBER SURVIVORS". */
export class BoxWords {
  #text = "";

  add(chunk: Buffer): void {
    this.#text += chunk.toString("latin1");
  }

  /** The end of the program instead of the box's. Throws Unusable when there was no box. */
  applied(ended: Ended): Ended {
    const [, how, number, survivors] = /^(exit|signal) (\d+) (\d+)$/m.exec(this.#text) ?? [];
    if (how === "exit") return { ...ended, code: Number(number), signal: null, survivors: Number(survivors) };
    if (how) return { ...ended, code: null, signal: signalName(Number(number)), survivors: Number(survivors) };
    if (ended.by === "itself" && !this.#text.startsWith("began"))
      throw new Unusable(`no box could be made: ${ended.output.trim()}`);
    const killed = (ended.code ?? 0) - SHELL_SIGNALS; // all of the box, from outside
    return killed > 0 ? { ...ended, code: null, signal: signalName(killed) } : ended;
  }
}

/** SIGSEGV for 11, and so on. */
export function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}
