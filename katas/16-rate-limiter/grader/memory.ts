// SPDX-License-Identifier: MIT
/** Checks of what limiters and windows take, and give back. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { judgeRefusals, refusalsEvidence, type Refusals } from "@c10kata/harness/refusals";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { LOCAL, SHARED } from "./files.ts";

export const sizesEvidence = z.strictObject({ sizes: rows("of", "keys", "bytes", "allocations"), statics: count });
export type SizesEvidence = z.infer<typeof sizesEvidence>;

const OBJECTS = [
  { make: "limiter_new", call: "limiter_allow", each: 64 },
  { make: "window_new", call: "window_allow", each: 1_024 },
];
/** 8 KiB, and what malloc rounds up. */
const BESIDE = 8_192 + 512;
/** A lock, a table of constants: what no limiter has of its own. */
const STATICS_MAX = 4_096;

/** So many bytes a key, all of them from the beginning. */
export const bytesEach: Check<SizesEvidence> = {
  id: "bytes_each",
  file: LOCAL,
  points: 3,
  needs: "bucket_some_tokens",
  run({ sizes, statics }) {
    if (sizes.length === 0) return fail({ saw: "nothing was made", expected: "limiters and windows" });
    if (statics > STATICS_MAX) {
      const saw = `${english(statics)} bytes of static variables`;
      const expected = `memory is taken by limiter_new and window_new; ${english(STATICS_MAX)} bytes beside are no matter`;
      return fail({ saw, expected, lookAt: "which variables outside of functions hold what is kept of keys?" });
    }
    for (const { of, keys, bytes, allocations } of sizes) {
      const { make, call, each } = OBJECTS[of]!;
      if (allocations > 0) {
        const saw = `${call} asked for memory ${english(allocations)} times`;
        return fail({ saw, expected: `never: ${make} brings all that there is`, lookAt: call });
      }
      if (bytes <= each * keys + BESIDE) continue;
      return fail({
        saw: `with keys_max ${english(keys)}, ${make} took ${english(bytes)} bytes`,
        expected: `${each} a key at most, and 8 KiB: ${english(each * keys + 8_192)}`,
        lookAt: `${make}: what is kept of each key?`,
      });
    }
    return pass();
  },
};

export const refusedEvidence = z.strictObject(refusalsEvidence);

/** Without memory the constructors answer NULL and keep nothing; the destructors give everything back. */
export const bucketNoMemory: Check<Refusals> = {
  id: "bucket_no_memory",
  file: LOCAL,
  points: 2,
  needs: "bucket_some_tokens",
  run: (evidence) =>
    judgeRefusals(evidence, { make: "limiter_new", end: "limiter_free", object: "limiter", broken: "does not limit" }),
};

export const windowNoMemory: Check<Refusals> = {
  id: "window_no_memory",
  file: LOCAL,
  points: 2,
  needs: "window_matches_model",
  run: (evidence) =>
    judgeRefusals(evidence, { make: "window_new", end: "window_free", object: "window", broken: "does not limit" }),
};

export const sharedNoMemory: Check<Refusals> = {
  id: "shared_no_memory",
  file: SHARED,
  points: 1,
  needs: "shared_faults",
  run: (evidence) =>
    judgeRefusals(evidence, { make: "shared_new", end: "shared_free", object: "limiter", broken: "does not answer" }),
};
