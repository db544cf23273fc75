// SPDX-License-Identifier: MIT
/** The check of 01-thread-pool with a hundred workers: all of them run jobs, one alone keeps the order, all is counted. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";
import { allocates, notClosed, STATUSES } from "./crowd.ts";

const whole = {
  misordered: count,
  allocations: count,
  accepted: count,
  while_closing: count,
  discarded: count,
  ran: count,
};
export const manyEvidence = z.union([
  z.strictObject({ threads: count, ...whole }),
  /** A job that should wait for others never began: so many of those did, and so many of the jobs between them. */
  z.strictObject({ threads: count, begun: count, done: count }),
]);
/** Jobs for the only worker that is free, as in many.c. */
const ORDERED = 600;
type ManyEvidence = z.infer<typeof manyEvidence>;

export const manyWorkers: Check<ManyEvidence> = {
  id: "many_workers",
  points: 2,
  needs: "some_job_runs",
  run(evidence, { params }) {
    const { workers, capacity } = params as { workers: number; capacity: number };
    if (evidence.threads < workers) {
      return fail({
        saw: `pool_new(${workers}, ${capacity}) has returned, and has started ${plural(evidence.threads, "thread")}`,
        expected: `${workers}, all started: later nobody could be told that one will not start`,
        lookAt: "pool_new: when are threads started, and how many?",
      });
    }
    if (!("ran" in evidence)) return tooFew(evidence, workers);
    const { misordered, allocations, accepted, while_closing, discarded, ran } = evidence;
    if (allocations > 0) return allocates(allocations, `pool_new(${workers}, ${capacity})`, workers + capacity);
    if (misordered > 0) {
      return fail({
        saw: `${workers - 1} of ${workers} workers run jobs that wait; the one that is left started ${plural(misordered, "job")} out of their turn`,
        expected: "the order in which they were accepted",
        lookAt: "which job does a worker take, and does that depend on the worker?",
      });
    }
    if (accepted !== capacity) {
      return fail({
        saw: `all ${workers} workers busy, room for ${capacity}: ${plural(accepted, "job")} accepted`,
        expected: `exactly ${capacity}`,
        lookAt: "which number counts the jobs that may wait?",
      });
    }
    if (STATUSES[while_closing] !== "POOL_CLOSED") return notClosed(while_closing);
    if (discarded === accepted - ran) return pass();
    return fail({
      saw: `${accepted} jobs accepted, ${ran} ran, and pool_shutdown(DISCARD) answered ${discarded}`,
      expected: String(accepted - ran),
      lookAt: "pool_shutdown: what counts the jobs that never run, and how far does it count?",
    });
  },
};

/** At the beginning, or when all workers but one had waited, and that one had had many jobs to run. */
function tooFew({ begun, done }: { begun: number; done: number }, workers: number): Judgement {
  if (begun < workers) {
    return fail({
      saw: `${workers} workers, ${workers} jobs that wait for each other: ${begun} began, and then no more`,
      expected: `${workers} jobs at a time`,
      lookAt:
        "which worker takes a job, and does it wait for one that runs? pool_new: does each of its threads take jobs?",
    });
  }
  const then = done < ORDERED ? "no more began" : "a job that was submitted after them did not begin";
  return fail({
    saw: `${workers - 1} of ${workers} workers run jobs that wait; the one that is left ran ${plural(done, "job")} of ${ORDERED}, and then ${then}`,
    expected: "a queued job starts whenever fewer jobs run than there are workers",
    lookAt: "when does a worker end or sleep, and what does it look at before that?",
  });
}
