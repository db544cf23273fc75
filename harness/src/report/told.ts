// SPDX-License-Identifier: MIT
/** A grading as it is told when it is over: the scorecard, then what is read first, where the eye is. Pure. */
import { exitCode, firstFailure, type CheckResult, type Result } from "../judge/score.ts";
import { failureBlock, scorecard, type Style } from "./terminal.ts";

interface Beside {
  /** The kata that comes after a pass, if there is one. */
  next?: string | undefined;
  /** The only check that was asked for. */
  asked?: string | undefined;
}

export function wholeReport(result: Result, style: Style, { next, asked }: Beside = {}): string {
  const { chalk } = style;
  const first = firstFailure(result);
  return [
    scorecard(result, style),
    ...(result.warnings ? [`${chalk.yellow("the compiler warns:")}\n${result.warnings.trimEnd()}\n`] : []),
    ...(first && asked !== undefined && first.id !== asked ? [notReached(asked, first)] : []),
    ...(first ? [failureBlock(first, style)] : []),
    ...afterwards(result, next).map((line) => chalk.dim(line)),
  ].join("\n");
}

export const notReached = (asked: string, failed: CheckResult) => `${asked} was not reached: ${failed.id} did not pass`;

/** What one does then. */
function afterwards(result: Result, next: string | undefined): string[] {
  const number = result.kata.slice(0, 2);
  if (exitCode(result) === 1) return ["", `stuck? bun kata hint ${number}`];
  if (!result.passed || !next) return [];
  return [`beside the reference: bun kata diff ${number}   next: ${next}, bun kata next`];
}
