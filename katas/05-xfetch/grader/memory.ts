// SPDX-License-Identifier: MIT
/** The check of 05-xfetch about allocations that are refused. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { held, judgeRefusals, refusalsEvidence } from "@c10kata/harness/refusals";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";
import { RESULTS, FAILED } from "./caches.ts";

const signed = count.transform((n) => Number(BigInt.asIntN(64, BigInt(n))));

export const noMemoryEvidence = z.strictObject({
  ...refusalsEvidence,
  /**
   * Of xfetch_get, refused its `nth` allocation, alone or with all later ones. The last one of each situation was refused
   * nothing. `again`: the next get was fresh; `kept`: allocations still held after xfetch_free.
   */
  gets: rows("situation", "nth", "alone", "answer", "wrong", "again", "kept"),
  /** Allocations held after many loads, beyond those after a few. */
  more_live: signed,
  more_bytes: signed,
});
export type NoMemoryEvidence = z.infer<typeof noMemoryEvidence>;
const cache = { make: "xfetch_new", end: "xfetch_free", object: "cache", broken: "does not load its first value" };

/** As memory.c has it. What may be given back late, a few hundred at most, is spared. */
const LOADS = 40_000;
const LATE = 1_000;
const LATE_BYTES = 100 * LATE;

type Get = NoMemoryEvidence["gets"][number];
/** As memory.c numbers them. */
const SITUATIONS = [
  "of a missing key",
  "of a missing key, the cache full",
  "of an expired value",
  "of a live value that is due",
];

function judgeGet({ situation, nth, alone, answer, wrong, again, kept }: Get): Judgement | null {
  const refused = `allocation ${nth} ${alone ? "alone" : "and all later ones"} refused`;
  const call = `xfetch_get ${SITUATIONS[situation]}, its ${refused}`;
  const lookAt = "xfetch_get: what does it do when malloc answers NULL, and what does it leave behind?";
  if (wrong || answer > FAILED!) {
    return fail({
      saw: `${call}, answered ${RESULTS[answer] ?? answer} with a value that ${answer === FAILED ? "was overwritten" : "no load had brought"}`,
      expected: "a value of the key's, or XFETCH_FAILED with *value untouched",
      lookAt,
    });
  }
  if (!again) {
    const expected = "XFETCH_FRESH, with the value that was loaded";
    return fail({ saw: `${call}; the next get of the key, with memory, was not fresh`, expected, lookAt });
  }
  if (kept === 0) return null;
  return fail({
    saw: `${call}; ${held(kept)} after xfetch_free`,
    expected: "everything given back",
    lookAt,
  });
}

/** Without memory xfetch_new answers NULL and keeps none; a get answers something that is true. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 2,
  needs: "some_value_arrives",
  run(evidence) {
    const { attempts, gets, more_live, more_bytes } = evidence;
    const made = judgeRefusals(evidence, cache);
    if (made.verdict !== "pass") return made;
    if (!attempts.some(({ refused }) => refused)) {
      return fail({
        saw: "xfetch_new asks for no memory at all",
        expected: "a cache of its own",
        lookAt: "xfetch_new",
      });
    }
    const bad = gets.map(judgeGet).find((judgement) => judgement !== null);
    if (bad) return bad;
    if (more_live > LATE || more_bytes > LATE_BYTES) {
      const more = more_live > LATE ? plural(more_live, "allocation") : `${english(more_bytes)} bytes`;
      return fail({
        saw: `after ${english(LOADS)} more loads ${more} more held (capacity 6)`,
        expected: "no more memory than for the values that are kept and the loads that run",
        lookAt: "when is given back what a value that was replaced or has left took, and what a failed load took?",
      });
    }
    return pass();
  },
};
