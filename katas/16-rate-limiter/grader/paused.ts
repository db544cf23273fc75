// SPDX-License-Identifier: MIT
/** The check of a thread that stops inside limiter_allow. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { z } from "zod";
import { LOCAL } from "./files.ts";

export const pausedEvidence = z.strictObject({
  runs: rows("call", "parked_at", "between", "owing", "answered"),
  overrun_in: count.optional(),
});
export type PausedEvidence = z.infer<typeof pausedEvidence>;

const CALLS = [
  "",
  "for a key that owes",
  "for a new key, with room",
  "for a new key, in the place of a full one",
  "for a new key, without room",
];
/** Of paused.c: three keys that have 9 1/2 tokens each. */
const KEYS = 3;
const OWING = 27;
const NO_ROOM = 4;

/** Whoever is stopped wherever: calls for keys that owe go on, and are right. */
export const bucketPausedThread: Check<PausedEvidence> = {
  id: "bucket_paused_thread",
  file: LOCAL,
  points: 4,
  needs: "bucket_some_tokens",
  run({ runs, overrun_in }) {
    if (overrun_in !== undefined) {
      return fail({
        saw: `a thread was stopped in limiter_allow ${CALLS[overrun_in]}; another one's call for a key that owes had not ended after 20,000 of its own steps`,
        expected: "an end",
        lookAt: "for what does this loop wait?",
      });
    }
    if (runs.length === 0) return fail({ saw: "no call was stopped", expected: "calls that can be stopped" });
    const lost = runs.find(({ between }) => between !== KEYS);
    const wrong = lost ?? runs.find(({ owing }) => owing !== OWING);
    const unanswered = runs.find(({ call, answered }) => answered !== Number(call !== NO_ROOM));
    if (wrong) {
      const which = `a thread was stopped in limiter_allow ${CALLS[wrong.call]}, at step ${wrong.parked_at}`;
      return lost
        ? fail({
            saw: `${which}: ${wrong.between} of 3 calls for other keys were allowed`,
            expected: "3: each holds 9 tokens",
          })
        : fail({
            saw: `${which}: the keys that owe got ${wrong.owing} tokens together`,
            expected: `${OWING}, what they held`,
          });
    }
    if (!unanswered) return pass();
    return fail({
      saw: `a thread was stopped in limiter_allow ${CALLS[unanswered.call]}, at step ${unanswered.parked_at}, and answered ${unanswered.answered ? "true" : "false"}`,
      expected: unanswered.answered ? "false" : "true",
    });
  },
};
