// SPDX-License-Identifier: MIT
/** The check of 17-hot-key about more keys than counters. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";

export const rareEvidence = z.strictObject({
  /** Of the one key that is read often. */
  reads: count,
  /** The read of it after which a key was hot; 0: none was. */
  hot_at: count,
  /** Hot keys at the end of its window, and a window of strangers later. */
  hot: count,
  hot_after: count,
});
export type RareEvidence = z.infer<typeof rareEvidence>;

const ENOUGH = 65;
const COUNTERS = 1024;

/** A key that is read often is found among any number of others, and no other is. */
export const findsHeavy: Check<RareEvidence> = {
  id: "finds_heavy",
  points: 6,
  needs: "some_value",
  run({ reads, hot_at, hot, hot_after }, { params }) {
    const tooHigh = Math.floor((64 * params.shards!) / COUNTERS);
    const told = `${english(params.background!)} keys were read ${english(params.times!)} times each, then one ${english(reads)} times, with a new key before each`;
    if (hot_at === 0) {
      return fail({
        saw: `${told}; it was not hot`,
        expected: `hot with its read ${ENOUGH} at the latest: a count is never too low`,
        lookAt: "a new key comes and all counters are taken: whose is it given, and which count has it then?",
      });
    }
    if (hot_at > ENOUGH || hot_at < ENOUGH - tooHigh) {
      return fail({
        saw: `${told}; a key was hot from its read ${english(hot_at)} on`,
        expected: `from ${ENOUGH - tooHigh} to ${ENOUGH}: a count is never too low, and at most ${tooHigh} too high`,
        lookAt: "a new key comes and all counters are taken: whose is it given, and which count has it then?",
      });
    }
    if (hot === 1 && hot_after === 0) return pass();
    return fail({
      saw: `${told}; then ${plural(hot, "key")} hot, and, a window of keys later that are read once, ${english(hot_after)}`,
      expected: "1, and then 0",
      lookAt: "which counts may be too high, by how much, and what happens to them when a window begins?",
    });
  },
};
