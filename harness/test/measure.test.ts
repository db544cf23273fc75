// SPDX-License-Identifier: MIT
/** Tiers and noise, and one real measurement of something without a gate. */
import { describe, expect, test } from "bun:test";
import { measure, NotMeasurable, refuseNoise, roughly } from "../src/play/measure.ts";
import { tierOf } from "../src/judge/tier.ts";
import { whyNotTimed } from "../src/build/toolchain.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import { join } from "node:path";
import { benchKata, default as kata } from "../fixtures/01-answer/grader/kata.ts";

const tiers = { pass: 1.2, silver: 1.5, gold: 2 };
const interval = (low: number, ratio: number, high: number) => ({ low, ratio, high });

test.each([
  [1.1, null],
  [1.19, null],
  [1.2, "pass"],
  [1.49, "pass"],
  [1.5, "silver"],
  [2, "gold"],
  [9, "gold"],
] as const)("an interval from %p up reaches %p", (low, tier) => {
  expect(tierOf(interval(low, low + 1, low + 2), tiers)).toBe(tier);
});

describe("noise", () => {
  const still = interval(0.99, 1, 1.01);
  test("a quiet machine and a clear answer are taken", () => {
    expect(() => refuseNoise(still, interval(1.3, 1.4, 1.6), tiers)).not.toThrow();
    expect(() => refuseNoise(still, interval(0.5, 0.6, 1.1), tiers)).not.toThrow();
    expect(() => refuseNoise(interval(0.8, 0.86, 1.2), interval(3, 3, 3), tiers)).not.toThrow();
  });

  test("only the threshold of passing must be clear", () => {
    expect(() => refuseNoise(still, interval(1.4, 1.5, 2.1), tiers)).not.toThrow();
    expect(() => refuseNoise(still, interval(1.1, 1.3, 1.4), tiers)).toThrow("1.10 to 1.40 times the baseline");
    expect(() => refuseNoise(still, interval(1.1, 1.2, 1.2), tiers)).toThrow(NotMeasurable);
  });

  test("a yardstick that differs from itself says nothing, slow or fast", () => {
    for (const ratio of [0.8, 1.2]) {
      const off = interval(ratio, ratio, ratio);
      expect(() => refuseNoise(off, interval(3, 3, 3), tiers)).toThrow("the baseline differed from itself by 20 %");
    }
  });
});

const why = whyNotTimed();
test.skipIf(why !== null)(
  `a real measurement${why ? `, but ${why}` : ""}`,
  async () => {
    const guest = (file: string) => new Workpiece(kata, readSubmission(kata, join(kata.folder, file))).guest("bench");
    const contenders = { learner: await guest("submissions/passes.c"), baseline: await guest("baseline.c") };
    const throughput = { ...benchKata.throughput, latency: () => [0, 3, 1] };
    const rounds: number[] = [];
    const metric = await measure(throughput, throughput.metrics[0]!, contenders, {
      seed: 7,
      onRound: (round) => rounds.push(round),
    });
    expect(rounds).toEqual([1, 2, 3]);
    expect(metric).toMatchObject({ id: "calls", rounds: 3 });
    expect(metric.seconds.learner).toBeGreaterThan(0);
    expect(metric.latency?.learner).toMatchObject({ count: 12, p50_us: 0.001, max_us: 0.002 });
    expect(metric.latency).toEqual({ learner: metric.latency!.learner, baseline: metric.latency!.learner });
    expect(metric.vs_baseline.low).toBeLessThanOrEqual(metric.vs_baseline.high);

    const wrong = { ...contenders, learner: await guest("answer.c") };
    expect(measure(throughput, throughput.metrics[0]!, wrong, { seed: 7 })).rejects.toThrow("learner: 0 right answers");
    const dies = { ...contenders, learner: "/bin/false" };
    await expect(measure(throughput, throughput.metrics[0]!, dies, { seed: 7 })).rejects.toThrow();
  },
  60_000,
);

describe("rounds in which strangers were busy", () => {
  const metric = { id: "calls", title: "calls", params: {} };
  const rounds = (learner_cpu_s: number, learner_s: number, again_s = 1) =>
    Array.from({ length: 6 }, () => ({
      seconds: { learner: learner_s, baseline: 2, again: 2 },
      cpu_seconds: { learner: learner_cpu_s, baseline: 1, again: again_s },
      stranger_cpu: 0.5,
      cpu: 1,
    }));
  const judged = (...times: Parameters<typeof rounds>) => roughly(metric, tiers, rounds(...times), Math.random);

  test("CPU time decides what is clear by a factor of two, and never more than a pass", () => {
    expect(judged(0.4, 0.8)).toMatchObject({
      tier: "pass",
      rough: expect.stringContaining("other programs took 50 %"),
    });
    expect(judged(0.01, 0.02).tier).toBe("pass");
    expect(judged(2, 4).tier).toBeNull();
  });

  test("what is less clear is not measurable, with what was seen", () => {
    expect(() => judged(0.6, 1.2)).toThrow("by CPU time about 1.67 times the baseline, which is too rough");
    expect(() => judged(1, 2)).toThrow(NotMeasurable);
  });

  test("a program that sleeps uses no CPU time and is not fast; a yardstick that differs from itself says nothing", () => {
    expect(() => judged(0.1, 4)).toThrow(NotMeasurable);
    expect(() => judged(0.4, 0.8, 3)).toThrow(NotMeasurable);
  });
});
