// SPDX-License-Identifier: MIT
/** 16-rate-limiter, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import { bucketMakesRoom, bucketMatchesModel, bucketSomeTokens } from "./buckets.ts";
import * as checks from "./checks.ts";
import { LOCAL, SHARED } from "./files.ts";
import { refusesNonsense } from "./nonsense.ts";
import { memoryClean, raceFree } from "./sanitized.ts";
import { playAlone, playCrowd } from "./shared.ts";
import { windowMatchesModel } from "./windows.ts";

/** What a limiter needs of hiredis' synchronous calls; none of them leaves the process but to the server. */
const HIREDIS = (
  "redisConnectUnix redisConnectUnixWithTimeout redisConnectUnixNonBlock redisConnectWithOptions redisReconnect " +
  "redisSetTimeout redisFree redisCommand redisvCommand redisCommandArgv redisAppendCommand redisAppendCommandArgv " +
  "redisvAppendCommand redisAppendFormattedCommand redisFormatCommand redisFormatCommandArgv redisFreeCommand " +
  "redisGetReply redisGetReplyFromReader redisBufferRead redisBufferWrite redisEnableKeepAlive freeReplyObject"
).split(" ");

const crowd = { driver: "crowd", evidence: checks.crowdEvidence, deadline_ms: 20_000 };
const room = { driver: "crowd_room", evidence: checks.roomEvidence, deadline_ms: 20_000 };
const memory = { build: "stress", deadline_ms: 20_000 } as const;
const benchParams = (threads: number, keys: number) => ({ threads, calls: 8_000_000 / threads, keys });

