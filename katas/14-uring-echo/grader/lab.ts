// SPDX-License-Identifier: MIT
/**
 * The same echo on readiness and on completions: CPU time and messages per second at 10 to 1,000 connections, all busy.
 * The calls per message are counted by the check of that name. Wants a quiet machine and half a minute.
 */
import epoll from "@c10kata/03-epoll-echo/kata.ts";
import { comparisonEvidence } from "@c10kata/03-epoll-echo/network-evidence.ts";
import type { Kata } from "@c10kata/harness";
import { labProgram, labRun, Unusable } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import kata from "./kata.ts";

const CONNECTIONS = [10, 100, 1_000];
const MESSAGES = 20_000;
const ROUNDS = 3;
const SIZE = 64;

const solutions = (of: Kata) => join(of.folder, "../../solutions", of.id);
const servers = (path: string) => [
  { name: "epoll, edge-triggered", of: epoll, path: join(solutions(epoll), epoll.edits[0]!) },
  { name: "a thread and a ring each", of: kata, path: join(kata.folder, kata.baseline) },
  { name: "reference", of: kata, path: join(solutions(kata), kata.edits[0]!) },
  { name: "multishot", of: kata, path: join(solutions(kata), "accepted/multishot.c") },
  { name: path === kata.folder ? "yours" : relative(process.cwd(), path), of: kata, path },
];

/** CPU time of the server's for a message, and messages per second: the best of some runs. */
async function measure(program: string, clients: number): Promise<{ cpu_us: number; rate: number }> {
  const params = { clients, busy: clients, messages: Math.round(MESSAGES / clients), size: SIZE, rate: 0, threads: 1 };
  const runs = [];
  for (let round = 0; round < ROUNDS; round++) {
    const { evidence } = await labRun(program, "compare", params, undefined, true);
    const { quiet, done, echo } = comparisonEvidence.parse(evidence);
    runs.push({ cpu_us: ((done.cpu_s - quiet.cpu_s) / echo.messages) * 1e6, rate: echo.messages / echo.seconds });
  }
  return runs.toSorted((a, b) => a.cpu_us - b.cpu_us)[0]!;
}

/** `path`: a server of this kata's, or a folder with one. */
export async function lab(path: string): Promise<Plot[]> {
  const rows: { name: string; clients: number; cpu_us: number; rate: number }[] = [];
  for (const { name, of, path: source } of servers(path)) {
    if (!existsSync(source)) continue;
    try {
      const program = await labProgram(of, source);
      for (const clients of CONNECTIONS) rows.push({ name, clients, ...(await measure(program, clients)) });
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      console.log(`${name}: ${error.message}`);
    }
  }
  const plot = (title: string, y: string, value: (row: (typeof rows)[number]) => number): Plot => ({
    title,
    x: { title: "connections", scale: "log" },
    y: { title: y, scale: "log" },
    series: [...Map.groupBy(rows, ({ name }) => name)].map(([name, own]) => ({
      name,
      points: own.map((row) => [row.clients, value(row)]),
    })),
  });
  return [
    plot("The server's CPU time for a message of 64 bytes, all busy", "CPU time (µs)", ({ cpu_us }) => cpu_us),
    plot("Messages per second, all busy", "messages per second", ({ rate }) => rate),
  ];
}
