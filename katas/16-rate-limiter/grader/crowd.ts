// SPDX-License-Identifier: MIT
/** Checks of many threads that ask for the same keys at once. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { LOCAL } from "./files.ts";

export const crowdEvidence = z.strictObject({ sums: rows("of", "key", "got") });
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

const NAMES = [
  { call: "limiter_allow", unit: "tokens", object: "bucket" },
  { call: "window_allow", unit: "calls", object: "window" },
];

/** While time stands still, a key gets its burst, and not one token more or less, however many ask. */
function judgeSums(of: number, { sums }: CrowdEvidence, burst: number) {
  const own = sums.filter((sum) => sum.of === of);
  const { call, unit, object } = NAMES[of]!;
  if (own.length === 0) return fail({ saw: "nothing was asked", expected: "calls" });
  const wrong = own.find(({ got }) => got !== burst);
  if (!wrong) return pass();
  return fail({
    saw: `4 threads asked for one key until each was refused: together they got ${english(wrong.got)} ${unit}`,
    expected: `${english(burst)}, what the ${object} holds`,
    lookAt: `${call}: what may another thread do between the look at the ${object} and the change of it?`,
  });
}

export const bucketNothingLost: Check<CrowdEvidence> = {
  id: "bucket_nothing_lost",
  file: LOCAL,
  points: 5,
  needs: "bucket_some_tokens",
  run: (evidence, { params }) => judgeSums(0, evidence, params.burst!),
};

export const windowNothingLost: Check<CrowdEvidence> = {
  id: "window_nothing_lost",
  file: LOCAL,
  points: 3,
  needs: "window_matches_model",
  run: (evidence, { params }) => judgeSums(1, evidence, params.burst!),
};

export const roomEvidence = z.strictObject({ taken: rows("key", "cost", "now") });
export type RoomEvidence = z.infer<typeof roomEvidence>;

/** Of crowd.c. */
const BURST = 3;
const NS_PER_TOKEN = 1_000;

interface Excess {
  key: number;
  got: number;
  from: number;
  to: number;
}

/** The interval in which a key got the most beyond its due; null where it never did. */
export function worstInterval(key: number, taken: RoomEvidence["taken"]): Excess | null {
  const own = taken.filter((one) => one.key === key).toSorted((a, b) => a.now - b.now);
  let worst: (Excess & { excess: number }) | null = null;
  let start = { now: 0, before: 0, level: Infinity };
  let sum = 0;
  for (const { now, cost } of own) {
    // the interval that begins where (sum before) - rate * now is least
    const level = sum - now / NS_PER_TOKEN;
    if (level < start.level) start = { now, before: sum, level };
    sum += cost;
    const excess = sum - start.before - BURST - (now - start.now) / NS_PER_TOKEN;
    if (excess > 1e-6 && excess > (worst?.excess ?? 0))
      worst = { key, got: sum - start.before, from: start.now, to: now, excess };
  }
  return worst;
}

/** No key gets more than burst + rate * t in any interval, with late threads and keys that leave and come again. */
export const bucketIntervalBound: Check<RoomEvidence> = {
  id: "bucket_interval_bound",
  file: LOCAL,
  points: 4,
  needs: "bucket_some_tokens",
  run({ taken }) {
    if (taken.length < 100)
      return fail({ saw: `of all calls ${taken.length} were allowed`, expected: "at least the first for each key" });
    const keys = [...new Set(taken.map(({ key }) => key))];
    const worst = keys.map((key) => worstInterval(key, taken)).find((excess) => excess !== null);
    if (!worst) return pass();
    const { key, got, from, to } = worst;
    return fail({
      saw: `key ${key} got ${got} tokens with times that are ${english(to - from)} ns apart at most`,
      expected: `${BURST} + 1 for each 1,000 ns, at most: ${Math.floor(BURST + (to - from) / NS_PER_TOKEN)}`,
      lookAt: "limiter_allow: what does a thread with an older time find, and what becomes of a bucket that has left?",
    });
  },
};
