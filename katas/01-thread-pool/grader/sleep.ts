// SPDX-License-Identifier: MIT
/** The checks of 01-thread-pool about threads with nothing to do: they sleep. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, numbers } from "@c10kata/harness/evidence";
import { plural, times } from "@c10kata/harness/words";
import { z } from "zod";

export const asleepEvidence = z.strictObject({
  /** 1: all threads were asleep, and stayed so for a moment. */
  settled: count,
  /** CPU time used, and times that a thread went to sleep, until then or until patience ended. */
  restless_ns: count,
  restless_wakeups: count,
  /** In a window after that. */
  wakeups: count,
  window_ms: count,
  threads: count,
  /** CPU time of all workers from one job until they sleep again. */
  round_cpu_ns: numbers,
});
export type AsleepEvidence = z.infer<typeof asleepEvidence>;

/** A spin of 50 microseconds per worker and the wakeups themselves stay far below. */
const ROUND_CPU_MS_MAX = 1;
const ms = (ns: number) => `${(ns / 1e6).toFixed(1)} ms`;

function sleeps(evidence: AsleepEvidence, who: string, lookAt: string): Judgement {
  if (evidence.threads === 0)
    return fail({ saw: "the pool has no thread", expected: "worker threads", lookAt: "pool_new" });
  if (!evidence.settled) {
    const wakeups = plural(evidence.restless_wakeups, "wakeup");
    return fail({
      saw: `${who} (${plural(evidence.threads, "thread")}) never came to rest: ${ms(evidence.restless_ns)} of CPU time and ${wakeups} with nothing to do`,
      expected: "every thread is asleep",
      lookAt,
    });
  }
  if (evidence.wakeups > 0) {
    return fail({
      saw: `${who} (${plural(evidence.threads, "thread")}) woke ${times(evidence.wakeups)} in ${evidence.window_ms} ms although nothing happened`,
      expected: "no wakeup without an event: no timer, no polling",
      lookAt,
    });
  }
  return pass();
}

/** Workers without a job sleep, soon, and no timer wakes them. */
export const sleepsWhenIdle: Check<AsleepEvidence> = {
  id: "sleeps_when_idle",
  points: 4,
  needs: "some_job_runs",
  run(evidence) {
    const judgement = sleeps(evidence, "an idle pool", "what does a worker do when the queue is empty?");
    if (judgement.verdict !== "pass") return judgement;
    const sorted = evidence.round_cpu_ns.toSorted((a, b) => a - b);
    const median = sorted[sorted.length >> 1] ?? 0;
    if (median <= ROUND_CPU_MS_MAX * 1e6) return pass();
    return fail({
      saw: `after one job the workers used ${ms(median)} of CPU time before they slept (median of ${sorted.length})`,
      expected: `less than ${ROUND_CPU_MS_MAX} ms: a spin of 50 microseconds is allowed`,
      lookAt: "how long does a worker look for a next job before it sleeps?",
    });
  },
};

/** Threads that wait for room, or for jobs to end, sleep. */
export const sleepsWhenBlocked: Check<AsleepEvidence> = {
  id: "sleeps_when_blocked",
  points: 4,
  needs: "some_job_runs",
  run: (evidence) =>
    sleeps(
      evidence,
      "a pool with a full queue, two blocked submitters and a thread in pool_wait_idle",
      "for what does each of them wait, and who tells it?",
    ),
};

/** Threads in pool_shutdown sleep, the one that joins and a later one. */
export const sleepsWhenStopping: Check<AsleepEvidence> = {
  id: "sleeps_when_stopping",
  points: 2,
  needs: "some_job_runs",
  run: (evidence) =>
    sleeps(
      evidence,
      "a pool that drains, every worker in a job that waits, and two threads in pool_shutdown",
      "pool_shutdown: how does each of the two learn that the workers have ended?",
    ),
};
