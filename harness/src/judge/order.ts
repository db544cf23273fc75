// SPDX-License-Identifier: MIT
/** Which steps of a trace are ordered, by the vector clocks of their threads. Pure. */

interface Clocked {
  thread: number;
  /** How far its thread knows of each thread, itself included, at this step. */
  knows?: number[] | undefined;
}

/**
 * For every other thread the last of its steps that happens before `trace[at]`, by number in the trace, in order. What its thread
 * did before that one happens before `trace[at]`, too; what it did later does not.
 */
export function orderedBefore(trace: Clocked[], at: number): number[] {
  const last = new Map<number, number>();
  const { thread: own, knows } = trace[at]!;
  for (const [nth, { thread, knows: then }] of trace.slice(0, at).entries())
    if (thread !== own && knows![thread]! >= then![thread]!) last.set(thread, nth);
  return [...last.values()].sort((a, b) => a - b);
}
