// SPDX-License-Identifier: MIT
/** Registers a kata's checks as tests; when they are through, prints the failure nearest to the cause and the scorecard. */
import { afterAll, describe, test } from "bun:test";
import { Grading, newSeed } from "../play/grade.ts";
import { tidyWhenInterrupted } from "./interrupt.ts";
import { allChecks, byFile, type Kata } from "../kata/kata.ts";
import type { Result } from "../judge/score.ts";
import { shortFailure, terminalStyle } from "../report/terminal.ts";
import { wholeReport } from "../report/told.ts";
import { Sentence } from "../base/sentence.ts";
import { nextKata, remember } from "./scores.ts";
import { readSubmission } from "../build/submission.ts";
import { Workpiece } from "../play/workpiece.ts";
import { terminalSize, wantsColours } from "../base/terminal-size.ts";
import { pruneCache } from "../base/cache.ts";

const style = terminalStyle(terminalSize(), wantsColours());
const TIMEOUT_MS = 300_000; // every guest has its own deadline; this one is never met

function testOf(grading: Grading, id: string): void {
  test(
    id,
    async () => {
      const check = await grading.result(id);
      if (check.verdict === "pass" || check.verdict === "not_measurable") return;
      throw new Sentence(shortFailure(check));
    },
    TIMEOUT_MS,
  );
}

/** After more than 20 passes bun names those that failed once more. */
function linesBelow({ checks }: Result): number {
  const passes = checks.filter(({ verdict }) => verdict === "pass" || verdict === "not_measurable").length;
  return passes > 20 ? checks.length - passes + 3 : 0;
}

/** One test per check, in the order of the report; they run together in the background, and are told one by one. */
export function gradeInBunTest(kata: Kata): void {
  tidyWhenInterrupted();
  pruneCache();
  const submission = readSubmission(kata);
  const grading = new Grading(new Workpiece(kata, submission), { seed: newSeed() }).start();
  describe(kata.title, () => {
    for (const [file, checks] of byFile(kata, allChecks(kata))) {
      const register = () => checks.forEach(({ id }) => testOf(grading, id));
      if (file === undefined) register();
      else describe(file, register);
    }
    afterAll(async () => {
      const result = await grading.finished();
      remember(result);
      const rows = style.rows && style.rows - linesBelow(result);
      process.stderr.write(`${wholeReport(result, { ...style, ...(rows && { rows }) }, { next: nextKata() })}\n\n`);
    }, TIMEOUT_MS);
  });
}
