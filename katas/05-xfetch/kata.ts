// SPDX-License-Identifier: MIT
/** 05-xfetch, as data. */
import { defineKata } from "@c10kata/harness";
import {
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
const benchParams = (threads: number) => ({ threads, gets: 8_000_000 });

/** POSIX threads as far as ThreadSanitizer and the explorer understand them; no thread of the cache's own, no sleep. */
const THREADS =
  "pthread_self pthread_equal pthread_once " +
  "pthread_mutexattr_init pthread_mutexattr_destroy pthread_mutexattr_settype pthread_mutex_init " +
  "pthread_mutex_destroy pthread_mutex_lock pthread_mutex_trylock pthread_mutex_unlock " +
  "pthread_condattr_init pthread_condattr_destroy pthread_cond_init pthread_cond_destroy " +
  "pthread_cond_wait pthread_cond_signal pthread_cond_broadcast " +
  "pthread_spin_init pthread_spin_destroy pthread_spin_lock pthread_spin_trylock pthread_spin_unlock " +
  "pthread_rwlock_init pthread_rwlock_destroy pthread_rwlock_rdlock pthread_rwlock_tryrdlock pthread_rwlock_wrlock " +
  "pthread_rwlock_trywrlock pthread_rwlock_unlock " +
  "pthread_key_create pthread_key_delete pthread_getspecific pthread_setspecific " +
  "sem_init sem_destroy sem_wait sem_trywait sem_post sem_getvalue sched_yield";
const MEMORY = "malloc calloc realloc aligned_alloc posix_memalign free";
const MATHEMATICS = "log log1p log2 log10 exp expm1 exp2 pow fabs fmin fmax floor ldexp frexp nextafter";

export default defineKata({
  id: "05-xfetch",
  title: "XFetch",
  idea: "no cache stampedes: refresh early, by chance, and one at a time",
  folder: import.meta.dir,
  edits: ["xfetch.c"],
  drivers: ["bench", "calls", "counts", "crowd", "early", "herd", "memory", "scenarios"].map(
    (name) => `driver/${name}.c`,
  ),
  baseline: "baseline.c",
  exports: ["xfetch_due", "xfetch_new", "xfetch_get", "xfetch_free"],
  imports: [THREADS, MEMORY, MATHEMATICS].join(" ").split(" "),
  functions: {
    xfetch_free: { args: ["pointer"], returns: "void" },
    script_begin: { args: [], returns: "void" },
    script_new: { args: ["u64", "u64"], returns: "pointer" },
    script_origin: { args: ["u64", "u64", "i32"], returns: "void" },
    script_draw: { args: ["u64", "u64"], returns: "void" },
    script_advance: { args: ["u64"], returns: "void" },
    script_get: { args: ["pointer", "u64"], returns: "cstring" },
    script_due: { args: ["u64", "u64", "u64", "u64", "u64"], returns: "bool" },
    script_excess: { args: ["pointer", "u64", "u64"], returns: "u64" },
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
      params: { clients: 1_000, period_ms: 3_000, load_ms: 100, ttl_ms: 6_000, seconds: 3_600 },
      evidence: hourEvidence,
      checks: [loadsPerExpiry],
    },
    {
      id: "herd",
      build: "stress",
      params: { threads: 6, rounds: 40 },
      deadline_ms: 20_000,
      evidence: herdEvidence,
      checks: [oneLoad, sharedFailure],
    },
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 4, gets: 4_000, keys: 24, capacity: 8 },
      runs: 3,
      checks: [rightValues],
    },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 4, gets: 2_000, keys: 24, capacity: 8 },
      runs: 2,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, gets: 1_000, keys: 24, capacity: 8 },
      runs: 3,
      checks: [raceFree],
    },
    { id: "counts", build: "stress", params: { few: 500, many: 16_000 }, evidence: countsEvidence, checks: [hitCost] },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
  ],
  explored: {
    drivers: ["explored", "explore_flights", "explore_entries"].map((name) => `driver/${name}.c`),
    checks: [
      { id: "single_flight", points: 1, needs: "some_value_arrives", scenario: "missing", executions: 10_000 },
      { id: "served_meanwhile", points: 1, needs: "some_value_arrives", scenario: "refreshing", executions: 5_000 },
      { id: "keys_apart", points: 1, needs: "some_value_arrives", scenario: "apart", executions: 3_000 },
      { id: "overtaken_refresh", points: 1, needs: "some_value_arrives", scenario: "overtaken", executions: 8_000 },
      { id: "whole_entries", points: 1, needs: "some_value_arrives", scenario: "whole", executions: 12_000 },
      { id: "evicted_entries", points: 1, needs: "some_value_arrives", scenario: "evicted", executions: 12_000 },
      { id: "every_schedule", points: 1, needs: "some_value_arrives", scenario: "traffic", executions: 15_000 },
      { id: "two_preemptions", points: 1, needs: "some_value_arrives", scenario: "small", executions: 200_000, preemptions: 2 },
    ],
  },
  throughput: {
    id: "throughput",
    points: 3,
    needs: ["matches_model", "early_refreshes", "one_load", "race_free", "right_values"],
    metrics: [
      {
        id: "threads_1",
        title: "a hot key, 1 thread",
        params: benchParams(1),
        tiers: { pass: 1.1, silver: 1.6, gold: 2.4 },
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
    `Hint one, to be written, long enough.`,
    `Hint two, to be written, long enough.`,
    `Hint three, to be written, long enough.`,
  ],
});
