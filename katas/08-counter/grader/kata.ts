// SPDX-License-Identifier: MIT
/** 08-counter, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls, PROCESSOR_CALLS } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  anyMachine,
  comeAndGoEvidence,
  constantCost,
  countsEvidence,
  crowdEvidence,
  eightKib,
  linesOfAdds,
  linesOfItsOwn,
  machinesEvidence,
  memoryClean,
  memoryEvidence,
  noAllocation,
  noMemory,
  noSharedLines,
  nothingGrows,
  nothingLost,
  oneUpdate,
  pausedEvidence,
  pausedThread,
  raceFree,
  readsNeverShrink,
  separateCounters,
  separateEvidence,
  threadsComeAndGo,
} from "./checks.ts";
import { countsUp, matchesSums } from "./scripts.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence, deadline_ms: 20_000 };
const sumOf = ({ threads, adds }: Record<string, number>) => adds! * ((threads! * (threads! + 1)) / 2);
const benchParams = (threads: number, reads = 0) => ({ threads, adds: 20_000_000 / threads, reads });

export default defineKata({
  id: "08-counter",
  title: "Counter",
  idea: "a counter for many processors: shards, and who writes which cache line",
  after: ["02"],
  folder: dirname(import.meta.dir),
  edits: ["counter.c"],
  baseline: "baselines/mutex.c",
  box: "B",
  exports: ["counter_new", "counter_add", "counter_read", "counter_free"],
  imports: [
    ...calls("memory", "machine", "processors", "thread_locals"),
    ...["pthread_self", "pthread_equal", "pthread_once"],
  ],
  intercepted: PROCESSOR_CALLS,
  functions: {
    counter_new: { args: [], returns: "pointer" },
    counter_add: { args: ["pointer", "i64"], returns: "void" },
    counter_read: { args: ["pointer"], returns: "i64" },
    counter_free: { args: ["pointer"], returns: "void" },
  },
  scripts: [countsUp, matchesSums],
  scenarios: [
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 4, adds: 5_000, moves: 1 },
      runs: 6,
      checks: [nothingLost, readsNeverShrink],
    },
    { id: "paused", build: "stress", deadline_ms: 20_000, evidence: pausedEvidence, checks: [pausedThread] },
    { id: "lines", build: "stress", evidence: linesOfAdds, checks: [noSharedLines, linesOfItsOwn, oneUpdate] },
    {
      id: "come_and_go",
      build: "stress",
      params: { one_by_one: 100_000, at_once: 1_000 },
      deadline_ms: 60_000,
      evidence: comeAndGoEvidence,
      checks: [threadsComeAndGo, nothingGrows],
    },
    { id: "machines", build: "stress", evidence: machinesEvidence, checks: [anyMachine] },
    {
      id: "separate",
      build: "stress",
      params: { generations: 60 },
      deadline_ms: 20_000,
      evidence: separateEvidence,
      runs: 2,
      checks: [separateCounters],
    },
    {
      id: "counts",
      build: "stress",
      deadline_ms: 20_000,
      evidence: countsEvidence,
      checks: [noAllocation, constantCost],
    },
    { id: "no_memory", build: "stress", evidence: memoryEvidence, checks: [noMemory, eightKib] },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 100, adds: 100, moves: 0 },
      runs: 2,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, adds: 2_000, moves: 0 },
      runs: 3,
      checks: [raceFree],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 5, needs: "counts_up", scenario: "traffic", executions: 10_000 },
      {
        id: "two_preemptions",
        points: 5,
        needs: "counts_up",
        scenario: "small",
        executions: 200_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["nothing_lost", "no_shared_lines", "paused_thread", "race_free", "matches_sums", "every_schedule"],
    metrics: [
      {
        id: "threads_4",
        title: "4 threads add, on one CPU",
        params: benchParams(4),
        tiers: { pass: 1.1, silver: 1.75, gold: 2.3 },
      },
      { id: "threads_1", title: "1 thread adds", params: benchParams(1) },
      { id: "reads", title: "4 threads add, a read for 100 adds", params: benchParams(4, 50_000) },
    ],
    ...exactSample({ added: sumOf, early: sumOf, sum: sumOf }),
    lookAt: "how many atomic read-modify-writes does an add make, and what does it ask for before the first?",
  },
  hints: [
    `Take one atomic word to which all threads add. It is right, and nobody is ever stopped; but each add has to bring the
word's cache line to its own processor first, and take it away from the one that had it. So the question is not how to add,
but where: what would each thread have to write to, so that no other one ever needs that line?`,
    `The sum need not be anywhere as long as nobody reads it. Let there be several words, each on a line of its own, aligned to
it, and let the reader do the work. A thread finds its word by a number: its own, drawn at its first add, or that of the
processor on which it is. Both may be held by several threads at once, so an add must be right even when
two threads add to the same word. Which operation is?`,
    `There are fewer words than threads over time, and nothing must be given back when a thread ends: a number modulo the
count of words is enough, since the sum of a word outlives its threads. The words come with the counter, in one block whose
alignment is asked for, and whose size is a multiple of a line. Then say why a read may go through them one after the other
while others add: which adds are in its answer, and why none that a former read had can be missing?`,
  ],
});
