// SPDX-License-Identifier: MIT
/** The check of what calls cost. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { costsEvidence, perCall } from "@c10kata/harness/costs";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { POLICIES } from "./model.ts";

export const countsEvidence = z.strictObject(costsEvidence);
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** A level of a heap, or of a tree, costs less; a look at every backend costs more from a few hundred on. */
const STEPS_PER_DOUBLING = 48;
const SLACK = 100;

/** Picks and ends cost O(log n) steps, however many backends there are. */
export const pickCost: Check<CountsEvidence> = {
  id: "pick_cost",
  points: 3,
  needs: ["round_robin", "least_connections", "two_choices"],
  run({ costs }) {
    if (costs.length === 0) return fail({ saw: "no call was counted", expected: "calls that are counted" });
    for (const many of costs) {
      const few = costs.find(({ phase }) => phase === many.phase)!;
      const doublings = Math.log2(many.size / few.size);
      const allowed = perCall(few) + (few === many ? 0 : SLACK + STEPS_PER_DOUBLING * doublings);
      if (!many.overran && perCall(many) <= allowed) continue;
      const call = many.phase % 2 === 0 ? "lb_pick" : "lb_done";
      const policy = `LB_${POLICIES[Math.floor(many.phase / 2)]!.toUpperCase()}`;
      return fail({
        saw: `${policy}: ${call} takes ${perCall(few).toFixed(0)} steps with ${few.size} backends and ${many.overran ? "over " : ""}${perCall(many).toFixed(0)} with ${english(many.size)}`,
        expected: "O(log n) steps",
        lookAt: `${call}: which loop looks at backend after backend, and what could be kept ready for it?`,
      });
    }
    return pass();
  },
};
