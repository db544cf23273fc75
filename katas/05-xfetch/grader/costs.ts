// SPDX-License-Identifier: MIT
/** The check of 05-xfetch about the steps of a hit. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";
import { plural } from "./caches.ts";

export const countsEvidence = z.strictObject({ steps_few: count, steps_many: count, loads: count, overrun: count });
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** A hit costs as much among many values as among few. The margin is for chains of uneven length. */
export const hitCost: Check<CountsEvidence> = {
  id: "hit_cost",
  points: 2,
  needs: "some_value_arrives",
  run({ steps_few, steps_many, loads, overrun }, { params }) {
    const { few, many } = params as { few: number; many: number };
    const lookAt = "which loop runs once per value, or per value of a chain that grows?";
    if (overrun > 0) {
      return fail({ saw: "a get had not ended after 20,000 steps", expected: "a hit takes O(1) steps", lookAt });
    }
    if (loads > 0) {
      return fail({
        saw: `${plural(loads, "load")} in 2,000 gets of live values`,
        expected: "none: there is room for all of them",
        lookAt: "xfetch_get: how is a value found again?",
      });
    }
    if (steps_many <= 2 * steps_few + 800) return pass();
    return fail({
      saw: `a hit takes ${steps_few / 100} steps among ${few.toLocaleString("en")} values and ${steps_many / 100} among ${many.toLocaleString("en")}`,
      expected: "as many steps, whatever the number of values",
      lookAt,
    });
  },
};
