// SPDX-License-Identifier: MIT
/**
 * Before a batch is scored, a program that is known to be right has to pass its kata's first check on this machine, and one
 * that is known to be wrong must not: a grader that judges neither would judge nobody.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Unusable } from "../base/command.ts";
import { readSubmission, solutionsOf, stubsOf } from "../build/submission.ts";
import { allChecks, gatesOf, type Kata } from "../kata/kata.ts";
import { Grading, newSeed } from "../play/grade.ts";
import { Workpiece } from "../play/workpiece.ts";

/** Throws Unusable, which names the kata and what was seen. A checkout without solutions tries the stubs only. */
export async function proveGrader(katas: Kata[]): Promise<void> {
  for (const kata of katas) {
    const gates = gatesOf(kata).map(({ id }) => id);
    const check = allChecks(kata).find(({ id }) => !gates.includes(id))!.id;
    const bad = await judged(kata, stubsOf(kata), check);
    if (bad.verdict === "pass") throw new Unusable(`${kata.id}: the stub passes ${check}: nothing is scored with that`);
    if (kata.edits.some((name) => !existsSync(join(solutionsOf(kata), name)))) continue;
    const good = await judged(kata, solutionsOf(kata), check);
    if (good.verdict !== "pass")
      throw new Unusable(`${kata.id}: the reference fails ${check} (${good.saw}): nothing is scored with that`);
  }
}

async function judged(kata: Kata, path: string, check: string) {
  const piece = new Workpiece(kata, readSubmission(kata, path));
  const { checks } = await new Grading(piece, { seed: newSeed(), only: check }).start().finished();
  return checks.find(({ id }) => id === check)!;
}
