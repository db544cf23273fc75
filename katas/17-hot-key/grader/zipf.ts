// SPDX-License-Identifier: MIT
/** The check of 17-hot-key about what each shard bears. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";

export const SETTINGS = ["no hot keys", "replicas alone", "copies alone", "replicas and copies"] as const;

export const zipfEvidence = z.strictObject({
  /** By setting and shard: how often it was asked. */
  loads: rows("setting", "shard", "fetches"),
  /** Gets that did not answer their value. */
  wrong: count,
});
export type ZipfEvidence = z.infer<typeof zipfEvidence>;

const MOST = 1.3;

/** The busiest shard's fetches, as a multiple of the mean; all fetches. */
export function evenness(loads: ZipfEvidence["loads"], setting: number) {
  const fetches = loads.filter((row) => row.setting === setting).map((row) => row.fetches);
  const all = fetches.reduce((sum, one) => sum + one, 0);
  const busiest = Math.max(...fetches);
  return { all, busiest, shard: fetches.indexOf(busiest), ratio: (busiest * fetches.length) / all };
}

/** With replicas, with copies, and with both, no shard bears more than 1.3 times the mean. */
export const evenLoad: Check<ZipfEvidence> = {
  id: "even_load",
  points: 8,
  needs: "some_value",
  run({ loads, wrong }, { params }) {
    if (wrong > 0)
      return fail({ saw: `${plural(wrong, "get")} did not answer the key's value`, expected: "every get does" });
    for (const setting of [1, 2, 3]) {
      const { all, busiest, shard, ratio } = evenness(loads, setting);
      if (all === 0) return fail({ saw: `${SETTINGS[setting]}: no shard was asked`, expected: "fetches" });
      if (ratio <= MOST) continue;
      return fail({
        saw: `${SETTINGS[setting]}, ${english(params.reads!)} reads: shard ${shard} was asked ${english(busiest)} times, ${ratio.toFixed(2)} times the mean of ${english(Math.round(all / params.shards!))}`,
        expected: `at most ${MOST} times: the first key is a fifth of all reads, and the others' homes are even`,
        lookAt: "hot_get: when is a key found to be hot, and where is it read then?",
      });
    }
    return pass();
  },
};
