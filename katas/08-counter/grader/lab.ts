// SPDX-License-Identifier: MIT
/**
 * The lesson's figures, measured here and now: what an add costs in each design, on one CPU and on all. Wants a quiet machine
 * and a minute or so; where solutions/ is not there, only the baselines and the submission are measured.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";

const ROUNDS = 5;
const PINNED = 0;
const THREADS = [1, 2, 4, 8, 16];
const ADDS = 8_000_000;
const READ_EVERY = [10, 100, 1_000, 10_000];

const solutions = join(kata.folder, "../../solutions", kata.id);
const DESIGNS: [name: string, path: string][] = [
  ["mutex", join(kata.folder, "baselines/mutex.c")],
  ["spin lock", join(kata.folder, "baselines/spin.c")],
  ["one atomic, seq_cst", join(kata.folder, "baselines/seq_cst.c")],
  ["one atomic, relaxed", join(kata.folder, "baselines/relaxed.c")],
  ["shards side by side", join(kata.folder, "baselines/unpadded.c")],
  ["shards, a line each", join(solutions, kata.edits[0]!)],
  ["a shard per processor", join(solutions, "accepted/processors.c")],
  ["a shard per owner", join(solutions, "accepted/owners.c")],
];

interface Program {
  name: string;
  guest: string;
}

async function programs(): Promise<Program[]> {
  const known = DESIGNS.filter(([, path]) => existsSync(path));
  return await Promise.all(known.map(async ([name, path]) => ({ name, guest: await labProgram(kata, path) })));
}

/** Nanoseconds of CPU time an add, the median of some runs; the programs take turns, so that a slow moment meets all of them. */
async function nanoseconds(all: Program[], threads: number, reads: number, cpu?: number): Promise<number[]> {
  const params = { threads, adds: ADDS / threads, reads: reads / threads };
  const samples: number[][] = all.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { guest }] of all.entries())
      samples[at]!.push((Number((await labRun(guest, "cost", params, cpu)).evidence.cpu_us) * 1000) / ADDS);
  }
  return samples.map((own) => own.toSorted((a, b) => a - b)[ROUNDS >> 1]!);
}

async function byThreads(all: Program[], title: string, cpu?: number): Promise<Plot> {
  const series: Plot["series"] = all.map(({ name }) => ({ name, points: [] }));
  for (const threads of THREADS) {
    const ns = await nanoseconds(all, threads, 0, cpu);
    ns.forEach((one, at) => series[at]!.points.push([threads, one]));
  }
  return {
    title,
    x: { title: "threads", scale: "log" },
    y: { title: "CPU time for an add (ns)", scale: "log" },
    series,
  };
}

async function byReads(all: Program[]): Promise<Plot> {
  const series: Plot["series"] = all.map(({ name }) => ({ name, points: [] }));
  for (const every of READ_EVERY) {
    const ns = await nanoseconds(all, 4, ADDS / every, PINNED);
    ns.forEach((one, at) => series[at]!.points.push([every, one]));
  }
  return {
    title: "4 threads on one CPU, with reads in between",
    x: { title: "adds for each read", scale: "log" },
    y: { title: "CPU time for an add, reads included (ns)", scale: "log" },
    series,
  };
}

export async function lab(): Promise<Plot[]> {
  const all = await programs();
  const spins = (name: string) => name === "spin lock";
  return [
    await byThreads(all, "Adds on all CPUs"),
    await byThreads(
      all.filter(({ name }) => !spins(name)),
      "Adds on one CPU",
      PINNED,
    ),
    await byReads(all.filter(({ name }) => !spins(name))),
  ];
}
