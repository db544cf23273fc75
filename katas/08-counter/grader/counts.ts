// SPDX-License-Identifier: MIT
/** Checks of what calls cost. */
import type { Check } from "@c10kata/harness/check";
import { costsEvidence, judgeAllocations, judgeGrowth, type Growth } from "@c10kata/harness/costs";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

export const countsEvidence = z.strictObject({
  ...costsEvidence,
  stopped_call: count.optional(),
  stopped_steps: count.optional(),
});
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** In the order of counts.c. */
const PHASES = [
  "counter_add",
  "counter_read",
  "counter_add, where other threads had added and ended",
  "counter_read, where other threads had added and ended",
  "a thread's first counter_add, where others had added and ended",
];
const lookAt = "which loop runs once for each of them?";
const growth = (things: string, phases: readonly string[]): Growth => ({
  phases,
  things,
  /** The margin is for the constant part of small counts. */
  worse: (few, many) => many > 2 * few + 8,
  lookAt: { search: lookAt, order: lookAt },
});

/** Neither add nor read asks for memory. */
export const noAllocation: Check<CountsEvidence> = {
  id: "no_allocation",
  points: 3,
  needs: "counts_up",
  run: ({ costs }) =>
    judgeAllocations(costs, PHASES, {
      expected: "no allocation: counter_new brings all the memory that the counter ever needs",
      lookAt: "what is the new memory for, and what happens when there is none?",
    }),
};

/** As many steps an add and a read, however much and by however many was added before. */
export const constantCost: Check<CountsEvidence> = {
  id: "constant_cost",
  points: 4,
  needs: "counts_up",
  run({ costs }) {
    const ofAdds = judgeGrowth(
      costs.filter(({ phase }) => phase < 2),
      growth("adds", PHASES),
    );
    if (ofAdds.verdict !== "pass") return ofAdds;
    return judgeGrowth(
      costs.filter(({ phase }) => phase >= 2),
      growth("threads", PHASES),
    );
  },
};
