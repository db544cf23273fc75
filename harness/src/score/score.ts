// SPDX-License-Identifier: MIT
/** Scores a fork: what it has for each kata is graded, unless the same files were graded by the same grader before. */
import type { ForkScore, KataScore } from "../judge/fork.ts";
import { exitCode, type Result } from "../judge/score.ts";
import type { Kata } from "../kata/kata.ts";
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
  const key = { kata: kata.id, bundle: digestOf(collected.submission), grader: await graderDigest(kata) };
  const known = ledger.find(key);
  if (known) return { ...key, result: known };
  const seed = seedOf(key, ledger.salt);
  const result = await new Grading(new Workpiece(kata, collected.submission), { seed, ...options }).start().finished();
  if (isFinal(kata, result)) ledger.keep(key, result);
  return { ...key, result };
}

/** Neither a fault of ours nor a machine that was too busy to measure is a score: it is graded again. */
const isFinal = ({ throughput }: Kata, result: Result) =>
  exitCode(result) !== 2 &&
  !result.checks.some(({ id, verdict }) => id === throughput?.id && verdict === "not_measurable");
