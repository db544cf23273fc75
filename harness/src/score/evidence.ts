// SPDX-License-Identifier: MIT
/** A fork's score that another machine reports: read as data, bounded, and recomputed before anybody relies on it. */
import { lstatSync, readFileSync } from "node:fs";
import { z } from "zod";
import { isWeaker } from "../base/box-tier.ts";
import { Unusable } from "../base/command.ts";
import { forkScoreSchema, type ForkScore } from "../judge/fork.ts";
import { objectionsTo } from "../judge/recompute.ts";
import type { Kata } from "../kata/kata.ts";
import { showSeed } from "../play/grade.ts";
import { graderDigest, seedOf } from "./digest.ts";

export interface Expected {
  source: string;
  commit: string;
  katas: Kata[];
}

/** Below it a program may have reached the grader itself. */
const TIER_MIN = "B";

/** Seven katas with a long trace each take a tenth of it. */
const EVIDENCE_BYTES_MAX = 8 << 20;

/** A file's text, if it is a regular one of a size that we read. Throws Unusable. */
export function textOf(path: string): string {
  const there = lstatSync(path, { throwIfNoEntry: false });
  if (!there?.isFile()) throw new Unusable(`${path}: ${there ? "not a regular file" : "no such file"}`);
  if (there.size > EVIDENCE_BYTES_MAX) refuse([`it is larger than ${EVIDENCE_BYTES_MAX >> 20} MiB`]);
  return readFileSync(path, "utf8");
}

export const evidenceFrom = (path: string, expected: Expected) => evidenceIn(textOf(path), expected);

/** The score, when all in it follows; else throws Unusable, with everything that does not. */
export async function evidenceIn(text: string, { source, commit, katas }: Expected): Promise<ForkScore> {
  const parsed = forkScoreSchema.safeParse(json(text));
  if (!parsed.success) return refuse([z.prettifyError(parsed.error)]);
  const score = parsed.data;
  const names = (all: { kata: string }[]) => all.map(({ kata }) => kata).join(", ");
  const due = katas.map(({ id }) => ({ kata: id }));
  const objections = [
    ...(score.source === source ? [] : [`it is of ${score.source}, not of ${source}`]),
    ...(score.commit === commit ? [] : [`it is of the commit ${score.commit}, not of ${commit}`]),
    ...(names(score.katas) === names(due) ? [] : [`its katas are ${names(score.katas)}; there are ${names(due)}`]),
  ];
  if (objections.length === 0)
    for (const [at, kata] of katas.entries())
      objections.push(...(await objectionsToKata(score.katas[at]!, kata, score.salt)));
  return objections.length > 0 ? refuse(objections) : score;
}

async function objectionsToKata(one: ForkScore["katas"][number], kata: Kata, salt: string): Promise<string[]> {
  if ("refused" in one) return [];
  const { bundle, grader, result } = one;
  const own = await graderDigest(kata, result.toolchain.compiler);
  const { tier } = result.box ?? { tier: "D" };
  const seed = showSeed(seedOf({ kata: kata.id, bundle, grader }, salt));
  return [
    ...(grader === own ? [] : [`${kata.id}: another grader judged it: ${grader}, not ${own}`]),
    ...(result.seed === seed ? [] : [`${kata.id}: its seed is ${result.seed}; ${seed} follows from its files`]),
    ...(isWeaker(tier, TIER_MIN) ? [`${kata.id}: it ran in a box of tier ${tier}; ${TIER_MIN} is needed`] : []),
    ...objectionsTo(result, kata),
  ];
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse([(error as Error).message]);
  }
}

function refuse(objections: string[]): never {
  throw new Unusable(`this score is not accepted:\n  ${objections.join("\n  ")}`);
}
