// SPDX-License-Identifier: MIT
/**
 * `bun katas/01-thread-pool/lab.ts`: the lesson's figures, measured here and now and printed as plain tables. Needs
 * solutions/, a quiet machine and about half a minute. Nothing is graded by it.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { compileSubmission, linkGuest } from "../../harness/src/build.ts";
import { ROOT, withTemporary } from "../../harness/src/cache.ts";
import { Collector } from "../../harness/src/evidence.ts";
import { newNonce } from "../../harness/src/run.ts";
import { median } from "../../harness/src/statistics.ts";
import { readSource } from "../../harness/src/submission.ts";
import { table } from "../../scripts/report.ts";
import kata from "./kata.ts";

const ROUNDS = 5;
const solutions = join(ROOT, "solutions", kata.id);
const EDITED = kata.edits[0]!;

/** One run of one of our own programs. */
interface Sample {
  seconds: number;
  /** Used by the program, whoever else used the CPU meanwhile. */
  cpu_s: number;
  switches: number;
  evidence: Record<string, number | BigUint64Array>;
}

type Params = Record<string, number>;

async function build(path: string): Promise<string> {
  const submission = { label: path, files: [readSource(EDITED, path)] };
  const compiled = await compileSubmission(kata, submission, "bench");
  if (!compiled.ok) throw new Error(compiled.text);
  return await linkGuest(kata, compiled.objects, "bench");
}

function run(guest: string, scenario: string, params: Params, cpu?: number): Promise<Sample> {
  return withTemporary(async (folder) => {
    const nonce = newNonce();
    const place = join(folder, "evidence");
    const words = Object.entries(params).map(([name, value]) => `${name}=${value}`);
    const pin = cpu === undefined ? [] : ["taskset", "-c", String(cpu)];
    const since = performance.now();
    const process = Bun.spawn([...pin, guest, scenario, "1", nonce, place, ...words], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    await process.exited;
    const seconds = (performance.now() - since) / 1000;
    const collector = new Collector(nonce);
    collector.feed(readFileSync(place));
    const { contextSwitches, cpuTime } = process.resourceUsage()!;
    const switches = contextSwitches.voluntary + contextSwitches.involuntary;
    return { seconds, cpu_s: Number(cpuTime.total) / 1e6, switches, evidence: collector.collected.evidence };
  });
}

/** The median of some runs, one after the other for all programs, so that a slow moment meets all of them. */
async function rounds(guests: string[], scenario: string, params: Params, cpu?: number): Promise<Sample[]> {
  const samples: Sample[][] = guests.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [at, guest] of guests.entries()) samples[at]!.push(await run(guest, scenario, params, cpu));
  return samples.map((own) => own.toSorted((a, b) => a.seconds - b.seconds)[own.length >> 1]!);
}

const accepted = readdirSync(join(solutions, "accepted")).sort();
const programs = [
  { name: "baseline", path: join(kata.folder, kata.baseline) },
  ...accepted.map((name) => ({ name: name.replace(/\.c$/, ""), path: join(solutions, "accepted", name) })),
  { name: "reference", path: join(solutions, EDITED) },
].filter(({ path }) => existsSync(path));
const guests = await Promise.all(programs.map(({ path }) => build(path)));
const perJob = await build(join(kata.folder, "thread_per_job.c"));

async function emptyJobs(): Promise<void> {
  const jobs = 400_000;
  const rows = programs.map(({ name }) => [name]);
  for (const submitters of [1, 2, 4]) {
    const params = { submitters, jobs: jobs / submitters, workers: 2, capacity: 1024, work: 0 };
    const samples = await rounds(guests, "bench", params, 0);
    samples.forEach(({ cpu_s, switches }, at) =>
      rows[at]!.push(((cpu_s * 1e9) / jobs).toFixed(0), ((switches * 1000) / jobs).toFixed(1)),
    );
  }
  const few = 20_000;
  const [one] = await rounds([perJob], "bench", { submitters: 1, jobs: few, workers: 2, capacity: 62, work: 0 }, 0);
  rows.push([
    "a thread per job",
    ((one!.cpu_s * 1e9) / few).toFixed(0),
    ((one!.switches * 1000) / few).toFixed(0),
    "",
    "",
    "",
    "",
  ]);
  const head = [1, 2, 4].flatMap((n) => [`${n} submitting: CPU ns/job`, "switches/1,000"]);
  console.log(`empty jobs, 2 workers, room for 1,024, pinned to one CPU\n${table([["program", ...head], ...rows])}\n`);
}

async function smallJobs(): Promise<void> {
  const params = { submitters: 1, jobs: 500_000, workers: 2, capacity: 1024, work: 200 };
  const [inline] = await rounds([guests[0]!], "inline_work", { jobs: params.jobs, work: params.work });
  const samples = await rounds(guests, "bench", params);
  const each = ((inline!.seconds * 1e9) / params.jobs).toFixed(0);
  const rows = samples.map(({ seconds }, at) => [programs[at]!.name, (inline!.seconds / seconds).toFixed(2)]);
  console.log(`jobs of ${each} ns, 2 workers, all CPUs\n${table([["program", "x inline"], ...rows])}\n`);
}

async function latency(pause_ns: number, title: string): Promise<void> {
  const params = { jobs: pause_ns ? 5_000 : 100_000, pause_ns, workers: 2, capacity: 1024 };
  const rows: string[][] = [];
  for (const [at, guest] of guests.entries()) {
    const { evidence } = await run(guest, "latency", params);
    const sorted = [...(evidence.start_ns as BigUint64Array)].map(Number).sort((a, b) => a - b);
    const share = (p: number) =>
      (sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))]! / 1000).toFixed(1);
    rows.push([programs[at]!.name, share(0.5), share(0.9), share(0.99), share(0.999), share(1)]);
  }
  const head = ["program", "p50", "p90", "p99", "p99.9", "max"];
  console.log(`microseconds from submit to start, ${title}\n${table([head, ...rows])}\n`);
}

/** Of each thread, the guest's own: native/guest/stacks.c keeps a stack for signals in thread-local storage. */
const GUEST_KIB = 64;

async function stacks(): Promise<void> {
  const workers = 100;
  const samples = await Promise.all(Array.from({ length: 3 }, () => run(guests.at(-1)!, "stacks", { workers })));
  const kib = (name: string, ours = 0) =>
    (median(samples.map(({ evidence }) => Number(evidence[name]))) / workers - ours).toFixed(0);
  console.log(
    `a worker thread: ${kib("virtual_kib")} KiB of address space, ${kib("resident_kib", GUEST_KIB)} KiB resident`,
  );
}

await emptyJobs();
await smallJobs();
await latency(200_000, "one job every 0.2 ms or so");
await latency(0, "as fast as one thread can submit");
await stacks();
