// SPDX-License-Identifier: MIT
/**
 * The lesson's figures, measured here and now: what an empty job costs, how long it waits for its start, what a thread's
 * stack takes. Wants a quiet machine and about half a minute; where solutions/ is not there, only the baseline is measured.
 */
import { labProgram, labRun } from "@c10kata/harness/lab";
import type { Plot } from "@c10kata/harness/plot";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import kata from "./kata.ts";

const ROUNDS = 5;
const PINNED = 0;
const POOL = { workers: 2, capacity: 1024 };
const solutions = join(kata.folder, "../../solutions", kata.id);

interface Program {
  name: string;
  path: string;
}

type Sample = Awaited<ReturnType<typeof labRun>>;
type Params = Record<string, number>;

function programs(): Program[] {
  const folder = join(solutions, "accepted");
  const accepted = existsSync(folder) ? readdirSync(folder).sort() : [];
  return [
    { name: "baseline", path: join(kata.folder, kata.baseline) },
    ...accepted.map((name) => ({ name: name.replace(".c", "").replaceAll("_", " "), path: join(folder, name) })),
    { name: "reference", path: join(solutions, kata.edits[0]!) },
  ].filter(({ path }) => existsSync(path));
}

/** The median run of each guest by `by`; the guests take turns, so that a slow moment meets all of them. */
async function medians(
  guests: string[],
  scenario: string,
  params: Params,
  by: (sample: Sample) => number,
  cpu?: number,
) {
  const samples: Sample[][] = guests.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, guest] of guests.entries()) samples[at]!.push(await labRun(guest, scenario, params, cpu));
  return samples.map((own) => own.toSorted((a, b) => by(a) - by(b))[ROUNDS >> 1]!);
}

const cpuTime = ({ evidence }: Sample) => Number(evidence.cpu_us);

/** Empty jobs on one CPU: time a job, and turns that threads took for a thousand of them. */
async function emptyJobs(known: Program[], guests: string[]): Promise<Plot[]> {
  const crowds = [1, 2, 4];
  const time: Plot["series"] = known.map(({ name }) => ({ name, points: [] }));
  const switches: Plot["series"] = known.map(({ name }) => ({ name, points: [] }));
  const jobs = 400_000;
  for (const submitters of crowds) {
    const params = { ...POOL, submitters, jobs: jobs / submitters, work: 0 };
    const samples = await medians(guests, "cost", params, cpuTime, PINNED);
    samples.forEach((sample, at) => {
      time[at]!.points.push([submitters, (cpuTime(sample) * 1000) / jobs]);
      switches[at]!.points.push([submitters, (Number(sample.evidence.switches) * 1000) / jobs]);
    });
  }
  const rest = { kind: "bars", x: { title: "submitters" } } as const;
  return [
    { ...rest, title: "An empty job, 2 workers on one CPU", y: { title: "CPU time per job (ns)" }, series: time },
    { ...rest, title: "Turns of threads", y: { title: "switches per 1,000 jobs" }, series: switches },
  ];
}

/** The same without a pool: a thread for each job. */
async function threadPerJob(): Promise<Plot> {
  const guest = await labProgram(kata, join(kata.folder, "thread_per_job.c"));
  const params = { submitters: 1, jobs: 20_000, workers: 2, capacity: 62, work: 0 };
  const [sample] = await medians([guest], "cost", params, cpuTime, PINNED);
  const points: [number, number][] = [
    [0, (cpuTime(sample!) * 1000) / params.jobs],
    [1, (Number(sample!.evidence.switches) * 1000) / params.jobs],
  ];
  return {
    title: "A thread per job, on one CPU",
    kind: "bars",
    x: { title: "for each job", labels: ["CPU time (ns)", "switches (per 1,000)"] },
    y: { title: "ns, or switches", scale: "log" },
    series: [{ name: "a thread per job", points }],
  };
}

/** How much faster than one after the other? Two CPUs allow 2. */
async function smallJobs(known: Program[], guests: string[]): Promise<Plot> {
  const params = { ...POOL, submitters: 1, jobs: 200_000, work: 900 };
  const bySeconds = ({ seconds }: Sample) => seconds;
  const [inline] = await medians([guests[0]!], "inline_work", { jobs: params.jobs, work: params.work }, bySeconds);
  const samples = await medians(guests, "bench", params, bySeconds);
  const each = ((inline!.seconds * 1e9) / params.jobs).toFixed(0);
  return {
    title: `Jobs of ${each} ns, 2 workers on all CPUs`,
    kind: "bars",
    x: { title: "program", labels: known.map(({ name }) => name) },
    y: { title: "speed (1: the jobs without a pool)" },
    series: [{ name: "speed", points: samples.map(({ seconds }, at) => [at, inline!.seconds / seconds]) }],
  };
}

