// SPDX-License-Identifier: MIT
/** 01-thread-pool, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  asleepEvidence,
  countsDiscarded,
  crowdEvidence,
  exactlyOnce,
  largeEvidence,
  longQueue,
  manyEvidence,
  manyWorkers,
  memoryClean,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  raceFree,
  sleepsWhenBlocked,
  sleepsWhenIdle,
  sleepsWhenStopping,
} from "./checks.ts";
import { matchesModel, refusesNonsense, someJobRuns } from "./scripts.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence };
const asleep = { driver: "asleep", evidence: asleepEvidence, build: "stress" } as const;
const benchParams = (submitters: number) => ({
  submitters,
  jobs: 600_000 / submitters,
  workers: 2,
  capacity: 1024,
  work: 0,
});
/** What a call promises is told before a race that every_schedule tells as well. */
const promise = { needs: "some_job_runs", about: ["property", "deadlock", "all_asleep"] };

/** As far as ThreadSanitizer and the explorer understand them, and no sleep. */
const IMPORTS = [
  ...calls("memory", "clocks", "machine", "threads", "thread_locals", "mutexes", "spinlocks", "rwlocks", "barriers"),
  ...calls("conditions", "semaphores"),
  ...["pthread_condattr_setclock", "pthread_cond_timedwait", "pthread_cond_clockwait", "sem_timedwait", "sched_yield"],
];

