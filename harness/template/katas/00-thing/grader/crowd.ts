// SPDX-License-Identifier: MIT
/** The check of 00-thing on many threads. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

export const crowdEvidence = z.strictObject({ sum: count });

/** No addition is lost, whatever the others do. */
export const nothingLost: Check<z.infer<typeof crowdEvidence>> = {
  id: "nothing_lost",
  points: 50,
  needs: "adds_up",
  run({ sum }, { params }) {
    const expected = params.threads! * params.additions!;
    if (sum === expected) return pass();
    return fail({
      saw: `${params.threads} threads added 1 ${params.additions} times each: thing_sum answered ${sum}`,
      expected: String(expected),
      lookAt: "thing_add: two threads read the same sum; what does each of them write?",
    });
  },
};
