// SPDX-License-Identifier: MIT
/** Checks of what calls cost, and of very many nodes. */
import { fail, notReached, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

const phases = ["1000", "200000"] as const;
export const countsEvidence = z.strictObject({
  push_steps_1000: count,
  pushes_1000: count,
  pop_steps_1000: count,
  pops_1000: count,
  push_steps_200000: count,
  pushes_200000: count,
  pop_steps_200000: count,
  pops_200000: count,
  steady_steps: count,
  steady_calls: count,
  mixed_steps: count,
  mixed_calls: count,
  misplaced: count,
  early_nulls: count,
  allocations_in_push: count,
  allocations_in_pop: count,
  overrun: count,
});
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** Neither push nor pop asks for memory. */
export const noAllocation: Check<CountsEvidence> = {
  id: "no_allocation",
  points: 5,
  needs: "some_node_arrives",
  run({ allocations_in_push, allocations_in_pop, pushes_1000 }) {
    if (pushes_1000 === 0) return fail({ saw: "no push ended", expected: "1,000 pushes" });
    if (allocations_in_push + allocations_in_pop === 0) return pass();
    const call = allocations_in_push > 0 ? "mpsc_push" : "mpsc_pop";
    const times = Math.max(allocations_in_push, allocations_in_pop).toLocaleString("en");
    return fail({
      saw: `${call} asked for memory ${times} times`,
      expected: "no allocation: the node brings all the memory that its place in the queue needs",
      lookAt: `${call}: what is the new memory for that the caller's node does not hold?`,
    });
  },
};

/** Steps per call do not grow with the queue: amortised O(1). The margin is for the constant part of small counts. */
export const constantCost: Check<CountsEvidence> = {
  id: "constant_cost",
  points: 5,
  needs: "some_node_arrives",
  run(counts) {
    if (counts.overrun > 0) {
      return fail({
        saw: "over 1,000 steps per call before all nodes were through",
        expected: "a number of steps per call that does not depend on the queue's length",
        lookAt: "which loop runs once per node inside?",
      });
    }
    const bad = [...growths(counts)].find(({ few, many }) => many > 2 * few + 2);
    if (!bad) return pass();
    return fail({
      saw: `${bad.call} takes ${bad.few.toFixed(1)} steps with 1,000 nodes inside and ${bad.many.toFixed(1)} with ${bad.inside}`,
      expected: "as many steps per call, whatever the number of nodes",
      lookAt: "which loop runs once per node inside?",
    });
  },
};

/** Steps per call with few nodes and with many. A held queue is measured over pushes and pops together. */
function* growths(counts: CountsEvidence) {
  const perCall = phases.map((n) => ({
    push: counts[`push_steps_${n}`] / Number(n),
    pop: counts[`pop_steps_${n}`] / Number(n),
  }));
  const [few, many] = perCall as [(typeof perCall)[0], (typeof perCall)[0]];
  yield { call: "mpsc_push", few: few.push, many: many.push, inside: "200,000" };
  yield { call: "mpsc_pop", few: few.pop, many: many.pop, inside: "200,000" };
  const steady = counts.steady_steps / counts.steady_calls;
  yield { call: "a call", few: Math.max(few.push, few.pop), many: steady, inside: "100,000 staying" };
}

/** However many nodes are inside, they come out in order, and NULL means that none is left. */
export const longQueue: Check<CountsEvidence> = {
  id: "long_queue",
  points: 5,
  needs: "some_node_arrives",
  run({ overrun, misplaced, early_nulls, pops_200000 }) {
    if (overrun > 0) return notReached("a phase was stopped: see constant_cost", "200,000 nodes through the queue");
    if (misplaced + early_nulls === 0 && pops_200000 === 200_000) return pass();
    const nodes = (n: number) => n.toLocaleString("en");
    return fail({
      saw: `200,000 pushes, then 200,000 pops: ${nodes(early_nulls)} answered NULL, ${nodes(misplaced)} another node than the oldest`,
      expected: "the nodes in the order of their pushes; a queue is never full",
      lookAt: "which number in the queue has a largest value?",
    });
  },
};
