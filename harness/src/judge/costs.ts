// SPDX-License-Identifier: MIT
/** What calls cost in steps and allocations, as native/include/costs.h counts them: does it grow? Pure. */
import { z } from "zod";
import { rows } from "../kata/evidence.ts";
import type { Judgement } from "../kata/kata.ts";
import { fail, pass } from "./check.ts";
import { english, times } from "./words.ts";

/** What costs_report() reports: a part of a scenario's evidence. A row that overran is the last. */
export const costsEvidence = { costs: rows("phase", "size", "calls", "steps", "allocations", "wrong", "overran") };
const schema = z.strictObject(costsEvidence);
export type Cost = z.infer<typeof schema>["costs"][number];

export const perCall = ({ steps, calls }: Cost) => steps / calls;

/** Steps a call, as precise as is of use; "over 1,000" where the phase was stopped. */
export const stepsOf = (cost: Cost) => {
  const steps = perCall(cost);
  const shown = steps < 100 ? steps.toFixed(1) : english(Math.round(steps));
  return cost.overran ? `over ${english(Math.floor(steps))}` : shown;
};

/** The kata's words, and its margin. */
export interface Growth {
  /** What the calls of each phase do, by number. */
  phases: readonly string[];
  /** What the sizes count: "entries". */
  things: string;
  /** Is this more than may differ between a small and a large size? */
  worse: (few: number, many: number) => boolean;
  /** The questions for a cost in proportion to the size, and for one that grows with its logarithm. */
  lookAt: { search: string; order: string };
}

/**
 * Steps a call do not grow with the size: the smallest and the largest of each phase are compared. Of several phases that
 * grow the steepest is told: the others may only make the same search now and then.
 */
export function judgeGrowth(costs: Cost[], { phases, things, worse, lookAt }: Growth): Judgement {
  if (costs.length === 0) return fail({ saw: "no call was counted", expected: "calls that are counted" });
  const growing = phases.flatMap((doing, phase) => {
    const same = costs.filter((cost) => cost.phase === phase);
    const [first, last] = [same[0], same.at(-1)];
    if (!first || !last || !(last.overran || worse(perCall(first), perCall(last)))) return [];
    return [{ doing, same, first, last, steepness: last.overran ? Infinity : perCall(last) / perCall(first) }];
  });
  const steepest = growing.toSorted((a, b) => b.steepness - a.steepness)[0];
  if (!steepest) return pass();
  const { doing, same, first, last } = steepest;
  const told = same.map(
    (cost, at) => `${stepsOf(cost)}${at === 0 ? " steps a call" : ""} with ${english(cost.size)} ${things}`,
  );
  const search = last.overran || growsLikeSearch(first, last);
  const shape = search
    ? `it grows in proportion, as a search through the ${things} does`
    : "it grows by a few steps with every doubling, as a heap or a balanced tree does: O(log n), not O(1)";
  return fail({
    saw: `${doing}: ${told.join(", ")}${first === last ? "" : `; ${shape}`}`,
    expected: `as many steps a call, however many ${things} there are`,
    lookAt: search ? lookAt.search : lookAt.order,
  });
}

/** As much more than a logarithm grows means a search: with a thousand times the entries, a logarithm doubles. */
function growsLikeSearch(first: Cost, last: Cost): boolean {
  const logarithm = Math.log(last.size) / Math.log(first.size);
  return perCall(last) > 3 * logarithm * perCall(first);
}

/** The first phase in which memory was asked for. Calls that were stopped cannot say that they do without. */
export function judgeAllocations(
  costs: Cost[],
  phases: readonly string[],
  wish: { expected: string; lookAt: string },
): Judgement {
  const asking = costs.find(({ phase, allocations }) => allocations > 0 && phases[phase] !== undefined);
  const last = costs.at(-1);
  if (!last) return fail({ saw: "no call was counted", expected: "calls that are counted" });
  if (!asking && last.overran) {
    return fail({
      saw: `${phases[last.phase] ?? "a call"}: stopped after ${english(last.steps)} steps; the calls after it were not made`,
      expected: wish.expected,
      lookAt: "what do these calls take their steps for?",
    });
  }
  if (!asking) return pass();
  return fail({
    saw: `${phases[asking.phase]}: memory was asked for ${times(asking.allocations)}`,
    ...wish,
  });
}
