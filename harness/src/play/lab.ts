// SPDX-License-Identifier: MIT
/**
 * A kata's experiments: `lab.ts` in its grader's folder, with `export async function lab(path): Promise<Plot[]>`, and perhaps
 * `comparison(path)`, the part that `bun kata bench` shows too. `path` is the submission's: the learner's folder, or what
 * `--from` names. Nothing is graded by them. A lab that runs C code does so with the functions here, in guests as a
 * grading does.
 */
import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import type { Collected } from "../kata/run.ts";
import { ROOT } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { BrokenKata } from "../kata/define.ts";
import { graderOf, type Kata } from "../kata/kata.ts";
import type { Plot } from "../kata/plot.ts";
import { whyNotDrawn } from "../kata/plot-schema.ts";
import { Guest, LIMITS, newNonce } from "../guest/guest.ts";
import { confinement } from "../build/confinement.ts";
import { readSource, readSubmission } from "../build/submission.ts";
import { Workpiece } from "./workpiece.ts";

/** A run that a lab cannot use: of a program that does not compile, or did not come to its end. */
export { Unusable };

type Experiment = (path: string) => Promise<Plot[]>;
type Experiments = Partial<Record<"lab" | "comparison", Experiment>>;

/** Runs a kata's lab to its end. Throws Unusable when the kata has none, BrokenKata when its plots cannot be drawn. */
export async function runLab(kata: Kata, path: string): Promise<Plot[]> {
  if (!hasLab(kata)) throw new Unusable(`${kata.id} has no lab: its lesson, README.md, has all there is`);
  const { lab } = (await import(labOf(kata))) as Experiments;
  if (!lab) throw new BrokenKata(`${nameInRoot(kata, "lab.ts")} exports no function 'lab'`);
  return drawable(kata, await lab(path));
}

/** The plots that belong to the kata's bench; none where its lab compares nothing. Throws BrokenKata as runLab does. */
export async function runComparison(kata: Kata, path: string): Promise<Plot[]> {
  if (!hasLab(kata)) return [];
  const { comparison } = (await import(labOf(kata))) as Experiments;
  return comparison ? drawable(kata, await comparison(path)) : [];
}

export const hasLab = (kata: Kata) => existsSync(labOf(kata));

const labOf = (kata: Kata) => join(graderOf(kata), "lab.ts");

function drawable(kata: Kata, plots: Plot[]): Plot[] {
  const complaint = plots.map(whyNotDrawn).find((reason) => reason !== null);
  if (complaint) throw new BrokenKata(`${nameInRoot(kata, "lab.ts")} makes a plot that cannot be drawn\n${complaint}`);
  return plots;
}

const nameInRoot = (kata: Kata, name: string) => relative(ROOT, join(graderOf(kata), name));

/**
 * A C file, or a folder of them, in place of the learner's, linked with the kata's driver for timing. Its path. Of a kata that
 * edits several files a single one has all functions, as the baseline does. `beside`: further C files and headers that it needs.
 */
export async function labProgram(kata: Kata, path: string, beside: string[] = []): Promise<string> {
  const inOne = kata.edits.length > 1 && path.endsWith(".c");
  const { label, files } = inOne
    ? { label: path, files: [readSource(kata.edits[0]!, path)] }
    : readSubmission(kata, path);
  const more = Map.groupBy(beside, (file) => file.endsWith(".h"));
  const read = (headers: boolean) => (more.get(headers) ?? []).map((file) => readSource(basename(file), file));
  const together = { label, files: [...files, ...read(false)], headers: read(true) };
  return await new Workpiece(kata, together).guest("bench");
}

const DEADLINE_MS = 120_000;
const SEED = "1";

/** One run of a scenario of the driver's, on all CPUs or pinned to `cpu`, with io_uring if `rings`: what it sent, and how long it took. */
export async function labRun(
  program: string,
  scenario: string,
  params: Record<string, number>,
  cpu?: number,
  rings = false,
): Promise<{ evidence: Collected["evidence"]; seconds: number }> {
  const nonce = newNonce();
  const words = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const pinned = cpu === undefined ? [] : ["taskset", "-c", String(cpu)];
  const argv = [...pinned, program, scenario, SEED, "3", ...words];
  const limits = { ...LIMITS, deadline_ms: DEADLINE_MS };
  const options = { box: await confinement(), env: { PATH: process.env.PATH ?? "" }, rings };
  const ended = await Guest.start(argv, nonce, limits, options).ended;
  if (ended.by !== "itself" || ended.code !== 0 || !ended.collected.ended) {
    const how = ended.by === "itself" ? (ended.signal ?? `exit code ${ended.code}`) : `our limit: ${ended.by}`;
    throw new Unusable(`scenario ${scenario} of the lab ended by ${how}`);
  }
  const { brokenOff } = ended.collected;
  if (brokenOff) throw new Unusable(`scenario ${scenario} of the lab: ${brokenOff.call} ${brokenOff.did}`);
  return { evidence: ended.collected.evidence, seconds: ended.seconds };
}
