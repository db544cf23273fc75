// SPDX-License-Identifier: MIT
/**
 * The lesson's figures, measured here and now: what a green thread holds while it waits, and what it takes to let another one go
 * on, beside threads of the kernel's. CPU time on one CPU, so that others on the machine disturb little.
 */
import { labProgram, labRun, Unusable } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import kata from "./kata.ts";

const ROUNDS = 3;
const PINNED = 0;
const THREADS = [1_000, 3_000, 10_000, 30_000, 100_000];
/** In the order of cost.c's numbers. */
const WAYS = ["green_yield", "a number over a channel", "sched_yield", "a futex", "an eventfd"];
const GREEN_WAYS = 2;
const SWITCHES = 100_000;

interface Program {
  name: string;
  guest: string;
}

const solution = (name: string) => join(kata.folder, "../../solutions", kata.id, name);

/** Those that are there and work: a file in which nothing runs yet has no costs. */
async function programs(path: string): Promise<Program[]> {
  const known = [
    { name: "reference", path: solution(kata.edits[0]!) },
    { name: "swapcontext", path: solution("accepted/ucontext.patch") },
    { name: path === kata.folder ? "yours" : relative(process.cwd(), path), path },
  ];
  const working: Program[] = [];
  for (const { name, path: program } of known.filter((one) => existsSync(one.path))) {
    try {
      const guest = await labProgram(kata, program);
      await nanoseconds(guest, 1, 10);
      working.push({ name, guest });
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
    }
  }
  return working;
}

/** CPU time of a switch, the median of some runs. */
async function nanoseconds(guest: string, way: number, rounds: number): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { evidence } = await labRun(guest, "hands", { way, rounds }, PINNED);
    samples.push(Number(evidence.cpu_ns) / Number(evidence.switches));
  }
  return samples.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

async function switches(greens: Program[], any: string): Promise<Plot> {
  const points = async (guest: string, ways: number[]) =>
    await Array.fromAsync(
      ways,
      async (way): Promise<[number, number]> => [way, await nanoseconds(guest, way, SWITCHES)],
    );
  const all = WAYS.map((_, way) => way);
  const series = await Array.fromAsync(greens, async ({ name, guest }) => ({
    name,
    points: await points(guest, all.slice(0, GREEN_WAYS)),
  }));
  return {
    title: "Two threads let each other go on, on one CPU",
    x: { title: "by", labels: WAYS },
    y: { title: "CPU time of a switch, one way (ns)", scale: "log" },
    kind: "bars",
    series: [...series, { name: "threads of the kernel's", points: await points(any, all.slice(GREEN_WAYS)) }],
  };
}

interface Held {
  started: number;
  resident_bytes: number;
  mapped_bytes: number;
  kernel_bytes: number;
}

/** At each number of threads, up to the one at which no more can be had. */
async function held(guest: string, kernels: number): Promise<Held[]> {
  const all: Held[] = [];
  for (const threads of THREADS) {
    const { evidence } = await labRun(guest, "held", { threads, kernels });
    all.push(evidence as unknown as Held);
    if (Number(evidence.started) < threads) break;
  }
  return all;
}

function memory(title: string, of: (one: Held) => number, all: { name: string; rows: Held[] }[]): Plot {
  const series = all.map(({ name, rows }) => ({
    name,
    points: rows.map((one): [number, number] => [Number(one.started), of(one) / Number(one.started)]),
  }));
  return { title, x: { title: "threads that wait", scale: "log" }, y: { title: "bytes each", scale: "log" }, series };
}

export async function lab(path: string): Promise<Plot[]> {
  const greens = await programs(path);
  const any = await labProgram(kata, join(kata.folder, kata.baseline));
  const all = await Array.fromAsync(greens, async ({ name, guest }) => ({ name, rows: await held(guest, 0) }));
  all.push({ name: "threads of the kernel's, stacks of 64 KiB", rows: await held(any, 1) });
  return [
    memory("Memory in use, the kernel's included", (one) => Number(one.resident_bytes) + Number(one.kernel_bytes), all),
    memory("Addresses", (one) => Number(one.mapped_bytes), all),
    await switches(greens, any),
  ];
}
