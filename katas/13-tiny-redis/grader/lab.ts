// SPDX-License-Identifier: MIT
/**
 * What a request costs the server as more of them come at a time: CPU time of its thread alone, so that others on the machine
 * disturb little. The reference, the design that sends at the end of its loop's turn, the baseline, and yours.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import kata from "./kata.ts";

const PIPELINES = [1, 2, 4, 8, 16, 32, 64];
const CLIENTS = 50;
const REQUESTS = 20_000;
const ROUNDS = 3;

const solution = (name: string) => join(kata.folder, "../../solutions", kata.id, name);

const servers = (path: string) =>
  [
    { name: "reference", path: solution(kata.edits[0]!) },
    { name: "sends when all are answered", path: solution("accepted/answers_later.patch") },
    { name: "baseline", path: join(kata.folder, kata.baseline) },
    { name: path === kata.folder ? "yours" : relative(process.cwd(), path), path },
  ].filter((server) => existsSync(server.path));

/** Microseconds of CPU time for a request: the median of some runs. NaN: not all was answered. */
async function microseconds(guest: string, pipeline: number): Promise<number> {
  const rounds = Math.ceil(REQUESTS / CLIENTS / pipeline);
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { evidence } = await labRun(guest, "cost", { clients: CLIENTS, pipeline, rounds });
    const due = rounds * CLIENTS * pipeline;
    samples.push(evidence.answers === due ? Number(evidence.cpu_us) / due : Number.NaN);
  }
  return samples.toSorted((a, b) => a - b)[ROUNDS >> 1]!;
}

export async function lab(path: string): Promise<Plot[]> {
  const series: Plot["series"] = [];
  for (const { name, path: program } of servers(path)) {
    const guest = await labProgram(kata, program);
    const points: [number, number][] = [];
    for (const pipeline of PIPELINES) points.push([pipeline, await microseconds(guest, pipeline)]);
    series.push({ name, points: points.filter(([, value]) => !Number.isNaN(value)) });
  }
  return [
    {
      title: `The server's CPU time for a request, ${CLIENTS} clients`,
      x: { title: "requests at a time", scale: "log" },
      y: { title: "CPU time (µs)", scale: "log" },
      series: series.filter(({ points }) => points.length > 0),
    },
  ];
}
