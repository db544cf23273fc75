// SPDX-License-Identifier: MIT
/** 12-load-balancer, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  countsEvidence,
  crowdEvidence,
  memoryClean,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  nothingLost,
  pickCost,
  raceFree,
} from "./checks.ts";
import { POLICIES } from "./model.ts";
import {
  anySize,
  consistent,
  health,
  ipHash,
  leastConnections,
  refusesNonsense,
  roundRobin,
  separateBalancers,
  somebodyIsPicked,
  twoChoices,
  weighted,
} from "./scripts.ts";

/** A lock that is handed on in turn, on a machine with other work, takes a while. */
const crowd = { driver: "crowd", evidence: crowdEvidence, deadline_ms: 40_000 };
const benchParams = (policy: (typeof POLICIES)[number], requests: number, threads = 1) => ({
  policy: POLICIES.indexOf(policy),
  backends: 1_000,
  requests,
  threads,
});
const ended = ({ requests }: Record<string, number>) => requests!;

export default defineKata({
  id: "12-load-balancer",
  title: "Load balancer",
  idea: "who gets the next request: six policies, exactly, over backends that fail and come back",
  after: ["06"],
  folder: dirname(import.meta.dir),
  edits: ["balancer.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["lb_new", "lb_pick", "lb_done", "lb_set_up", "lb_free"],
  imports: [
    ...calls("memory", "mathematics", "machine", "threads", "thread_locals", "mutexes", "spinlocks", "rwlocks"),
    ...calls("conditions", "semaphores"),
    ...["qsort", "qsort_r", "sched_yield"],
  ],
  functions: {
    lb_done: { args: ["pointer", "i32", "bool"], returns: "void" },
    lb_set_up: { args: ["pointer", "i32", "bool"], returns: "void" },
    lb_free: { args: ["pointer"], returns: "void" },
    script_backend: { args: ["pointer", "u64"], returns: "void" },
    script_new: { args: ["i32", "u64"], returns: "pointer" },
    script_new_of: { args: ["u64"], returns: "pointer" },
    script_pass: { args: ["u64"], returns: "void" },
    script_draws: { args: ["u64", "u64"], returns: "void" },
    script_pick: { args: ["pointer", "pointer", "u64"], returns: "cstring" },
    script_picks: { args: ["pointer", "u64"], returns: "cstring" },
    script_fail_often: { args: ["pointer", "i32", "u64"], returns: "u64" },
    script_crowd: { args: ["i32", "u64"], returns: "pointer" },
    script_turns: { args: ["pointer", "u64"], returns: "u64" },
    script_two_balancers: { args: [], returns: "cstring" },
  },
  scripts: [
    somebodyIsPicked,
    refusesNonsense,
    roundRobin,
    weighted,
    leastConnections,
    ipHash,
    consistent,
    twoChoices,
    health,
    anySize,
    separateBalancers,
  ],
  scenarios: [
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 4, rounds: 250, backends: 10 },
      runs: 2,
      checks: [nothingLost, noAllocation],
    },
    { id: "counts", build: "stress", deadline_ms: 30_000, evidence: countsEvidence, checks: [pickCost] },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 4, rounds: 120, backends: 7 },
      runs: 2,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, rounds: 300, backends: 5 },
      runs: 3,
      checks: [raceFree],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 5, needs: "somebody_is_picked", scenario: "traffic", executions: 8_000 },
      { id: "coming_back", points: 3, needs: "health", scenario: "coming", executions: 4_000 },
      {
        id: "two_preemptions",
        points: 2,
        needs: "somebody_is_picked",
        scenario: "small",
        executions: 100_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["nothing_lost", "race_free", "least_connections", "every_schedule", "pick_cost", "no_allocation"],
    metrics: [
      {
        id: "least_connections",
        title: "least connections, 1,000 backends",
        params: benchParams("least_connections", 64 * 2_000),
        tiers: { pass: 3, silver: 16, gold: 22.5 },
      },
      { id: "consistent", title: "consistent, 1,000 backends", params: benchParams("consistent", 64 * 20) },
      { id: "threads_4", title: "round robin, 4 threads", params: benchParams("round_robin", 64 * 4_000, 4) },
    ],
    ...exactSample({ ended, strangers: 0, uneven: 0 }),
    lookAt: "what does a pick look at that has not changed since the last one?",
  },
  hints: [
    `Write down, for each policy, what a pick has to know: a place, a credit for each backend, who is least busy, two numbers. Then
write beside it which calls change that. Most calls change one backend's entry; only few change who is up. What could be prepared in
those few, so that the many need not look at every backend?`,
    `Keep the indexes of those that are up in an array, in order, and make it anew when somebody goes or comes: the k-th that is up, and
the first one from a place on, are then found without a walk. The least busy one is the top of a heap in which each backend knows its own position; a pick and
an end move one entry. Compare active / weight by multiplying crosswise: no fraction is ever made. And nobody tells you that 10 s are over: who has to look?`,
    `Build it in this order: lb_new, and round robin with an array of those that are up; then failures, and a function that decides who
is up and makes everything anew; then weighted, two choices, and least connections as a loop. Get the answers right before they are fast. Then the ring: an array of points,
sorted once, searched by halving; walk on past those that are down or at the bound, which is a whole number: (5 * A + 4 * k - 1) / (4 * k). Last the heap in place
of the loop, and one lock around every call.`,
  ],
});
