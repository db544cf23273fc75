// SPDX-License-Identifier: MIT
/** 13-tiny-redis, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  churnEvidence,
  commandsClean,
  expiresInSteps,
  flatCost,
  growthEvidence,
  neighboursEvidence,
  nothingShared,
  refusalsEvidence,
  withoutMemory,
} from "./checks.ts";
import { scripts } from "./scripts.ts";
import { playWitness, realClients, sameAsRedis } from "./witness.ts";

/** What the simulated kernel answers, and what needs no kernel. */
const IMPORTS = [
  ..."socket bind listen accept accept4 getsockname getpeername setsockopt getsockopt shutdown".split(" "),
  ..."read write readv writev recv send close fcntl fcntl64 ioctl open open64 dup getrlimit".split(" "),
  ..."epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait poll".split(" "),
  ..."eventfd timerfd_create timerfd_settime timerfd_gettime".split(" "),
  ..."signal sigaction sigprocmask pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember".split(" "),
  ..."inet_pton inet_ntop inet_aton inet_addr htons htonl ntohs ntohl qsort".split(" "),
  ...calls("memory", "clocks", "mathematics", "machine"),
];

const benchParams = (clients: number, pipeline: number, rounds: number) => ({ clients, pipeline, rounds });

const life = { needs: "some_answer" };

export default defineKata({
  id: "13-tiny-redis",
  title: "Tiny redis",
  idea: "Redis in one thread: RESP, pipelines, expiry and rehashing in small steps, answers byte for byte",
  folder: dirname(import.meta.dir),
  edits: ["tiny_redis.c"],
  after: ["03"],
  baseline: "baseline.c",
  box: "B",
  exports: ["redis_listen", "redis_serve"],
  imports: IMPORTS,
  /** growth.c plays its client inside them. */
  intercepted: ["epoll_wait", "epoll_pwait", "poll"],
  functions: {
    script_start: { args: ["i64"], returns: "cstring" },
    script_ask: { args: ["pointer", "usize", "i32", "i32"], returns: "cstring" },
    script_closed: { args: [], returns: "cstring" },
    script_clock: { args: ["i64"], returns: "void" },
    script_stop: { args: [], returns: "cstring" },
  },
  scripts,
  simulated: {
    checks: [
      { id: "listens", points: 0, scenario: "listens", lives: 600 },
      { id: "split_anywhere", points: 5, ...life, scenario: "split", lives: 900 },
      { id: "ends_properly", points: 3, ...life, scenario: "endings", lives: 900 },
      { id: "resets_harm_nobody", points: 3, ...life, scenario: "resets", lives: 900 },
      { id: "slow_readers", points: 4, ...life, scenario: "slow", lives: 40 },
      { id: "fair_turns", points: 2, ...life, scenario: "flood", lives: 60 },
      { id: "interrupted_calls", points: 2, ...life, scenario: "interrupts", lives: 900 },
      { id: "out_of_descriptors", points: 3, ...life, scenario: "few_descriptors", lives: 900 },
      { id: "closed_on_exec", points: 1, ...life, scenario: "on_exec", lives: 200 },
      { id: "sleeps_when_idle", points: 2, ...life, scenario: "idle", lives: 100 },
      { id: "stops_cleanly", points: 3, ...life, scenario: "stop", lives: 900 },
      { id: "connections_without_memory", points: 2, ...life, scenario: "memory", lives: 900 },
      { id: "memory_clean", points: 3, ...life, scenario: "mixed", lives: 600, sanitized: true },
    ],
  },
  scenarios: [
    {
      id: "refusals",
      build: "stress",
      deadline_ms: 20_000,
      evidence: refusalsEvidence,
      checks: [withoutMemory],
    },
    {
      id: "growth",
      build: "stress",
      params: { few: 1_000, many: 20_000, expiring: 40_000 },
      deadline_ms: 40_000,
      evidence: growthEvidence,
      checks: [flatCost, expiresInSteps],
    },
    {
      id: "churn",
      build: "asan",
      params: { rounds: 600 },
      deadline_ms: 30_000,
      evidence: churnEvidence,
      checks: [commandsClean],
    },
    {
      id: "neighbours",
      build: "tsan",
      params: { rounds: 200 },
      deadline_ms: 20_000,
      evidence: neighboursEvidence,
      checks: [nothingShared],
    },
  ],
  staged: [
    {
      id: "witness",
      params: { lists: 120 },
      deadline_ms: 120_000,
      play: playWitness,
      checks: [sameAsRedis, realClients],
    },
  ],
  throughput: {
    id: "throughput",
    points: 8,
    needs: ["strings", "requests", "flat_cost"],
    metrics: [
      {
        id: "pipelined",
        title: "50 clients, 16 requests at a time",
        params: benchParams(50, 16, 120),
        tiers: { pass: 1.5, silver: 2.95, gold: 4.2 },
      },
      { id: "one_by_one", title: "50 clients, one request at a time", params: benchParams(50, 1, 600) },
    ],
    ...exactSample({ answers: ({ clients, pipeline, rounds }) => clients! * pipeline! * rounds! }),
    lookAt: "how many system calls does a batch of requests make, and how often is a byte of it looked at?",
  },
  hints: [
    `Draw one connection as three heaps of bytes: what has arrived and is no whole request yet, whole requests whose turn has not
come, answers that are not sent. For each, what makes it grow, what makes it shrink, and which event tells of that?`,
    `Write a command in two halves: one that only looks and takes all the memory that will be needed, room for the answer among
it, and may fail; one that changes things and cannot. For tables: how many entries have to move at each insertion, so that the old
table is empty before the new one is full?`,
    `A parser that starts at the beginning of a request each time and says WHOLE, PARTIAL or BROKEN is enough: lengths let it jump.
Answer from the read buffer as long as less than 1 MiB is owed, keep what is left, send once. Keys with a time to live lie in a heap by
deadline as well: its top says how long the loop may wait, and after each wait a few of those that are over are deleted. A
sorted set is a table of members and a skip list whose links know how many members they skip.`,
  ],
});
