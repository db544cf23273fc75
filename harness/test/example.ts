// SPDX-License-Identifier: MIT
/** A result with one check of every verdict, for the tests of what is made of results. */
import type { Latency } from "../src/base/histogram.ts";
import { nearestFailure } from "../src/judge/nearest.ts";
import { VERDICTS, type Verdict } from "../src/kata/kata.ts";
import { scoreOf, type CheckResult, type Result } from "../src/judge/score.ts";

export function checkOf(verdict: Verdict, points_max = 10, id = `ends_${verdict}`): CheckResult {
  const head = { id, verdict, points: verdict === "pass" ? points_max : 0, points_max, seconds: 0.25 };
  if (verdict === "pass") return head;
  return {
    ...head,
    saw: `what ${verdict} looks like, in katas/98-example/example.c:12, over more than one line\nand a second one`,
    expected: "something else",
    look_at: "example: what is the question?",
    detail: "thread 1: example (example.c:12)\nthread 2: other (example.c:30)",
    replay: `bun kata replay 98 ${id} --seed 0000002a`,
  };
}

const latency = (slower: number): Latency => ({
  count: 1_000,
  p50_us: 42.5 * slower,
  p99_us: 850 * slower,
  p999_us: 4_200 * slower,
  max_us: 12_600 * slower,
  buckets: [
    [32 * slower, 40 * slower, 300],
    [40 * slower, 48 * slower, 680],
    [800 * slower, 960 * slower, 20],
  ],
});

export function resultOf(checks: CheckResult[]): Result {
  const first = nearestFailure(checks, { scripts: [], files: [] })?.id;
  return {
    schema: "c10kata/result/v1",
    kata: "98-example",
    trust: "practice",
    submission: { label: "katas/98-example", files: [{ name: "example.c", sha256: "0".repeat(64) }] },
    seed: "0000002a",
    toolchain: { compiler: "gcc (Example) 12.2.0", bun: "1.4.5", kernel: "6.1.0", cpus: 2 },
    ...scoreOf(checks, "silver"),
    checks,
    ...(first && { first }),
    metrics: [
      {
        id: "gated",
        title: "4 producers on one CPU",
        vs_baseline: { ratio: 1.7, low: 1.6, high: 1.8 },
        vs_reference: { ratio: 0.9, low: 0.8, high: 1 },
        tiers: { pass: 1.2, silver: 1.5, gold: 2 },
        tier: "silver",
        rounds: 7,
        latency: { learner: latency(1), baseline: latency(1.7), reference: latency(0.9) },
        seconds: { learner: 0.1, baseline: 0.17, reference: 0.09 },
      },
      {
        id: "reported",
        title: "1 producer",
        vs_baseline: { ratio: 12.25, low: 11, high: 13 },
        rounds: 3,
        seconds: { learner: 0.1, baseline: 1.2 },
      },
    ],
    seconds: 3.21,
  };
}

export const everyVerdict = (): CheckResult[] =>
  VERDICTS.map((verdict) => checkOf(verdict, verdict === "pass" ? 10 : 7));
