// SPDX-License-Identifier: MIT
/** How the steps of a trace are ordered by happens-before, seen from one of them. Pure. */
import type { TraceStep } from "../../kata/kata.ts";

/** To the chosen step: it happens before that one, after it, or nothing orders the two. */
export type Relation = "before" | "after" | "concurrent";

/** Of every step to `steps[at]`; null for that one itself, and for all where nobody knows the order. */
export function relationsTo(steps: TraceStep[], at: number): (Relation | null)[] {
  if (!steps[at]!.after) return steps.map(() => null);
  return steps.map((_, nth) => {
    if (nth === at) return null;
    if (nth < at) return isBefore(steps, nth, at) ? "before" : "concurrent";
    return isBefore(steps, at, nth) ? "after" : "concurrent";
  });
}

function isBefore(steps: TraceStep[], earlier: number, later: number): boolean {
  const { thread } = steps[earlier]!;
  if (thread === steps[later]!.thread) return true;
  return (steps[later]!.after ?? []).some((last) => last >= earlier && steps[last]!.thread === thread);
}
