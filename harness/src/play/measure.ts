// SPDX-License-Identifier: MIT
/**
 * Throughput: interleaved rounds on one CPU, timed from outside by hyperfine, as ratios with confidence intervals.
 * Where strangers keep the CPU busy, CPU times are compared instead, and decide what is clear by a factor of two.
 * Where the machine cannot tell, the answer is "not measurable" and never a guess. The reasons for each number here
 * are measured in the lesson of research on performance: one CPU holds ratios within 10 to 20 %, two do not.
 */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { walled } from "../base/box.ts";
import { withTemporary, withWorkspace } from "../base/cache.ts";
import { latencyOf, type Latency } from "../base/histogram.ts";
import type { Ended } from "../kata/run.ts";
import { confinement, walls } from "../build/confinement.ts";
import type { Throughput, Tier, Tiers } from "../kata/kata.ts";
import { tierOf } from "../judge/tier.ts";
import { Guest, LIMITS, newNonce } from "../guest/guest.ts";
import { Collector } from "../guest/evidence.ts";
import { median, ratioOfMedians, seededRandom, shuffled, type Interval } from "../base/statistics.ts";

const ROUNDS_MIN = 7;
export const ROUNDS_MAX = 15;
const ROUNDS_REPORTED = 3;
/** CPU of strangers on the pinned CPU above which a round does not count. */
export const STRANGER_CPU_MAX = 0.15;
const DISCARDED_MAX = 5;
/** How far the yardstick may be from itself before nothing can be said. */
const NOISE_MARGIN = 0.15;
const ROUND_MS_MAX = 60_000;
/** CPU time leaves out what others took, but not what they did to caches and clock rates: it decides by this factor only. */
const CLEAR_FACTOR = 2;
/** How far the yardstick's CPU time may be from itself. */
const ROUGH_MARGIN = 0.5;
/** More rounds are made for a verdict as long as there are rounds left; for silver or gold, not after this time. */
const TIER_S_MAX = 8;

/** The programs of one measurement; the reference only where solutions/ is there. */
export interface Contenders {
  learner: string;
  baseline: string;
  reference?: string;
}

export interface Metric {
  id: string;
  title: string;
  /** Baseline time : learner time, so higher is faster. */
  vs_baseline: Interval;
  /** Reference time : learner time. */
  vs_reference?: Interval;
  tiers?: Tiers;
  tier?: Tier | null;
  /** Why CPU time was compared instead of time that passed. */
  rough?: string;
  rounds: number;
  latency?: { learner: Latency; baseline: Latency; reference?: Latency };
  /** Median wall seconds of one sample. */
  seconds: { learner: number; baseline: number; reference?: number };
}

/** Why a metric cannot be judged on this machine, now. */
export class NotMeasurable extends Error {}

/** A sample that ended badly or whose evidence was wrong: a matter of correctness, not of speed. */
export class BadSample extends Error {}

export type Progress = (round: number, metric: string) => void;

export interface Sampling {
  seed: number;
  /** Rounds of a gated metric before its interval may decide; 7 unless told. */
  rounds?: number;
  onRound?: Progress;
}

/** Measures one metric. Throws NotMeasurable, BadSample. */
export async function measure(
  throughput: Throughput,
  metric: Throughput["metrics"][number],
  contenders: Contenders,
  { seed, rounds: roundsMin = ROUNDS_MIN, onRound }: Sampling,
): Promise<Metric> {
  const random = seededRandom(seed);
  const tiers = metric.tiers;
  const programs: Record<string, string> = { learner: contenders.learner, baseline: contenders.baseline };
  if (tiers) programs.again = contenders.baseline;
  if (tiers && contenders.reference) programs.reference = contenders.reference;
  const times: Record<string, number[]> = Object.fromEntries(Object.keys(programs).map((name) => [name, []]));
  const ratio = (above: string) => ratioOfMedians(times[above]!, times.learner!, random);
  const yardstick = () => ratioOfMedians(times.baseline!, times.again!, random);
  const begun = performance.now();
  const enough = (rounds: number) => {
    if (rounds < (tiers ? roundsMin : ROUNDS_REPORTED)) return false;
    if (!tiers || rounds >= ROUNDS_MAX) return true;
    const interval = ratio("baseline");
    if (isNoisy(yardstick()) || straddles(interval, tiers.pass)) return false;
    const seconds = (performance.now() - begun) / 1000;
    return seconds > TIER_S_MAX || !(straddles(interval, tiers.silver) || straddles(interval, tiers.gold));
  };

  const kept: Round[] = [];
  const disturbed: Round[] = [];
  for (let rounds = 0; !enough(rounds); ) {
    const round = await oneRound(throughput, metric.params, shuffled(Object.entries(programs), random), seed + rounds);
    if (tiers && round.stranger_cpu > STRANGER_CPU_MAX) {
      disturbed.push(round);
      if (disturbed.length > DISCARDED_MAX) return roughly(metric, tiers, disturbed, random);
      continue;
    }
    for (const [name, seconds] of Object.entries(round.seconds)) times[name]!.push(seconds);
    kept.push(round);
    rounds++;
    onRound?.(rounds, metric.id);
  }

  const vs_baseline = ratio("baseline");
  if (tiers) refuseNoise(yardstick(), vs_baseline, tiers);
  return {
    id: metric.id,
    title: metric.title,
    vs_baseline,
    ...(programs.reference && { vs_reference: ratio("reference") }),
    ...(tiers && { tiers, tier: tierOf(vs_baseline, tiers) }),
    rounds: kept.length,
    ...latencies(kept),
    seconds: {
      learner: median(times.learner!),
      baseline: median(times.baseline!),
      ...(programs.reference && { reference: median(times.reference!) }),
    },
  };
}

