// SPDX-License-Identifier: MIT
/** 18-green-threads, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import * as checks from "./checks.ts";

const crowd = { driver: "crowd", evidence: checks.crowdEvidence, deadline_ms: 30_000 };
const starving = { driver: "starving", build: "stress", evidence: checks.starvingEvidence } as const;
const bench = (work: number, rounds: number, workers: number) => ({ work, rounds, workers });
/** What a call promises is told before a race that every_schedule tells as well. */
const promise = { needs: "threads_run", about: ["property", "not_linearizable", "deadlock", "all_asleep"] };

/** As far as ThreadSanitizer and the explorer understand them. */
const IMPORTS = [
  ...calls("memory", "clocks", "machine", "threads", "thread_locals", "mutexes", "spinlocks", "rwlocks", "barriers"),
  ...calls("conditions", "semaphores"),
  ...["pthread_condattr_setclock", "pthread_cond_timedwait", "pthread_cond_clockwait", "sem_timedwait", "sched_yield"],
  ...["mmap", "munmap", "mprotect", "madvise", "getcontext", "makecontext", "swapcontext", "setcontext"],
  ...["epoll_create1", "epoll_create", "epoll_ctl", "epoll_wait", "eventfd", "eventfd_read", "eventfd_write"],
  ...["pipe", "pipe2", "read", "write", "recv", "send", "accept", "accept4", "close", "fcntl"],
];

