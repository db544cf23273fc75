// SPDX-License-Identifier: MIT
/**
 * The lesson's figures: what rounding and borders do, computed; and what a call costs, measured here and now. Where
 * solutions/ is not there, only the baseline and the submission are measured.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";

const NS = 1_000_000_000;
const ROUNDS = 3;
const PINNED = 0;
const THREADS = [1, 2, 4, 8];
const CALLS = 2_000_000;

/** How much more than its rate a bucket gives whose tokens are a whole number of nanoseconds apart, in percent. */
function rounding(): Plot {
  const rates = Array.from({ length: 60 }, (_, at) => Math.round(1_000 * 10 ** (at / 10.2)));
  const error = (rate: number) => 100 * (NS / Math.floor(NS / rate) / rate - 1);
  return {
    title: "Whole nanoseconds between two tokens",
    x: { title: "tokens a second", scale: "log" },
    y: { title: "too many (%)" },
    series: [
      { name: "rounded down", points: rates.filter((rate) => rate < NS / 2).map((rate) => [rate, error(rate)]) },
    ],
  };
}

const LIMIT = 100;
const SECOND_MS = 1_000;

/** Is a call at `now_ms` allowed, after these? */
type Policy = (now_ms: number, allowed: number[]) => boolean;
const within = (allowed: number[], from_ms: number) => allowed.filter((at) => at >= from_ms).length;
const windowOf = (ms: number) => ms - (ms % SECOND_MS);
const SLOT_MS = SECOND_MS / 64;

const POLICIES: [name: string, policy: Policy][] = [
  ["fixed windows", (now, allowed) => within(allowed, windowOf(now)) < LIMIT],
  [
    "two windows, weighted",
    (now, allowed) => {
      const own = within(allowed, windowOf(now));
      const before = within(allowed, windowOf(now) - SECOND_MS) - own;
      return own + before * (1 - (now % SECOND_MS) / SECOND_MS) < LIMIT;
    },
  ],
  ["64 slots", (now, allowed) => within(allowed, (Math.floor(now / SLOT_MS) - 64) * SLOT_MS) < LIMIT],
  ["bucket of 100", (now, allowed) => levelAt(now, allowed) >= 1],
];

function levelAt(now: number, allowed: number[]): number {
  let [level, last] = [LIMIT, 0];
  for (const at of [...allowed, now]) {
    level = Math.min(LIMIT, level + ((at - last) * LIMIT) / SECOND_MS) - (at === now ? 0 : 1);
    last = at;
  }
  return level;
}

/** The most calls that any second has, of a client that sends 150 at once, twice, `apart_ms` around the border. */
function borders(): Plot {
  const gaps = Array.from({ length: 25 }, (_, at) => 20 + at * 50);
  const most = (policy: Policy, apart_ms: number) => {
    const allowed: number[] = [];
    for (const burst of [-1, 1])
      for (let i = 0; i < 150; i++) {
        const now = 5 * SECOND_MS + (burst * apart_ms) / 2 + i * 1e-3;
        if (policy(now, allowed)) allowed.push(now);
      }
    return Math.max(...allowed.map((from) => within(allowed, from) - within(allowed, from + SECOND_MS)));
  };
  return {
    title: "100 calls a second are allowed, 300 come in two bursts around a border",
    x: { title: "between the bursts (ms)" },
    y: { title: "most calls in any second" },
    series: POLICIES.map(([name, policy]) => ({ name, points: gaps.map((gap) => [gap, most(policy, gap)]) })),
  };
}

const solutions = join(kata.folder, "../../solutions", kata.id);
const DESIGNS: [name: string, path: string][] = [
  ["mutex", join(kata.folder, kata.baseline)],
  ["chains, compare-and-swap", solutions],
  ["probing, compare-and-swap", join(solutions, "accepted/probing")],
];

/** Nanoseconds of CPU time a call, the median of some runs; the programs take turns. */
async function costs(title: string, cpu?: number): Promise<Plot> {
  const known = DESIGNS.filter(([, path]) => existsSync(path));
  const all = await Promise.all(known.map(async ([name, path]) => ({ name, guest: await labProgram(kata, path) })));
  const series: Plot["series"] = all.map(({ name }) => ({ name, points: [] }));
  for (const threads of THREADS) {
    const samples: number[][] = all.map(() => []);
    for (let round = 0; round < ROUNDS; round++)
      for (const [at, { guest }] of all.entries()) {
        const { evidence } = await labRun(guest, "cost", { threads, calls: CALLS / threads, keys: 1_000 }, cpu);
        samples[at]!.push((Number(evidence.cpu_us) * 1_000) / CALLS);
      }
    samples.forEach((own, at) => series[at]!.points.push([threads, own.toSorted((a, b) => a - b)[ROUNDS >> 1]!]));
  }
  return { title, x: { title: "threads", scale: "log" }, y: { title: "CPU time for a call (ns)" }, series };
}

export async function lab(): Promise<Plot[]> {
  return [rounding(), borders(), await costs("Calls on one CPU", PINNED), await costs("Calls on all CPUs")];
}
