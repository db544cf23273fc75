// SPDX-License-Identifier: MIT
/** 09-locks, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import type { Check } from "@c10kata/harness/check";
import { exactSample } from "@c10kata/harness/sample";
import * as checks from "./checks.ts";
import { FILES, playEvidence } from "./moves.ts";
import { mutexWorks, semaphoreWorks, spinWorks } from "./scripts.ts";

type Scenario = Parameters<typeof defineKata>[0]["scenarios"][number];
const STEMS = FILES.map((file) => file.replace(".c", ""));
const [SPIN, MUTEX, CONDVAR, RWLOCK, SEMAPHORE] = [0, 1, 2, 3, 4] as const;

/** A scenario of one file, whose checks all try that file. */
const of = (
  kind: number,
  driver: string,
  scenario: Omit<Scenario, "id" | "checks" | "build"> & { build?: Scenario["build"] },
  ...own: Check<any>[]
): Scenario => ({
  driver,
  build: "stress",
  deadline_ms: 30_000,
  ...scenario,
  id: `${STEMS[kind]}_${driver}`,
  params: { kind, ...scenario.params },
  checks: own.map((check) => ({ ...check, file: FILES[kind]! })),
});

const play = { evidence: playEvidence, params: { moves: 1_500 }, runs: 2 };
const paused = { evidence: checks.pausedEvidence };
const crowd = (rounds: number) =>
  ({ evidence: checks.crowdEvidence, build: "tsan", params: { threads: 4, rounds }, runs: 2 }) as const;
const everySchedule = (kind: number, points: number, needs: string, executions = 20_000) => ({
  id: `${STEMS[kind]}_every_schedule`,
  file: FILES[kind]!,
  points,
  needs,
  scenario: STEMS[kind]!,
  executions,
});
const twoPreemptions = (kind: number, needs: string) => ({
  ...everySchedule(kind, 1, needs, 200_000),
  id: `${STEMS[kind]}_two_preemptions`,
  scenario: `${STEMS[kind]}_small`,
  preemptions: 2,
});
const bench = (kind: number, threads: number, rounds: number) => ({ kind, threads, rounds });

