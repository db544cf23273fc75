// SPDX-License-Identifier: MIT
/**
 * The lesson's figures, measured here and now: what a lock and its unlock cost, alone and with company, on one CPU and on all.
 * Wants a quiet machine and a minute or so; where solutions/ is not there, only the baseline and the submission are measured.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";

const ROUNDS = 3;
const PINNED = 0;
const THREADS = [1, 2, 4];
const CALLS = 400_000;
const HAND_OVERS = 10_000;

const solutions = join(kata.folder, "../../solutions", kata.id);
const DESIGNS: [name: string, path: string][] = [
  ["the C library's", join(kata.folder, kata.baseline)],
  ["the reference", solutions],
  ["spins for 20 us first", join(solutions, "accepted/patient")],
  ["queues of nodes", join(solutions, "accepted/nodes")],
];
/** In the order of kinds.h. */
const [MUTEX, CONDVAR, RWLOCK, SEMAPHORE] = [1, 2, 3, 4] as const;

interface Program {
  name: string;
  guest: string;
}

async function programs(): Promise<Program[]> {
  const known = DESIGNS.filter(([, path]) => existsSync(path));
  return await Promise.all(known.map(async ([name, path]) => ({ name, guest: await labProgram(kata, path) })));
}

/** Nanoseconds of CPU time a round, the median of some runs; the programs take turns, so that a slow moment meets all of them. */
async function nanoseconds(
  all: Program[],
  kind: number,
  threads: number,
  rounds: number,
  cpu?: number,
): Promise<number[]> {
  const samples: number[][] = all.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { guest }] of all.entries()) {
      const { evidence } = await labRun(guest, "cost", { kind, threads, rounds }, cpu);
      samples[at]!.push((Number(evidence.cpu_us) * 1000) / rounds);
    }
  }
  return samples.map((own) => own.toSorted((a, b) => a - b)[ROUNDS >> 1]!);
}

async function byThreads(all: Program[], title: string, kind: number, cpu?: number): Promise<Plot> {
  const series: Plot["series"] = all.map(({ name }) => ({ name, points: [] }));
  for (const threads of kind === CONDVAR ? THREADS.slice(1) : THREADS) {
    const ns = await nanoseconds(all, kind, threads, kind === CONDVAR ? HAND_OVERS : CALLS, cpu);
    ns.forEach((one, at) => series[at]!.points.push([threads, one]));
  }
  return {
    title,
    x: { title: "threads", scale: "log" },
    y: { title: "CPU time for a round (ns)", scale: "log" },
    series,
  };
}

export async function lab(): Promise<Plot[]> {
  const all = await programs();
  const named = (...names: string[]) => all.filter(({ name }) => names.includes(name));
  const three = named("the C library's", "the reference", "spins for 20 us first");
  const two = named("the C library's", "the reference", "queues of nodes");
  return [
    await byThreads(three, "Mutex: lock and unlock, on one CPU", MUTEX, PINNED),
    await byThreads(three, "Mutex: lock and unlock, on all CPUs", MUTEX),
    await byThreads(two, "Readers, and a writer now and then, on all CPUs", RWLOCK),
    await byThreads(two, "Semaphore as a lock, on one CPU", SEMAPHORE, PINNED),
    await byThreads(two, "A place for one: each round wakes another thread, on one CPU", CONDVAR, PINNED),
  ];
}
