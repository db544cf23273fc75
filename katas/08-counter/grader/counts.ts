// SPDX-License-Identifier: MIT
/** Checks of what calls cost. */
import { fail, type Check } from "@c10kata/harness/check";
import {
  costsEvidence,
  judgeAllocations,
  judgeGrowth,
  perCall,
  stepsOf,
  type Cost,
  type Growth,
} from "@c10kata/harness/costs";
import { count } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
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
const isRead = ({ phase }: Cost) => phase === 1 || phase === 3;
const growth = (things: string): Growth => ({
  phases: PHASES,
  things,
  /** The margin is for the constant part of small counts. */
  worse: (few, many) => many > 2 * few + 8,
  lookAt: { search: lookAt, order: lookAt },
});
/** A counter of 8 KiB has 1,024 words; of those that it has, a read may look at the ones in use only. */
const READ_MOST = 4 * 1_024;

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

/** As many steps an add, however much and by however many was added before; a read as many as a counter has words. */
export const constantCost: Check<CountsEvidence> = {
  id: "constant_cost",
  points: 4,
  needs: "counts_up",
  run({ costs }) {
    const adds = costs.filter((cost) => !isRead(cost));
    const ofAdds = judgeGrowth(
      adds.filter(({ phase }) => phase === 0),
      growth("adds"),
    );
    if (ofAdds.verdict !== "pass") return ofAdds;
    const ofThreads = judgeGrowth(
      adds.filter(({ phase }) => phase > 0),
      growth("threads"),
    );
    const dear = costs.find((cost) => isRead(cost) && (cost.overran || perCall(cost) > READ_MOST));
    if (ofThreads.verdict !== "pass" || !dear) return ofThreads;
    const things = dear.phase === 1 ? "adds" : "threads";
    return fail({
      saw: `${PHASES[dear.phase]}: ${stepsOf(dear)} steps a call, after ${english(dear.size)} ${things}`,
      expected: `steps in proportion to the counter's size: at most ${english(READ_MOST)}, which is 4 for each word of 8 KiB`,
      lookAt: "counter_read: how often does it look at each word, and at what else?",
    });
  },
};
