// SPDX-License-Identifier: MIT
/** 10-reclamation, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import * as checks from "./checks.ts";
import { HAZARD, TAGGED } from "./files.ts";
import { hpKeepsOne, hpMatchesStack, taggedKeepsOne, taggedMatchesStack } from "./scripts.ts";

const slots = { driver: "tagged_crowd", evidence: checks.taggedCrowdEvidence, deadline_ms: 20_000 };
const items = { driver: "hp_crowd", evidence: checks.hpCrowdEvidence, deadline_ms: 20_000 };
const stress = { build: "stress", deadline_ms: 30_000 } as const;
const benchParams = (threads: number, parts: { tagged?: number; values?: number; reads?: number }) => ({
  ...{ threads, tagged: 0, values: 0, reads: 0, slots: 64 },
  ...parts,
});
const both = { tagged: 12_000_000, values: 4_000_000 };

export default defineKata({
  id: "10-reclamation",
  title: "Reclamation",
  idea: "ABA and who may free: tagged pointers, hazard pointers",
  after: ["02"],
  folder: dirname(import.meta.dir),
  edits: [TAGGED, HAZARD],
  baseline: "baseline.c",
  box: "B",
  exports: [
    ...["tagged_new", "tagged_push", "tagged_pop", "tagged_free"],
    ...["hp_new", "hp_attach", "hp_detach", "hp_protect", "hp_clear", "hp_retire", "hp_free"],
    ...["hp_stack_new", "hp_stack_push", "hp_stack_pop", "hp_stack_free"],
  ],
  imports: [...calls("memory", "thread_locals"), "pthread_self", "pthread_equal", "pthread_once", "qsort"],
  functions: {
    tagged_new: { args: ["u32"], returns: "pointer" },
    tagged_push: { args: ["pointer", "u32"], returns: "bool" },
    tagged_pop: { args: ["pointer"], returns: "u32" },
    tagged_free: { args: ["pointer"], returns: "void" },
    hp_new: { args: ["usize", "usize"], returns: "pointer" },
    hp_attach: { args: ["pointer"], returns: "pointer" },
    hp_detach: { args: ["pointer"], returns: "void" },
    hp_free: { args: ["pointer"], returns: "void" },
    hp_stack_new: { args: ["pointer"], returns: "pointer" },
    hp_stack_push: { args: ["pointer", "pointer", "u64"], returns: "bool" },
    hp_stack_pop: { args: ["pointer", "pointer", "pointer"], returns: "bool" },
    hp_stack_free: { args: ["pointer", "pointer"], returns: "void" },
  },
  scripts: [taggedKeepsOne, taggedMatchesStack, hpKeepsOne, hpMatchesStack],
  scenarios: [
    {
      ...slots,
      id: "tagged_crowd",
      build: "stress",
      params: { threads: 4, uses: 4_000, slots: 5 },
      runs: 6,
      checks: [checks.taggedNothingLost],
    },
    { ...stress, id: "tagged_paused", evidence: checks.taggedPausedEvidence, checks: [checks.taggedPausedThread] },
    {
      ...stress,
      id: "tagged_wrap",
      deadline_ms: 90_000,
      evidence: checks.taggedWrapEvidence,
      checks: [checks.taggedLongPause],
    },
    { ...stress, id: "tagged_counts", evidence: checks.countsEvidence, checks: [checks.taggedConstantCost] },
    { ...stress, id: "tagged_memory", evidence: checks.taggedMemoryEvidence, checks: [checks.taggedMemory] },
    {
      ...slots,
      id: "tagged_tsan",
      build: "tsan",
      params: { threads: 4, uses: 2_000, slots: 5 },
      runs: 3,
      checks: [checks.taggedRaceFree],
    },
    { ...stress, id: "hp_protects", evidence: checks.hpProtectsEvidence, checks: [checks.hpProtectsObjects] },
    {
      ...items,
      id: "hp_crowd",
      build: "stress",
      params: { threads: 4, turns: 6_000, frees: 0 },
      runs: 4,
      checks: [checks.hpReclaimsOnce],
    },
    { ...stress, id: "hp_waiting", evidence: checks.hpWaitingEvidence, checks: [checks.hpWaitingBounded] },
    {
      ...stress,
      id: "hp_leave",
      params: { rounds: 20_000 },
      evidence: checks.hpLeaveEvidence,
      checks: [checks.hpDetach],
    },
    { ...stress, id: "hp_chains", evidence: checks.hpChainsEvidence, checks: [checks.hpReclaimRetires] },
    { ...stress, id: "hp_paused", evidence: checks.hpPausedEvidence, checks: [checks.hpPausedThread] },
    { ...stress, id: "hp_counts", evidence: checks.countsEvidence, checks: [checks.hpCost] },
    { ...stress, id: "hp_memory", evidence: checks.hpMemoryEvidence, checks: [checks.hpNoMemory] },
    {
      ...items,
      id: "hp_asan",
      build: "asan",
      params: { threads: 6, turns: 4_000, frees: 1 },
      runs: 2,
      checks: [checks.hpMemoryClean],
    },
  ],
  explored: {
    checks: [
      {
        id: "tagged_every_schedule",
        file: TAGGED,
        points: 4,
        needs: "tagged_keeps_one",
        scenario: "tagged_traffic",
        executions: 15_000,
      },
      {
        id: "tagged_two_preemptions",
        file: TAGGED,
        points: 3,
        needs: "tagged_keeps_one",
        scenario: "tagged_small",
        executions: 200_000,
        preemptions: 2,
      },
      {
        id: "hp_every_schedule",
        file: HAZARD,
        points: 6,
        needs: "hp_keeps_one",
        scenario: "hp_objects",
        executions: 15_000,
      },
      {
        id: "hp_stack_every_schedule",
        file: HAZARD,
        points: 4,
        needs: "hp_keeps_one",
        scenario: "hp_values",
        executions: 6_000,
      },
      {
        id: "hp_two_preemptions",
        file: HAZARD,
        points: 2,
        needs: "hp_keeps_one",
        scenario: "hp_small",
        executions: 200_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    points: 8,
    needs: [
      ...["tagged_nothing_lost", "tagged_long_pause", "tagged_matches_stack", "tagged_every_schedule"],
      ...["hp_reclaims_once", "hp_waiting_bounded", "hp_matches_stack", "hp_every_schedule"],
    ],
    metrics: [
      {
        id: "both_4",
        title: "both stacks, 4 threads on one CPU",
        params: benchParams(4, both),
        tiers: { pass: 0.6, silver: 0.9, gold: 1.3 },
      },
      { id: "tagged_4", title: "slots, 4 threads", params: benchParams(4, { tagged: 12_000_000 }) },
      { id: "values_4", title: "values, 4 threads", params: benchParams(4, { values: 6_000_000 }) },
      { id: "reads_1", title: "protect and clear, 1 thread", params: benchParams(1, { reads: 20_000_000 }) },
    ],
    ...exactSample({ sum: 0, slots_left: ({ slots }) => slots!, reads: ({ reads }) => reads! }),
    lookAt:
      "how many atomic read-modify-writes and fences does a pop make, and how often does a retire look at all slots?",
  },
  hints: [
    `Take the stack of slots first. A pop knows two things when it comes to its compare-and-swap: which slot is on top, and
which one is below it. The instruction compares only the first. Write down a sequence of others' calls after which the first is
true and the second is not. It takes three calls. So what would have to be compared besides, for such a sequence to be noticed?`,
    `Something that changes whenever the top does, and does not come back soon: a count beside the slot's number, in the same word.
How many bits does each of the two need, and how long does the count last? For hazard pointers: a reader says in public what it is about to look at,
and then makes sure that it was not too late. Whoever retires something first takes it out, and then looks at what readers say. Each of the two
writes, and then reads what the other one writes. Which is the one kind of barrier that keeps a later load behind an earlier store?`,
    `Whatever was retired and is still protected has to wait somewhere, and a list for each thread is not good enough: each may then hold as many as there are slots,
and its thread may sleep. Think of who knows best when an object is free: the slot that protects it. There
are as many slots as objects can be protected at once. What if the object waited there, one at each slot, and went on to the next slots when it is found
to be protected no more? Say then who takes it from there, when two threads come at once, and what becomes of it when the slot's
thread has gone.`,
  ],
});
