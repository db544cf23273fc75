// SPDX-License-Identifier: MIT
/** 17-hot-key, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  boundedMemory,
  crowdEvidence,
  evenLoad,
  findsHeavy,
  memoryClean,
  neverBackwards,
  noMemory,
  noMemoryEvidence,
  raceFree,
  rareEvidence,
  zipfEvidence,
} from "./checks.ts";
import { matchesModel, refusesNonsense, someValue } from "./scripts.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence };
const benchParams = (threads: number, reads: number) => ({
  threads,
  reads: reads / threads,
  shards: 32,
  keys: 100_000,
});
/** What a call promises is told before a race that every_schedule tells as well. */
const promise = { needs: "some_value", about: ["property", "deadlock", "all_asleep"] };

/** As far as ThreadSanitizer and the explorer understand them, and no sleep. */
const IMPORTS = [
  ...calls("memory", "strings", "threads", "thread_locals", "mutexes", "spinlocks", "rwlocks", "barriers"),
  ...calls("conditions", "semaphores", "machine"),
  ...["sched_yield", "qsort"],
];

export default defineKata({
  id: "17-hot-key",
  title: "Hot key",
  idea: "the key that everybody reads: found by counting, replicated for a while, split over the shards",
  after: ["05", "06"],
  folder: dirname(import.meta.dir),
  edits: ["hot_key.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["hot_new", "hot_get", "hot_put", "hot_stats", "hot_free"],
  imports: IMPORTS,
  functions: {
    hot_free: { args: ["pointer"], returns: "void" },
    script_new: { args: ["u64", "u64", "u64", "u32"], returns: "pointer" },
    script_time: { args: ["u64"], returns: "void" },
    script_draw: { args: ["u64"], returns: "void" },
    script_fail_fetch: { args: ["u64", "u64"], returns: "void" },
    script_fail_store: { args: ["u64", "u64", "u64"], returns: "void" },
    script_write: { args: ["u64", "u64", "u64", "u64"], returns: "void" },
    script_get: { args: ["pointer", "u64"], returns: "cstring" },
    script_reads: { args: ["pointer", "u64", "u64"], returns: "cstring" },
    script_put: { args: ["pointer", "u64", "u64"], returns: "cstring" },
    script_stats: { args: ["pointer"], returns: "cstring" },
    script_two_caches: { args: [], returns: "cstring" },
    script_most_hot: { args: ["u64", "u64"], returns: "cstring" },
  },
  scripts: [someValue, refusesNonsense, matchesModel],
  scenarios: [
    {
      id: "zipf",
      build: "stress",
      params: { shards: 8, keys: 10_000, reads: 60_000, replicas: 8, even: 1 },
      evidence: zipfEvidence,
      checks: [evenLoad],
    },
    {
      id: "rare",
      build: "stress",
      params: { shards: 256, background: 1_100, times: 4, replicas: 8 },
      evidence: rareEvidence,
      checks: [findsHeavy],
    },
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 4, rounds: 3_000, staleness: 20 },
      runs: 3,
      checks: [neverBackwards, boundedMemory],
    },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 4, rounds: 2_000, staleness: 0 },
      runs: 2,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, rounds: 1_000, staleness: 10 },
      runs: 2,
      checks: [raceFree],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 8, needs: "some_value", scenario: "traffic", executions: 4_000 },
      { ...promise, id: "single_flight", points: 6, scenario: "flights", executions: 2_000 },
      { ...promise, id: "own_writes", points: 9, scenario: "own", executions: 3_000 },
      { ...promise, id: "never_older", points: 5, scenario: "older", executions: 1_500 },
      { ...promise, id: "racing_puts", points: 5, scenario: "racing", executions: 4_000 },
      { ...promise, id: "not_locked", points: 5, scenario: "apart", executions: 1_500 },
      { ...promise, id: "cools_down", points: 3, scenario: "cooling", executions: 600 },
      {
        id: "three_preemptions",
        points: 2,
        needs: "some_value",
        scenario: "small",
        executions: 20_000,
        preemptions: 3,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["never_backwards", "race_free", "matches_model"],
    metrics: [
      {
        id: "zipf",
        title: "4 readers, Zipf's law, 32 shards that answer at once, on one CPU",
        params: benchParams(4, 400_000),
        tiers: { pass: 0.8, silver: 1.95, gold: 2.8 },
      },
      { id: "alone", title: "1 reader", params: benchParams(1, 400_000) },
    ],
    ...exactSample({ right: ({ threads, reads }) => threads! * reads!, cold: 0, kept: 0 }),
    lookAt: "what does a read of a key cost that has no counter, when all counters are taken?",
  },
  hints: [
    `Take three things apart, and write down what each has to remember: who is hot (counts of one window, and the keys that were
hot in the last one); what is known of a hot key (its newest value and version, when that came, and of each copy how new it is); what is on its way
(for each fetch that runs: which copy, and who waits). Of a key that is not hot you remember nothing. So what keeps a thread from
reading backwards there?`,
    `Play two threads by hand. One has read version 7 and is on its way back; the other puts 8 and reads. There are two ways out: nobody
shares a fetch that began before its own call; or whoever learns of a version tells the fetches that are under way, and they bring home
the newest they know. Then play it again with the key becoming hot in between, and once more with two puts of which the
later one is faster. Whatever you had looked up before a fetch or store may be another key's afterwards. The version decides, not the order of arrival.`,
    `Build it in this order: one mutex, every get a fetch of the home copy with the lock given up, puts with versions. Then one
fetch at a time: a record on the stack of the one that fetches, in a list where others find it; each waiter with a condition variable of its own. Then counting, first
exactly, then by space-saving: lists of counters by count, so that a rarest one is at hand. Then replicas, then the other copies: a version for each, "filled" as
a comparison with the newest version known, and one get at a time that fills. A put looks for the hot key after its
store has returned, not before.`,
  ],
});
