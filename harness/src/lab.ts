// SPDX-License-Identifier: MIT
/**
 * A kata's experiments: `lab.ts` in its folder, with `export async function lab(): Promise<Plot[]>`. Nothing is graded by
 * them. A lab that runs C code does so with the functions here, in guests as a grading does.
 */
import { existsSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { compileSubmission, linkGuest } from "./build.ts";
import { ROOT } from "./cache.ts";
import { Unusable } from "./command.ts";
import type { Collected } from "./evidence.ts";
import { BrokenKata, type Kata } from "./kata.ts";
import { whyNotDrawn, type Plot } from "./plot.ts";
import { Guest, LIMITS, newNonce } from "./run.ts";
import { readSource, readSubmission } from "./submission.ts";

/** Runs a kata's lab to its end. Throws Unusable when the kata has none, BrokenKata when its plots are none. */
export async function runLab(kata: Kata): Promise<Plot[]> {
  const path = join(kata.folder, "lab.ts");
  if (!existsSync(path)) throw new Unusable(`${kata.id} has no lab: its lesson, README.md, has all there is`);
  const { lab } = (await import(path)) as { lab?: () => Promise<Plot[]> };
  if (!lab) throw new BrokenKata(`${nameInRoot(kata, "lab.ts")} exports no function 'lab'`);
  const plots = await lab();
  const complaint = plots.map(whyNotDrawn).find((reason) => reason !== null);
  if (complaint) throw new BrokenKata(`${nameInRoot(kata, "lab.ts")} makes a plot that is none\n${complaint}`);
  return plots;
}

const nameInRoot = (kata: Kata, name: string) => relative(ROOT, join(kata.folder, name));

/**
 * A C file, or a folder of them, in place of the learner's, linked with the kata's driver for timing. Its path. `beside`:
 * further C files that it needs.
 */
export async function labProgram(kata: Kata, path: string, beside: string[] = []): Promise<string> {
  const { label, files } = readSubmission(kata, path);
  const more = beside.map((file) => readSource(basename(file), file));
  const compiled = await compileSubmission(kata, { label, files: [...files, ...more] }, "bench");
  if (!compiled.ok) throw new Unusable(`${relative(ROOT, path)} does not compile:\n${compiled.text}`);
  return await linkGuest(kata, compiled.objects, "bench");
}

const DEADLINE_MS = 120_000;
const SEED = "1";

/** One run of a scenario of the driver's, on all CPUs or pinned to `cpu`: what it sent, and how long it took. */
export async function labRun(
  program: string,
  scenario: string,
  params: Record<string, number>,
  cpu?: number,
): Promise<{ evidence: Collected["evidence"]; seconds: number }> {
  const nonce = newNonce();
  const words = Object.entries(params).map(([name, value]) => `${name}=${value}`);
  const pinned = cpu === undefined ? [] : ["taskset", "-c", String(cpu)];
  const argv = [...pinned, program, scenario, SEED, nonce, "3", ...words];
  const limits = { ...LIMITS, deadline_ms: DEADLINE_MS };
  const ended = await new Guest(argv, nonce, limits, { env: { PATH: process.env.PATH ?? "" } }).ended;
  if (ended.by !== "itself" || ended.code !== 0 || !ended.collected.ended)
    throw new Unusable(`scenario ${scenario} of the lab ended by ${ended.by}, ${ended.signal ?? ended.code}`);
  return { evidence: ended.collected.evidence, seconds: ended.seconds };
}
