// SPDX-License-Identifier: MIT
/**
 * The lesson's figures: how long requests take under each policy, when backends are equal, unequal, or one of them is slow; and
 * what a pick costs as backends grow, in each design; and what a message costs the proxy, beside HAProxy. Three minutes or so.
 */
import { labProgram, labRun, Unusable } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import kata from "./kata.ts";
import { POLICIES } from "./model.ts";

const LOADS = [30, 50, 70, 80, 90, 95];
/** As queueing.c numbers them. */
const KINDS = [
  "8 equal backends",
  "8 backends, 4 of them four times as fast, with weights 4 and 1",
  "8 backends, one of them ten times as slow, and nobody knows",
];
const REQUESTS = 100_000;
const KEYS = 1_000;
const SIZES = [10, 100, 1_000, 10_000];
const ROUNDS = 3;
const PINNED = 0;

const solutions = join(kata.folder, "../../solutions", kata.id);
const PROGRAMS: [name: string, path: string][] = [
  ["baseline: a look at each", join(kata.folder, kata.baseline)],
  ["tournament tree", join(solutions, "accepted/tournament")],
  ["reference: heap", solutions],
];

const title = (policy: string) => policy.replaceAll("_", " ");
const p99 = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.99)]!;

/** The 99th percentile of the latency, by load, for each policy. */
async function waiting(guest: string, kind: number): Promise<Plot> {
  const series: Plot["series"] = [];
  for (const [policy, name] of POLICIES.entries()) {
    const points: [number, number][] = [];
    for (const load_percent of LOADS) {
      const { evidence } = await labRun(guest, "queueing", {
        policy,
        kind,
        load_percent,
        requests: REQUESTS,
        keys: KEYS,
      });
      points.push([load_percent, p99([...(evidence.latency_us as BigUint64Array)].map(Number)) / 1000]);
    }
    series.push({ name: title(name), points });
  }
  return {
    title: KINDS[kind]!,
    x: { title: "load (% of what all can serve)" },
    y: { title: "p99 of the latency (ms; a request takes 1 ms)", scale: "log" },
    series,
  };
}

/** What a request costs under least connections: the median of some runs, in which the programs take turns. */
async function costs(programs: { name: string; guest: string }[]): Promise<Plot> {
  const series: Plot["series"] = programs.map(({ name }) => ({ name, points: [] }));
  const policy = POLICIES.indexOf("least_connections");
  for (const backends of SIZES) {
    const seconds: number[][] = programs.map(() => []);
    const requests = 64 * 200;
    for (let round = 0; round < ROUNDS; round++)
      for (const [at, { guest }] of programs.entries())
        seconds[at]!.push((await labRun(guest, "bench", { policy, backends, requests, threads: 1 }, PINNED)).seconds);
    seconds.forEach((own, at) =>
      series[at]!.points.push([backends, (own.toSorted((a, b) => a - b)[ROUNDS >> 1]! * 1e6) / requests]),
    );
  }
  return {
    title: "Least connections, one thread",
    x: { title: "backends", scale: "log" },
    y: { title: "time for a request (µs)", scale: "log" },
    series,
  };
}

const CONNECTIONS = [10, 100, 1_000];
const MESSAGES = 20_000;
const MESSAGE_BYTES = 64;

const named = (path: string): [string, string] => [
  path === kata.folder ? "yours" : relative(process.cwd(), path),
  path,
];
const proxies = (path: string): [name: string, path: string][] => [
  ["reference", solutions],
  ["tables, no pointers", join(solutions, "accepted/tables")],
  ["HAProxy, one thread", join(solutions, "peers/haproxy.c")],
  ...(path === solutions ? [] : [named(path)]),
];

/** CPU time of the proxy's process for a message and its answer, in µs. Throws Unusable when one did not come back. */
async function relayed(guest: string, clients: number): Promise<number> {
  const messages = MESSAGES / clients;
  const { evidence } = await labRun(guest, "relay", { clients, messages, size: MESSAGE_BYTES });
  const [connected, whole, cpu_ns] = [evidence.connected, evidence.messages, evidence.cpu_ns].map(Number);
  if (connected !== clients || whole !== MESSAGES)
    throw new Unusable(`${connected} of ${clients} clients were served, ${whole} of ${MESSAGES} answers came back`);
  return cpu_ns! / MESSAGES / 1000;
}

/** What a message costs each proxy: the median of some runs, in which they take turns. Also what `bun kata bench` shows. */
export async function comparison(path: string): Promise<Plot[]> {
  const known = proxies(path).filter(([, program]) => existsSync(program));
  const running = new Map<string, string>();
  for (const [name, program] of known) running.set(name, await labProgram(kata, program));
  const series: Plot["series"] = known.map(([name]) => ({ name, points: [] }));
  for (const clients of CONNECTIONS) {
    const costs = new Map(known.map(([name]): [string, number[]] => [name, []]));
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, guest] of running) {
        try {
          costs.get(name)!.push(await relayed(guest, clients));
        } catch (error) {
          if (!(error instanceof Unusable)) throw error;
          console.error(`${name}: ${error.message}`);
          running.delete(name);
        }
      }
    for (const { name, points } of series)
      if (running.has(name)) points.push([clients, costs.get(name)!.toSorted((a, b) => a - b)[ROUNDS >> 1]!]);
  }
  return [
    {
      title: `The proxy's CPU time for a message of ${MESSAGE_BYTES} bytes and its answer`,
      x: { title: "connections", scale: "log" },
      y: { title: "CPU time (µs)" },
      series: series.filter(({ points }) => points.length > 0),
    },
  ];
}

export async function lab(path: string): Promise<Plot[]> {
  const known = PROGRAMS.filter(([, path]) => existsSync(path));
  const programs = await Promise.all(
    known.map(async ([name, path]) => ({ name, guest: await labProgram(kata, path) })),
  );
  const { guest } = programs.at(-1)!;
  const plots: Plot[] = [];
  for (const kind of KINDS.keys()) plots.push(await waiting(guest, kind));
  return [...plots, await costs(programs), ...(await comparison(path))];
}
