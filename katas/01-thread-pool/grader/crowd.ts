// SPDX-License-Identifier: MIT
/** The checks of 01-thread-pool on many submitters: every job once, what is discarded, no allocation, and the sanitizers. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { plural, times } from "@c10kata/harness/words";
import { z } from "zod";

/** enum pool_status, and what the driver adds: this job's turn never came. */
export const STATUSES = ["POOL_OK", "POOL_FULL", "POOL_TIMEOUT", "POOL_CLOSED"];
const ACCEPTED = 0;
const NEVER_SUBMITTED = 9;

export const crowdEvidence = z.strictObject({
  /** By job: what its submit answered, and how often it ran. */
  jobs: rows("status", "runs"),
  /** Jobs that did not find what was written before their submit, or left nothing behind. */
  spoilt: count,
  most_running: count,
  /** What pool_shutdown answered, and what it answered when called again. */
  discarded: count,
  discarded_again: count,
  /** Between the return of pool_new and the call of pool_shutdown. */
  allocations: count,
  /** Jobs without a number, submitted until the pool was closed. */
  late_accepted: count,
  late_ran: count,
  /** What pool_try_submit answered long after pool_shutdown had returned. */
  late_answer: count,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

const neverRan = (evidence: CrowdEvidence) =>
  accepted(evidence).filter(({ runs }) => runs === 0).length + evidence.late_accepted - evidence.late_ran;

const accepted = ({ jobs }: CrowdEvidence) => jobs.filter(({ status }) => status === ACCEPTED);

/** Every job accepted runs exactly once, none refused runs, and not more at a time than there are workers. */
export const exactlyOnce: Check<CrowdEvidence> = {
  id: "exactly_once",
  points: 5,
  needs: "some_job_runs",
  run(evidence, { params }) {
    const missing = neverRan(evidence);
    const wrong = unexpectedRun(evidence) ?? unexpectedAnswer(evidence) ?? tooManyAtOnce(evidence, params.workers!);
    if (wrong) return wrong;
    if (missing > 0 || evidence.discarded > 0) {
      const answered = evidence.discarded > 0 ? `; pool_shutdown answered ${evidence.discarded}` : "";
      return fail({
        saw: `${plural(missing, "job")} of ${plural(accepted(evidence).length, "accepted job")} never ran${answered}`,
        expected: "every job that was accepted runs before pool_shutdown(POOL_DRAIN) returns, and the answer is 0",
        lookAt: "when may a worker leave, and what becomes of a job that it leaves behind?",
      });
    }
    if (evidence.spoilt > 0) {
      return fail({
        saw: `${plural(evidence.spoilt, "job")} did not find what was written before the submit`,
        expected: "each job gets the argument that it was submitted with",
        lookAt: "which slot of the queue does a job come out of?",
      });
    }
    return someAccepted(evidence);
  },
};

/** A job that was refused and ran, or ran twice. */
function unexpectedRun({ jobs }: CrowdEvidence): Judgement | undefined {
  const at = jobs.findIndex(({ status, runs }) => runs > (status === ACCEPTED ? 1 : 0));
  if (at < 0) return undefined;
  const { status, runs } = jobs[at]!;
  return fail({
    saw: `job ${at} was answered ${STATUSES[status] ?? "nothing"} and ran ${times(runs)}`,
    expected: status === ACCEPTED ? "one run" : "no run: only POOL_OK means that a job was accepted",
    lookAt:
      status === ACCEPTED
        ? "how does the queue forget a job that has been handed out?"
        : "is the answer decided before or after the job is in the queue?",
  });
}

function unexpectedAnswer({ jobs }: CrowdEvidence): Judgement | undefined {
  const at = jobs.findIndex(({ status }) => status !== NEVER_SUBMITTED && STATUSES[status] === undefined);
  if (at < 0) return undefined;
  return fail({
    saw: `the submit of job ${at} answered ${jobs[at]!.status}`,
    expected: `one of ${STATUSES.join(", ")}`,
  });
}

function tooManyAtOnce({ most_running }: CrowdEvidence, workers: number): Judgement | undefined {
  if (most_running <= workers) return undefined;
  return fail({
    saw: `${most_running} jobs ran at the same time`,
    expected: `at most ${workers}: one per worker`,
    lookAt: "which thread runs a job that finds the queue full?",
  });
}

/** A run in which no job was accepted proves nothing. */
function someAccepted(evidence: CrowdEvidence): Judgement {
  if (accepted(evidence).length > 0) return pass();
  return fail({ saw: "no job was accepted", expected: "an open pool with room accepts jobs" });
}

/** What a discarding shutdown answers is what was accepted and never ran; a second shutdown answers 0. */
export const countsDiscarded: Check<CrowdEvidence> = {
  id: "counts_discarded",
  points: 4,
  needs: "some_job_runs",
  run(evidence) {
    const wrong = unexpectedRun(evidence) ?? neverClosed(evidence);
    if (wrong) return wrong;
    const missing = neverRan(evidence);
    if (missing !== evidence.discarded) {
      return fail({
        saw: `pool_shutdown(POOL_DISCARD) answered ${evidence.discarded}; ${plural(missing, "accepted job")} never ran`,
        expected: `${missing}`,
        lookAt: "which jobs are neither queued nor done at the moment of the count?",
      });
    }
    if (evidence.discarded_again > 0) {
      return fail({
        saw: `a second pool_shutdown answered ${evidence.discarded_again}`,
        expected: "0: only the first call discards",
        lookAt: "pool_shutdown: what tells the first caller from a later one?",
      });
    }
    return someAccepted(evidence);
  },
};

function neverClosed({ late_answer }: CrowdEvidence): Judgement | undefined {
  if (STATUSES[late_answer] === "POOL_CLOSED") return undefined;
  return fail({
    saw: `pool_shutdown(POOL_DISCARD) had returned, and 1,000 calls of pool_try_submit after it answered ${STATUSES[late_answer] ?? late_answer}`,
    expected: "POOL_CLOSED: every submit answers it from the beginning of a shutdown on",
    lookAt: "pool_try_submit: what does it look at first, and what does a discarding shutdown leave there?",
  });
}

export const notClosed = (answer: number) =>
  fail({
    saw: `one thread waited in pool_shutdown, and another one's pool_try_submit answered ${STATUSES[answer] ?? answer}, for seconds`,
    expected:
      "POOL_CLOSED: every submit answers it from the beginning of a shutdown on, whether the queue is full or not",
    lookAt: "pool_shutdown: when is the pool closed? pool_try_submit: what does it look at first?",
  });

/** No allocation between pool_new's return and the shutdown. */
export const noAllocation: Check<CrowdEvidence> = {
  id: "no_allocation",
  points: 5,
  needs: "some_job_runs",
  run(evidence) {
    if (evidence.allocations === 0) return someAccepted(evidence);
    return allocates(evidence.allocations, "the pool", accepted(evidence).length);
  },
};

/** Whatever the numbers that pool_new was given. */
export function allocates(allocations: number, made: string, jobs: number): Judgement {
  return fail({
    saw: `${made} asked for memory ${times(allocations)} after pool_new had returned, while ${plural(jobs, "job")} came and went`,
    expected: "none between pool_new and pool_shutdown: the queue's size is known from the beginning",
    lookAt: "what does a job need, and who could have taken it beforehand?",
  });
}

/** No access of the pool's races with another one: ThreadSanitizer's report counts, and the traffic must be real. */
export const raceFree: Check<CrowdEvidence> = {
  id: "race_free",
  points: 4,
  needs: "some_job_runs",
  run: someAccepted,
};

/** No access outside live memory, nothing leaked: AddressSanitizer's report counts, and the traffic must be real. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 4,
  needs: "some_job_runs",
  run: someAccepted,
};
