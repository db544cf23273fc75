// SPDX-License-Identifier: MIT
/** Above the picture of a trace: the steps that the failure is about, and what the signs of the others mean. */
import type { TraceStep } from "../../kata/kata.ts";
import type { Relation } from "./order.ts";

/** What stands beside a step, so that colour is not alone. */
export const SIGNS: Record<Relation, [sign: string, words: string]> = {
  before: ["↑", "happens before the chosen step"],
  concurrent: ["∥", "nothing orders the two"],
  after: ["↓", "happens after it"],
};

/** The steps that the failure is about, which may be far from each other. */
export function Marked({ steps, goTo }: { steps: TraceStep[]; goTo: (nth: number) => void }) {
  const marked = [...steps.entries()].filter(([, step]) => step.marked);
  if (marked.length === 0) return null;
  return (
    <p class="about">
      The failure is about{" "}
      {marked.map(([nth, { who }]) => (
        <button type="button" key={nth} class="small" onClick={() => goTo(nth)}>
          step {nth + 1}, {who}
        </button>
      ))}
    </p>
  );
}

export function Legend({ relations }: { relations: (Relation | null)[] }) {
  return (
    <ul class="legend">
      {Object.entries(SIGNS).map(([relation, [sign, words]]) => (
        <li key={relation} class={relation}>
          <span class="sign" aria-hidden="true">
            {sign}
          </span>{" "}
          {words}: {relations.filter((one) => one === relation).length}
        </li>
      ))}
    </ul>
  );
}
