// SPDX-License-Identifier: MIT
/** A call is stopped at each of its steps, and others make theirs meanwhile. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { z } from "zod";
import { callName, kindOf, opOf } from "./moves.ts";

/** A call neither slept nor came to its end; whether another thread was stopped then, nobody knows. */
const spun = (kind: number, op: number) =>
  fail({
    saw: `${callName(kind, opOf(op))} took 400,000 steps, and neither slept nor returned`,
    expected: "a call that returns, or a wait that sleeps",
    lookAt: "what does that loop wait for, and who can change it?",
  });

export const pausedEvidence = z.strictObject({
  /** `scene`: 0 a lock without waiters, 1 with one; 2 a signal was stopped, 3 a wait was. */
  pauses: rows("scene", "step", "parked", "freed", "asleep"),
  spun_op: count,
  touched_step: count.optional(),
  touched_waiting: count.optional(),
});
export type PausedEvidence = z.infer<typeof pausedEvidence>;

/** After the store that lets another in, nothing of the object is touched. */
function lastUser(id: string, points: number, needs: string, [gives, takes]: [string, string]): Check<PausedEvidence> {
  return {
    id,
    points,
    needs,
    run({ pauses, touched_step, touched_waiting, spun_op }, request) {
      if (spun_op > 0) return spun(kindOf(request), spun_op);
      const lookAt = `${gives}: which of its steps lets another thread in, and what comes after that step?`;
      if (touched_step !== undefined) {
        return fail({
          saw: `thread A was stopped at step ${touched_step} of ${gives}${touched_waiting ? ", with a waiter" : ""}; thread B got through ${takes}, was the last user, and freed the memory; then A went on, and touched it`,
          expected: "after the store that lets others in, futex_wake on the address at most",
          lookAt,
        });
      }
      const lost = pauses.find(({ asleep }) => asleep > 0);
      if (lost) {
        return fail({
          saw: `thread A was stopped at step ${lost.step} of ${gives} and went on; in the end a thread waited that should not`,
          expected: "nobody waits for what is there",
          lookAt,
        });
      }
      return pauses.length > 2 ? pass() : fail({ saw: `${gives} has no step`, expected: "some" });
    },
  };
}

export const spinLastUser = lastUser("spin_last_user", 2, "spin_works", ["spin_unlock", "spin_lock"]);
export const mutexLastUser = lastUser("mutex_last_user", 3, "mutex_works", ["mutex_unlock", "mutex_lock"]);
export const semaphoreLastUser = lastUser("semaphore_last_user", 3, "semaphore_works", ["sem_up", "sem_down"]);

/** No signal is lost, or spent on who came later. */
export const condvarKeepsSignals: Check<PausedEvidence> = {
  id: "condvar_keeps_signals",
  points: 4,
  needs: "condvar_wakes",
  run({ pauses, spun_op }, request) {
    if (spun_op > 0) return spun(kindOf(request), spun_op);
    const lost = pauses.find(({ asleep }) => asleep > 0);
    if (!lost)
      return pauses.length > 2 ? pass() : fail({ saw: "cond_signal and cond_wait have no step", expected: "some" });
    return lost.scene === 2
      ? fail({
          saw: `thread A waited; B was stopped at step ${lost.step} of cond_signal, C began to wait, and B went on: both wait still`,
          expected: "a signal wakes one of those that wait, whoever comes meanwhile",
          lookAt: "cond_signal: what does it change, and what does it ask of the kernel then?",
        })
      : fail({
          saw: `thread A was stopped at step ${lost.step} of cond_wait; B took the mutex and signalled; then C began to wait, and A went on: A waits still`,
          expected: "a signal after the mutex was given back finds the waiter, and not in its place a later one",
          lookAt:
            "cond_wait: what does it remember from before it gave the mutex back, so that it does not fall asleep after a signal?",
        });
  },
};

export const allEvidence = z.strictObject({
  alone: rows("pattern", "waits", "locked", "changed"),
  pairs: rows("first", "second", "step", "waiting"),
  spun_op: count,
});
export type AllEvidence = z.infer<typeof allEvidence>;

/** By the numbers of kinds.c: a list's mutexes, and a bit for each of them. */
const PATTERNS = [
  ["0, 1, 2", 7],
  ["2, 1, 0", 7],
  ["1, 0, 1, 2, 0", 7],
  ["2, 0", 5],
  ["", 0],
] as const;
const list = (pattern: number) => `mutex_lock_all of [${PATTERNS[pattern]![0]}]`;

/** Any order, duplicates, and no circle. */
export const mutexNoCircle: Check<AllEvidence> = {
  id: "mutex_no_circle",
  points: 3,
  needs: "mutex_works",
  run({ alone, pairs, spun_op }) {
    if (spun_op > 0) return spun(1, spun_op);
    const odd = alone.find(({ pattern, waits, locked }) => waits || locked !== PATTERNS[pattern]![1]);
    if (odd) {
      return fail({
        saw: `${list(odd.pattern)}, alone: ${odd.waits ? "it waits for ever" : `of the mutexes 0, 1 and 2 it locked ${[0, 1, 2].filter((one) => (odd.locked >> one) & 1).join(", ") || "none"}`}`,
        expected: "each of them once, and no other",
        lookAt: "what if a mutex is in the list twice, and what if the list is empty?",
      });
    }
    const changed = alone.find((row) => row.changed > 0);
    if (changed) {
      return fail({
        saw: `${list(changed.pattern)}: after the call the array held something else`,
        expected: "the array stays as it is",
        lookAt: "mutex_lock_all: whose memory is the array, and who may read it at the same time?",
      });
    }
    const circle = pairs.find(({ waiting }) => waiting > 0);
    if (circle) {
      const { first, second, step } = circle;
      return fail({
        saw: `thread A was stopped at step ${step} of ${list(first)}, thread B began ${list(second)}, and A went on: ${circle.waiting === 2 ? "both wait for ever" : "one waits for ever"}`,
        expected: "both come to their end, whatever their orders",
        lookAt: "which mutex may a thread have while it waits for another one?",
      });
    }
    return pairs.length > 25 ? pass() : fail({ saw: "mutex_lock_all has no step", expected: "some" });
  },
};
