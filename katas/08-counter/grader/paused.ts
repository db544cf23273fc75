// SPDX-License-Identifier: MIT
/** The check of a thread that stops half-way. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const pausedEvidence = z.strictObject({
  runs: rows("call", "parked_at", "between", "newcomers", "answered", "after"),
  /** The call that did not end: 1 add, 2 read; whether it was that thread's first add; what A was stopped in. */
  overrun_call: count.optional(),
  overrun_first: count.optional(),
  overrun_in: count.optional(),
});
export type PausedEvidence = z.infer<typeof pausedEvidence>;
type Run = PausedEvidence["runs"][number];

/** By the numbers of paused.c. */
const CALLS = ["", "its first counter_add", "a counter_add", "a counter_read", "a counter_add"];
const [READ, OF_MANY, MANY] = [3, 4, 136];
const whoIn = (call: number) => (call === OF_MANY ? `${MANY} threads` : "thread A");
const [OF_A, OF_MAIN, OF_NEWCOMER, EARLIER] = [1_000_000, 10_000, 100, 1];

/** With a thread stopped anywhere inside add or read, others add and read; nothing is lost when it goes on. */
export const pausedThread: Check<PausedEvidence> = {
  id: "paused_thread",
  points: 5,
  needs: "counts_up",
  run({ runs, overrun_call, overrun_first, overrun_in = 0 }) {
    if (overrun_call !== undefined) {
      const call = overrun_call === 2 ? "counter_read" : overrun_first ? "first counter_add" : "counter_add";
      return fail({
        saw: `with ${whoIn(overrun_in)} stopped inside ${CALLS[overrun_in]}, thread B's ${call} had not ended after 20,000 steps`,
        expected: "an end within a bounded number of thread B's own steps",
        lookAt: `${overrun_call === 2 ? "counter_read" : "counter_add"}: for which store of another thread does it wait?`,
      });
    }
    if (!CALLS.every((_, call) => call === 0 || runs.some((run) => run.call === call)))
      return fail({ saw: "counter_add or counter_read has no step at all", expected: "calls that do something" });
    for (const run of runs) {
      const wrong = wrongIn(run);
      if (wrong) return wrong;
    }
    return pass();
  },
};

function wrongIn({ call, parked_at, between, newcomers, answered, after }: Run) {
  if (call === OF_MANY) return wrongOfMany(parked_at, after);
  const stopped = `thread A was stopped at step ${parked_at} of ${CALLS[call]}`;
  const before = EARLIER + (call === 2 ? EARLIER : 0);
  const ofMain = before + 2 * OF_MAIN;
  const all = ofMain + OF_NEWCOMER;
  const half = call === READ ? [0] : [0, OF_A];
  const told = (who: string, saw: number, may: number[]) =>
    may.includes(saw)
      ? undefined
      : fail({
          saw: `${stopped}; ${who} answered ${english(saw)}`,
          expected: [...new Set(may)].map(english).join(" or "),
          lookAt: "what is between two steps of this call, and what do others make of it?",
        });
  const seenByA = [before, before + OF_MAIN, ofMain].flatMap((sum) => [sum, sum + OF_NEWCOMER]);
  return (
    told(
      "others added 20,000, and counter_read",
      between,
      half.map((n) => ofMain + n),
    ) ??
    told(
      "others added 20,100, and counter_read",
      newcomers,
      half.map((n) => all + n),
    ) ??
    (call === READ ? told("others added 20,100, and its read then", answered, seenByA) : undefined) ??
    told("then it went on, and counter_read", after, [call === READ ? all : all + OF_A])
  );
}

function wrongOfMany(parked_at: number, after: number) {
  const due = EARLIER + MANY * (3 * EARLIER + OF_A) + OF_MAIN + OF_NEWCOMER;
  if (after === due) return undefined;
  return fail({
    saw: `${MANY} threads were stopped in a counter_add, some ${parked_at} steps before its end, others added, and then these went on: counter_read answered ${english(after)}`,
    expected: english(due),
    lookAt: "what is between two steps of this call, and what do others make of it?",
  });
}
