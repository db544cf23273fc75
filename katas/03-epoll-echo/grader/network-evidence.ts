// SPDX-License-Identifier: MIT
/** What network*.c tells: what the clients saw, and what the kernel says of the server. */
import { series } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What happened to one client: the first of `clients`. Which of the numbers mean something depends on what it was. */
export interface Witness {
  clients: number;
  client: number;
  at: number;
  expected: number;
  seen: number;
}

/** Of one run of the load generator; native/include/loadgen.h says what each means. */
export interface Report {
  clients: number;
  messages: number;
  bytes: number;
  seconds: number;
  latency_us: { p50: number; p99: number; p999: number; max: number };
  wrong: Witness;
  cut: Witness;
  unended: Witness;
  unserved: Witness;
}

/** The server's process at one moment. */
export interface Seen {
  seconds: number;
  cpu_s: number;
  resident_bytes: number;
  threads: number;
  switches: number;
  /** System calls that the learner's file has made: of bytes, of waiting, all. */
  data_calls: number;
  wait_calls: number;
  calls: number;
}

const numbers = (length: number) =>
  series
    .refine((values) => values.length === length, `${length} numbers`)
    .transform((values) => [...values].map(Number));

function witness([clients, client, at, expected, seen]: number[]): Witness {
  return { clients: clients!, client: client!, at: at!, expected: expected!, seen: seen! };
}

export const report = numbers(28).transform((n): Report => {
  const [clients, messages, bytes, ns, p50, p99, p999, max] = n as unknown as [
    ...[number, number, number, number, number, number, number, number],
  ];
  return {
    clients,
    messages,
    bytes,
    seconds: ns / 1e9,
    latency_us: { p50: p50 / 1e3, p99: p99 / 1e3, p999: p999 / 1e3, max: max / 1e3 },
    wrong: witness(n.slice(8, 13)),
    cut: witness(n.slice(13, 18)),
    unended: witness(n.slice(18, 23)),
    unserved: witness(n.slice(23, 28)),
  };
});

export const seen = numbers(8).transform((n): Seen => {
  const [ns, cpu_ns, resident_bytes, threads, switches, data, wait, other] = n as unknown as [
    ...[number, number, number, number, number, number, number, number],
  ];
  return {
    seconds: ns / 1e9,
    cpu_s: cpu_ns / 1e9,
    resident_bytes,
    threads,
    switches,
    data_calls: data,
    wait_calls: wait,
    calls: data + wait + other,
  };
});

export const machine = numbers(4).transform(([wanted, possible, connected, refused]) => ({
  wanted: wanted!,
  possible: possible!,
  connected: connected!,
  refused: refused!,
}));
export type Machine = z.output<typeof machine>;

/** What an int of the contract's functions was. */
const answer = series.transform((values) => Number(BigInt.asIntN(64, values[0] ?? 0n)));

/** Of every scenario: the machine's limit on descriptors, how echo_serve ended, the clients' first words. */
const both = z.strictObject({
  limit: answer,
  served: answer,
  second_listener: answer,
  descriptors: numbers(2),
  connect: report,
});
export type Both = z.output<typeof both>;

export const oneByteEvidence = z.strictObject({ connect: report });
export type OneByte = z.output<typeof oneByteEvidence>;

export const heldEvidence = both.extend({
  machine,
  open: numbers(2),
  start: seen,
  quiet: seen,
  woken: seen,
  tenth: report,
  all: report,
});
export type Held = z.output<typeof heldEvidence>;

export const unusualEvidence = both.extend({ little: report, crowd: report, crowded: numbers(8), again: report });
export type Unusual = z.output<typeof unusualEvidence>;

export const twoEvidence = both.extend({ second_served: answer, first: report, other: report });
export type Two = z.output<typeof twoEvidence>;

export const costEvidence = both.extend({
  small: report,
  warm: report,
  large: report,
  crowd: report,
  before_small: seen,
  after_small: seen,
  before_large: seen,
  after_large: seen,
  crowds: numbers(2),
  steps_few: numbers(25),
  steps_many: numbers(25),
});
export type Cost = z.output<typeof costEvidence>;

export const benchEvidence = both.extend({ echo: report, latency_ns: series });
export type Bench = z.output<typeof benchEvidence>;

export const comparisonEvidence = both.extend({ machine, start: seen, quiet: seen, done: seen, echo: report });
