// SPDX-License-Identifier: MIT
/** Scores a fork: what it has for each kata is graded, unless the same files were graded by the same grader before. */
import type { ForkScore, KataScore } from "../judge/fork.ts";
import { exitCode } from "../judge/score.ts";
import { Grading, type GradeOptions } from "../play/grade.ts";
import { Workpiece } from "../play/workpiece.ts";
import type { Collected, Fork } from "./collect.ts";
import { digestOf, graderDigest, seedOf } from "./digest.ts";
import type { Ledger } from "./ledger.ts";

type Options = Pick<GradeOptions, "untimed" | "onResult">;

/** One kata after the other: throughput wants the machine for itself. */
export async function scoreFork(fork: Fork, ledger: Ledger, options: Options = {}): Promise<ForkScore> {
  const { source, commit } = fork;
  const katas: KataScore[] = [];
  for (const collected of fork.katas) katas.push(await scoreKata(collected, ledger, options));
  return { schema: "c10kata/score/v1", source, commit, salt: ledger.salt, katas };
}

async function scoreKata(collected: Collected, ledger: Ledger, options: Options): Promise<KataScore> {
  const { kata } = collected;
  if ("refused" in collected) return { kata: kata.id, refused: collected.refused };
  const key = { kata: kata.id, bundle: digestOf(collected.submission), grader: graderDigest(kata) };
  const known = ledger.find(key);
  if (known) return { ...key, result: known };
  const seed = seedOf(key, ledger.salt);
  const result = await new Grading(new Workpiece(kata, collected.submission), { seed, ...options }).start().finished();
  const whole = options.untimed === undefined && exitCode(result) !== 2; // a fault of ours is no score
  if (whole) ledger.keep(key, result);
  return { ...key, result };
}
