// SPDX-License-Identifier: MIT
/** The checks of 05-xfetch about when a value is refreshed: how long before its expiry, and how often. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, numbers } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";
import { percent } from "./caches.ts";

export const earlyEvidence = z.strictObject({
  /** For each early refresh what was left of the value's life, in units of beta * delta; below NEAR. */
  ahead: numbers.transform((billionths) => billionths.map((n) => n / 1e9)),
  /** Gets with less than NEAR left, and with more than 40. */
  near: count,
  far: count,
  far_refreshes: count,
  draws_most: count,
});
export type EarlyEvidence = z.infer<typeof earlyEvidence>;

/** As early.c has it. */
const NEAR = 10;
const ALPHA = 1e-6;

/** Exp(1), as far as NEAR. */
const expected = (x: number) => (1 - Math.exp(-x)) / (1 - Math.exp(-NEAR));

/** The largest distance between the two distribution functions, and where it is. */
export function kolmogorovSmirnov(sample: number[]): { distance: number; at: number; share: number } {
  const sorted = sample.toSorted((a, b) => a - b);
  let worst = { distance: 0, at: 0, share: 0 };
  sorted.forEach((x, i) => {
    for (const share of [i / sorted.length, (i + 1) / sorted.length]) {
      const distance = Math.abs(share - expected(x));
      if (distance > worst.distance) worst = { distance, at: x, share };
    }
  });
  return worst;
}

/** Massart's bound: a right sample exceeds it with probability ALPHA at most. */
const critical = (n: number) => Math.sqrt(Math.log(2 / ALPHA) / (2 * n));

/** Without such a get nothing has been tried. */
const noGet = (left: string) =>
  fail({
    saw: `no get met a value with ${left} * beta * delta of life left`,
    expected: "some: a value is kept until its ttl is over",
    lookAt: "xfetch_get: which entry does it find, and how long is it live?",
  });

/** Early refreshes follow Exp(1 / (beta * delta)) before expiry, and there are as many as there should be. */
export const earlyRefreshes: Check<EarlyEvidence> = {
  id: "early_refreshes",
  points: 5,
  needs: "some_value_arrives",
  run({ ahead, near }, request) {
    const beta = request.params.beta_thousandths! / 1000;
    if (near === 0) return noGet("less than 10");
    const due = (1 - Math.exp(-NEAR)) / NEAR;
    const share = ahead.length / near;
    const off = Math.abs(ahead.length - due * near);
    // Six standard deviations of a binomial count: one in 500 million.
    if (off > 6 * Math.sqrt(near * due * (1 - due))) {
      return fail({
        saw: `${percent(share)} of ${plural(near, "get")} with less than 10 * beta * delta of life left refreshed (beta ${beta})`,
        expected: `${percent(due)}: with r left, exp(-r / (beta * delta)) of them`,
        lookAt: "xfetch_get: what does it give to xfetch_due, and does every get that is due refresh?",
      });
    }
    const { distance, at, share: seen } = kolmogorovSmirnov(ahead);
    if (distance <= critical(ahead.length)) return pass();
    return fail({
      saw: `of ${english(ahead.length)} early refreshes ${percent(seen)} came with less than ${at.toFixed(2)} * beta * delta left (beta ${beta})`,
      expected: `${percent(expected(at))}, give or take ${percent(critical(ahead.length))}: Exp(1 / (beta * delta)) before expiry`,
      lookAt: "which delta is it: the one of this value's last load, in seconds?",
    });
  },
};

/** Nothing is refreshed right after it was loaded: that is what ttl in delta's place does. */
export const neverFar: Check<EarlyEvidence> = {
  id: "never_far",
  points: 3,
  needs: "some_value_arrives",
  run({ far, far_refreshes }) {
    if (far === 0) return noGet("40 to 60");
    if (far_refreshes === 0) return pass();
    return fail({
      saw: `${english(far_refreshes)} refreshed in ${plural(far, "get")} with 40 to 60 * beta * delta of life left`,
      expected: "none: the probability of one is below exp(-40)",
      lookAt: "what is the draw's logarithm multiplied with: how long a load takes, or how long a value lives?",
    });
  },
};

export const hourEvidence = z.strictObject({
  gets: count,
  loads: count,
  /** Begun when the value had expired: readers had to wait. */
  late_loads: count,
  ahead_us: numbers,
  longest_wait_us: count,
});
export type HourEvidence = z.infer<typeof hourEvidence>;

const EULER = 0.5772;

/** One load per expiry, before it, by as much as theory says; no reader waits. The count decides, no clock. */
export const loadsPerExpiry: Check<HourEvidence> = {
  id: "loads_per_expiry",
  points: 4,
  needs: "some_value_arrives",
  run({ gets, loads, late_loads, ahead_us, longest_wait_us }, { params }) {
    const { clients, period_ms, load_ms, ttl_ms, seconds } = params as Record<string, number>;
    const delta_s = load_ms! / 1000;
    const perDelta = (clients! / period_ms!) * load_ms!;
    const theory_s = delta_s * (Math.log(perDelta) + EULER);
    const ahead_mean_s = ahead_us.reduce((sum, us) => sum + us / 1e6, 0) / (ahead_us.length || 1);
    const perTtl = loads / ((seconds! * 1000) / ttl_ms!);
    const where = `${clients} clients, ${plural(gets, "get")} in ${seconds} s of virtual time`;
    if (late_loads > 0) {
      return fail({
        saw: `${plural(late_loads, "load")} of ${loads} began when the value had expired; the longest wait was ${(longest_wait_us / 1000).toFixed(1)} ms (${where})`,
        expected: "none: among so many readers one refreshes before the expiry for sure",
        lookAt: "xfetch_get: is xfetch_due asked while the value is still live?",
      });
    }
    if (perTtl > 1.15) {
      return fail({
        saw: `${perTtl.toFixed(2)} loads per ttl (${where})`,
        expected: `about ${(ttl_ms! / (ttl_ms! + load_ms! - 1000 * theory_s)).toFixed(2)}`,
        lookAt: "how much of a value's life is left when it is refreshed?",
      });
    }
    if (Math.abs(ahead_mean_s / theory_s - 1) <= 0.1) return pass();
    return fail({
      saw: `loads began ${(1000 * ahead_mean_s).toFixed(0)} ms before expiry on average (${where})`,
      expected: `${(1000 * theory_s).toFixed(0)} ms: beta * delta * (ln(reads per beta * delta) + 0.577)`,
      lookAt: "xfetch_get: what does it give to xfetch_due?",
    });
  },
};
