// SPDX-License-Identifier: MIT
/** Scores a fork: what it has for each kata is graded, unless the same files were graded by the same grader before. */
import { isWeaker } from "../base/box-tier.ts";
import { Unusable } from "../base/command.ts";
import { confinement } from "../build/confinement.ts";
import type { ForkScore, KataScore } from "../judge/fork.ts";
import { exitCode, type Result } from "../judge/score.ts";
import type { Kata } from "../kata/kata.ts";
import { Grading, type GradeOptions } from "../play/grade.ts";
import { Workpiece } from "../play/workpiece.ts";
import { Sentence } from "../base/sentence.ts";
import { collect, type Collected, type Fork } from "./collect.ts";
import { digestOf, graderDigest, seedOf } from "./digest.ts";
import type { Work } from "./engine.ts";
import type { Key, Ledger } from "./ledger.ts";
import { alone, together } from "./machine.ts";

type Gradable = Extract<Collected, { submission: unknown }>;
type Options = Pick<GradeOptions, "untimed" | "onResult">;

/** One kata after the other: throughput wants the machine for itself. */
export async function scoreFork(fork: Fork, ledger: Ledger, options: Options = {}): Promise<ForkScore> {
  const { source, commit } = fork;
  for (const { kata } of fork.katas) await demandBox(kata);
  const katas: KataScore[] = [];
  for (const collected of fork.katas) katas.push(await scoreKata(collected, ledger, options));
  return { schema: "c10kata/score/v1", source, commit, salt: ledger.salt, katas };
}

/** A score from a weaker box than the kata asks for would count as one from it. Throws Unusable. */
async function demandBox({ id, box }: Kata): Promise<void> {
  const { tier, why } = await confinement();
  if (!isWeaker(tier, box)) return;
  throw new Unusable(
    `${id} is scored in a box of tier ${box}; this machine has tier ${tier}: ${why}. Run bun kata doctor.`,
  );
}

/** For an engine: the fork is fetched and scored. A fault of ours is no score, and is tried again. */
export function worker(katas: Kata[], ledger: Ledger, options: Options = {}): Work {
  return async ({ source, commit }) => {
    const score = await scoreFork(await collect(source, katas, commit), ledger, options);
    for (const one of score.katas) {
      const ours = "result" in one && one.result.checks.find(({ verdict }) => verdict === "harness_error");
      if (ours) throw new Sentence(`${one.kata} ${ours.id}: harness error: ${ours.saw}`);
    }
    return score;
  };
}

async function scoreKata(collected: Collected, ledger: Ledger, options: Options): Promise<KataScore> {
  const { kata } = collected;
  if ("refused" in collected) return { kata: kata.id, refused: collected.refused };
  const key = { kata: kata.id, bundle: digestOf(collected.submission), grader: await graderDigest(kata) };
  const known = ledger.find(key);
  if (known && isKeptFor(kata, known, options)) return { ...key, result: known };
  const id = Object.values({ ...key, salt: ledger.salt, timed: String(!options.untimed) }).join(" ");
  const result = await once(id, () => graded(collected, key, ledger, options));
  if (exitCode(result) !== 2) ledger.keep(key, result, known !== null);
  return { ...key, result };
}

/** What two forks have alike is graded once. */
const underWay = new Map<string, Promise<Result>>();

function once(id: string, grade: () => Promise<Result>): Promise<Result> {
  const result = underWay.get(id) ?? grade().finally(() => underWay.delete(id));
  underWay.set(id, result);
  return result;
}

/** Throughput wants the machine for itself, and a grading is not taken apart for its sake. */
function graded({ kata, submission }: Gradable, key: Key, ledger: Ledger, options: Options) {
  const seed = seedOf(key, ledger.salt);
  const grade = () => new Grading(new Workpiece(kata, submission), { seed, ...options }).start().finished();
  return options.untimed || !kata.throughput ? together(grade) : alone(grade);
}

/** On a machine that was too busy to measure, or in too weak a box, it is graded again. */
const isKeptFor = ({ throughput, box: asked }: Kata, { checks, box }: Result, { untimed }: Options) =>
  !isWeaker(box?.tier ?? "D", asked) &&
  (untimed !== undefined || !checks.some(({ id, verdict }) => id === throughput?.id && verdict === "not_measurable"));
