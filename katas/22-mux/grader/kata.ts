// SPDX-License-Identifier: MIT
/** 22-mux, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import { costOf, growthEvidence, KINDS } from "./growth.ts";
import { oneByteEvidence, realDescriptors, realEvidence, someRealByte } from "./real.ts";

/** What waits, what epoll is made with, and what says whether a number is open. */
const IMPORTS = [
  ..."select pselect poll ppoll epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait".split(" "),
  ..."fcntl fcntl64 close getrlimit".split(" "),
  ...calls("memory", "clocks", "machine"),
];

/**
 * One promise, kept by each kind: a check for each, so that one kind can be whole before the next. Every mutant is found 20
 * times in 20 with half of these lives.
 */
const each = (what: string, points: number, lives: number) =>
  KINDS.map((kind) => ({
    id: `${kind}_${what}`,
    points,
    scenario: `${kind}_${what}`,
    lives,
    ...(what === "tells" ? {} : { needs: `${kind}_real_byte` }),
  }));

const benchParams = (kind: number) => ({ kind, watched: 200, ready: 8, waits: 15_000 });

/** A real descriptor is the witness: the checks before it earn nothing. */
const ALL_REAL = KINDS.map((kind) => `${kind}_real_byte`);

export default defineKata({
  id: "22-mux",
  title: "Mux",
  idea: "select, poll and epoll behind one interface, exact to the event, and what each wait costs",
  folder: dirname(import.meta.dir),
  edits: ["mux.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["mux_new", "mux_add", "mux_mod", "mux_del", "mux_wait", "mux_free"],
  imports: IMPORTS,
  /** asked.c and bytes.c count them. */
  intercepted: "select pselect poll ppoll epoll_wait epoll_pwait epoll_ctl memcpy memmove memset memcmp".split(" "),
  functions: {},
  scripts: [],
  simulated: {
    checks: [
      ...each("tells", 0, 200),
      ...each("exact", 5, 1_000),
      ...each("callbacks", 6, 2_000),
      ...each("times", 3, 400),
      ...each("errors", 3, 900),
      { id: "muxes_share_nothing", points: 3, needs: ALL_REAL, scenario: "two", lives: 600 },
      { id: "gives_back", points: 3, needs: ALL_REAL, scenario: "ends", lives: 900 },
      { id: "out_of_memory", points: 4, needs: ALL_REAL, scenario: "memory", lives: 1_200 },
      { id: "memory_clean", points: 4, needs: ALL_REAL, scenario: "mixed", lives: 900, sanitized: true },
    ],
  },
  scenarios: [
    ...KINDS.map((name, kind) => ({
      id: `${name}_one_byte`,
      driver: "one_byte",
      build: "stress" as const,
      params: { kind },
      evidence: oneByteEvidence,
      checks: [someRealByte(name)],
    })),
    ...KINDS.map((name, kind) => ({
      id: `${name}_growth`,
      driver: "growth",
      build: "stress" as const,
      params: { kind },
      deadline_ms: 20_000,
      evidence: growthEvidence,
      checks: [costOf(name)],
    })),
    { id: "real", build: "stress", runs: 3, deadline_ms: 20_000, evidence: realEvidence, checks: [realDescriptors] },
  ],
  throughput: {
    id: "throughput",
    points: 10,
    needs: KINDS.flatMap((kind) => [`${kind}_exact`, `${kind}_callbacks`, `${kind}_cost`]),
    metrics: [
      {
        id: "epoll",
        title: "epoll, 8 of 200 ready, on one CPU",
        params: benchParams(2),
        tiers: { pass: 1.8, silver: 2.45, gold: 3.45 },
      },
      { id: "poll", title: "poll, 8 of 200 ready", params: benchParams(1) },
      { id: "select", title: "select, 8 of 200 ready", params: benchParams(0) },
    ],
    ...exactSample({ told: ({ waits, ready }) => waits! * ready! }),
    lookAt: "what is done in a wait for a watch that is not ready, and how many system calls does a wait make?",
  },
  hints: [
    `Let a wait have two halves: ask the kernel and write its answer down in a list of your own; then go through that list and call
back. What does a line of the list have to hold, so that it can be compared with the table of watches when its turn comes?`,
    `Numbers of descriptors come back, so a number alone does not say which watch it was. Give every watch something that no
other one ever has. And ask which events poll and epoll report although nobody asked for them: what would happen if a
watch that asks for nothing were simply handed to them?`,
    `Let one table, indexed by descriptor, know everything about watches, and let a kind have two functions: one that changes what
it hands to the kernel from these events to those, none being one of the cases, and one that asks and writes the list.
A watch that rests is then in the table and nowhere else. All that differs between the kinds is where a watch lies for the
kernel: a bit, a place in an array that the last one can fill, an entry in the kernel.`,
  ],
});
