// SPDX-License-Identifier: MIT
/**
 * Four ways to serve many clients, beside each other: a thread for each, a pool of eight, poll, and the edge-triggered
 * loop. Requests per second and latency at 10 to 10,000 connections, what a connection costs in memory, and where each
 * comes to its end. Wants a quiet machine and about a minute.
 */
import { labProgram, labRun, Unusable } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Kata } from "@c10kata/harness";
import kata from "./kata.ts";
import { comparisonEvidence, type Both, type Machine, type Report, type Seen } from "./network-evidence.ts";

const CONNECTIONS = [10, 100, 1_000, 10_000];
const ROUNDS = 3;
/** Messages of one run, whatever the number of connections; the slowest takes about a second. */
const MESSAGES = 30_000;
const SIZE = 64;
/** Busy clients, at most, where it is about the silent ones. */
const FEW = 100;
/** Of the open loop: messages per second that every server here can answer. */
const RATE = 5_000;

/** One to be compared: `kata` is whose drivers it is linked with. */
export interface Server {
  name: string;
  path: string;
  beside?: string[];
  kata?: Kata;
}

const here = (name: string) => join(kata.folder, "baselines", name);
const servers = (path: string): Server[] => [
  { name: "thread per connection", path: here("server_threaded.c") },
  { name: "epoll and 8 workers", path: here("server_pool.c"), beside: [here("small_pool.c"), here("thread_pool.h")] },
  { name: "poll", path: here("server_poll.c") },
  { name: "reference", path: join(kata.folder, "../../solutions", kata.id, kata.edits[0]!) },
  { name: path === kata.folder ? "yours" : relative(process.cwd(), path), path },
];

interface Sample extends Both {
  machine: Machine;
  start: Seen;
  quiet: Seen;
  done: Seen;
  echo: Report;
}

/** One run; a reason when the server did not hold and serve all. */
async function sample(program: string, clients: number, busy: number, rate = 0): Promise<Sample | string> {
  const total = rate > 0 ? rate : busy === FEW ? MESSAGES / 3 : MESSAGES;
  const messages = Math.max(1, Math.round(total / busy));
  const params = { clients, busy, messages, size: SIZE, rate, threads: 1 };
  const { evidence } = await labRun(program, "compare", params);
  const told = comparisonEvidence.parse(evidence);
  const { connected, possible } = told.machine;
  if (possible < clients) return `RLIMIT_NOFILE allows ${possible} connections`;
  if (connected < clients) return `${connected} connections held, then no more (${threads(told.quiet)})`;
  return told.echo.messages === busy * messages
    ? told
    : `${told.echo.messages} of ${busy * messages} messages came back (${threads(told.done)})`;
}

const threads = ({ threads, resident_bytes }: Seen) =>
  `${threads === 1 ? "1 thread" : `${threads} threads`}, ${(resident_bytes / 2 ** 20).toFixed(0)} MiB resident`;

/** Of several runs, the one with the least of `by`: what a busy machine takes away, it takes from the others. */
async function best(by: (s: Sample) => number, run: () => Promise<Sample | string>): Promise<Sample> {
  const samples: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await run();
    if (typeof one === "string") throw new Unusable(one);
    samples.push(one);
  }
  return samples.toSorted((a, b) => by(a) - by(b))[0]!;
}

const perSecond = ({ echo }: Sample) => echo.messages / echo.seconds;
const duration = ({ echo }: Sample) => echo.seconds / echo.messages;
const p99 = ({ echo }: Sample) => echo.latency_us.p99 / 1000;
const memory = ({ start, quiet, machine }: Sample) =>
  Math.max(1, (quiet.resident_bytes - start.resident_bytes) / machine.connected);
const cpu = ({ quiet, done, echo }: Sample) => ((done.cpu_s - quiet.cpu_s) / echo.messages) * 1e6;

interface Measured {
  name: string;
  clients: number;
  busy: Sample;
  tenth: Sample;
  few: Sample;
  open: Sample;
}

/** As far as it goes, and says where it ends. */
async function measure({ name, path, beside, kata: own = kata }: Server): Promise<Measured[]> {
  if (!existsSync(path)) return [];
  const program = await labProgram(own, path, beside);
  const rows: Measured[] = [];
  try {
    for (const clients of CONNECTIONS) rows.push(await measureAt(name, program, clients));
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    console.log(`${name}: ends before ${CONNECTIONS[rows.length]} connections: ${error.message}`);
  }
  return rows;
}

async function measureAt(name: string, program: string, clients: number): Promise<Measured> {
  const busy = await best(duration, () => sample(program, clients, clients));
  const tenth = await best(duration, () => sample(program, clients, clients / 10));
  const few = await best(cpu, () => sample(program, clients, Math.min(FEW, clients)));
  const open = await best(p99, () => sample(program, clients, clients, RATE));
  return { name, clients, busy, tenth, few, open };
}

const CONNECTIONS_AXIS = { title: "connections", scale: "log" as const };

function plot(title: string, y: string, rows: Measured[], value: (row: Measured) => number): Plot {
  const names = [...new Set(rows.map(({ name }) => name))];
  return {
    title,
    x: CONNECTIONS_AXIS,
    y: { title: y, scale: "log" },
    series: names.map((name) => ({
      name,
      points: rows.filter((row) => row.name === name).map((row) => [row.clients, value(row)]),
    })),
  };
}

/** `path`: whatever is to be compared with the others, a server or a folder with one. */
export const comparison = (path: string): Promise<Plot[]> => comparisonOf(servers(path));

export async function comparisonOf(servers: Server[]): Promise<Plot[]> {
  const rows: Measured[] = [];
  for (const server of servers) rows.push(...(await measure(server)));
  return [
    plot("Requests per second, all busy", "requests per second", rows, ({ busy }) => perSecond(busy)),
    plot("Requests per second, one in ten busy", "requests per second", rows, ({ tenth }) => perSecond(tenth)),
    plot("The slowest in a hundred, all busy", "p99 (ms)", rows, ({ busy }) => p99(busy)),
    plot(`The slowest in a hundred, ${RATE} a second come what may`, "p99 (ms)", rows, ({ open }) => p99(open)),
    plot(`The server's CPU time for a message, ${FEW} busy`, "CPU time (µs)", rows, ({ few }) => cpu(few)),
    plot("Memory of its own for a connection", "resident bytes", rows, ({ busy }) => memory(busy)),
  ];
}

export const lab = comparison;
