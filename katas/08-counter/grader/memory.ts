// SPDX-License-Identifier: MIT
/** Checks of a counter's own memory. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { judgeRefusals, refusalsEvidence } from "@c10kata/harness/refusals";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { COUNTER_MAX } from "./threads.ts";

export const memoryEvidence = z.strictObject({
  ...refusalsEvidence,
  /** Of 100 counters alive at once, how many answered their own sum, and the bytes of one. */
  side_by_side: count,
  bytes_each: count,
});
export type MemoryEvidence = z.infer<typeof memoryEvidence>;
const counter = { make: "counter_new", end: "counter_free", object: "counter", broken: "loses its first add" };

/** counter_new without memory answers NULL and keeps nothing; counter_free gives everything back. */
export const noMemory: Check<MemoryEvidence> = {
  id: "no_memory",
  points: 4,
  needs: "counts_up",
  run(evidence) {
    const judgement = judgeRefusals(evidence, counter);
    if (judgement.verdict !== "pass" || evidence.side_by_side === 100) return judgement;
    return fail({
      saw: `of 100 counters alive at once, ${evidence.side_by_side} answered what was added to them`,
      expected: "100 counters that know nothing of each other",
      lookAt: "what in the file is there once, and not once per counter?",
    });
  },
};

/** A counter takes at most 8 KiB. */
export const eightKib: Check<MemoryEvidence> = {
  id: "eight_kib",
  points: 3,
  needs: "counts_up",
  run({ bytes_each }) {
    if (bytes_each <= COUNTER_MAX) return pass();
    return fail({
      saw: `a counter takes ${english(bytes_each)} bytes`,
      expected: "at most 8 KiB (8,192 bytes)",
      lookAt: "how many lines are enough for threads that are on different processors?",
    });
  },
};
