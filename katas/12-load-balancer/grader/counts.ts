// SPDX-License-Identifier: MIT
/** The checks of what calls cost. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { costsEvidence, perCall, stepsOf, type Cost } from "@c10kata/harness/costs";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { POLICIES } from "./model.ts";

export const countsEvidence = z.strictObject(costsEvidence);
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** A level of a heap, or of a tree, costs less; a look at every backend costs more from a few hundred on. */
const STEPS_PER_DOUBLING = 48;
const SLACK = 100;
/** The phases of lb_new have the numbers behind those of picks and ends, in the order of the policies. */
const OF_NEW = 2 * POLICIES.length;
const nameOf = (policy: number) => `LB_${POLICIES[policy]!.toUpperCase()}`;

/** Picks and ends cost O(log n) steps, however many backends there are. */
export const pickCost: Check<CountsEvidence> = {
  id: "pick_cost",
  points: 2,
  needs: ["new_cost", "round_robin", "least_connections", "two_choices"],
  run({ costs }) {
    const ofCalls = costs.filter(({ phase }) => phase < OF_NEW);
    if (ofCalls.length === 0) return fail({ saw: "no call was counted", expected: "calls that are counted" });
    for (const many of ofCalls) {
      const few = ofCalls.find(({ phase }) => phase === many.phase)!;
      const doublings = Math.log2(many.size / few.size);
      const allowed = perCall(few) + (few === many ? 0 : SLACK + STEPS_PER_DOUBLING * doublings);
      if (!many.overran && perCall(many) <= allowed) continue;
      const call = many.phase % 2 === 0 ? "lb_pick" : "lb_done";
      return fail({
        saw: `${nameOf(Math.floor(many.phase / 2))}: ${call} takes ${perCall(few).toFixed(0)} steps with ${few.size} backends and ${many.overran ? "over " : ""}${perCall(many).toFixed(0)} with ${english(many.size)}`,
        expected: "O(log n) steps",
        lookAt: `${call}: which loop looks at backend after backend, and what could be kept ready for it?`,
      });
    }
    return pass();
  },
};

/** A sort of all backends, or of all their points, is allowed; twice of it, since small sizes may be cheaper ones. */
function allowedOfNew(few: Cost, many: Cost): number {
  return 2 * perCall(few) * (Math.log2(many.size) / Math.log2(few.size)) + SLACK;
}

/** lb_new costs O(n log n) steps: so O(log n) for each backend. */
export const newCost: Check<CountsEvidence> = {
  id: "new_cost",
  points: 1,
  needs: "somebody_is_picked",
  run({ costs }) {
    const ofNew = costs.filter(({ phase }) => phase >= OF_NEW);
    if (ofNew.length === 0) return fail({ saw: "no lb_new was counted", expected: "calls that are counted" });
    for (const many of ofNew) {
      const few = ofNew.find(({ phase }) => phase === many.phase)!;
      if (!many.overran && perCall(many) <= allowedOfNew(few, many)) continue;
      return fail({
        saw: `${nameOf(many.phase - OF_NEW)}: lb_new takes ${stepsOf(few)} steps a backend with ${few.size} backends and ${stepsOf(many)} with ${english(many.size)}`,
        expected: "O(n log n) steps: a backend's part grows as log n does",
        lookAt: "lb_new: which loop over the backends, or over their points, is inside another one?",
      });
    }
    return pass();
  },
};