export default defineKata({
  id: "18-green-threads",
  title: "Green threads",
  idea: "very many threads on few: stacks, a switch, a queue, and epoll behind it",
  after: ["01", "02", "03"],
  folder: dirname(import.meta.dir),
  edits: ["green.c"],
  baseline: "baseline.c",
  box: "B",
  assembly: true,
  exports: [
    ...["green_run", "green_go", "green_join", "green_yield", "green_sleep", "green_read", "green_write"],
    ...["green_accept", "chan_new", "chan_send", "chan_receive", "chan_close", "chan_free"],
  ],
  imports: IMPORTS,
  functions: {},
  scripts: [],
  scenarios: [
    {
      id: "basics",
      build: "stress",
      evidence: checks.basicsEvidence,
      checks: [checks.threadsRun, checks.refusesNonsense],
    },
    {
      id: "turns",
      build: "stress",
      params: { threads: 5, rounds: 40 },
      evidence: checks.turnsEvidence,
      checks: [checks.takesTurns],
    },
    { ...starving, id: "yielding", params: { busy: 4 }, checks: [checks.nobodyStarves] },
    { ...starving, id: "alone", params: { busy: 1 }, checks: [checks.aloneStarvesNobody] },
    { ...starving, id: "pairs", params: { busy: 0 }, checks: [checks.pairsLeaveNobodyOut] },
    {
      id: "left_out",
      build: "stress",
      params: { workers: 2, busy: 4 },
      deadline_ms: 60_000,
      evidence: checks.leftOutEvidence,
      checks: [checks.nobodyLeftOut],
    },
    {
      id: "signals",
      build: "stress",
      params: { workers: 2 },
      deadline_ms: 30_000,
      evidence: checks.signalsEvidence,
      checks: [checks.signalsEndNoWait],
    },
    {
      id: "stacks",
      build: "stress",
      params: { threads: 40 },
      evidence: checks.stacksEvidence,
      checks: [checks.roomOnStacks, checks.guardPages],
    },
    {
      id: "registers",
      build: "stress",
      params: { threads: 5, rounds: 40 },
      evidence: checks.registersEvidence,
      checks: [checks.registersKept],
    },
    {
      id: "again",
      build: "stress",
      params: { threads: 4_000 },
      evidence: checks.againEvidence,
      checks: [checks.stacksServeAgain],
    },
    { id: "short", build: "stress", evidence: checks.shortEvidence, checks: [checks.sleepsWithoutPolling] },
    {
      id: "most",
      build: "stress",
      params: { threads: 40_000 },
      deadline_ms: 30_000,
      evidence: checks.mostEvidence,
      checks: [checks.guardOrNone],
    },
    {
      id: "waiting",
      build: "stress",
      params: { threads: 9_000, workers: 2 },
      deadline_ms: 30_000,
      evidence: checks.waitingEvidence,
      checks: [checks.manyDescriptors],
    },
    {
      id: "many",
      build: "stress",
      params: { threads: 20_000, workers: 2 },
      deadline_ms: 30_000,
      evidence: checks.manyEvidence,
      checks: [checks.twentyThousand, checks.fewThreads],
    },
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { workers: 3, clients: 60, bytes: 400_000 },
      runs: 2,
      checks: [checks.everyByteBack],
    },
    {
      id: "leftovers",
      build: "stress",
      params: { workers: 3, clients: 20, bytes: 20_000 },
      deadline_ms: 20_000,
      evidence: checks.leftoversEvidence,
      checks: [checks.nothingLeft],
    },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { workers: 2, clients: 20, bytes: 40_000 },
      runs: 2,
      checks: [checks.memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { workers: 3, clients: 10, bytes: 20_000 },
      runs: 2,
      checks: [checks.raceFree],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 6, needs: "threads_run", scenario: "traffic", executions: 300 },
      { ...promise, id: "two_preemptions", points: 2, scenario: "small", executions: 2_000, preemptions: 2 },
      { ...promise, id: "linearizable", points: 5, scenario: "channel", executions: 400 },
      { ...promise, id: "in_line", points: 4, scenario: "line", executions: 40 },
      { ...promise, id: "clean_close", points: 4, scenario: "closing", executions: 400 },
      { ...promise, id: "runs_together", points: 3, scenario: "together", executions: 100 },
      { ...promise, id: "sleeps", points: 4, scenario: "sleeps", executions: 60 },
      { ...promise, id: "waits_for_sockets", points: 5, scenario: "sockets", executions: 300 },
      { ...promise, id: "numbers_again", points: 3, scenario: "numbers", executions: 30 },
      { ...promise, id: "idle_workers_sleep", points: 4, scenario: "idle", executions: 60 },
      { id: "no_memory", points: 3, needs: "threads_run", scenario: "memory", executions: 250 },
    ],
  },
  throughput: {
    id: "throughput",
    points: 8,
    needs: ["threads_run", "every_byte_back", "race_free", "every_schedule", "linearizable", "clean_close"],
    metrics: [
      {
        id: "to_and_fro",
        title: "two threads hand a number to and fro, 1 worker",
        params: bench(0, 50_000, 1),
        tiers: { pass: 2, silver: 26, gold: 37 },
      },
      { id: "yields", title: "4 threads yield, 1 worker", params: bench(1, 200_000, 1) },
      { id: "starts", title: "a thread is started and joined, 1 worker", params: bench(2, 6_000, 1) },
    ],
    ...exactSample({ done: ({ rounds }) => rounds! }),
    lookAt: "how many system calls, and how many locks, does a number need on its way from one thread to the other?",
  },
  hints: [
    `Draw the life of a green thread: it can run, it runs, it waits (for an end, a time, a descriptor, a channel), it has ended.
Write beside each arrow who makes it, and on which stack. Then look at the arrows that leave "it runs": at their end
others know of the thread and may take it at once. Is it off its stack by then?`,
    `Give each worker a stack of its own, and let a thread that waits go there first, always: it tells its worker in two words
what is to be done behind the switch (a function, an argument), and the worker does that when the stack is free. What was true when
the thread decided to wait may be over by then; so the function looks again, with the lock held, and makes the thread run again
if there is nothing to wait for any more. So no lock is held over a switch.`,
    `Build it in this order: one worker, a first-in first-out queue, a switch of six registers and a new stack that looks as if it had
just made one; then join, then channels with a line of waiters that lie on their own stacks, then several workers under one lock.
Then one worker that finds nothing goes to epoll_wait, until the next sleep is over, and an eventfd wakes it; all
others sleep on a condition variable, and one of them takes its place when it leaves with work. For descriptors use one-shot
interest, renewed at each wait: then it does not matter that numbers come again. Look at clocks and descriptors every few dozen
turns, too. Keep stacks that have served.`,
  ],
});
