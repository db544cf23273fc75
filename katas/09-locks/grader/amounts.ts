// SPDX-License-Identifier: MIT
/** The semaphore: units brought and taken, one call at a time, and very many of them. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { deadlineWrong, playCheck, threadName, type Turn, type Wrong } from "./moves.ts";

const TAKES = ["down", "try_down", "down_until"];

function rules() {
  let units = 0;
  return (turn: Turn): Wrong | undefined => {
    const before = units;
    for (const { op, answer, actor } of turn.ended) {
      if (op === "up") units++;
      if (!TAKES.includes(op)) continue;
      if (op === "down" || answer) {
        if (--units >= 0) continue;
        return {
          saw: `thread ${threadName(actor)}'s sem_${op} took a unit, and there was none`,
          expected: "every unit is taken once",
          lookAt: "sem_down: two threads see the last unit at the same moment; what does each of them do?",
        };
      }
      if (actor === turn.actor && before > 0) {
        return {
          saw: `there were ${before} units, and thread ${threadName(actor)}'s sem_${op} answered false`,
          expected: "true",
          lookAt: `sem_${op}: what does it look at first?`,
        };
      }
    }
    const [waiter] = turn.waiters.keys();
    return deadlineWrong(turn) ?? (units > 0 && waiter !== undefined ? asleep(waiter, units) : undefined);
  };
}

const asleep = (actor: number, units: number): Wrong => ({
  saw: `${units === 1 ? "there is a unit" : `there are ${units} units`}, and thread ${threadName(actor)} waits in a down`,
  expected: "no thread that waits while there are units",
  lookAt: "sem_up: how does it learn that somebody sleeps, and who tells the next sleeper of a second unit?",
});

/** No unit lost, none invented, nobody asleep beside one; deadlines are kept. */
export const semaphoreCounts = playCheck("semaphore_counts", 5, rules, "semaphore_works");

export const unitsEvidence = z.strictObject({
  brought: count,
  taken: count,
  left: count,
  /** Was a word that counts set forward? */
  forward: count,
  most_taken: count.optional(),
  last_taken: count.optional(),
  too_many: count.optional(),
});
export type UnitsEvidence = z.infer<typeof unitsEvidence>;

/** 2^31 - 1 units. */
export const semaphoreMany: Check<UnitsEvidence> = {
  id: "semaphore_many",
  points: 1,
  needs: "semaphore_works",
  run({ brought, taken, left, forward, most_taken, last_taken, too_many }) {
    const lookAt = "how many bits does a number of units have, and what lies beside it?";
    if (brought === 0) return fail({ saw: "no unit was brought", expected: "units" });
    if (taken !== brought || left > 0) {
      return fail({
        saw: `${english(brought)} units were brought, and ${english(taken + left)} could be taken`,
        expected: english(brought),
        lookAt,
      });
    }
    if (forward === 0 || (most_taken === 1_000 && last_taken === 3 && too_many === 0)) return pass();
    return fail({
      saw: `with 2^31 - 1 units, ${english(most_taken ?? 0)} of 1,000 could be taken; of the last 3, ${(last_taken ?? 0) + (too_many ?? 0)}`,
      expected: "1,000; 3",
      lookAt,
    });
  },
};
