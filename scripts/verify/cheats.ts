// SPDX-License-Identifier: MIT
/** Cheats: programs that mean to win a check's points without its work, and what each of them says of itself. */
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Sentence } from "../../harness/src/base/sentence.ts";
import { PATCH, readPatch } from "../../harness/src/build/patch.ts";
import { readSubmission } from "../../harness/src/build/submission.ts";
import type { CheckResult } from "../../harness/src/judge/score.ts";
import type { Kata } from "../../harness/src/kata/kata.ts";
import { BadSample, oneRound } from "../../harness/src/play/measure.ts";
import { Workpiece } from "../../harness/src/play/workpiece.ts";

type Judged = Pick<CheckResult, "id" | "verdict" | "saw">;

export interface Preamble {
  /** The attack, as research/secure-scoring.md numbers it. */
  attack: string;
  /** What the report on it has to say: refused for another reason, it would prove nothing. */
  words: string;
}

const LINE = /\sResearch ([A-D] \d+)\. Refused with: ([^]+?)(?: \*\/|$)/;

/** Throws when a cheat does not say what it is: in its first comment, of one file of a folder, or above its diff. */
export function preambleOf(path: string, edits: string[]): Preamble {
  const paths = statSync(path).isDirectory() ? edits.map((name) => join(path, name)) : [path];
  const found = paths.map((file) => LINE.exec(textOf(file))).find(Boolean);
  if (!found) throw new Sentence(`${path} does not say "Research B 13. Refused with: ..."`);
  return { attack: found[1]!, words: found[2]!.replace(/\n \*/g, "").replace(/\s+/g, " ") };
}

function textOf(file: string): string {
  try {
    const text = readFileSync(file, "utf8");
    return file.endsWith(PATCH) ? readPatch(file, text).words : text;
  } catch {
    return ""; // of the kata's files it brings only one
  }
}

/** What is wrong with how a cheat was judged; undefined where it was refused, for the reason that it names. */
export function wrongWithCheat({ words }: Preamble, judged: Judged | undefined) {
  if (!judged || ["pass", "not_reached", "not_measurable", "harness_error"].includes(judged.verdict))
    return `${judged?.id ?? "its check"} did not refuse it: ${judged?.verdict}`;
  return judged.saw?.includes(words) ? undefined : `it was refused with '${judged.saw}', not with '${words}'`;
}

/** Does a run of the traffic that is timed count, however fast it is? */
export async function judgedWhenTimed(kata: Kata, path: string, seed: number): Promise<Judged> {
  const { id, metrics } = kata.throughput!;
  const { params } = metrics.find(({ tiers }) => tiers)!;
  const guest = await new Workpiece(kata, readSubmission(kata, path)).guest("bench");
  try {
    await oneRound(kata.throughput!, params, [["learner", guest]], seed);
    return { id, verdict: "pass" };
  } catch (error) {
    if (error instanceof BadSample) return { id, verdict: "wrong", saw: error.message };
    throw error;
  }
}
