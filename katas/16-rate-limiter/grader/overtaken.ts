// SPDX-License-Identifier: MIT
/** The check of a thread that others overtake again and again. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { z } from "zod";
import { LOCAL } from "./files.ts";

export const overtakenEvidence = z.strictObject({
  stops: rows("at", "taken", "refused"),
  overrun: count.optional(),
});
export type OvertakenEvidence = z.infer<typeof overtakenEvidence>;

const OVERTAKEN =
  "a thread stopped in limiter_allow after another one had taken from the same bucket at each of its steps";

/** Who has lost often has no lock to wait for either. */
export const bucketOvertakenThread: Check<OvertakenEvidence> = {
  id: "bucket_overtaken_thread",
  file: LOCAL,
  points: 2,
  needs: "bucket_paused_thread",
  run({ stops, overrun }) {
    const lookAt = "limiter_allow: what does a call do that has lost for the tenth time?";
    if (overrun !== undefined) {
      const saw = `${OVERTAKEN}; a third one, overtaken as often and then left alone, had not ended after 20,000 steps`;
      return fail({ saw, expected: "an end", lookAt });
    }
    if (!stops.some(({ taken }) => taken > 0)) return fail({ saw: "nothing was taken", expected: "tokens" });
    const wrong = stops.find(({ refused }) => refused > 0);
    if (!wrong) return pass();
    const saw = `${OVERTAKEN} (the last was step ${wrong.at}): ${wrong.refused} of ${wrong.taken + wrong.refused} calls of the others were refused`;
    return fail({ saw, expected: "none: the bucket holds a million tokens", lookAt });
  },
};
