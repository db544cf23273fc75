// SPDX-License-Identifier: MIT
/** Checks of what calls cost, and of very many nodes. */
import { fail, notReached, pass, type Check } from "@c10kata/harness/check";
import { costsEvidence, judgeAllocations, judgeGrowth, type Growth } from "@c10kata/harness/costs";
import { count } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const countsEvidence = z.strictObject({
  ...costsEvidence,
  /** Of the large phases; none where one was stopped. */
  popped: count.optional(),
  misplaced: count.optional(),
  early_nulls: count.optional(),
});
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** In the order of counts.c. */
const PHASES = [
  "mpsc_push",
  "mpsc_pop, of a queue that was filled",
  "mpsc_push and mpsc_pop, the nodes staying inside",
  "mpsc_push and mpsc_pop, a few nodes inside",
  "mpsc_push, by a thread that never pushed before",
];
const lookAt = "which loop runs once per node inside?";
const growth: Growth = {
  phases: PHASES,
  things: "nodes",
  /** The margin is for the constant part of small counts. */
  worse: (few, many) => many > 2 * few + 2,
  lookAt: { search: lookAt, order: lookAt },
};

/** Neither push nor pop asks for memory. */
export const noAllocation: Check<CountsEvidence> = {
  id: "no_allocation",
  points: 5,
  needs: "some_node_arrives",
  run: ({ costs }) =>
    judgeAllocations(costs, PHASES, {
      expected: "no allocation: the node brings all the memory that its place in the queue needs",
      lookAt: "what is the new memory for that the caller's node does not hold?",
    }),
};

/** Steps per call do not grow with the queue: amortised O(1). */
export const constantCost: Check<CountsEvidence> = {
  id: "constant_cost",
  points: 5,
  needs: "some_node_arrives",
  run: ({ costs }) => judgeGrowth(costs, growth),
};

/** However many nodes are inside, they come out in order, and NULL means that none is left. */
export const longQueue: Check<CountsEvidence> = {
  id: "long_queue",
  points: 5,
  needs: "some_node_arrives",
  run({ popped, misplaced, early_nulls }) {
    if (popped === undefined || misplaced === undefined || early_nulls === undefined)
      return notReached("a phase was stopped: see constant_cost", "200,000 nodes through the queue");
    if (misplaced + early_nulls === 0 && popped === 200_000) return pass();
    return fail({
      saw: `200,000 pushes, then 200,000 pops: ${english(early_nulls)} answered NULL, ${english(misplaced)} another node than the oldest`,
      expected: "the nodes in the order of their pushes; a queue is never full",
      lookAt: "which number in the queue has a largest value?",
    });
  },
};
