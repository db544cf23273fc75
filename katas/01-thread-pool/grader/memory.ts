// SPDX-License-Identifier: MIT
/** The checks of 01-thread-pool about allocations that are refused, and queues that are long. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { judgeRefusals, refusalsEvidence, type Refusals } from "@c10kata/harness/refusals";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { allocates, STATUSES } from "./crowd.ts";

export const noMemoryEvidence = z.strictObject(refusalsEvidence);
const pool = {
  make: "pool_new",
  end: "pool_free",
  object: "pool",
  broken: "does not run 3 jobs at a time on its 3 workers",
};

/** pool_new without memory answers NULL and keeps nothing; pool_free gives everything back. */
export const noMemory: Check<Refusals> = {
  id: "no_memory",
  points: 4,
  needs: "some_job_runs",
  run: (evidence) => judgeRefusals(evidence, pool),
};

export const largeEvidence = z.strictObject({
  /** Between the return of pool_new and the call of pool_free. */
  allocations: count,
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
  run({ allocations, accepted, last_answer, unfinished, misordered }, { params }) {
    const room = params.capacity!;
    if (accepted !== room || STATUSES[last_answer] !== "POOL_FULL") {
      return fail({
        saw: `room for ${english(room)}, the only worker busy: ${english(accepted)} jobs accepted, then ${STATUSES[last_answer] ?? last_answer}`,
        expected: `exactly ${english(room)} accepted, then POOL_FULL`,
        lookAt: "which numbers count places in the queue, and how large can they be?",
      });
    }
    if (allocations > 0) return allocates(allocations, `pool_new(1, ${room})`, accepted);
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
