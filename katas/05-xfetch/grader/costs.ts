// SPDX-License-Identifier: MIT
/** The check of 05-xfetch about the steps of a hit. */
import { fail, type Check } from "@c10kata/harness/check";
import { costsEvidence, judgeGrowth, type Growth } from "@c10kata/harness/costs";
import { count } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";

/** No `loads` where a get went beyond its steps. */
export const countsEvidence = z.strictObject({ ...costsEvidence, loads: count.optional() });
export type CountsEvidence = z.infer<typeof countsEvidence>;

const lookAt = "which loop runs once per value, or per value of a chain that grows?";
const growth: Growth = {
  phases: ["a hit", "a first get of a key"],
  things: "values",
  /** The margin is for chains of uneven length. */
  worse: (few, many) => many > 2 * few + 8,
  lookAt: { search: lookAt, order: lookAt },
};

/** A hit costs as much among many values as among few. */
export const hitCost: Check<CountsEvidence> = {
  id: "hit_cost",
  points: 2,
  needs: "some_value_arrives",
  run({ costs, loads }) {
    if (!loads)
      return judgeGrowth(
        costs.filter(({ phase, overran }) => phase === 0 || overran),
        growth,
      );
    return fail({
      saw: `${plural(loads, "load")} in 2,000 gets of live values`,
      expected: "none: there is room for all of them",
      lookAt: "xfetch_get: how is a value found again?",
    });
  },
};