export default defineKata({
  id: "01-thread-pool",
  title: "Thread pool",
  idea: "a bounded queue of jobs: one mutex, condition variables",
  folder: dirname(import.meta.dir),
  edits: ["thread_pool.c"],
  baseline: "baseline.c",
  box: "B",
  exports: [
    "pool_new",
    "pool_submit",
    "pool_try_submit",
    "pool_submit_within",
    "pool_wait_idle",
    "pool_shutdown",
    "pool_free",
  ],
  imports: IMPORTS,
  functions: {
    pool_new: { args: ["usize", "usize"], returns: "pointer" },
    pool_wait_idle: { args: ["pointer"], returns: "void" },
    pool_shutdown: { args: ["pointer", "i32"], returns: "usize" },
    pool_free: { args: ["pointer"], returns: "void" },
    script_begin: { args: [], returns: "void" },
    script_status: { args: ["i32"], returns: "pointer" },
    script_job: { args: ["u32"], returns: "pointer" },
    script_submit: { args: ["pointer", "pointer"], returns: "pointer" },
    script_try_submit: { args: ["pointer", "pointer"], returns: "pointer" },
    script_submit_within: { args: ["pointer", "pointer", "u64"], returns: "pointer" },
    script_plug: { args: ["pointer", "u64"], returns: "void" },
    script_unplug: { args: [], returns: "void" },
    script_shutdown: { args: ["pointer", "i32"], returns: "usize" },
    script_while_closing: { args: [], returns: "pointer" },
    script_ran: { args: [], returns: "u64" },
    script_await: { args: [], returns: "void" },
    script_has_room: { args: ["usize"], returns: "bool" },
    script_nth: { args: ["u32"], returns: "pointer" },
  },
  scripts: [someJobRuns, refusesNonsense, matchesModel],
  scenarios: [
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { submitters: 4, jobs: 1_000, workers: 3, capacity: 7, discard: 0, early: 0, work: 0 },
      runs: 4,
      checks: [exactlyOnce, noAllocation],
    },
    {
      ...crowd,
      id: "crowd_discarded",
      build: "stress",
      params: { submitters: 3, jobs: 600, workers: 2, capacity: 50, discard: 1, early: 1, work: 5_000 },
      runs: 6,
      checks: [countsDiscarded],
    },
    { id: "large", build: "stress", params: { capacity: 1_000_000 }, evidence: largeEvidence, checks: [longQueue] },
    {
      id: "many",
      build: "stress",
      params: { workers: 100, capacity: 700 },
      deadline_ms: 30_000,
      evidence: manyEvidence,
      checks: [manyWorkers],
    },
    { ...asleep, id: "idle", params: { workers: 4, blocked: 0, rounds: 40 }, checks: [sleepsWhenIdle] },
    { ...asleep, id: "blocked", params: { workers: 2, blocked: 1, rounds: 0 }, checks: [sleepsWhenBlocked] },
    { ...asleep, id: "stopping", params: { workers: 2, blocked: 2, rounds: 0 }, checks: [sleepsWhenStopping] },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { submitters: 3, jobs: 300, workers: 2, capacity: 50, discard: 1, early: 1, work: 20_000 },
      runs: 3,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      // A job lasts longer than a submitter takes to wake up, so that submits fall into running jobs in every run.
      params: { submitters: 3, jobs: 200, workers: 3, capacity: 5, discard: 0, early: 1, work: 150_000 },
      runs: 4,
      checks: [raceFree],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 6, needs: "some_job_runs", scenario: "drain", executions: 20_000 },
      { ...promise, id: "jobs_meet", points: 5, scenario: "meeting", executions: 12_000 },
      { ...promise, id: "job_submits", points: 4, scenario: "inside", executions: 10_000 },
      { ...promise, id: "clean_shutdown", points: 5, scenario: "closing", executions: 15_000 },
      { id: "failed_start", points: 3, needs: "some_job_runs", scenario: "starting", executions: 10_000 },
      { ...promise, id: "wait_idle", points: 4, scenario: "idle", executions: 14_400 },
      { ...promise, id: "timeouts", points: 5, scenario: "timing", executions: 12_000 },
      { ...promise, id: "no_timers", points: 2, scenario: "sleeping", executions: 60 },
      {
        id: "two_preemptions",
        points: 3,
        needs: "some_job_runs",
        scenario: "small",
        executions: 40_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: [
      "exactly_once",
      "race_free",
      "matches_model",
      "every_schedule",
      "jobs_meet",
      "clean_shutdown",
      "no_allocation",
    ],
    metrics: [
      {
        id: "submitters_1",
        title: "1 submitter, 2 workers, empty jobs, on one CPU",
        params: benchParams(1),
        tiers: { pass: 1, silver: 2.5, gold: 3.4 },
      },
      { id: "submitters_2", title: "2 submitters", params: benchParams(2) },
      { id: "submitters_4", title: "4 submitters", params: benchParams(4) },
    ],
    ...exactSample({ ran: ({ submitters, jobs }) => submitters! * jobs!, discarded: 0 }),
    lookAt: "how many wakeups are there per job, and how many of them find nothing to do?",
  },
  hints: [
    `Write down, for each of the three kinds of sleeper (a worker without work, a submitter without room, a thread in
pool_wait_idle), the exact condition that it waits for, and every line of your program that can make that condition true.
Each of those lines has to wake a sleeper. And a wakeup does not promise that the condition holds: between the signal and the
moment when the sleeper has the lock again, another thread may have been faster, or there was no signal at all.`,
    `Different conditions want different condition variables: one signal wakes one sleeper, and on a shared variable it may
be one who can't use it. Number the jobs as they are accepted: then "everything accepted before me" is a comparison of
numbers, and later jobs do not enter into it. A shutdown concerns all threads at once, those that
wait for room included. A running job must not need anything of the queue: what it needs is copied out of the queue before the lock is
released.`,
    `Build it in this order: a ring of fixed size under one mutex; workers that loop over wait, take, unlock, run, lock; one
function for all three submits, with a deadline that may be absent, read from the monotonic clock and given to a condition
variable that was told to use that clock (a default one does not). Then closing: set it under the lock, wake all threads,
join, and only then let later calls of pool_shutdown return. When one thread does not start, end those that did as a
shutdown does. For speed, count what is slow: system calls. Which sleeping threads need no wakeup?`,
  ],
});
