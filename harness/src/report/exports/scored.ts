// SPDX-License-Identifier: MIT
/** What every export is made of, and the words that exports have in common. Pure. */
import { accuses, costsNothing, type CheckResult, type Result } from "../../judge/score.ts";
import type { Scored } from "../../judge/cohort.ts";
import { failureBlock, plainStyle } from "../terminal.ts";

export interface Graded {
  katas: Scored[];
  /** Of a fork: as it was asked for, and 40 hexadecimal digits. */
  source?: string;
  commit?: string;
}

/** One line of a platform's list of tests. */
export interface Row {
  kata: string;
  name: string;
  check: CheckResult;
  /** Without the points that this machine, or a fault of the grader's, took from nobody. */
  points_max: number;
}

/** Platforms take long texts badly. */
const TEXT_CHARACTERS_MAX = 8_000;

export function bounded(text: string, max = TEXT_CHARACTERS_MAX): string {
  if (text.length <= max) return text;
  const end = `\n... ${text.length - max} more characters`;
  return text.slice(0, Math.max(0, max - end.length)).toWellFormed() + end;
}

/** Of a failure the end says as much as the beginning: what is too much is left out between them. */
function boundedWithin(text: string, max = TEXT_CHARACTERS_MAX): string {
  if (text.length <= max) return text;
  const half = Math.floor(max / 2) - 30;
  const [head, tail] = [text.slice(0, half), text.slice(-half)].map((part) => part.toWellFormed());
  return `${head}\n... ${text.length - 2 * half} characters ...\n${tail}`;
}

/** All checks in the order of the report; a kata that could not be graded is one row. */
export function rowsOf({ katas }: Graded): Row[] {
  return katas.flatMap((one) => {
    const checks = "refused" in one ? [refusal(one.refused)] : one.result.checks;
    return checks.map((check) => ({
      kata: one.kata,
      name: [katas.length > 1 && one.kata, check.file, check.id].filter(Boolean).join(" "),
      check,
      points_max: costsNothing(check) ? 0 : check.points_max,
    }));
  });
}

const refusal = (saw: string): CheckResult => ({
  id: "files",
  verdict: "wrong",
  points: 0,
  points_max: 100,
  saw,
  expected: "the kata's files, as text",
  seconds: 0,
});

/** What a learner reads about one check; a check that passed says how much was tried. */
export function toldOf(check: CheckResult): string {
  if (accuses(check)) return boundedWithin(failureBlock(check, plainStyle));
  return bounded(
    [check.verdict === "pass" ? "" : check.verdict.replaceAll("_", " "), check.saw ?? check.note]
      .filter(Boolean)
      .join(": "),
  );
}

export function sumOf({ katas }: Graded): { score: number; score_max: number; passed: number; seconds: number } {
  const results = katas.flatMap((one) => ("result" in one ? one.result : []));
  const of = (value: (result: Result) => number) => results.reduce((sum, result) => sum + value(result), 0);
  return {
    score: of(({ score }) => score),
    score_max: of(({ score_max }) => score_max) + 100 * (katas.length - results.length),
    passed: results.filter(({ passed }) => passed).length,
    seconds: of(({ seconds }) => seconds),
  };
}
