// SPDX-License-Identifier: MIT
/**
 * The lesson's figures: how long a cheap request takes while expensive ones run, with their handlers on workers and on
 * the loop itself, and how many system calls' worth of CPU time a request costs. Wants a quiet machine and half a minute.
 */
import { labProgram, labRun, Unusable } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import { z } from "zod";
import { numbers } from "@c10kata/harness/evidence";
import kata from "./kata.ts";

const EXPENSIVE = [0, 1, 2, 4, 8];
const EXPENSIVE_MS = 5;
const WORKERS = 4;
const CHEAP = 100;

const evidenceSchema = z.object({ cheap_us: numbers, expensive: z.number() });
const solutions = join(kata.folder, "../../solutions", kata.id);
const DESIGNS: [name: string, path: string][] = [
  ["handlers on the loop", join(solutions, "mutants/first_life--runs_on_the_loop.patch")],
  ["a thread per connection", join(kata.folder, kata.baseline)],
  ["reference, 4 workers", join(solutions, kata.edits[0]!)],
];

const at = (sorted: number[], share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;

/** Percentiles of the cheap requests' time, in milliseconds. */
async function measure(program: string, expensive: number): Promise<{ p50: number; p99: number }> {
  const params = { workers: WORKERS, expensive, expensive_ms: EXPENSIVE_MS, cheap: CHEAP };
  const { cheap_us } = evidenceSchema.parse((await labRun(program, "latency", params)).evidence);
  const sorted = cheap_us.toSorted((a, b) => a - b);
  return { p50: at(sorted, 0.5) / 1000, p99: at(sorted, 0.99) / 1000 };
}

/** `path`: a server of this kata's, or a folder with one. */
export async function lab(path: string): Promise<Plot[]> {
  const yours: [string, string] = [path === kata.folder ? "yours" : relative(process.cwd(), path), path];
  const rows: { name: string; expensive: number; p50: number; p99: number }[] = [];
  for (const [name, source] of [...DESIGNS, yours]) {
    if (!existsSync(source)) continue;
    try {
      const program = await labProgram(kata, source);
      for (const expensive of EXPENSIVE) rows.push({ name, expensive, ...(await measure(program, expensive)) });
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      console.log(`${name}: ${error.message}`);
    }
  }
  const plot = (title: string, value: (row: (typeof rows)[number]) => number): Plot => ({
    title,
    x: { title: `connections that ask for ${EXPENSIVE_MS} ms of CPU time, again and again`, scale: "linear" },
    y: { title: "time for a cheap request (ms)", scale: "log" },
    series: [...Map.groupBy(rows, ({ name }) => name)].map(([name, own]) => ({
      name,
      points: own.map((row) => [row.expensive, value(row)]),
    })),
  });
  return [
    plot("A cheap request beside expensive ones: the median", ({ p50 }) => p50),
    plot("A cheap request beside expensive ones: 99 of 100", ({ p99 }) => p99),
  ];
}
