// SPDX-License-Identifier: MIT
/** How the forks of a cohort stand: few words for each kata, since there may be thousands. Pure. */
import type { Tier } from "../kata/kata.ts";
import type { ForkScore } from "./fork.ts";
import { firstFailure, type Result } from "./score.ts";

/** A kata's result, or why a fork's files could not be graded. */
export type Scored = { kata: string } & ({ result: Result } | { refused: string });

export interface KataStanding {
  kata: string;
  passed: boolean;
  points: number;
  points_max: number;
  tier: Tier | null;
  /** The check whose failure is nearest to the cause, and what it saw. */
  first: string;
  saw: string;
  replay: string;
  seed: string;
  trust: string;
}

export interface Standing {
  name: string;
  source: string;
  /** Empty where it was not scored; then `fault` says why. */
  commit: string;
  fault: string;
  katas: KataStanding[];
}

const SAW_CHARACTERS_MAX = 300;

export function standingOf(one: Scored): KataStanding {
  const result = "result" in one ? one.result : undefined;
  const failed = result && firstFailure(result);
  const saw = "refused" in one ? one.refused : (failed?.saw ?? "");
  return {
    kata: one.kata,
    passed: result?.passed ?? false,
    points: result?.score ?? 0,
    points_max: result?.score_max ?? 100,
    tier: result?.tier ?? null,
    first: "refused" in one ? "files" : (failed?.id ?? ""),
    saw: saw.length > SAW_CHARACTERS_MAX ? `${saw.slice(0, SAW_CHARACTERS_MAX).toWellFormed()} ...` : saw,
    replay: failed?.replay ?? "",
    seed: result?.seed ?? "",
    trust: result?.trust ?? "",
  };
}

/** `told`: the score, or why there is none. */
export const forkStanding = (name: string, source: string, told: ForkScore | string): Standing =>
  typeof told === "string"
    ? { name, source, commit: "", fault: told, katas: [] }
    : { name, source, commit: told.commit, fault: "", katas: told.katas.map(standingOf) };

export const pointsOf = ({ katas }: Standing) => katas.reduce((sum, { points }) => sum + points, 0);
export const passedOf = ({ katas }: Standing) => katas.filter(({ passed }) => passed).length;

/** 0: everybody has passed every kata. 1: not everybody. 2: somebody has no score. */
export function cohortExitCode(standings: Standing[]): 0 | 1 | 2 {
  if (standings.some(({ fault }) => fault !== "")) return 2;
  return standings.every((one) => passedOf(one) === one.katas.length) ? 0 : 1;
}

/** A failure that several have: what to talk about in class. */
export interface SharedFailure {
  kata: string;
  check: string;
  names: string[];
  /** What it looked like at the first of them. */
  saw: string;
}

/** The most frequent first; a failure of one alone is not among them. */
export function sharedFailures(standings: Standing[]): SharedFailure[] {
  const all = standings.flatMap(({ name, katas }) =>
    katas.filter(({ first }) => first).map((one) => ({ name, ...one })),
  );
  return [...Map.groupBy(all, ({ kata, first }) => `${kata} ${first}`).values()]
    .filter((same) => same.length > 1)
    .map((same) => ({
      kata: same[0]!.kata,
      check: same[0]!.first,
      names: same.map(({ name }) => name),
      saw: same[0]!.saw,
    }))
    .sort((a, b) => b.names.length - a.names.length);
}

/** Two submissions that have runs of tokens in common: for a person to judge. */
export interface Similar {
  left: string;
  right: string;
  /** Of what is the learner's own in both: from 0 to 1. */
  share: number;
  /** Where the longest run lies: its first and last line. */
  left_lines: [number, number];
  right_lines: [number, number];
}