export default defineKata({
  id: "09-locks",
  title: "Locks",
  idea: "five ways to wait, on a futex: who sleeps, who is woken, and who may free the lock",
  after: ["01", "02"],
  folder: dirname(import.meta.dir),
  edits: [...FILES],
  baseline: "baseline.c",
  box: "B",
  exports: [
    ...["spin_lock", "spin_try", "spin_unlock"],
    ...["mutex_lock", "mutex_try", "mutex_lock_until", "mutex_unlock", "mutex_lock_all"],
    ...["cond_wait", "cond_wait_until", "cond_signal", "cond_broadcast"],
    ...["rw_read_lock", "rw_read_unlock", "rw_write_lock", "rw_write_unlock"],
    ...["sem_up", "sem_down", "sem_try_down", "sem_down_until"],
  ],
  imports: ["futex_wait", "futex_wake", "sched_yield", "pthread_self", "pthread_equal", ...calls("clocks")],
  intercepted: ["futex_wait", "futex_wake", "sched_yield", "clock_gettime"],
  functions: {
    spin_lock: { args: ["pointer"], returns: "void" },
    spin_try: { args: ["pointer"], returns: "bool" },
    spin_unlock: { args: ["pointer"], returns: "void" },
    mutex_lock: { args: ["pointer"], returns: "void" },
    mutex_try: { args: ["pointer"], returns: "bool" },
    mutex_lock_until: { args: ["pointer", "u64"], returns: "bool" },
    mutex_unlock: { args: ["pointer"], returns: "void" },
    sem_up: { args: ["pointer"], returns: "void" },
    sem_down: { args: ["pointer"], returns: "void" },
    sem_try_down: { args: ["pointer"], returns: "bool" },
    sem_down_until: { args: ["pointer", "u64"], returns: "bool" },
  },
  scripts: [spinWorks, mutexWorks, semaphoreWorks],
  scenarios: [
    of(SPIN, "play", play, checks.spinInOrder, checks.spinYields),
    of(SPIN, "last_user", paused, checks.spinLastUser),
    of(SPIN, "crowd", crowd(2_000), checks.spinRaceFree),
    of(MUTEX, "play", play, checks.mutexHandsOn, checks.mutexQuiet, checks.mutexSleeps),
    of(MUTEX, "last_user", paused, checks.mutexLastUser),
    of(MUTEX, "all", { evidence: checks.allEvidence }, checks.mutexNoCircle),
    of(MUTEX, "crowd", crowd(2_000), checks.mutexRaceFree),
    of(CONDVAR, "play", play, checks.condvarWakes, checks.condvarQuiet, checks.condvarSleeps),
    of(CONDVAR, "signallers", paused, checks.condvarKeepsSignals),
    of(CONDVAR, "crowd", crowd(1_000), checks.condvarRaceFree),
    of(RWLOCK, "play", play, checks.rwlockPhases, checks.rwlockQuiet, checks.rwlockSleeps),
    of(RWLOCK, "readers", { evidence: checks.readersEvidence }, checks.rwlockMany),
    of(RWLOCK, "crowd", crowd(1_000), checks.rwlockRaceFree),
    of(SEMAPHORE, "play", play, checks.semaphoreCounts, checks.semaphoreQuiet, checks.semaphoreSleeps),
    of(SEMAPHORE, "last_user", paused, checks.semaphoreLastUser),
    of(SEMAPHORE, "units", { evidence: checks.unitsEvidence }, checks.semaphoreMany),
    of(SEMAPHORE, "crowd", crowd(2_000), checks.semaphoreRaceFree),
  ],
  explored: {
    checks: [
      everySchedule(SPIN, 4, "spin_works", 4_000),
      everySchedule(MUTEX, 2, "mutex_works"),
      twoPreemptions(MUTEX, "mutex_works"),
      everySchedule(CONDVAR, 4, "condvar_wakes"),
      twoPreemptions(CONDVAR, "condvar_wakes"),
      everySchedule(RWLOCK, 4, "rwlock_phases"),
      everySchedule(SEMAPHORE, 3, "semaphore_works"),
    ],
  },
  throughput: {
    id: "throughput",
    points: 6,
    needs: ["mutex_hands_on", "condvar_wakes", "rwlock_phases", "semaphore_counts", "mutex_race_free"],
    metrics: [
      {
        id: "mutex_1",
        title: "mutex, 1 thread",
        params: bench(MUTEX, 1, 20_000_000),
        tiers: { pass: 0.7, silver: 0.9, gold: 1.25 },
      },
      { id: "mutex_4", title: "mutex, 4 threads on one CPU", params: bench(MUTEX, 4, 20_000_000) },
      { id: "readers", title: "4 readers on one CPU, a write for 999 reads", params: bench(RWLOCK, 4, 20_000_000) },
      { id: "semaphore", title: "semaphore, 1 thread", params: bench(SEMAPHORE, 1, 20_000_000) },
      { id: "condition", title: "a place for one, 2 threads", params: bench(CONDVAR, 2, 50_000) },
    ],
    ...exactSample({ rounds: ({ rounds }) => rounds! }),
    lookAt: "how many atomic read-modify-writes does a lock make that nobody else wants, and how many an unlock?",
  },
  hints: [
    `Every one of these locks is a word that threads change with one atomic step, and a place to sleep that is bound to that word.
So ask two questions of each of them: which single step decides that the lock is mine? And what must the word say before I
sleep, so that whoever gives the lock back can see from that same word, in that same step, that somebody sleeps?`,
    `A mutex needs three states, since "taken" and "taken, and somebody may sleep" call for different unlocks. A thread that has
slept cannot know whether it was the last one. The spin lock is two numbers: the one that is handed out and the one that is
served. A semaphore's number of units and the mark that somebody sleeps have to change in one step, and so belong into one
word. And what two threads lock in different orders they lock in the order of its addresses instead.`,
    `For the condition variable, a number of signals is enough: a waiter reads it before it gives the mutex back, sleeps once, if
it is still that, and returns, whoever woke it; beside it the number of waiters tells a signal whether anybody is there. (Or each waiter has a word of its own, on its stack,
and a place in a list.) For the readers-writer lock, count readers in a word whose low bits say whether a writer is there, and in which of two
phases: readers that come then wait until the bits are others, and the writer waits for as many as it found. Writers draw
tickets.`,
  ],
});
