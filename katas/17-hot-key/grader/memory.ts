// SPDX-License-Identifier: MIT
/** The check of 17-hot-key about allocations that are refused. */
import type { Check } from "@c10kata/harness/check";
import { judgeRefusals, refusalsEvidence, type Refusals } from "@c10kata/harness/refusals";
import { z } from "zod";

export const noMemoryEvidence = z.strictObject(refusalsEvidence);
const cache = {
  make: "hot_new",
  end: "hot_free",
  object: "cache",
  broken: "does not find a key hot that is read a hundred times",
};

/** hot_new without memory answers NULL and keeps nothing; hot_free gives everything back. */
export const noMemory: Check<Refusals> = {
  id: "no_memory",
  points: 2,
  needs: "some_value",
  run: (evidence) => judgeRefusals(evidence, cache),
};