/** Of the single operations of all rounds, where the kata measures them. */
function latencies(rounds: Round[]): Pick<Metric, "latency"> {
  const of = (name: string) => latencyOf(rounds.flatMap(({ latency }) => (latency?.[name] ? [latency[name]] : [])));
  const [learner, baseline, reference] = ["learner", "baseline", "reference"].map(of);
  return learner && baseline ? { latency: { learner, baseline, ...(reference && { reference }) } } : {};
}

/**
 * What rounds tell in which strangers were busy: CPU times, where they are clear by a factor of two, and the times that
 * passed do not speak against it, as they would of a program that sleeps. Throws NotMeasurable.
 */
export function roughly(
  { id, title }: Throughput["metrics"][number],
  tiers: Tiers,
  rounds: Round[],
  random: () => number,
): Metric {
  const times = (of: "seconds" | "cpu_seconds", name: string) => rounds.map((round) => round[of][name]!);
  const cpu = (above: string, below: string) =>
    ratioOfMedians(times("cpu_seconds", above), times("cpu_seconds", below), random);
  const seconds = { learner: median(times("seconds", "learner")), baseline: median(times("seconds", "baseline")) };
  const passed_ratio = seconds.baseline / seconds.learner;
  const rough = strangers(rounds.at(-1)!);
  const vs_baseline = cpu("baseline", "learner");
  const { ratio, low, high } = vs_baseline;
  const fast = low >= CLEAR_FACTOR * tiers.pass && passed_ratio >= tiers.pass;
  const slow = CLEAR_FACTOR * high <= tiers.pass && passed_ratio <= tiers.pass;
  if (distance(cpu("baseline", "again")) > ROUGH_MARGIN || !(fast || slow)) {
    const about = `by CPU time about ${ratio.toFixed(2)} times the baseline`;
    throw new NotMeasurable(`${rough}; ${about}, which is too rough to tell it from ${tiers.pass}`);
  }
  return { id, title, vs_baseline, tiers, tier: fast ? "pass" : null, rough, rounds: rounds.length, seconds };
}

const straddles = ({ low, high }: Interval, threshold: number) => low < threshold && threshold <= high;

const distance = ({ ratio }: Interval) => Math.abs(ratio - 1);
const isNoisy = (yardstick: Interval) => distance(yardstick) > NOISE_MARGIN;

/** Throws NotMeasurable when the machine is too uneven, or the `pass` threshold lies inside the interval. */
export function refuseNoise(yardstick: Interval, learner: Interval, tiers: Tiers): void {
  if (isNoisy(yardstick)) {
    throw new NotMeasurable(
      `the baseline differed from itself by ${percent(distance(yardstick))}; at most ${percent(NOISE_MARGIN)} is usable`,
    );
  }
  if (straddles(learner, tiers.pass)) {
    const range = `${learner.low.toFixed(2)} to ${learner.high.toFixed(2)}`;
    throw new NotMeasurable(
      `after ${ROUNDS_MAX} rounds ${range} times the baseline, and ${tiers.pass} lies between the two`,
    );
  }
}

function strangers({ stranger_cpu, cpu }: { stranger_cpu: number; cpu: number }): string {
  return `the machine is busy: other programs took ${percent(stranger_cpu)} of CPU ${cpu}, in round after round`;
}

const percent = (share: number) => `${Math.round(share * 100)} %`;

export interface Round {
  /** That passed for each program. */
  seconds: Record<string, number>;
  /** That each program and the kernel for it used a CPU. */
  cpu_seconds: Record<string, number>;
  /** How long each program's operations took, as the kata's driver counted them. */
  latency?: Record<string, Bins>;
  stranger_cpu: number;
  cpu: number;
}

