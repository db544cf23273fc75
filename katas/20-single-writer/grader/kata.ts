// SPDX-License-Identifier: MIT
/** 20-single-writer, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  aloneEvidence,
  crowdEvidence,
  memoryClean,
  neverGoesBack,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  ownersEvidence,
  raceFree,
  realRedis,
  unguessable,
} from "./checks.ts";
import {
  emptyRedis,
  firstLease,
  lostReplies,
  oneRequest,
  ownKeyAlone,
  saysWhy,
  singleWriter,
  tokensInOrder,
  validInTime,
} from "./scripts.ts";
import { storeRefuses } from "./store_scripts.ts";
import { playWriters } from "./writers.ts";

const crowd = { driver: "crowd", evidence: crowdEvidence, deadline_ms: 20_000 };
const benchParams = (leases: number, renewals: number) => ({ leases, renewals, work: 15_000 });

export default defineKata({
  id: "20-single-writer",
  title: "Single writer",
  idea: "a lease in Redis that is always out of date, and a store that refuses whoever was the writer",
  after: ["07"],
  folder: dirname(import.meta.dir),
  edits: ["single_writer.c"],
  baseline: "baseline.c",
  box: "B",
  exports: [
    ...["lease_client_new", "lease_client_free", "lease_acquire", "lease_renew", "lease_release"],
    ...["store_new", "store_number", "store_write", "store_read", "store_free"],
  ],
  imports: [...calls("memory", "mutexes", "spinlocks", "rwlocks"), "pthread_once", "pthread_self", "pthread_equal"],
  /** The scripts are run by what Redis runs them with; the stage's processes speak to a real one. */
  link: ["-llua5.1", "-lhiredis"],
  functions: {
    lease_client_free: { args: ["pointer"], returns: "void" },
    store_new: { args: [], returns: "pointer" },
    store_number: { args: ["pointer"], returns: "u64" },
    store_free: { args: ["pointer"], returns: "void" },
    script_world: { args: ["i32"], returns: "void" },
    script_client: { args: ["u64", "u64", "i64"], returns: "cstring" },
    script_plan: { args: ["u64", "u64", "u64", "u64", "u64", "u64"], returns: "void" },
    script_no_random: { args: [], returns: "void" },
    script_watch_tokens: { args: [], returns: "void" },
    script_pass: { args: ["u64"], returns: "void" },
    script_restart: { args: [], returns: "void" },
    script_arrive: { args: [], returns: "void" },
    script_acquire: { args: ["u64", "u64", "u64", "u64"], returns: "cstring" },
    script_acquire_long: { args: ["u64", "u64"], returns: "cstring" },
    script_renew: { args: ["u64", "u64"], returns: "cstring" },
    script_renew_forgotten: { args: ["u64", "u64"], returns: "cstring" },
    script_release: { args: ["u64", "u64"], returns: "cstring" },
    script_counts: { args: [], returns: "cstring" },
    script_key: { args: ["u64"], returns: "cstring" },
    script_write: { args: ["u64"], returns: "i32" },
    script_stored: { args: [], returns: "cstring" },
    script_end: { args: [], returns: "void" },
    script_put: { args: ["pointer", "u64", "u64", "u64"], returns: "i32" },
    script_get: { args: ["pointer", "u64"], returns: "cstring" },
    script_size: { args: ["pointer"], returns: "u64" },
  },
  scripts: [
    ...[firstLease, saysWhy, storeRefuses, oneRequest, ownKeyAlone, validInTime, tokensInOrder],
    ...[lostReplies, emptyRedis, singleWriter],
  ],
  scenarios: [
    { id: "owners", build: "stress", deadline_ms: 20_000, evidence: ownersEvidence, checks: [unguessable] },
    { id: "alone", build: "stress", params: { rounds: 20 }, evidence: aloneEvidence, checks: [noAllocation] },
    { ...crowd, id: "crowd", build: "stress", params: { threads: 4, rounds: 400 }, runs: 3, checks: [neverGoesBack] },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: [noMemory] },
    { ...crowd, id: "crowd_asan", build: "asan", params: { threads: 4, rounds: 100 }, checks: [memoryClean] },
    { ...crowd, id: "crowd_tsan", build: "tsan", params: { threads: 4, rounds: 60 }, runs: 3, checks: [raceFree] },
  ],
  staged: [{ id: "writers", redis: true, deadline_ms: 60_000, play: playWriters, checks: [realRedis] }],
  explored: {
    checks: [{ id: "every_schedule", points: 3, needs: "store_refuses", scenario: "writers", executions: 8_000 }],
  },
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["single_writer", "one_request", "never_goes_back", "race_free"],
    metrics: [
      {
        id: "short",
        title: "leases that are extended and written with twice",
        params: benchParams(1_500, 2),
        tiers: { pass: 1, silver: 1.1, gold: 1.25 },
      },
      { id: "long", title: "one lease, extended all the time", params: benchParams(10, 600) },
    ],
    ...exactSample({ held: ({ leases }) => leases!, kept: ({ leases }) => leases! }),
    lookAt: "how many requests does each call make, and which of them asks what the next one finds out anyway?",
  },
  hints: [
    `Draw two lines, one for Redis and one for a process, and on each mark the moment at which a request is sent, carried out, answered.
Now let the process stop for an hour, between any two of its marks. What does it believe when it wakes up, and what is true? Which of its
beliefs can it check by its own clock, which only by asking, and which by nothing at all? For the last ones somebody else has to look.`,
    `Three things carry it. What changes a key must look and change in one step, on the server: ask yourself who could come between two
commands of yours. The lease's life is counted from a moment that was surely before the server began to count. And the number that
the store compares has to be drawn at a moment in which the lease before is surely over: what would an earlier one be worth?`,
    `Build acquire in this order: arguments, random bytes made into text, the clock, SET with NX and PX, the number, the clock again. For each
step write down what is left behind if it fails, and take it back once, with the script that release uses. Renew: the clock, the script, the
clock. No reply is neither yes nor no: nothing that you know of the lease has changed. The store needs two numbers under one lock: the last one drawn,
and that of the value; make the copy before you take the lock.`,
  ],
});
