// SPDX-License-Identifier: MIT
/** The checks of 01-thread-pool: pure functions from the driver's raw counts to a judgement. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What a driver reports instead of traffic when pool_new answered NULL. */
const noPool = z.strictObject({ no_pool: count });
type NoPool = z.infer<typeof noPool>;

/** Makes a check of traffic also say what happened where there was none. */
function withPool<E extends object>(check: Check<E>): Check<E | NoPool> {
  return {
    ...check,
    run: (evidence, request) =>
      "no_pool" in evidence
        ? fail({
            saw: "pool_new answered NULL, with memory and threads to be had",
            expected: "a pool",
            lookAt: "pool_new",
          })
        : check.run(evidence, request),
  };
}

const times = (n: number) => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);
const plural = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;

/** enum pool_status, and what the driver adds: this job's turn never came. */
const STATUSES = ["POOL_OK", "POOL_FULL", "POOL_TIMEOUT", "POOL_CLOSED"];
const ACCEPTED = 0;
const NEVER_SUBMITTED = 9;

export const crowdEvidence = z.union([
  z
    .strictObject({
      status: series,
      runs: series,
      spoilt: count,
      most_running: count,
      discarded: count,
      discarded_again: count,
      allocations: count,
      late_accepted: count,
      late_ran: count,
    })
    .transform(({ status, runs, ...rest }) => ({
      ...rest,
      jobs: [...status].map((answer, at) => ({ status: Number(answer), runs: Number(runs[at]) })),
    })),
  noPool,
]);
export interface CrowdEvidence {
  /** By job: what its submit answered, and how often it ran. */
  jobs: { status: number; runs: number }[];
  /** Jobs that did not find what was written before their submit, or left nothing behind. */
  spoilt: number;
  most_running: number;
  /** What pool_shutdown answered, and what it answered when called again. */
  discarded: number;
  discarded_again: number;
  /** Between the return of pool_new and the call of pool_shutdown. */
  allocations: number;
  /** Jobs without a number, submitted until the pool was closed. */
  late_accepted: number;
  late_ran: number;
}

const neverRan = (evidence: CrowdEvidence) =>
  accepted(evidence).filter(({ runs }) => runs === 0).length + evidence.late_accepted - evidence.late_ran;

const accepted = ({ jobs }: CrowdEvidence) => jobs.filter(({ status }) => status === ACCEPTED);

/** Every job accepted runs exactly once, none refused runs, and not more at a time than there are workers. */
export const exactlyOnce = withPool<CrowdEvidence>({
  id: "exactly_once",
  points: 6,
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
});

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

/** Nothing passes because nothing happened. */
function someAccepted(evidence: CrowdEvidence): Judgement {
  if (accepted(evidence).length > 0) return pass();
  return fail({ saw: "no job was accepted", expected: "an open pool with room accepts jobs" });
}

/** What a discarding shutdown answers is what was accepted and never ran; a second shutdown answers 0. */
export const countsDiscarded = withPool<CrowdEvidence>({
  id: "counts_discarded",
  points: 4,
  needs: "some_job_runs",
  run(evidence) {
    const wrong = unexpectedRun(evidence);
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
});

/** No allocation between pool_new's return and the shutdown. */
export const noAllocation = withPool<CrowdEvidence>({
  id: "no_allocation",
  points: 5,
  needs: "some_job_runs",
  run(evidence) {
    if (evidence.allocations === 0) return someAccepted(evidence);
    return fail({
      saw: `memory was asked for ${times(evidence.allocations)} while ${plural(accepted(evidence).length, "job")} came and went`,
      expected: "none between pool_new and pool_shutdown: the queue's size is known from the beginning",
      lookAt: "what does a job need, and who could have taken it beforehand?",
    });
  },
});

/** No access of the pool's races with another one: ThreadSanitizer's report counts, and the traffic must be real. */
export const raceFree = withPool<CrowdEvidence>({
  id: "race_free",
  points: 4,
  needs: "some_job_runs",
  run: someAccepted,
});

/** No access outside live memory, nothing leaked: AddressSanitizer's report counts, and the traffic must be real. */
export const memoryClean = withPool<CrowdEvidence>({
  id: "memory_clean",
  points: 4,
  needs: "some_job_runs",
  run: someAccepted,
});

export const asleepEvidence = z.union([
  z
    .strictObject({
      settled: count,
      restless_ns: count,
      restless_wakeups: count,
      wakeups: count,
      window_ms: count,
      threads: count,
      round_cpu_ns: series,
    })
    .transform(({ settled, round_cpu_ns, ...rest }) => ({
      ...rest,
      settled: settled === 1,
      round_cpu_ns: [...round_cpu_ns].map(Number),
    })),
  noPool,
]);
export interface AsleepEvidence {
  /** All threads were asleep, and stayed so for a moment. */
  settled: boolean;
  /** CPU time used, and times that a thread went to sleep, until then or until patience ended. */
  restless_ns: number;
  restless_wakeups: number;
  /** In a window after that. */
  wakeups: number;
  window_ms: number;
  threads: number;
  /** CPU time of all workers from one job until they sleep again. */
  round_cpu_ns: number[];
}

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
      expected: "every thread asleep",
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
export const sleepsWhenIdle = withPool<AsleepEvidence>({
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
});

/** So do those that wait for room, or for jobs to end. */
export const sleepsWhenBlocked = withPool<AsleepEvidence>({
  id: "sleeps_when_blocked",
  points: 4,
  needs: "some_job_runs",
  run: (evidence) =>
    sleeps(
      evidence,
      "a pool with a full queue, two blocked submitters and a thread in pool_wait_idle",
      "for what does each of them wait, and who tells it?",
    ),
});

export const noMemoryEvidence = z.union([
  z
    .strictObject({ answered: series, kept: series, ran: count, live_after_free: count })
    .transform(({ answered, kept, ...rest }) => ({
      ...rest,
      attempts: [...answered].map((pool, at) => ({ pool: pool === 1n, kept: Number(BigInt.asIntN(64, kept[at]!)) })),
    })),
  noPool,
]);
export interface NoMemoryEvidence {
  /** pool_new with its first allocation refused, then its second, ..., until it answers a pool. */
  attempts: { pool: boolean; kept: number }[];
  ran: number;
  live_after_free: number;
}

/** pool_new without memory answers NULL and keeps nothing; pool_free gives everything back. */
export const noMemory = withPool<NoMemoryEvidence>({
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
});

export const largeEvidence = z.union([
  z.strictObject({ accepted: count, last_answer: count, unfinished: count, misordered: count }),
  noPool,
]);
type LargeEvidence = Exclude<z.infer<typeof largeEvidence>, z.infer<typeof noPool>>;

/** A queue of any length takes exactly its length, hands out in order, and is waited for to its end. */
export const longQueue = withPool<LargeEvidence>({
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
});

export const benchEvidence = z.strictObject({ ran: count, discarded: count });

/** A bench run counts only if every job ran once. */
export function benchSample(
  { ran, discarded }: z.infer<typeof benchEvidence>,
  { params }: { params: Record<string, number> },
): Judgement {
  const expected = params.submitters! * params.jobs!;
  if (ran === expected && discarded === 0) return pass();
  return fail({
    saw: `${ran} of ${expected} jobs ran exactly once, ${discarded} discarded`,
    expected: "every job runs exactly once",
  });
}
