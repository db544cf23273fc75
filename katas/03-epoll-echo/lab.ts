// SPDX-License-Identifier: MIT
/**
 * Four ways to serve many clients, beside each other: a thread for each, a pool of eight, poll, and the edge-triggered
 * loop. Requests per second and latency at 10 to 10,000 connections, what a connection costs in memory, and where each
 * comes to its end. Wants a quiet machine and about a minute.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";
import { comparisonEvidence, isDeaf, type Both, type Machine, type Report, type Seen } from "./network-evidence.ts";

const CONNECTIONS = [10, 100, 1_000, 10_000];
const ROUNDS = 3;
/** Messages of one run, whatever the number of connections; the slowest takes about a second. */
const MESSAGES = 30_000;
const SIZE = 64;
/** Busy clients, at most, where it is about the silent ones. */
const FEW = 100;
/** Of the open loop: messages per second that every server here can answer. */
const RATE = 5_000;

interface Server {
  name: string;
  path: string;
  beside?: string[];
}

const here = (name: string) => join(kata.folder, name);
const SERVERS: Server[] = [
  { name: "thread per connection", path: here("server_threaded.c") },
  { name: "epoll and 8 workers", path: here("server_pool.c"), beside: [here("small_pool.c")] },
  { name: "poll", path: here("server_poll.c") },
  { name: "reference", path: join(kata.folder, "../../solutions", kata.id, kata.edits[0]!) },
  { name: "yours", path: here(kata.edits[0]!) },
];

interface Sample extends Both {
  machine: Machine;
  start: Seen;
  quiet: Seen;
  done: Seen;
  echo: Report;
}

/** One run; undefined when the server does not even listen (the stub) or did not serve all. */
async function sample(program: string, clients: number, busy: number, rate = 0): Promise<Sample | undefined> {
  const total = rate > 0 ? rate : busy === FEW ? MESSAGES / 3 : MESSAGES;
  const messages = Math.max(1, Math.round(total / busy));
  const params = { clients, busy, messages, size: SIZE, rate, threads: 1 };
  const { evidence } = await labRun(program, "compare", params);
  const told = comparisonEvidence.parse(evidence);
  if (isDeaf(told)) return undefined;
  if (told.machine.connected < clients) console.log(`  ${clients} connections: ${told.machine.connected} held`);
  return told.echo.messages === busy * messages ? told : undefined;
}

/** Of several runs, the one with the least of `by`: what a busy machine takes away, it takes from the others. */
async function best(by: (s: Sample) => number, run: () => Promise<Sample | undefined>): Promise<Sample | undefined> {
  const samples: Sample[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const one = await run();
    if (!one) return undefined;
    samples.push(one);
  }
  return samples.toSorted((a, b) => by(a) - by(b))[0];
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

async function measure({ name, path, beside }: Server): Promise<Measured[]> {
  if (!existsSync(path)) return [];
  const program = await labProgram(kata, path, beside);
  const rows: Measured[] = [];
  for (const clients of CONNECTIONS) {
    const busy = await best(duration, () => sample(program, clients, clients));
    const tenth = busy && (await best(duration, () => sample(program, clients, clients / 10)));
    const few = tenth && (await best(cpu, () => sample(program, clients, Math.min(FEW, clients))));
    const open = few && (await best(p99, () => sample(program, clients, clients, RATE)));
    if (!busy || !tenth || !few || !open) break;
    rows.push({ name, clients, busy, tenth, few, open });
  }
  return rows;
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

export async function lab(): Promise<Plot[]> {
  const rows: Measured[] = [];
  for (const server of SERVERS) rows.push(...(await measure(server)));
  return [
    plot("Requests per second, all busy", "requests per second", rows, ({ busy }) => perSecond(busy)),
    plot("Requests per second, one in ten busy", "requests per second", rows, ({ tenth }) => perSecond(tenth)),
    plot("The slowest in a hundred, all busy", "p99 (ms)", rows, ({ busy }) => p99(busy)),
    plot(`The slowest in a hundred, ${RATE} a second come what may`, "p99 (ms)", rows, ({ open }) => p99(open)),
    plot(`The server's CPU time for a message, ${FEW} busy`, "CPU time (µs)", rows, ({ few }) => cpu(few)),
    plot("Memory of its own for a connection", "resident bytes", rows, ({ busy }) => memory(busy)),
  ];
}

function table(plots: Plot[]): string {
  return plots
    .map(({ title, y, series }) => {
      const lines = series.map(({ name, points }) =>
        [name.padEnd(24), ...points.map(([, value]) => value.toPrecision(3).padStart(12))].join(""),
      );
      return [
        `${title} (${y.title})`,
        " ".repeat(24) + CONNECTIONS.map((n) => String(n).padStart(12)).join(""),
        ...lines,
      ];
    })
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

if (import.meta.main) console.log(table(await lab()));