const LIMITS_US = Array.from({ length: 16 }, (_, at) => 2 ** at);
const QUANTILES: [string, number][] = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p99", 0.99],
  ["p99.9", 0.999],
  ["max", 1],
];

/** Which share of the jobs, in percent, waited at most 1 µs, at most 2, 4, ...; longer than the last limit: in the last. */
export function histogram(waits_us: number[]): number[] {
  const counts = LIMITS_US.map(() => 0);
  for (const wait of waits_us) {
    const bucket = LIMITS_US.findIndex((limit) => wait <= limit);
    counts[bucket === -1 ? LIMITS_US.length - 1 : bucket]!++;
  }
  return counts.map((count) => (100 * count) / waits_us.length);
}

/** Of each program; buckets at either end that nobody needs are left out. */
function histograms(waits: { name: string; waits: number[] }[]): Pick<Plot, "x" | "series"> {
  const all = waits.map((own) => histogram(own.waits));
  const used = LIMITS_US.map((_, at) => all.some((shares) => shares[at]! > 0));
  const [first, last] = [used.indexOf(true), used.lastIndexOf(true)];
  const labels = LIMITS_US.slice(first, last + 1).map((limit) => `≤ ${limit.toLocaleString("en")} µs`);
  const series = waits.map(({ name }, program) => ({
    name,
    points: labels.map((_, at): [number, number] => [at, all[program]![first + at]!]),
  }));
  return { x: { title: "time from submit to start", labels }, series };
}

export function quantiles(sorted: number[]): [number, number][] {
  return QUANTILES.map(([, share], at) => [
    at,
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!,
  ]);
}

async function latency(known: Program[], guests: string[], pause_ns: number, when: string): Promise<Plot[]> {
  const params = { ...POOL, jobs: pause_ns ? 5_000 : 100_000, pause_ns };
  const waits: number[][] = [];
  for (const guest of guests) {
    const { evidence } = await labRun(guest, "latency", params);
    waits.push([...(evidence.start_ns as BigUint64Array)].map((ns) => Number(ns) / 1000).sort((a, b) => a - b));
  }
  const shown = ["baseline", "reference", "plain ring"];
  const named = waits.map((own, at) => ({ name: known[at]!.name, waits: own }));
  return [
    {
      title: `From submit to start, ${when}`,
      kind: "bars",
      y: { title: "share of the jobs (%)" },
      ...histograms(named.filter(({ name }) => shown.includes(name))),
    },
    {
      title: `From submit to start, ${when}: the slow ones`,
      x: { title: "percentile", labels: QUANTILES.map(([label]) => label) },
      y: { title: "time from submit to start (µs)", scale: "log" },
      series: named.map(({ name, waits }) => ({ name, points: quantiles(waits) })),
    },
  ];
}

/** Of each thread, the guest's own: native/guest/stacks.c keeps a stack for signals in thread-local storage. */
const GUEST_KIB = 64;

async function stacks(guest: string): Promise<Plot> {
  const workers = 100;
  const { evidence } = await labRun(guest, "stacks", { workers });
  const address = Number(evidence.virtual_kib) / workers;
  const resident = Math.max(1, Number(evidence.resident_kib) / workers - GUEST_KIB);
  return {
    title: "Memory of a worker thread",
    kind: "bars",
    x: { title: "what", labels: ["address space", "resident"] },
    y: { title: "KiB per thread", scale: "log" },
    series: [
      {
        name: "a worker",
        points: [
          [0, address],
          [1, resident],
        ],
      },
    ],
  };
}

export async function lab(): Promise<Plot[]> {
  const known = programs();
  const guests = await Promise.all(known.map(({ path }) => labProgram(kata, path)));
  return [
    ...(await emptyJobs(known, guests)),
    await threadPerJob(),
    await smallJobs(known, guests),
    ...(await latency(known, guests, 200_000, "one job every 0.2 ms or so")),
    ...(await latency(known, guests, 0, "as fast as one thread can submit")),
    await stacks(guests.at(-1)!),
  ];
}
