// SPDX-License-Identifier: MIT
/** Checks of what calls cost, and of very many nodes. */
import { fail, notReached, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { costsEvidence, judgeAllocations, judgeGrowth, type Growth } from "@c10kata/harness/costs";
import { count } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const countsEvidence = z.strictObject({
  ...costsEvidence,
  /** Where a phase was stopped: which call, and what that one had taken. */
  stopped_call: count.optional(),
  stopped_steps: count.optional(),
  /** Of the vast phases; none where one was stopped. */
  popped: count.optional(),
  misplaced: count.optional(),
  early_nulls: count.optional(),
  /** What the process took beside the nodes, all of which were inside. */
  taken_bytes: count.optional(),
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
  run: (evidence) => waits(evidence) ?? judgeGrowth(evidence.costs, growth),
};

/** One call that took more than all those before it together does not search: it waits, and there is nobody to wait for. */
function waits({ costs, stopped_call, stopped_steps = 0 }: CountsEvidence): Judgement | undefined {
  const stopped = costs.at(-1);
  if (!stopped?.overran || stopped_call === undefined || stopped_steps * 2 < stopped.steps) return undefined;
  const inside = stopped.phase === 0 ? stopped_call - 1 : stopped.calls - stopped_call + 1;
  return fail({
    saw: `${stopped.phase === 0 ? "mpsc_push" : "mpsc_pop"} with ${english(inside)} nodes inside had not ended after ${english(stopped_steps)} steps; no other thread was at work`,
    expected: "an end within a bounded number of its own steps, however many nodes are inside: a queue is never full",
    lookAt: "for what does this call wait, and which thread could bring that about?",
  });
}

const VAST = 4_000_000;
/** The header's 8 MiB, and one for what the process itself may take meanwhile: too little for a table of the nodes. */
const TAKEN_MAX = 9 * 2 ** 20;

/** However many nodes are inside, they come out in order, NULL means that none is left, and the queue is no larger. */
export const longQueue: Check<CountsEvidence> = {
  id: "long_queue",
  points: 5,
  needs: "some_node_arrives",
  run({ popped, misplaced, early_nulls, taken_bytes }) {
    if (popped === undefined || misplaced === undefined || early_nulls === undefined || taken_bytes === undefined)
      return notReached("a phase was stopped: see constant_cost", `${english(VAST)} nodes through the queue`);
    if (misplaced + early_nulls > 0 || popped !== VAST) {
      return fail({
        saw: `${english(VAST)} pushes, then as many pops: ${english(early_nulls)} answered NULL, ${english(misplaced)} another node than the oldest`,
        expected: "the nodes in the order of their pushes; a queue is never full",
        lookAt: "which number in the queue has a largest value?",
      });
    }
    if (taken_bytes <= TAKEN_MAX) return pass();
    return fail({
      saw: `with ${english(VAST)} nodes inside, the process had taken ${english(Math.ceil(taken_bytes / 2 ** 20))} MiB beside the nodes`,
      expected: "at most 8 MiB for the queue, however many nodes are inside",
      lookAt: "where does the queue keep what it knows of each node, and what happens when that place is full?",
    });
  },
};
