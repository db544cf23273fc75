// SPDX-License-Identifier: MIT
/** 02-mpsc-queue, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  abandonedEvidence,
  constantCost,
  consumerMoves,
  countsEvidence,
  crowdEvidence,
  fifoPerProducer,
  freeLeavesNodes,
  longQueue,
  manyThreads,
  memoryClean,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  nothingLost,
  popNeverWaits,
  queuesEvidence,
  queuesRaceFree,
  raceFree,
  separateQueues,
  stalledEvidence,
  stalledProducer,
} from "./checks.ts";
import { matchesFifo, someNodeArrives } from "./scripts.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence };
const queues = { driver: "queues", evidence: queuesEvidence };
const stalled = { driver: "stalled", build: "stress", deadline_ms: 20_000, evidence: stalledEvidence } as const;
const benchParams = (producers: number) => ({ producers, items: 10_000_000 / producers });

/** What is lost or comes twice is told before the freed node that somebody met in consequence. */
const promise = { needs: "some_node_arrives", about: ["property"] };

export default defineKata({
  id: "02-mpsc-queue",
  title: "MPSC queue",
  idea: "many producers, one consumer, no locks: C11 atomics",
  folder: dirname(import.meta.dir),
  edits: ["mpsc_queue.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["mpsc_new", "mpsc_push", "mpsc_pop", "mpsc_free"],
  imports: calls("memory"),
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
      params: { producers: 4, items: 2_000, recycle: 1, handover: 0 },
      runs: 8,
      checks: [nothingLost, fifoPerProducer],
    },
    { ...stalled, id: "stalled", params: { pops: 0 }, checks: [stalledProducer] },
    { ...stalled, id: "stalled_pops", params: { pops: 1 }, checks: [popNeverWaits] },
    { id: "counts", build: "stress", evidence: countsEvidence, checks: [noAllocation, constantCost, longQueue] },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    { id: "abandoned", build: "asan", evidence: abandonedEvidence, checks: [freeLeavesNodes] },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { producers: 4, items: 1_000, recycle: 0, handover: 0 },
      runs: 3,
      checks: [memoryClean],
    },
    {
      ...crowd,
      id: "multitude",
      build: "asan",
      params: { producers: 200, items: 2, recycle: 0, handover: 0 },
      deadline_ms: 20_000,
      checks: [manyThreads],
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { producers: 4, items: 1_000, recycle: 1, handover: 0 },
      runs: 5,
      checks: [raceFree],
    },
    {
      ...queues,
      id: "queues",
      build: "stress",
      params: { generations: 20, producers: 3, items: 100 },
      deadline_ms: 20_000,
      runs: 3,
      checks: [separateQueues],
    },
    {
      ...queues,
      id: "queues_tsan",
      build: "tsan",
      params: { generations: 8, producers: 3, items: 100 },
      deadline_ms: 20_000,
      runs: 2,
      checks: [queuesRaceFree],
    },
    {
      ...crowd,
      id: "relay",
      build: "stress",
      params: { producers: 4, items: 1_000, recycle: 1, handover: 1 },
      runs: 3,
      checks: [consumerMoves],
    },
  ],
  explored: {
    checks: [
      { id: "every_schedule", points: 5, ...promise, scenario: "traffic", executions: 60_000 },
      { id: "two_preemptions", points: 5, ...promise, scenario: "small", executions: 200_000, preemptions: 2 },
    ],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["nothing_lost", "fifo_per_producer", "stalled_producer", "race_free", "matches_fifo", "every_schedule"],
    metrics: [
      {
        id: "producers_4",
        title: "4 producers on one CPU",
        params: benchParams(4),
        tiers: { pass: 1.2, silver: 2, gold: 2.5 },
      },
      { id: "producers_1", title: "1 producer", params: benchParams(1) },
      { id: "producers_2", title: "2 producers", params: benchParams(2) },
      { id: "producers_8", title: "8 producers", params: benchParams(8) },
    ],
    ...exactSample({ received: ({ producers, items }) => producers! * items!, out_of_order: 0 }),
    lookAt: "how many atomic read-modify-writes and fences does a push make, and who else writes the lines it touches?",
  },
  hints: [
    `Draw the queue as a linked list and write beside each pointer who reads it and who writes it. The consumer's end needs
no atomics if nobody else touches it. All producers meet in one single word: which one, and what does a producer have
to know about it to take its place? Then draw the picture between the two stores of a push, with a second producer
arriving just then.`,
    `The place in the order is won by one read-modify-write on the shared word; everything after that concerns only the
node found there and the new one. What must be true of the new node before anybody can find it? The consumer may meet
the half-done push: the contract gives it an answer for that, so it never has to wait. An empty list is easier if it is
never quite empty: a node that belongs to the queue itself can stand in.`,
    `The last node is the hard one: the shared word still names it, so the next producer will write to it. Before it can be
given away, something else has to stand behind it, and the queue owns a node that can. For the memory orders, say for
every store who must see what: the contents of an item travel with the link that makes it reachable; the emptied \`next\`
travels with the claim. And keep what producers write apart from what the consumer writes.`,
  ],
});
