// SPDX-License-Identifier: MIT
/**
 * The lesson's figures, measured here and now: how many objects wait while a reader stands still, and what calls cost. The first is counted, and the
 * same everywhere; the rest wants a quiet machine and a minute or so. Where solutions/ is not there, only the submission is measured.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";

const ROUNDS = 5;
const PINNED = 0;
const THREADS = [1, 2, 4, 8];
const CALLS = 2_000_000;
const GARBAGE = { retires: 6_000, from: 1_000, to: 4_000, every: 20 };

const solutions = join(kata.folder, "../../solutions", kata.id);
const HAZARDS = "hazard pointers, passed on";
const DESIGNS: [name: string, place: string][] = [
  [HAZARDS, "."],
  ["hazard pointers, 16-byte swaps", "accepted/wide"],
  ["hazard pointers, a list per thread", "mutants/hp_waiting_bounded--list_for_each_thread"],
  ["hazard pointers without the fence (wrong)", "mutants/hp_every_schedule--no_fence.patch"],
  ["epochs", "mutants/hp_waiting_bounded--epochs"],
];
const STACKS: [name: string, place: string][] = [
  ["tag of the stack, 8 bytes", "."],
  ["tag of each slot, 8 bytes", "accepted/versions"],
  ["pointer and tag, 16 bytes", "accepted/wide"],
  ["no tag (wrong)", "mutants/tagged_nothing_lost--no_tag.patch"],
];

interface Program {
  name: string;
  guest: string;
}

/** The designs that are there; without solutions/, what lies at `path`. */
async function programs(designs: [string, string][], path: string): Promise<Program[]> {
  const known = designs
    .map(([name, place]) => [name, join(solutions, place)] as const)
    .filter(([, at]) => existsSync(at));
  const all = known.length > 0 ? known : [["the submission", path] as const];
  return await Promise.all(all.map(async ([name, at]) => ({ name, guest: await labProgram(kata, at) })));
}

async function garbage(all: Program[]): Promise<Plot> {
  const series: Plot["series"] = [];
  for (const { name, guest } of all) {
    const { waiting } = (await labRun(guest, "garbage", GARBAGE)).evidence as { waiting: BigUint64Array };
    series.push({
      name,
      points: [...waiting].map((count, at): [number, number] => [at * GARBAGE.every, Number(count)]),
    });
  }
  return {
    title: `A reader stands still from retire ${GARBAGE.from} to retire ${GARBAGE.to}`,
    x: { title: "objects retired", scale: "linear" },
    y: { title: "objects that wait", scale: "linear" },
    series,
  };
}

type Part = "tagged" | "values" | "reads";

/** Nanoseconds of CPU time a call, the median of some runs; the programs take turns, so that a slow moment meets all of them. */
async function nanoseconds(all: Program[], threads: number, part: Part): Promise<number[]> {
  const params = { tagged: 0, values: 0, reads: 0, slots: 64, threads, [part]: CALLS };
  const samples: number[][] = all.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [at, { guest }] of all.entries())
      samples[at]!.push((Number((await labRun(guest, "cost", params, PINNED)).evidence.cpu_us) * 1000) / CALLS);
  }
  return samples.map((own) => own.toSorted((a, b) => a - b)[ROUNDS >> 1]!);
}

async function byThreads(all: Program[], part: Part, title: string): Promise<Plot> {
  const series: Plot["series"] = all.map(({ name }) => ({ name, points: [] }));
  for (const threads of THREADS) {
    const ns = await nanoseconds(all, threads, part);
    ns.forEach((one, at) => series[at]!.points.push([threads, one]));
  }
  return {
    title,
    x: { title: "threads", scale: "log" },
    y: { title: "CPU time a call (ns)", scale: "linear" },
    series,
  };
}

export async function lab(path: string): Promise<Plot[]> {
  const [hazards, stacks] = await Promise.all([programs(DESIGNS, path), programs(STACKS, path)]);
  return [
    await garbage(hazards.filter(({ name }) => !name.includes("wrong"))),
    await byThreads(stacks, "tagged", "Slots pushed and popped, on one CPU"),
    await byThreads(hazards, "values", "Values pushed and popped, on one CPU"),
    await byThreads(hazards, "reads", "hp_protect and hp_clear, on one CPU"),
  ];
}
