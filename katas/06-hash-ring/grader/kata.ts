// SPDX-License-Identifier: MIT
/** 06-hash-ring, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import {
  balance,
  bench,
  changeCost,
  churnEvidence,
  countsEvidence,
  hugeKeys,
  lookupCost,
  memoryClean,
  minimalMovement,
  movementEvidence,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  raceFree,
  readersAgree,
  readersEvidence,
  ringsEvidence,
  separateRings,
  sharesEvidence,
} from "./checks.ts";
import { fnvVectors, ringVectors } from "./hashes.ts";
import { anySize, equalPoints, matchesModel, namesCopied, refusesBadNames, someKeyFindsNode } from "./scripts.ts";

const readers = { driver: "readers", evidence: readersEvidence };

export default defineKata({
  id: "06-hash-ring",
  title: "Hash ring",
  idea: "consistent hashing: nodes come and go, nearly every key stays",
  folder: dirname(import.meta.dir),
  edits: ["hash_ring.c"],
  baseline: "baseline.c",
  box: "B",
  exports: [
    "fnv1a_64",
    "ring_hash",
    "ring_new",
    "ring_add_node",
    "ring_remove_node",
    "ring_get_node",
    "ring_get_nodes",
    "ring_free",
  ],
  imports: [...calls("memory"), "qsort"],
  functions: {
    fnv1a_64: { args: ["pointer", "usize"], returns: "u64" },
    ring_hash: { args: ["pointer", "usize"], returns: "u64" },
    ring_new: { args: ["usize"], returns: "pointer" },
    ring_add_node: { args: ["pointer", "pointer"], returns: "i32" },
    ring_remove_node: { args: ["pointer", "pointer"], returns: "i32" },
    ring_get_node: { args: ["pointer", "pointer", "usize"], returns: "cstring" },
    ring_free: { args: ["pointer"], returns: "void" },
    add_huge_node: { args: ["usize"], returns: "i32" },
    nodes_as_text: { args: ["pointer", "pointer", "usize", "usize"], returns: "cstring" },
  },
  scripts: [
    someKeyFindsNode,
    fnvVectors,
    ringVectors,
    refusesBadNames,
    matchesModel,
    equalPoints,
    anySize,
    namesCopied,
  ],
  scenarios: [
    {
      id: "movement",
      build: "stress",
      params: { vnodes: 150, nodes: 12, keys: 20_000 },
      runs: 2,
      evidence: movementEvidence,
      checks: [minimalMovement],
    },
    {
      id: "shares",
      build: "stress",
      params: { rings: 8, vnodes: 150, nodes: 10, keys: 20_000 },
      runs: 2,
      evidence: sharesEvidence,
      checks: [balance],
    },
    {
      ...readers,
      id: "readers",
      build: "stress",
      params: { vnodes: 50, threads: 4, keys: 1_000, rounds: 3 },
      runs: 4,
      checks: [readersAgree],
    },
    {
      id: "rings",
      build: "stress",
      params: { vnodes: 5 },
      evidence: ringsEvidence,
      checks: [separateRings, hugeKeys],
    },
    {
      id: "counts",
      build: "stress",
      deadline_ms: 30_000,
      evidence: countsEvidence,
      checks: [noAllocation, lookupCost, changeCost],
    },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    { id: "churn", build: "asan", params: { changes: 400 }, runs: 3, evidence: churnEvidence, checks: [memoryClean] },
    {
      ...readers,
      id: "readers_tsan",
      build: "tsan",
      params: { vnodes: 20, threads: 4, keys: 200, rounds: 3 },
      runs: 3,
      checks: [raceFree],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 5, needs: "matches_model", scenario: "readers", executions: 20_000 },
      {
        id: "two_preemptions",
        points: 5,
        needs: "matches_model",
        scenario: "pair",
        executions: 200_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["matches_model", "equal_points", "readers_agree", "lookup_cost", "race_free"],
    metrics: [
      {
        id: "nodes_10",
        title: "lookups, 10 nodes",
        params: { nodes: 10, lookups: 124 * 8_192 },
        tiers: { pass: 3.2, silver: 9, gold: 16 },
      },
      { id: "nodes_100", title: "100 nodes added, then lookups", params: { nodes: 100, lookups: 6 * 8_192 } },
      { id: "nodes_1000", title: "1,000 nodes added, then lookups", params: { nodes: 1000, lookups: 8_192 } },
    ],
    ...bench,
    lookAt: "which loads of a lookup wait for another one, and which of its branches can't be foreseen?",
  },
  hints: [
    `Draw a circle and put the points of three nodes on it, four each. Put a key on it, and walk clockwise to its owner. Now
cut the circle open at position 0 and lay it out as a line: that is what lies in memory. Which question about this line
does a lookup ask, and which key has no answer on the line itself? Then add a fourth node: which arcs change their
owner, and which do not?`,
    `An array of points in order answers a lookup by halving. A change need not sort it again: what was in order stays in
order, and only the new node's own points have to be sorted before the two meet. Prepare everything that can fail
first, and touch the ring only when nothing can fail any more; when a node goes, the points that stay move together in
place. Compare hashes, never subtract them, and say what happens when they are equal.`,
    `For speed, ask what a search by halving does to the processor: every step waits for the one before, and half of its
branches are guessed wrong. One way keeps the search and takes the branch away; another lays the points out in the
order in which the search meets them. The third uses what hashes are: spread evenly, so the upper bits of one tell
nearly where it stands among the others. A table could remember that. How large must it be, and what closes the ring
at its end so that the last step needs no test?`,
  ],
});
