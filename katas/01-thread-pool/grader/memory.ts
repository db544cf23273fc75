// SPDX-License-Identifier: MIT
/** The checks of 01-thread-pool about allocations that are refused, and queues that are long. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";
import { plural } from "./pools.ts";
import { STATUSES } from "./crowd.ts";

export const noMemoryEvidence = z
  .strictObject({ answered: series, kept: series, ran: count, live_after_free: count })
  .transform(({ answered, kept, ...rest }) => ({
    ...rest,
    attempts: [...answered].map((pool, at) => ({ pool: pool === 1n, kept: Number(BigInt.asIntN(64, kept[at]!)) })),
  }));
export interface NoMemoryEvidence {
  /** pool_new with its first allocation refused, then its second, ..., until it answers a pool. */
  attempts: { pool: boolean; kept: number }[];
  ran: number;
  live_after_free: number;
}

/** pool_new without memory answers NULL and keeps nothing; pool_free gives everything back. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 4,
  needs: "some_job_runs",
  run({ attempts, ran, live_after_free }) {
    const leak = attempts.findIndex(({ kept }) => kept !== 0);
    if (leak >= 0) {
      const { pool, kept } = attempts[leak]!;
      const when = pool ? "after pool_free" : `after pool_new answered NULL, its allocation ${leak + 1} refused`;
      return fail({
        saw: `${plural(kept, "allocation")} still held ${when}`,
        expected: "everything given back",
        lookAt: pool ? "pool_free" : "pool_new: what was taken before the one that failed?",
      });
    }
    if (!attempts.at(-1)?.pool || ran !== 1) {
      return fail({
        saw: attempts.at(-1)?.pool
          ? "pool_new answered a pool that does not run its first job"
          : "pool_new never succeeds",
        expected: "a pool that works, or NULL",
        lookAt: "pool_new: which failure goes unnoticed?",
      });
    }
    if (live_after_free === 0) return pass();
    return fail({
      saw: `${plural(live_after_free, "allocation")} left behind by 50 pools`,
      expected: "pool_free gives everything back",
      lookAt: "pool_free",
    });
  },
};

export const largeEvidence = z.strictObject({
  accepted: count,
  last_answer: count,
  unfinished: count,
  misordered: count,
});
type LargeEvidence = z.infer<typeof largeEvidence>;

/** A queue of any length takes exactly its length, hands out in order, and is waited for to its end. */
export const longQueue: Check<LargeEvidence> = {
  id: "long_queue",
  points: 2,
  needs: "some_job_runs",
  run({ accepted, last_answer, unfinished, misordered }, { params }) {
    const english = (n: number) => n.toLocaleString("en");
    const room = params.capacity!;
    if (accepted !== room || STATUSES[last_answer] !== "POOL_FULL") {
      return fail({
        saw: `room for ${english(room)}, the only worker busy: ${english(accepted)} jobs accepted, then ${STATUSES[last_answer] ?? last_answer}`,
        expected: `exactly ${english(room)} accepted, then POOL_FULL`,
        lookAt: "which numbers count places in the queue, and how large can they be?",
      });
    }
    if (misordered > 0) {
      return fail({
        saw: `${english(misordered)} of ${english(accepted)} jobs of a long queue started out of their turn`,
        expected: "the order in which they were accepted",
        lookAt: "what becomes of a place in the queue when it reaches the end?",
      });
    }
    if (unfinished === 0) return pass();
    return fail({
      saw: `pool_wait_idle returned with ${english(unfinished)} of ${english(accepted)} jobs not yet done`,
      expected: "every job that was accepted before the call is done",
      lookAt: "pool_wait_idle: how does it know that a job came before the call, after the 65,536th job too?",
    });
  },
};
