// SPDX-License-Identifier: MIT
/** Threads that really wait for each other, under ThreadSanitizer. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const crowdEvidence = z.union([
  z.strictObject({ due: count, done: count, torn: count }),
  /** One thread alone could not have the spin lock again after so many unlocks. */
  z.strictObject({ stuck_after: count }),
]);
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

/** What a lock guards is as if one thread had done it all; ThreadSanitizer's report counts. */
const raceFree = (id: string, points: number, needs: string): Check<CrowdEvidence> => ({
  id,
  points,
  needs,
  run(evidence) {
    if ("stuck_after" in evidence) {
      return fail({
        saw: `one thread alone unlocked it ${english(evidence.stuck_after)} times; then nobody had the lock, and spin_try answered false`,
        expected: "true, however often it was unlocked before",
        lookAt: "spin_unlock: what becomes of the word when a number in it goes round?",
      });
    }
    const { due, done, torn } = evidence;
    if (due === 0) return fail({ saw: "nothing was done", expected: "rounds" });
    if (due === done && torn === 0) return pass();
    return fail({
      saw: `${english(due)} changes were made, and the guarded number says ${english(done)}; ${english(torn)} times it was seen half changed`,
      expected: `${english(due)}, and never half changed`,
      lookAt: "which two threads may be inside at the same time?",
    });
  },
});

export const spinRaceFree = raceFree("spin_race_free", 2, "spin_works");
export const mutexRaceFree = raceFree("mutex_race_free", 2, "mutex_works");
export const condvarRaceFree = raceFree("condvar_race_free", 2, "condvar_wakes");
export const rwlockRaceFree = raceFree("rwlock_race_free", 3, "rwlock_phases");
export const semaphoreRaceFree = raceFree("semaphore_race_free", 2, "semaphore_works");
