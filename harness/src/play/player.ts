// SPDX-License-Identifier: MIT
/** What all ways of trying a kata's checks have in common. */
import type { CheckEntry, Judgement } from "../kata/kata.ts";
import type { Launch } from "./launch.ts";

/** By check. */
export type Judgements = Map<string, Judgement>;

/** Tries some of a kata's checks, in its own way. The grading says which and when; a player says how it went. */
export interface Player<C extends CheckEntry = CheckEntry> {
  /** The checks of a group are judged by one playing; the groups are played in this order, one at a time. */
  readonly groups: C[][];
  /** What may run meanwhile: anything, since it waits most of the time; as much as there are CPUs; or nothing. */
  readonly beside: "anything" | "CPUs" | "nothing";
  /** Plays one group, or as much of it as was asked for and can be reached. What it throws is the grader's own fault. */
  play(checks: C[]): Promise<Judgements>;
  /** After the last group: what came to light only now is the judgement of the last group's checks, if they passed. */
  end?(): Promise<Judgement | null>;
  /** How the program was started whose run showed what was judged; none where a debugger cannot start it again. */
  launchOf?(check: string): Launch | undefined;
}