export default defineKata({
  id: "16-rate-limiter",
  title: "Rate limiter",
  idea: "token buckets and sliding windows, exact to the nanosecond; one bucket for many processes",
  after: ["02", "07"],
  folder: dirname(import.meta.dir),
  edits: [LOCAL, SHARED],
  baseline: "baseline.c",
  box: "B",
  exports: [
    ...["limiter_new", "limiter_allow", "limiter_free", "window_new", "window_allow", "window_free"],
    ...["shared_new", "shared_allow", "shared_free"],
  ],
  imports: [...calls("memory", "mutexes", "spinlocks", "rwlocks", "thread_locals"), "sched_yield"],
  imports_of: { [SHARED]: HIREDIS },
  link: ["-lhiredis"],
  functions: {
    limiter_new: { args: ["u64", "u64", "usize"], returns: "pointer" },
    limiter_allow: { args: ["pointer", "u64", "u64", "u64", "pointer"], returns: "bool" },
    limiter_free: { args: ["pointer"], returns: "void" },
    window_new: { args: ["u64", "u64", "usize"], returns: "pointer" },
    window_free: { args: ["pointer"], returns: "void" },
    script_allow: { args: ["pointer", "u64", "u64", "u64"], returns: "cstring" },
    script_count_all: { args: ["pointer", "u64", "u64", "u64"], returns: "u64" },
    script_count: { args: ["pointer", "u64", "u64"], returns: "cstring" },
  },
  scripts: [bucketSomeTokens, bucketMatchesModel, bucketMakesRoom, windowMatchesModel, refusesNonsense],
  scenarios: [
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 4, burst: 600, rounds: 8 },
      runs: 3,
      checks: [checks.bucketNothingLost, checks.windowNothingLost],
    },
    {
      ...room,
      id: "crowd_room",
      build: "stress",
      params: { threads: 4, calls: 6_000 },
      runs: 3,
      checks: [checks.bucketIntervalBound],
    },
    {
      id: "paused",
      build: "stress",
      deadline_ms: 4_000,
      evidence: checks.pausedEvidence,
      checks: [checks.bucketPausedThread],
    },
    {
      id: "overtaken",
      build: "stress",
      deadline_ms: 8_000,
      evidence: checks.overtakenEvidence,
      checks: [checks.bucketOvertakenThread],
    },
    { ...memory, id: "sizes", evidence: checks.sizesEvidence, checks: [checks.bytesEach] },
    { ...memory, id: "no_limiter", evidence: checks.refusedEvidence, checks: [checks.bucketNoMemory] },
    { ...memory, id: "no_window", evidence: checks.refusedEvidence, checks: [checks.windowNoMemory] },
    { ...memory, id: "no_shared", evidence: checks.refusedEvidence, checks: [checks.sharedNoMemory] },
    {
      ...room,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 4, calls: 3_000 },
      runs: 2,
      checks: [memoryClean],
    },
    {
      ...room,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, calls: 2_000 },
      runs: 3,
      checks: [raceFree],
    },
    {
      id: "faults",
      build: "asan",
      deadline_ms: 10_000,
      evidence: checks.faultsEvidence,
      checks: [checks.sharedFaults, checks.sharedRefusesNonsense],
    },
  ],
  staged: [
    {
      id: "alone",
      redis: true,
      deadline_ms: 20_000,
      play: playAlone,
      checks: [
        ...[
          checks.sharedSomeTokens,
          checks.sharedMicroseconds,
          checks.sharedClockBack,
          checks.sharedOneTrip,
          checks.sharedNoScript,
          checks.sharedRestarts,
        ],
        ...[checks.sharedHangs, checks.sharedOnce, checks.sharedExpires, checks.sharedCloses],
      ],
    },
    {
      id: "processes",
      redis: true,
      params: { processes: 3, burst: 600, kills: 2 },
      deadline_ms: 20_000,
      play: playCrowd,
      checks: [checks.sharedProcesses],
    },
  ],
  explored: {
    checks: [
      {
        id: "bucket_every_schedule",
        file: LOCAL,
        points: 5,
        needs: "bucket_some_tokens",
        scenario: "traffic",
        executions: 12_000,
      },
      {
        id: "bucket_two_preemptions",
        file: LOCAL,
        points: 4,
        needs: "bucket_some_tokens",
        scenario: "small",
        executions: 200_000,
        preemptions: 2,
      },
      {
        id: "window_two_preemptions",
        file: LOCAL,
        points: 2,
        needs: "window_matches_model",
        scenario: "windows",
        executions: 200_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    file: LOCAL,
    points: 8,
    needs: ["bucket_matches_model", "bucket_makes_room", "bucket_nothing_lost", "bucket_paused_thread"],
    metrics: [
      {
        id: "threads_4",
        title: "4 threads, 10,000 keys, on one CPU",
        params: benchParams(4, 10_000),
        tiers: { pass: 0.5, silver: 0.7, gold: 0.85 },
      },
      { id: "thread_1", title: "1 thread, 100 keys", params: benchParams(1, 100) },
    ],
    ...exactSample({ allowed: ({ threads, calls }) => (threads! * calls! * 3) / 4 + 8, wrong: 0 }),
    lookAt: "how many locks and atomic read-modify-writes does a call make, and how many divisions when it is allowed?",
  },
  hints: [
    `A bucket is often kept as a level and the time at which it had that level. Write down both before and after a call that is refused, and
after one that comes with an older time. Then ask what the level will have become when the bucket is full again, and when that is.
One number is enough. Which of the calls change it, and in which direction?`,
    `A token is 10^9 nanoseconds of a rate of one a second; at seven a second a nanosecond brings seven parts of it. Choose the part as the unit: then every
product is a whole number, and only the answer for retry_after_ns is divided, and rounded up. How many bits does the largest moment need? For the
room: a full bucket is known without being kept. So what does a bucket that leaves have to leave behind, and for whom?`,
    `Calls for a key that owes need to find its entry and to swap one word in it, without a lock. Let the others take the lock: they look once more, take
an entry that is full, and give it to their key. Two things have to be noticed by those who hold no lock: that the entry belongs to another key now, and that
a chain leads elsewhere. For Redis: one script that reads and writes, called by its digest, with the server's TIME. After any error
throw the connection away before you return.`,
  ],
});
