// SPDX-License-Identifier: MIT
/** 04-lru-lfu, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import type { Check } from "@c10kata/harness/check";
import { fileOf } from "./caches.ts";
import * as checks from "./checks.ts";
import { KINDS, type Kind } from "./model.ts";
import { lfuKeepsOne, lfuMatchesModel, lruKeepsOne, lruMatchesModel } from "./scripts.ts";

const [lru, lfu] = KINDS.map((_, kind) => ({ kind })) as [{ kind: number }, { kind: number }];
type Scenario = Parameters<typeof defineKata>[0]["scenarios"][number];

/** A scenario for each cache, with the checks of each. Much is counted here, and a right design may be slow on a busy machine. */
const both = (
  id: string,
  scenario: Omit<Scenario, "id" | "checks">,
  ...pairs: Record<Kind, Check<any>>[]
): Scenario[] =>
  KINDS.map((name, kind) => ({
    driver: id,
    deadline_ms: 30_000,
    ...scenario,
    id: `${name}_${id}`,
    params: { kind, ...scenario.params },
    checks: pairs.map((pair) => pair[name]),
  }));

const stress = (evidence: Scenario["evidence"]) => ({ build: "stress", evidence }) as const;
const crowd = { driver: "crowd", evidence: checks.crowdEvidence, deadline_ms: 10_000 };
const many = { threads: 4, items: 4_000, capacity: 24 };
const some = { threads: 4, items: 1_000, capacity: 16 };
const benchParams = (kind: { kind: number }, threads: number) => ({
  ...kind,
  threads,
  calls: 2_400_000,
  capacity: 100_000,
});

export default defineKata({
  id: "04-lru-lfu",
  title: "LRU and LFU caches",
  idea: "two caches in O(1), shared by threads: the list through the table",
  folder: dirname(import.meta.dir),
  edits: KINDS.map(fileOf),
  baseline: "baseline.c",
  box: "B",
  intercepted: ["sched_yield", "memcpy", "memmove", "memset", "memcmp"],
  exports: KINDS.flatMap((kind) => ["new", "get", "put", "remove", "size", "free"].map((call) => `${kind}_${call}`)),
  imports: [...calls("memory", "mutexes", "spinlocks", "rwlocks", "conditions", "semaphores"), "sched_yield"],
  functions: Object.fromEntries(
    KINDS.flatMap((kind) => [
      [`${kind}_new`, { args: ["usize"], returns: "pointer" }],
      [`${kind}_get`, { args: ["pointer", "u64", "pointer"], returns: "bool" }],
      [`${kind}_put`, { args: ["pointer", "u64", "u64", "pointer"], returns: "bool" }],
      [`${kind}_remove`, { args: ["pointer", "u64"], returns: "bool" }],
      [`${kind}_size`, { args: ["pointer"], returns: "usize" }],
      [`${kind}_free`, { args: ["pointer"], returns: "void" }],
    ]),
  ),
  scripts: [lruKeepsOne, lruMatchesModel, lfuKeepsOne, lfuMatchesModel],
  scenarios: [
    ...both("growth", stress(checks.growthEvidence), checks.noAllocation, checks.constantCost),
    ...both("patterns", stress(checks.patternsEvidence), checks.anyKeys),
    ...both("counts", stress(checks.countsEvidence), checks.countsOn),
    ...both("no_memory", stress(checks.noMemoryEvidence), checks.noMemory),
    ...both("capacities", stress(checks.capacitiesEvidence), checks.capacities),
    ...both("crowd", { ...crowd, build: "stress", params: many, runs: 3 }, checks.nothingLost),
    ...both("held", stress(checks.heldEvidence), checks.waitsPolitely),
    ...both("crowd_asan", { ...crowd, build: "asan", params: some }, checks.memoryClean),
    ...both("crowd_tsan", { ...crowd, build: "tsan", params: some, runs: 2 }, checks.raceFree),
  ],
  explored: {
    checks: KINDS.flatMap((kind) => [
      {
        id: `${kind}_every_schedule`,
        file: fileOf(kind),
        points: 5,
        needs: `${kind}_keeps_one`,
        scenario: `${kind}_history`,
        executions: 25_000,
      },
      {
        id: `${kind}_two_preemptions`,
        file: fileOf(kind),
        points: 2,
        needs: `${kind}_keeps_one`,
        scenario: `${kind}_small`,
        executions: 20_000,
        preemptions: 2,
      },
    ]),
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: KINDS.flatMap((kind) =>
      ["matches_model", "nothing_lost", "race_free", "every_schedule"].map((check) => `${kind}_${check}`),
    ),
    metrics: [
      {
        id: "lru_4",
        title: "LRU, 4 threads on one CPU",
        params: benchParams(lru, 4),
        tiers: { pass: 0.5, silver: 1.3, gold: 1.85 },
      },
      { id: "lru_1", title: "LRU, 1 thread", params: benchParams(lru, 1) },
      { id: "lru_2", title: "LRU, 2 threads", params: benchParams(lru, 2) },
      { id: "lru_8", title: "LRU, 8 threads", params: benchParams(lru, 8) },
      { id: "lfu_4", title: "LFU, 4 threads", params: benchParams(lfu, 4) },
    ],
    evidence: checks.benchEvidence,
    sample: checks.benchSample,
    lookAt: "how many cache lines does a hit touch, and how many of its entry's neighbours does it have to change?",
  },
  hints: [
    `A cache answers two questions: where is the entry of this key, and which entry leaves next? No single structure answers
both at once. Use one structure for each question, and let every entry be in both. Draw three entries in both, then use the
middle one: which fields change, and does their number depend on how many entries there are?`,
    `Since all memory comes from new, entries can stay in one array, and a link can be the number of an entry. One place that
is not an entry can stand at both ends of the order, so that every entry has two neighbours. For the index, ask what the
keys would have to look like for all of them to fall into one chain: chains are only as short as the hash makes them. As to
threads: which calls change nothing at all, and is get one of them?`,
    `For lfu, put the entries with equal counts into one group, in order of last use, and the groups into a list by count. A use
moves an entry to the next group if that group has the next count, and else to a new group in between; a group that becomes
empty is removed. There are never more groups than entries. The entry that leaves is the oldest of the first group; a put of
a new key chooses it before it adds the new entry, which would otherwise be the one with the fewest uses.`,
  ],
});
