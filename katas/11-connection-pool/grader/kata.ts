// SPDX-License-Identifier: MIT
/** 11-connection-pool, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  asleepEvidence,
  crowdEvidence,
  memoryClean,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  nothingLost,
  raceFree,
  waitsAsleep,
} from "./checks.ts";
import { matchesModel, refusesNonsense, someConnection } from "./scripts.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence };
const benchParams = (threads: number, uses: number, gaps: number) => ({ threads, uses: uses / threads, size: 4, gaps });
/** What a call promises is told before a race that every_schedule tells as well. */
const promise = { needs: "some_connection", about: ["property", "deadlock", "all_asleep"] };

/** As far as ThreadSanitizer and the explorer understand them, and no sleep. */
const IMPORTS = [
  ...calls("memory", "clocks", "machine", "threads", "thread_locals", "mutexes", "spinlocks", "rwlocks", "barriers"),
  ...calls("conditions", "semaphores"),
  ...["pthread_condattr_setclock", "pthread_cond_timedwait", "pthread_cond_clockwait", "sem_timedwait", "sched_yield"],
];

export default defineKata({
  id: "11-connection-pool",
  title: "Connection pool",
  idea: "a bounded pool of slow, mortal connections: first come, first served, and not for ever",
  after: ["01"],
  folder: dirname(import.meta.dir),
  edits: ["conn_pool.c"],
  baseline: "baseline.c",
  box: "B",
  exports: [
    "conn_pool_new",
    "conn_acquire",
    "conn_release",
    "conn_pool_tend",
    "conn_pool_stats",
    "conn_pool_close",
    "conn_pool_free",
  ],
  imports: IMPORTS,
  functions: {
    conn_pool_free: { args: ["pointer"], returns: "void" },
    script_new: { args: ["u64", "u64", "u64", "u64"], returns: "pointer" },
    script_fail: { args: ["u64"], returns: "void" },
    script_kill: { args: ["u64"], returns: "void" },
    script_acquire: { args: ["pointer"], returns: "cstring" },
    script_release: { args: ["pointer", "u64", "i32"], returns: "cstring" },
    script_tend: { args: ["pointer"], returns: "cstring" },
    script_close: { args: ["pointer"], returns: "u64" },
    script_stats: { args: ["pointer"], returns: "cstring" },
    script_two_pools: { args: [], returns: "cstring" },
  },
  scripts: [someConnection, refusesNonsense, matchesModel],
  scenarios: [
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 6, rounds: 400, size: 2, waiters: 3, timeout_us: 500, early: 0 },
      runs: 3,
      checks: [nothingLost, noAllocation],
    },
    {
      id: "asleep",
      build: "stress",
      params: { waiters: 3, turns: 3_000 },
      evidence: asleepEvidence,
      checks: [waitsAsleep],
    },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 5, rounds: 300, size: 3, waiters: 4, timeout_us: 500, early: 1 },
      runs: 3,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, rounds: 200, size: 2, waiters: 9, timeout_us: 5_000, early: 1 },
      runs: 3,
      checks: [raceFree],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 7, needs: "some_connection", scenario: "traffic", executions: 12_000 },
      { ...promise, id: "in_order", points: 8, scenario: "order", executions: 8_000 },
      { ...promise, id: "failed_open", points: 6, scenario: "failing", executions: 8_000 },
      { ...promise, id: "timeouts", points: 6, scenario: "timing", executions: 12_000 },
      { ...promise, id: "too_late", points: 6, scenario: "late", executions: 12_000 },
      { ...promise, id: "not_locked", points: 7, scenario: "apart", executions: 4_000 },
      { ...promise, id: "old_and_idle", points: 7, scenario: "ages", executions: 12_000 },
      { ...promise, id: "two_tend", points: 4, scenario: "tends", executions: 8_000 },
      { ...promise, id: "clean_close", points: 7, scenario: "closing", executions: 12_000 },
      { ...promise, id: "no_timers", points: 2, scenario: "sleeping", executions: 60 },
      {
        id: "three_preemptions",
        points: 4,
        needs: "some_connection",
        scenario: "small",
        executions: 20_000,
        preemptions: 3,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["nothing_lost", "race_free", "matches_model", "every_schedule", "in_order", "timeouts", "no_allocation"],
    metrics: [
      {
        id: "waiting",
        title: "8 callers, 4 connections, a turn for others at each use, on one CPU",
        params: benchParams(8, 24_000, 1),
        tiers: { pass: 1.55, silver: 3.55, gold: 5.05 },
      },
      { id: "alone", title: "1 caller, nobody waits", params: benchParams(1, 400_000, 0) },
      { id: "crowded", title: "16 callers", params: benchParams(16, 8_000, 1) },
    ],
    ...exactSample({ used: ({ threads, uses }) => threads! * uses!, shared: 0, too_many: 0, overtaken: 0 }),
    lookAt: "how many threads wake up for one release, and how many of them find that it is not their turn?",
  },
  hints: [
    `Draw the life of a place: free, being opened, idle, a caller's, being closed. Every connection takes one of size_max places from
before open is called until close has returned. Write beside each arrow which call moves it, and who has to learn of it. A place that
becomes free is as good as a connection for the first caller who waits: it may open one. Which of your arrows end at a waiter?`,
    `What changes hands must do so in one piece: whoever gives something up, and finds that somebody waits, gives it to the first of
them before anybody else can look. Then a newcomer can't be faster. The waiter needs a place in memory where it
finds what it was given; that may lie on its own stack, as long as it leaves the line before it returns. And it may be given something in the
very moment in which its time ends: it has to look once more, with the lock held, and pass on what it can't use.`,
    `Build it in this order: counts of places under one mutex, a stack of idle connections, BUSY for everybody else; then the lock
given up around open, close and alive, and looked at again after each of them whether the pool has been closed, since much may have happened. Then the line: a linked list,
a condition variable for each waiter that was told to use the monotonic clock, a deadline that is computed once. One function for
"here is a connection", one for "here is a place"; release, tend, a failed open and a waiter that is too late all end in one of them.
Last the close: a flag, the waiters, the idle ones, and then a wait until all places are free.`,
  ],
});
