// SPDX-License-Identifier: MIT
/** The check of several counters at once and one after another. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const separateEvidence = z.strictObject({ counters: rows("generation", "number", "born", "added", "sum") });
export type SeparateEvidence = z.infer<typeof separateEvidence>;

const lookAt = "what in the file is there once, and not once per counter? What does a thread remember of a counter?";

/** A counter shares nothing with the one beside it or the one before it, even at the same address. */
export const separateCounters: Check<SeparateEvidence> = {
  id: "separate_counters",
  points: 5,
  needs: "counts_up",
  run({ counters }) {
    if (counters.length === 0) return fail({ saw: "no counter was made", expected: "counters" });
    for (const { generation, number, born, added, sum } of counters) {
      const which = `counter ${number + 1} of 4${generation > 0 ? `, made after ${english(generation * 4)} others had been freed` : ""}`;
      if (born !== 0)
        return fail({ saw: `${which}: counter_read answered ${english(born)} before any add`, expected: "0", lookAt });
      if (sum === added) continue;
      return fail({
        saw: `${which}: ${english(added)} had been added, and counter_read answered ${english(sum)}`,
        expected: english(added),
        lookAt,
      });
    }
    return pass();
  },
};
