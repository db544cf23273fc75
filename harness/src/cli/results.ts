// SPDX-License-Identifier: MIT
/** What this checkout's learner has reached in each kata. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/cache.ts";
import { resultSchema, type Result } from "../judge/score.ts";
import { TIERS } from "../kata/kata.ts";

const RESULTS = join(ROOT, ".cache", "results");

/** Keeps the newest result of the learner's own file, for `bun kata list`; for an unchanged file, the best one. */
export function rememberResult(result: Result): void {
  const before = lastResult(result.kata);
  const sameFile = Bun.deepEquals(before?.submission.files, result.submission.files);
  if (before && sameFile && rank(before) > rank(result)) return;
  try {
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(join(RESULTS, `${result.kata}.json`), JSON.stringify(result));
  } catch (error) {
    process.stderr.write(`bun kata list will not know of this result: ${(error as Error).message}\n`);
  }
}

/** Orders results of one file: a busy machine must not take away what was measured on a quiet one. */
function rank({ passed, tier, score }: Result): number {
  return Number(passed) * 1000 + (tier ? (TIERS.indexOf(tier) + 1) * 200 : 0) + score;
}

/** The newest result, or null when there is none, or none of this version. */
export function lastResult(id: string): Result | null {
  const path = join(RESULTS, `${id}.json`);
  if (!existsSync(path)) return null;
  const parsed = resultSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : null;
}
