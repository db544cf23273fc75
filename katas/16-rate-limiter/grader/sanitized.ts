// SPDX-License-Identifier: MIT
/** The checks under the sanitizers: their silence, while the interval bound holds. */
import type { Check } from "@c10kata/harness/check";
import { bucketIntervalBound, type RoomEvidence } from "./crowd.ts";
import { LOCAL } from "./files.ts";

const { run } = bucketIntervalBound;

/** AddressSanitizer and LeakSanitizer have nothing to say. */
export const memoryClean: Check<RoomEvidence> = {
  id: "memory_clean",
  file: LOCAL,
  points: 2,
  needs: "bucket_some_tokens",
  run,
};

/** ThreadSanitizer sees no data race. */
export const raceFree: Check<RoomEvidence> = {
  id: "race_free",
  file: LOCAL,
  points: 3,
  needs: "bucket_some_tokens",
  run,
};
