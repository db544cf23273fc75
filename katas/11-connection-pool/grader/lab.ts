// SPDX-License-Identifier: MIT
/**
 * The lesson's figures: how large a pool should be. A simulated database of some cores, callers that come back, and pools of all
 * sizes in between; beside what is measured the queueing model. Then what a waiter costs, in each design; and, where they are
 * installed, a real PostgreSQL and PgBouncer. Two minutes or so.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";
import { bouncerPath, Postgres, postgresFolder } from "./postgres.ts";
import { closedQueue } from "./queue.ts";

const SIZES = [2, 3, 4, 5, 6, 8, 16, 32, 60];
const DATABASE = { clients: 60, requests: 40, cores: 4, service_us: 5_000, think_us: 30_000 };
const CALLERS = [2, 4, 8, 16];
const ROUNDS = 3;
const PINNED = 0;

const solutions = join(kata.folder, "../../solutions", kata.id);
const PROGRAMS: [name: string, path: string][] = [
  ["baseline: all wake", join(kata.folder, kata.baseline)],
  ["the head is woken", join(solutions, "accepted/head_takes.c")],
  ["slots handed over", join(solutions, "accepted/slots.c")],
  ["reference: handed over", join(solutions, kata.edits[0]!)],
];

type Point = [number, number];
const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
const p99 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!;

/** Sizes of the pool against throughput and latency, measured and computed. */
async function sizes(guest: string): Promise<Plot[]> {
  const seen = { rate: [] as Point[], mean: [] as Point[], p99: [] as Point[] };
  const model = { rate: [] as Point[], mean: [] as Point[] };
  for (const size of SIZES) {
    const { evidence } = await labRun(guest, "latency", { ...DATABASE, size });
    const latency_ms = [...(evidence.latency_us as BigUint64Array)].map((us) => Number(us) / 1000);
    seen.rate.push([size, latency_ms.length / (Number(evidence.run_us) / 1e6)]);
    seen.mean.push([size, mean(latency_ms)]);
    seen.p99.push([size, p99(latency_ms)]);
    const computed = closedQueue({ ...DATABASE, size });
    model.rate.push([size, computed.rate]);
    model.mean.push([size, computed.latency_ms]);
  }
  const { clients, cores, service_us } = DATABASE;
  const x = { title: "connections in the pool", scale: "log" } as const;
  const title = `${clients} callers, ${cores} cores, ${service_us / 1000} ms a query`;
  return [
    {
      title: `${title}: throughput`,
      x,
      y: { title: "queries a second" },
      series: [
        { name: "measured", points: seen.rate },
        { name: "model", points: model.rate },
      ],
    },
    {
      title: `${title}: latency`,
      x,
      y: { title: "from acquire to release (ms)" },
      series: [
        { name: "mean, measured", points: seen.mean },
        { name: "mean, model", points: model.mean },
        { name: "p99, measured", points: seen.p99 },
      ],
    },
  ];
}

/** What a use costs while others wait, on one CPU: the median of some runs, in which the programs take turns. */
async function waiting(programs: { name: string; guest: string }[]): Promise<Plot> {
  const series: Plot["series"] = programs.map(({ name }) => ({ name, points: [] }));
  for (const threads of CALLERS) {
    const seconds: number[][] = programs.map(() => []);
    const uses = 8_000 / threads;
    for (let round = 0; round < ROUNDS; round++)
      for (const [at, { guest }] of programs.entries())
        seconds[at]!.push((await labRun(guest, "bench", { threads, uses, size: 2, gaps: 1 }, PINNED)).seconds);
    seconds.forEach((own, at) =>
      series[at]!.points.push([threads, (own.toSorted((a, b) => a - b)[ROUNDS >> 1]! * 1e6) / (uses * threads)]),
    );
  }
  return {
    title: "A use with 2 connections, on one CPU",
    x: { title: "callers", scale: "log" },
    y: { title: "time for a use (µs)", scale: "log" },
    series,
  };
}

const SERVER_SIZES = [1, 2, 4, 8, 16, 32, 64];
const BOUNCED = 64;

/** The same with a real one: as many callers as connections, and 64 callers who share them. */
async function realOne(): Promise<Plot[]> {
  const [programs, bouncer] = [postgresFolder(), bouncerPath()];
  const missing = programs ? "pgbouncer" : "PostgreSQL";
  if (!programs || !bouncer)
    console.error(`${missing}: not measurable here, it is not installed; scripts/setup --with postgres brings it`);
  if (!programs) return [];
  await using postgres = new Postgres(programs);
  await postgres.begin();
  const direct = { name: "a caller for each connection", rate: [] as Point[], latency: [] as Point[] };
  const shared = { name: `${BOUNCED} callers, PgBouncer`, rate: [] as Point[], latency: [] as Point[] };
  for (const size of SERVER_SIZES) {
    const own = await postgres.measure(size, false);
    direct.rate.push([size, own.perSecond]);
    direct.latency.push([size, own.latency_ms]);
    if (!bouncer) continue;
    await using _bounced = await postgres.bounce(bouncer, size);
    const theirs = await postgres.measure(BOUNCED, true);
    shared.rate.push([size, theirs.perSecond]);
    shared.latency.push([size, theirs.latency_ms]);
  }
  const used = bouncer ? [direct, shared] : [direct];
  const x = { title: "connections to the server", scale: "log" } as const;
  return [
    {
      title: "PostgreSQL, one row by its key: throughput",
      x,
      y: { title: "transactions a second" },
      series: used.map(({ name, rate }) => ({ name, points: rate })),
    },
    {
      title: "PostgreSQL, one row by its key: latency",
      x,
      y: { title: "mean latency (ms)", scale: "log" },
      series: used.map(({ name, latency }) => ({ name, points: latency })),
    },
  ];
}

export async function lab(): Promise<Plot[]> {
  const known = PROGRAMS.filter(([, path]) => existsSync(path));
  const programs = await Promise.all(
    known.map(async ([name, path]) => ({ name, guest: await labProgram(kata, path) })),
  );
  return [...(await sizes(programs.at(-1)!.guest)), await waiting(programs), ...(await realOne())];
}
