// SPDX-License-Identifier: MIT
/** Checks of what calls cost: tagged_counts.c and hp_counts.c. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { costsEvidence, judgeAllocations, judgeGrowth, perCall, stepsOf } from "@c10kata/harness/costs";
import { count } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { HAZARD, TAGGED } from "./files.ts";

export const countsEvidence = z.strictObject({
  ...costsEvidence,
  stopped_call: count.optional(),
  stopped_steps: count.optional(),
});
export type CountsEvidence = z.infer<typeof countsEvidence>;

const TAGGED_PHASES = ["tagged_push", "tagged_pop", "tagged_pop of an empty stack"];
const lookAt = "which loop runs once for each slot?";

/** Push and pop take as many steps, however many slots there are, and ask for no memory. */
export const taggedConstantCost: Check<CountsEvidence> = {
  id: "tagged_constant_cost",
  file: TAGGED,
  points: 3,
  needs: "tagged_matches_stack",
  run({ costs }) {
    const wrong = costs.find((cost) => cost.wrong > 0);
    if (wrong)
      return fail({
        saw: `${TAGGED_PHASES[wrong.phase]}: ${english(wrong.wrong)} wrong answers with ${english(wrong.size)} slots`,
        expected: "none",
      });
    const asked = judgeAllocations(costs, TAGGED_PHASES, {
      expected: "no allocation: tagged_new brings all the memory",
      lookAt: "what is the new memory for, and what happens when there is none?",
    });
    if (asked.verdict !== "pass") return asked;
    return judgeGrowth(costs, {
      phases: TAGGED_PHASES,
      things: "slots",
      worse: (few, many) => many > 2 * few + 8,
      lookAt: { search: lookAt, order: lookAt },
    });
  },
};

const HP_PHASES = ["hp_protect", "hp_clear", "hp_retire", "hp_attach and hp_detach", "hp_stack_pop", "hp_free"];
/** The last two are asked for memory only. */
const COUNTED = 4;
/** Steps a call with so many slots; protect and clear do not look at others. */
const most = (phase: number, slots: number) => (phase < 2 ? 80 : 40 * slots + 600);

/** Retire takes O(slots) steps on average, protect and clear O(1), and none asks for memory. */
export const hpCost: Check<CountsEvidence> = {
  id: "hp_cost",
  file: HAZARD,
  points: 3,
  needs: "hp_protects_objects",
  run({ costs }) {
    const asked = judgeAllocations(costs, HP_PHASES, {
      expected: "no allocation: hp_new brings all the memory, and hp_stack_push that of its node",
      lookAt: "what is the new memory for, and what happens when there is none?",
    });
    if (asked.verdict !== "pass") return asked;
    const dear = costs.find(
      (cost) => cost.phase < COUNTED && (cost.overran || perCall(cost) > most(cost.phase, cost.size)),
    );
    if (!dear) return pass();
    return fail({
      saw: `${HP_PHASES[dear.phase]}: ${stepsOf(dear)} steps a call with ${english(dear.size)} slots in all`,
      expected:
        dear.phase < 2
          ? "as many, however many slots there are"
          : `in proportion to the slots, on average: at most ${english(most(dear.phase, dear.size))}`,
      lookAt: "how often is each slot looked at, and for how many objects at a time?",
    });
  },
};
