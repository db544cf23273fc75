// SPDX-License-Identifier: MIT
/** 05-xfetch, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import {
  abreastEvidence,
  benchEvidence,
  benchSample,
  countsEvidence,
  crowdEvidence,
  earlyEvidence,
  earlyRefreshes,
  herdEvidence,
  hitCost,
  hourEvidence,
  loadsPerExpiry,
  manyFlights,
  memoryClean,
  neverFar,
  noMemory,
  noMemoryEvidence,
  oneLoad,
  raceFree,
  rightValues,
  sharedFailure,
} from "./checks.ts";
import {
  deltaOfLoad,
  failingOrigin,
  keepsCapacity,
  largeCapacities,
  matchesModel,
  oddTtls,
  refusesCapacities,
  ruleLimits,
  rulePoints,
  someValueArrives,
} from "./scripts.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence };
const early = { driver: "early", evidence: earlyEvidence, build: "stress" } as const;
const benchParams = (threads: number) => ({ threads, gets: 12_000_000 });
/** What a call promises is told before a race that every_schedule tells as well. */
const promise = { needs: "some_value_arrives", about: ["property", "deadlock", "all_asleep"] };

/** As far as ThreadSanitizer and the explorer understand them; no thread of the cache's own, no sleep. */
const IMPORTS = [
  ...calls("memory", "mathematics", "thread_locals", "mutexes", "spinlocks", "rwlocks", "conditions", "semaphores"),
  ...["pthread_self", "pthread_equal", "pthread_once", "sched_yield"],
];

export default defineKata({
  id: "05-xfetch",
  title: "XFetch",
  idea: "no cache stampedes: refresh early, by chance, and one at a time",
  folder: dirname(import.meta.dir),
  edits: ["xfetch.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["xfetch_due", "xfetch_new", "xfetch_get", "xfetch_free"],
  imports: IMPORTS,
  functions: {
    xfetch_free: { args: ["pointer"], returns: "void" },
    script_begin: { args: ["u64"], returns: "void" },
    script_new: { args: ["u64", "u64"], returns: "pointer" },
    script_origin: { args: ["u64", "u64", "i32"], returns: "void" },
    script_draw: { args: ["u64", "u64"], returns: "void" },
    script_advance: { args: ["u64"], returns: "void" },
    script_get: { args: ["pointer", "u64"], returns: "cstring" },
    script_due: { args: ["u64", "u64", "u64", "u64", "u64"], returns: "bool" },
    script_excess: { args: ["pointer", "u64", "u64"], returns: "u64" },
    script_two_worlds: { args: [], returns: "cstring" },
    script_try: { args: ["u64"], returns: "bool" },
  },
  scripts: [
    someValueArrives,
    rulePoints,
    ruleLimits,
    refusesCapacities,
    largeCapacities,
    matchesModel,
    failingOrigin,
    oddTtls,
    deltaOfLoad,
    keepsCapacity,
  ],
  scenarios: [
    {
      ...early,
      id: "early",
      params: { beta_thousandths: 1_000, refreshes: 20_000 },
      checks: [earlyRefreshes, neverFar],
    },
    {
      id: "hour",
      build: "stress",
      params: { clients: 1_000, period_ms: 4_000, load_ms: 100, ttl_ms: 6_000, seconds: 3_600 },
      evidence: hourEvidence,
      checks: [loadsPerExpiry],
    },
    {
      id: "herd",
      build: "stress",
      params: { threads: 24, few: 6, rounds: 40 },
      deadline_ms: 20_000,
      evidence: herdEvidence,
      checks: [oneLoad, sharedFailure],
    },
    {
      id: "abreast",
      build: "stress",
      params: { threads: 140, rounds: 4, capacity: 4 },
      deadline_ms: 20_000,
      evidence: abreastEvidence,
      checks: [manyFlights],
    },
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 4, gets: 3_000, keys: 24, capacity: 8 },
      runs: 2,
      checks: [rightValues],
    },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 4, gets: 2_000, keys: 24, capacity: 8 },
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, gets: 1_000, keys: 24, capacity: 8 },
      runs: 2,
      checks: [raceFree],
    },
    { id: "counts", build: "stress", params: { few: 500, many: 8_000 }, evidence: countsEvidence, checks: [hitCost] },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
  ],
  explored: {
    checks: [
      { ...promise, id: "single_flight", points: 3, scenario: "missing", executions: 4_000 },
      { ...promise, id: "served_meanwhile", points: 3, scenario: "refreshing", executions: 2_000 },
      { ...promise, id: "keys_apart", points: 2, scenario: "apart", executions: 1_500 },
      { ...promise, id: "overtaken_refresh", points: 3, scenario: "overtaken", executions: 3_000 },
      { id: "whole_entries", points: 3, needs: "some_value_arrives", scenario: "whole", executions: 40_000 },
      { id: "evicted_entries", points: 2, needs: "some_value_arrives", scenario: "evicted", executions: 5_000 },
      { id: "every_schedule", points: 2, needs: "some_value_arrives", scenario: "traffic", executions: 5_000 },
      {
        id: "two_preemptions",
        points: 1,
        needs: "some_value_arrives",
        scenario: "small",
        executions: 50_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["matches_model", "early_refreshes", "one_load", "race_free", "right_values"],
    metrics: [
      {
        id: "threads_1",
        title: "a hot key, 1 thread",
        params: benchParams(1),
        tiers: { pass: 0.5, silver: 1.6, gold: 2.6 },
      },
      { id: "threads_2", title: "2 threads on one CPU", params: benchParams(2) },
      { id: "threads_4", title: "4 threads on one CPU", params: benchParams(4) },
      { id: "threads_8", title: "8 threads on one CPU", params: benchParams(8) },
    ],
    evidence: benchEvidence,
    sample: benchSample,
    lookAt: "what does a hit write that other threads read, and what does it compute although nothing can come of it?",
  },
  hints: [
    `Begin with the rule alone, as a function of five numbers. Write down what it says for a draw near 1, for one near 0 and
for 0 itself, and for a factor of zero; then what each comparison says when a number is NaN. Only then the cache. For one
key, list the states that its entry can be in: missing, live, live and being refreshed, expired, expired and being loaded.
For a get that arrives in each of them there are only four things to do: serve, refresh, wait, load.`,
    `Keep what a key has (value, delta, expiry) apart from what is going on for it: a flight, which one thread begins and others
may join. Deciding and beginning a flight must be one step, or two threads begin two; so must ending it and putting the
value into its place. Between the two steps nothing may be held. Threads that join get the outcome from the flight, not from the
table: by the time they wake up, the value may have expired, may have left, or never have been kept. And look at the clock
right before the load and right after it: nothing else belongs to delta or comes before the ttl.`,
    `Build it with one mutex first; it is correct, and everything but the speed can be had that way. Then look at what a hit
does. It writes to the lock, which all processors fight for, and it draws although most of the time no draw could matter:
with more than 40 times beta times delta to go, none does. What a hit reads are a few words that must belong together. A number
that is odd while they change, and looked at before and after, says whether they do (a seqlock); an entry that is never given
back to malloc before the end may be read even by a reader that comes too late. Every word has to be atomic, and the orders have
to keep the second look behind the words.`,
  ],
});
