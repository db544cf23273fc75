// SPDX-License-Identifier: MIT
/** The check of 01-thread-pool with a hundred workers: all of them run jobs, one alone keeps the order, all is counted. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";

/** Without the rest: fewer jobs than workers ran at a time, and the rest never came to be. */
export const manyEvidence = z.union([
  z.strictObject({ threads: count, most: count, misordered: count, accepted: count, discarded: count, ran: count }),
  z.strictObject({ threads: count, most: count }),
]);
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
    if (!("ran" in evidence)) {
      return fail({
        saw: `${workers} workers, ${workers} jobs that wait for each other: ${evidence.most} began, and then no more`,
        expected: `${workers} jobs at a time`,
        lookAt: "pool_new: how many threads does it start, whatever it is asked for?",
      });
    }
    const { misordered, accepted, discarded, ran } = evidence;
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
    if (discarded === accepted - ran) return pass();
    return fail({
      saw: `${accepted} jobs accepted, ${ran} ran, and pool_shutdown(DISCARD) answered ${discarded}`,
      expected: String(accepted - ran),
      lookAt: "pool_shutdown: what counts the jobs that never run, and how far does it count?",
    });
  },
};
