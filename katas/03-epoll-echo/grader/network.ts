// SPDX-License-Identifier: MIT
/** The half of 03-epoll-echo on real sockets, as data. */
import type { defineKata } from "@c10kata/harness";
import type { Check } from "@c10kata/harness/check";
import {
  benchSample,
  callsPerMessage,
  everyByteBack,
  holdsTenThousand,
  memoryPerConnection,
  shareNothing,
  sleepsWhenIdle,
  someRealByte,
} from "./checks.ts";
import {
  type Bench,
  benchEvidence,
  costEvidence,
  heldEvidence,
  oneByteEvidence,
  twoEvidence,
  unusualEvidence,
} from "./network-evidence.ts";

const CLIENTS = 10_000;
const HELD_MS = 60_000;

/** In kata.ts. `cost`: callsWithin(). A server has to work with one simulated client, then with a real one, before others come. */
export function networkScenarios(cost = callsPerMessage): Parameters<typeof defineKata>[0]["scenarios"] {
  const needing = <E>(check: Check<E>): Check<E> => ({ ...check, needs: check.needs ?? someRealByte.id });
  return [
    {
      id: "one_byte",
      build: "stress",
      evidence: oneByteEvidence,
      checks: [{ ...someRealByte, needs: "some_byte_returns" }],
    },
    {
      id: "held",
      build: "stress",
      params: { clients: CLIENTS, quiet_ms: 500 },
      deadline_ms: HELD_MS,
      evidence: heldEvidence,
      checks: [holdsTenThousand, sleepsWhenIdle, memoryPerConnection].map(needing),
    },
    {
      id: "unusual",
      build: "stress",
      deadline_ms: HELD_MS,
      evidence: unusualEvidence,
      checks: [needing(everyByteBack)],
    },
    {
      id: "message_cost",
      build: "stress",
      params: { clients: 100, messages: 50, few: 10, many: 2_000 },
      deadline_ms: HELD_MS,
      evidence: costEvidence,
      checks: [needing(cost)],
    },
    {
      id: "two_servers",
      build: "tsan",
      params: { clients: 12, messages: 60 },
      deadline_ms: HELD_MS,
      evidence: twoEvidence,
      checks: [needing(shareNothing)],
    },
  ];
}

/** Calls that network_calls.c counts. */
export const COUNTED = (
  "read write readv writev recv send splice epoll_wait epoll_pwait poll epoll_ctl accept accept4 close shutdown " +
  "setsockopt getsockopt pipe pipe2 fcntl ioctl timerfd_settime"
).split(" ");

const benchParams = (clients: number, messages: number, size = 64) => ({ clients, messages: messages / clients, size });

/**
 * One CPU for server and clients: a sample's time is that of both, and of a message about half is the clients'. So a
 * server that costs nothing would reach about twice what one reaches that costs as much as its clients.
 */
export const networkThroughput = (tiers: Record<"pass" | "silver" | "gold", number>) => ({
  id: "throughput",
  points: 10,
  needs: [someRealByte.id, "holds_ten_thousand", "every_byte_back", "calls_per_message"],
  metrics: [
    {
      id: "clients_100",
      title: "100 clients, 64 bytes, on one CPU",
      params: benchParams(100, 15_000),
      tiers,
    },
    { id: "clients_1000", title: "1,000 clients, 64 bytes", params: benchParams(1_000, 15_000) },
    { id: "clients_10", title: "10 clients, 64 bytes", params: benchParams(10, 15_000) },
    { id: "large", title: "100 clients, 16 KiB", params: benchParams(100, 10_000, 16 * 1024) },
  ],
  evidence: benchEvidence,
  sample: benchSample,
  latency: ({ latency_ns }: Bench) => latency_ns,
  lookAt:
    "how many system calls does a message make, and what is done for each event about clients that it does not concern?",
});
