// SPDX-License-Identifier: MIT
/**
 * One hot key, a thousand clients, and five ways to meet its expiry, in virtual time: what the origin has to bear and what
 * readers have to wait. Every figure comes from the simulation below, from a fixed seed; it runs no C.
 */
import type { Plot } from "@c10kata/harness/plot";
import { seededRandom } from "../../../harness/src/base/statistics.ts";

export const POLICIES = {
  none: "no protection",
  flight: "single flight",
  stale: "stale while revalidate",
  xfetch: "XFetch, single flight",
  xfetchAlone: "XFetch alone",
  ttlForDelta: "ttl for delta, single flight",
  ttlForDeltaAlone: "ttl for delta, alone",
} as const;
export type Policy = keyof typeof POLICIES;

export interface Setting {
  /** Reads per second, at times without memory. */
  reads_per_s: number;
  load_s: number;
  ttl_s: number;
  beta: number;
  seconds: number;
}

/** As the graded scenario `hour` has it, with more reads: 1,000 clients that ask once a second. */
export const SETTING: Setting = { reads_per_s: 1_000, load_s: 0.1, ttl_s: 6, beta: 1, seconds: 3_600 };

export interface Run {
  reads: number;
  /** Begin of every load; each takes `load_s`. */
  loads: number[];
  /** Most loads at a time. */
  peak: number;
  /** Reads that had to wait: when, and how long. */
  waits: [at_s: number, wait_s: number][];
  /** Reads that were given an expired value. */
  stale: number;
}

const alone = (policy: Policy) => policy === "none" || policy === "xfetchAlone" || policy === "ttlForDeltaAlone";

/** How far a read of this policy looks ahead of the expiry. */
function lookAhead_s(policy: Policy, { load_s, ttl_s, beta }: Setting, uniform: number): number {
  if (policy.startsWith("xfetch")) return -load_s * beta * Math.log(uniform);
  return policy.startsWith("ttl") ? -ttl_s * beta * Math.log(uniform) : 0;
}

/** The cache starts with a value that has all its life before it. */
export function simulate(policy: Policy, setting: Setting, seed = 1): Run {
  const random = seededRandom(seed);
  const { reads_per_s, load_s, ttl_s, seconds } = setting;
  const run: Run = { reads: 0, loads: [], peak: 0, waits: [], stale: 0 };
  const running: number[] = []; // ends
  let expiry_s = ttl_s;
  for (let now_s = 0; now_s < seconds; now_s += -Math.log(1 - random()) / reads_per_s) {
    while (running.length > 0 && running[0]! <= now_s) expiry_s = running.shift()! + ttl_s;
    run.reads++;
    const live = now_s < expiry_s;
    const due = now_s + lookAhead_s(policy, setting, 1 - random()) >= expiry_s;
    const loads = due && (running.length === 0 || alone(policy));
    if (loads) {
      run.loads.push(now_s);
      run.peak = Math.max(run.peak, running.push(now_s + load_s));
    }
    if (policy === "stale") run.stale += live ? 0 : 1;
    else if (loads) run.waits.push([now_s, load_s]);
    else if (!live) run.waits.push([now_s, running[0]! - now_s]);
  }
  return run;
}

/** The probability that a read refreshes, with so much of the value's life left. */
export const probability = (left_s: number, beta: number, delta_s: number) => Math.exp(-left_s / (beta * delta_s));

const DRAWN: Policy[] = ["none", "flight", "stale", "xfetch"];
/** Of the plots over time: one expiry. */
const FROM_S = 5;
const TO_S = 7;
const BIN_S = 0.05;

/** The largest of `values` in each bin of time. */
function binned(values: [at_s: number, value: number][]): [number, number][] {
  const bins = new Array<number>(Math.round((TO_S - FROM_S) / BIN_S)).fill(0);
  for (const [at_s, value] of values) {
    const bin = Math.floor((at_s - FROM_S) / BIN_S);
    if (bin >= 0 && bin < bins.length) bins[bin] = Math.max(bins[bin]!, value);
  }
  return bins.map((value, bin) => [FROM_S + bin * BIN_S, value]);
}

/** Loads that run when one more has begun. */
function loadsAtATime({ loads }: Run, load_s: number): [number, number][] {
  let first = 0;
  return loads.flatMap((at_s, i): [number, number][] => {
    while (loads[first]! + load_s <= at_s) first++;
    const count = i - first + 1;
    return [
      [at_s, count],
      [at_s + load_s - BIN_S, count],
    ];
  });
}

function timePlots(): Plot[] {
  const runs = DRAWN.map((policy) => ({
    name: POLICIES[policy],
    run: simulate(policy, { ...SETTING, seconds: TO_S }),
  }));
  const x = { title: "virtual time (s)" };
  return [
    {
      title: "Loads at a time: 1,000 reads a second of one key, ttl 6 s, a load takes 0.1 s",
      x,
      y: { title: "loads running at the origin" },
      series: runs.map(({ name, run }) => ({ name, points: binned(loadsAtATime(run, SETTING.load_s)) })),
    },
    {
      title: "The longest wait of any reader, in every 50 ms",
      x,
      y: { title: "wait (ms)" },
      series: runs.map(({ name, run }) => ({
        name,
        points: binned(run.waits.map(([at_s, wait_s]) => [at_s, 1_000 * wait_s])),
      })),
    },
  ];
}

function probabilityPlot(): Plot {
  const { load_s, ttl_s, beta } = SETTING;
  const left = Array.from({ length: 121 }, (_, i) => (i * ttl_s) / 120);
  const of = (name: string, delta_s: number) => ({
    name,
    points: left.map((s): [number, number] => [s, 100 * probability(s, beta, delta_s)]),
  });
  return {
    title: "Probability that a read refreshes, by what is left of a life of 6 s; a load takes 0.1 s",
    x: { title: "life left (s)" },
    y: { title: "reads that refresh (%)" },
    series: [of("delta: how long the load took", load_s), of("ttl in its place", ttl_s)],
  };
}

export interface Row {
  name: string;
  loads_per_ttl: number;
  peak: number;
  waited_percent: number;
  longest_wait_ms: number;
  stale_percent: number;
}

/** An hour of each policy. */
export function rows(): Row[] {
  return (Object.keys(POLICIES) as Policy[]).map((policy) => {
    const run = simulate(policy, SETTING);
    return {
      name: POLICIES[policy],
      loads_per_ttl: run.loads.length / (SETTING.seconds / SETTING.ttl_s),
      peak: run.peak,
      waited_percent: (100 * run.waits.length) / run.reads,
      longest_wait_ms: run.waits.reduce((most, [, wait_s]) => Math.max(most, 1_000 * wait_s), 0),
      stale_percent: (100 * run.stale) / run.reads,
    };
  });
}

function loadsPlot(all: Row[]): Plot {
  return {
    title: "Loads in an hour, per ttl",
    kind: "bars",
    x: { title: "policy", labels: all.map(({ name }) => name) },
    y: { title: "loads per ttl", scale: "log" },
    series: [{ name: "loads", points: all.map(({ loads_per_ttl }, at) => [at, loads_per_ttl]) }],
  };
}

export async function lab(): Promise<Plot[]> {
  return [...timePlots(), probabilityPlot(), loadsPlot(rows())];
}
