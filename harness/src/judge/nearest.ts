// SPDX-License-Identifier: MIT
/** Which of a grading's failures is told first, and in full: the one nearest to the cause. Pure. */
import { accuses, scoreOf, type CheckResult, type Result } from "./score.ts";

/** `scripted`: a short list of calls on one thread shows it. */
type Kind = (failure: CheckResult, scripted: boolean) => boolean;

const is = ({ verdict }: CheckResult, ...verdicts: CheckResult["verdict"][]) => verdicts.includes(verdict);
const traced = ({ trace }: CheckResult) => trace !== undefined;
/** Of the program's own: what a trace's failure saw may be lines of the driver. */
const namesLine = ({ saw = "", look_at = "", trace }: CheckResult) =>
  /\([^()\s]+\.c:\d+\)/.test(trace ? look_at : `${saw} ${look_at}`);
/** What a program loses it does not free either: a leak is a symptom. */
const leak = ({ saw = "" }: CheckResult) => /^(memory |thread )?leak\b/.test(saw);

/**
 * From cause to symptom. A memory error can bring about everything else, and a crash all but that. A list of calls on one
 * thread is easier to follow than a trace, and a trace than a run that may not repeat. Costs come last.
 */
const CAUSES_FIRST: Kind[] = [
  (failure) => is(failure, "build_error", "forbidden"),
  (failure) => is(failure, "memory") && namesLine(failure) && !leak(failure),
  (failure) => is(failure, "crash") && namesLine(failure),
  (failure, scripted) => scripted && is(failure, "wrong"),
  (failure) => traced(failure) && is(failure, "memory", "crash", "race", "wrong") && !leak(failure),
  (failure) => traced(failure) && is(failure, "deadlock"),
  (failure) => is(failure, "race"),
  (failure) => is(failure, "wrong"),
  (failure) => is(failure, "memory", "crash"),
  (failure) => is(failure, "deadlock"),
  (failure) => is(failure, "timeout"),
  (failure) => is(failure, "slow"),
  (failure) => is(failure, "harness_error"),
];

/** What is told before what. */
export interface Order {
  /** The ids of the checks that play lists of calls. */
  scripts: string[];
  /** A failure of the first file is told before those of the second. */
  files: string[];
}

/**
 * The failure to tell first; undefined where no check failed. `asked`: the only check that was asked for; if it was
 * reached, its own result is what the reader wants.
 */
export function nearestFailure(
  checks: CheckResult[],
  { scripts, files }: Order,
  asked?: string,
): CheckResult | undefined {
  const own = checks.find(({ id }) => id === asked);
  if (own && !is(own, "pass", "not_reached")) return own;
  const rank = (failure: CheckResult) =>
    2 * CAUSES_FIRST.findIndex((kind) => kind(failure, scripts.includes(failure.id))) + Number(!traced(failure));
  const place = ({ file }: CheckResult) => (file === undefined ? files.length : files.indexOf(file));
  return checks.filter(accuses).toSorted((a, b) => place(a) - place(b) || rank(a) - rank(b))[0];
}

/** How each file stands, by its own checks; nothing where no check is one file's. */
export function partsOf(checks: CheckResult[], order: Order, files: string[]): NonNullable<Result["parts"]> {
  return files.flatMap((file) => {
    const own = checks.filter((check) => check.file === file);
    if (own.length === 0) return [];
    const { score, score_max, passed } = scoreOf(own, null);
    const first = nearestFailure(own, order)?.id;
    return [{ file, score, score_max, passed, ...(first && { first }) }];
  });
}
