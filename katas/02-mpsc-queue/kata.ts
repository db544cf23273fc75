// SPDX-License-Identifier: MIT
/** 02-mpsc-queue, as data. */
import { defineKata } from "@c10kata/harness";
import {
  abandonedEvidence,
  benchEvidence,
  benchSample,
  constantCost,
  consumerMoves,
  countsEvidence,
  crowdEvidence,
  fifoPerProducer,
  freeLeavesNodes,
  memoryClean,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  nothingLost,
  popNeverWaits,
  raceFree,
  stalledEvidence,
  stalledProducer,
} from "./checks.ts";
import { matchesFifo, someNodeArrives } from "./scripts.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence };
const benchParams = (producers: number) => ({ producers, items: 4_000_000 / producers });

export default defineKata({
  id: "02-mpsc-queue",
  title: "MPSC queue",
  idea: "many producers, one consumer, no locks: C11 atomics",
  folder: import.meta.dir,
  edits: ["mpsc_queue.c"],
  drivers: ["driver.c", "driver_crowd.c", "driver_stalled.c", "driver_counts.c", "driver_memory.c", "driver_bench.c"],
  baseline: "baseline.c",
  exports: ["mpsc_new", "mpsc_push", "mpsc_pop", "mpsc_free"],
  imports: ["malloc", "calloc", "aligned_alloc", "free"],
  functions: {
    mpsc_new: { args: [], returns: "pointer" },
    mpsc_push: { args: ["pointer", "pointer"], returns: "void" },
    mpsc_pop: { args: ["pointer"], returns: "pointer" },
    mpsc_free: { args: ["pointer"], returns: "void" },
  },
  scripts: [someNodeArrives, matchesFifo],
  scenarios: [
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { producers: 3, items: 2_000, recycle: 1, handover: 0 },
      runs: 8,
      checks: [nothingLost, fifoPerProducer],
    },
    { id: "stalled", build: "stress", evidence: stalledEvidence, checks: [stalledProducer, popNeverWaits] },
    { id: "counts", build: "stress", evidence: countsEvidence, checks: [noAllocation, constantCost] },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    { id: "abandoned", build: "asan", evidence: abandonedEvidence, checks: [freeLeavesNodes] },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { producers: 3, items: 1_000, recycle: 0, handover: 0 },
      runs: 3,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { producers: 3, items: 500, recycle: 1, handover: 0 },
      runs: 5,
      checks: [raceFree],
    },
    {
      ...crowd,
      id: "relay",
      build: "stress",
      params: { producers: 3, items: 1_000, recycle: 1, handover: 1 },
      runs: 3,
      checks: [consumerMoves],
    },
  ],
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["nothing_lost", "fifo_per_producer", "stalled_producer", "race_free", "matches_fifo"],
    metrics: [
      {
        id: "producers_4",
        title: "4 producers on one CPU",
        params: benchParams(4),
        tiers: { pass: 1.2, silver: 1.5, gold: 2 },
      },
      { id: "producers_1", title: "1 producer", params: benchParams(1) },
      { id: "producers_2", title: "2 producers", params: benchParams(2) },
      { id: "producers_8", title: "8 producers", params: benchParams(8) },
    ],
    evidence: benchEvidence,
    sample: benchSample,
    lookAt: "how many atomic read-modify-writes and fences does a push make, and who else writes the lines it touches?",
  },
  hints: ["to be written: hint one", "to be written: hint two", "to be written: hint three"],
});
