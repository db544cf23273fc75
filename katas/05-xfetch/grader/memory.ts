// SPDX-License-Identifier: MIT
/** The check of 05-xfetch about allocations that are refused. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { held, judgeRefusals, refusalsEvidence } from "@c10kata/harness/refusals";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";
import { RESULTS, FAILED } from "./caches.ts";

const signed = count.transform((n) => Number(BigInt.asIntN(64, BigInt(n))));

export const noMemoryEvidence = z.strictObject({
  ...refusalsEvidence,
  gets: rows("answer", "wrong"),
  not_fresh: count,
  live_after_free: count,
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

/** Without memory xfetch_new answers NULL and keeps none; a get answers something that is true. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 2,
  needs: "some_value_arrives",
  run(evidence) {
    const { attempts, gets, not_fresh, live_after_free, more_live, more_bytes } = evidence;
    const made = judgeRefusals(evidence, cache);
    if (made.verdict !== "pass") return made;
    if (!attempts.some(({ refused }) => refused)) {
      return fail({
        saw: "xfetch_new asks for no memory at all",
        expected: "a cache of its own",
        lookAt: "xfetch_new",
      });
    }
    const bad = gets.find(({ answer, wrong }) => wrong || answer > FAILED!);
    if (bad) {
      return fail({
        saw: `xfetch_get, refused memory, answered ${RESULTS[bad.answer] ?? bad.answer} with a value that ${bad.answer === FAILED ? "was overwritten" : "no load had brought"}`,
        expected: "a value of the key's, or XFETCH_FAILED with *value untouched",
        lookAt: "xfetch_get: what does it do when malloc answers NULL?",
      });
    }
    if (not_fresh > 0) {
      return fail({
        saw: `${plural(not_fresh, "get")} not answered with a fresh value, when there was memory again`,
        expected: "XFETCH_FRESH",
        lookAt: "what did the get before leave behind that had no memory?",
      });
    }
    if (more_live > LATE || more_bytes > LATE_BYTES) {
      const more = more_live > LATE ? plural(more_live, "allocation") : `${english(more_bytes)} bytes`;
      return fail({
        saw: `after ${english(LOADS)} more loads ${more} more held (capacity 6)`,
        expected: "no more memory than for the values that are kept and the loads that run",
        lookAt: "when is given back what a value that was replaced or has left took, and what a failed load took?",
      });
    }
    if (live_after_free === 0) return pass();
    return fail({
      saw: `${held(live_after_free)} after xfetch_free`,
      expected: "everything given back",
      lookAt: "xfetch_free",
    });
  },
};