/** One sample of each program, in the given order, in fresh processes on one CPU, with io_uring if `rings`. Throws BadSample. */
export function oneRound(
  throughput: Pick<Throughput, "driver" | "evidence" | "sample" | "latency">,
  params: Record<string, number>,
  programs: [string, string][],
  seed: number,
  rings = false,
): Promise<Round> {
  return withTemporary(async (folder) => {
    const cpu = lastAllowedCpu();
    const nonce = newNonce();
    const words = Object.entries(params).map(([name, value]) => `${name}=${value}`);
    const samples = programs.map(([name, path]) => ({ name, path, evidence: join(folder, name) }));
    for (const { evidence } of samples) writeFileSync(evidence, nonce);
    const box = await confinement();
    const { walls: own } = box.tier === "D" ? box : await walls();
    const json = join(folder, "hyperfine.json");
    writeFileSync(json, "");
    // The timer and the others' evidence lie in the same box: a program has walls of its own against them.
    const commandsIn = (cwd: string) =>
      samples.map(({ path, evidence }) => {
        const program = [path, throughput.driver, String(seed), evidence, ...words];
        const how = { env: {}, cwd, shares: [evidence], address_bytes: LIMITS.address_bytes, rings };
        return (own ? walled(own, program, how) : program).map(quoted).join(" ");
      });
    const timer = [Bun.which("hyperfine")!, "-N", "--style", "none", "-r", "1", "--export-json", json];
    const before = busySeconds(cpu);
    const limits = { ...LIMITS, deadline_ms: ROUND_MS_MAX };
    const argv = [Bun.which("taskset")!, "-c", String(cpu), ...timer];
    const inside = {
      box,
      sees: samples.map(({ path }) => path),
      shares: [json, ...samples.map(({ evidence }) => evidence)],
    };
    const ended = await withWorkspace(
      (cwd) => Guest.start([...argv, ...commandsIn(cwd)], nonce, limits, { ...inside, cwd, rings }).ended,
    );
    const busy_s = busySeconds(cpu) - before;
    if (ended.by === "deadline")
      throw lateRound(ended, samples.findLast(({ evidence }) => statSync(evidence).size !== nonce.length)?.name);
    if (ended.survivors > 0) throw new BadSample("a process was left running");
    if (ended.code !== 0) throw new BadSample(ended.output.trim().split("\n").slice(-3).join("\n"));

    const latency = samples.map(({ name, evidence }) => {
      const told = checkedSample(throughput, name, readFileSync(evidence), { seed, params }, nonce);
      return [name, throughput.latency?.(told) as Bins] as const;
    });
    const results = hyperfineJson.parse(JSON.parse(readFileSync(json, "utf8"))).results;
    const own_s = results.reduce((sum, { user, system }) => sum + user + system, 0);
    return {
      seconds: Object.fromEntries(samples.map(({ name }, at) => [name, results[at]!.times[0]!])),
      cpu_seconds: Object.fromEntries(samples.map(({ name }, at) => [name, results[at]!.user + results[at]!.system])),
      ...(throughput.latency && { latency: Object.fromEntries(latency) }),
      stranger_cpu: Math.max(0, busy_s - own_s - TIMER_OWN_S) / ended.seconds,
      cpu,
    };
  });
}

/** `running`: whose turn it was. Only the learner's own can be blamed, and only where there was a CPU for it. */
function lateRound({ sinceProgress: { cpu_s, wall_s, starved } }: Ended, running = "timer"): BadSample | NotMeasurable {
  const late = `the ${running}'s run did not end within ${wall_s.toFixed(1)} s (${cpu_s.toFixed(1)} s of CPU time)`;
  return running === "learner" && !starved ? new BadSample(late) : new NotMeasurable(late);
}

/** What hyperfine itself uses in a round, and the resolution of /proc/stat. */
const TIMER_OWN_S = 0.03;

const hyperfineJson = z.object({
  results: z.array(z.object({ times: z.tuple([z.number().positive()]), user: z.number(), system: z.number() })),
});

type Bins = ArrayLike<number | bigint>;

/** The evidence of one sample, in which nothing is wrong. Throws BadSample. */
function checkedSample(
  throughput: Pick<Throughput, "evidence" | "sample">,
  name: string,
  bytes: Buffer,
  request: { seed: number; params: Record<string, number> },
  nonce: string,
): unknown {
  const collector = new Collector(nonce);
  collector.feed(bytes);
  if (!collector.collected.ended) throw new BadSample(`the ${name}'s run did not come to its end`);
  const { brokenOff } = collector.collected;
  if (brokenOff) throw new BadSample(`${name}: ${brokenOff.call} ${brokenOff.did}; expected ${brokenOff.expected}`);
  const evidence = throughput.evidence.safeParse(collector.collected.evidence);
  if (!evidence.success) throw new BadSample(z.prettifyError(evidence.error));
  const judgement = throughput.sample(evidence.data, request);
  if (judgement.verdict !== "pass") throw new BadSample(`${name}: ${judgement.saw}; expected ${judgement.expected}`);
  return evidence.data;
}

const quoted = (word: string) => `'${word.replaceAll("'", `'\\''`)}'`;

/** CPU 0 takes most interrupts; the last one that we may use is the quietest by custom. */
function lastAllowedCpu(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/^Cpus_allowed_list:.*?(\d+)$/m.exec(status)?.[1] ?? 0);
}

/** Seconds since boot that `cpu` was not idle, whoever used it; stolen time included. */
function busySeconds(cpu: number): number {
  const line = new RegExp(`^cpu${cpu} (.*)$`, "m").exec(readFileSync("/proc/stat", "utf8"));
  const [user, nice, system, , , irq, softirq, steal] = (line?.[1] ?? "").split(" ").map(Number);
  return (user! + nice! + system! + irq! + softirq! + steal!) / 100;
}
