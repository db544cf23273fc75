// SPDX-License-Identifier: MIT
/**
 * What a grading has learned of endless loops. A run that has used up its deadline in some function is waited for. A later
 * one that stands in the same function, without a sign of progress, for a quarter of its own has met that loop again. Any
 * other that is late after a quarter is played anew, with all of its time: so no verdict hangs on the shorter one alone.
 */
import type { Judgement } from "../kata/kata.ts";
import type { Ended } from "../kata/run.ts";

/** A run that is over. */
export interface Run {
  ended: Pick<Ended, "by" | "sinceProgress">;
  broken: Judgement | null;
  /** The learner's, in which its threads stood at the deadline. */
  functions: () => Promise<string[]>;
}

const PART = 1 / 4;
const LEAST_MS = 2_000;

export class Patience {
  readonly #loops = new Set<string>();

  /** `run` has a guest run to its end; null: one of which nothing is to be said. */
  async play<One extends Run | null>(deadline_ms: number, run: (deadline_ms: number) => Promise<One>): Promise<One> {
    const less_ms = Math.max(LEAST_MS, PART * deadline_ms);
    if (this.#loops.size > 0 && less_ms < deadline_ms) {
      const hurried = await run(less_ms);
      if (await this.#counts(hurried, less_ms)) return hurried;
    }
    const whole = await run(deadline_ms);
    if (whole?.broken?.verdict === "timeout") for (const name of await whole.functions()) this.#loops.add(name);
    return whole;
  }

  /** It ended before that, or in a loop that is known. */
  async #counts(run: Run | null, less_ms: number): Promise<boolean> {
    if (run?.ended.by !== "deadline") return true;
    const silent = run.ended.sinceProgress.wall_s * 1_000 >= less_ms;
    if (run.broken?.verdict !== "timeout" || !silent) return false;
    return (await run.functions()).some((name) => this.#loops.has(name));
  }
}
