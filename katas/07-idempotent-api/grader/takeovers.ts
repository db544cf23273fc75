// SPDX-License-Identifier: MIT
/** The check of 07-idempotent-api about a process that was only slow, and finds its key in other hands. */
import type { Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { z } from "zod";
import { judgeRows, worded } from "./rows.ts";

export const takeoverEvidence = z.strictObject({
  opened: count,
  rows: rows("first_call", "third_call", "first", "first_replayed", "third", "third_replayed", "to_dora", "to_bob"),
});
export type TakeoverEvidence = z.infer<typeof takeoverEvidence>;
export type Takeover = TakeoverEvidence["rows"][number];

const scene = ({ first_call, third_call }: Takeover) =>
  `one key: process 1, about to pay dora, stopped before its call ${first_call} of SQLite; process 2 took over 61 s later: 404, no dora; ` +
  `process 3, about to pay bob, stopped before its call ${third_call}; dora got an account, 1 went on, then 3`;

/** A key stands for one body: a process that has lost its claim on it changes nothing, and does not answer for another. */
export const oneBody: Check<TakeoverEvidence> = {
  id: "one_body",
  points: 2,
  needs: ["one_effect", "keeps_nothing"],
  run: (evidence) =>
    judgeRows(
      evidence,
      "how does a process that was slow know that a claim is still its own, and not a later one?",
      (row) => {
        const made = Number(row.first === 201) + Number(row.third === 201);
        const honest = row.to_dora === Number(row.first === 201) && row.to_bob === Number(row.third === 201);
        if (made <= 1 && honest && !row.first_replayed && !row.third_replayed) return null;
        const answers = `1: ${worded(row.first, row.first_replayed)}, 3: ${worded(row.third, row.third_replayed)}`;
        return {
          saw: `${scene(row)}: ${answers}; transfers to dora ${row.to_dora}, to bob ${row.to_bob}`,
          expected: "201 and its transfer for at most one of the two, no replay for either",
        };
      },
    ),
};
