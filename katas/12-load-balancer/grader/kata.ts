// SPDX-License-Identifier: MIT
/** 12-load-balancer, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import {
  killedEvidence,
  countsEvidence,
  crowdEvidence,
  memoryClean,
  neighboursEvidence,
  newCost,
  noAllocation,
  noMemory,
  noMemoryEvidence,
  nothingLost,
  nothingShared,
  oneByteEvidence,
  pickCost,
  raceFree,
  realBackends,
  someRealByte,
} from "./checks.ts";
import { POLICIES } from "./model.ts";
import {
  anySize,
  consistent,
  health,
  ipHash,
  leastConnections,
  refusesNonsense,
  roundRobin,
  separateBalancers,
  somebodyIsPicked,
  twoChoices,
  weighted,
} from "./scripts.ts";

/** Tried apart; the proxy with a balancer of the simulation's. */
const [BALANCER, PROXY] = ["balancer.c", "proxy.c"] as const;
const ofBalancer = <C extends { id: string }>(...checks: C[]) => checks.map((check) => ({ ...check, file: BALANCER }));

/** What the simulated kernel answers, and what needs no kernel. */
const PROXY_IMPORTS = [
  ..."socket connect accept accept4 getsockname getpeername setsockopt getsockopt shutdown".split(" "),
  ..."read write readv writev recv send splice pipe pipe2 close fcntl fcntl64 ioctl open open64 dup getrlimit".split(
    " ",
  ),
  ..."epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait".split(" "),
  ..."eventfd timerfd_create timerfd_settime timerfd_gettime".split(" "),
  ..."signal sigaction sigprocmask pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember".split(" "),
  ..."inet_pton inet_ntop htons htonl ntohs ntohl".split(" "),
  ...calls("clocks"),
];

/** Every mutant is found 20 times in 20 with a third of these lives. */
const life = { file: PROXY, needs: "proxy_some_real_byte", lives: 900 };

/** A lock that is handed on in turn, on a machine with other work, takes a while. */
const crowd = { driver: "crowd", evidence: crowdEvidence, deadline_ms: 40_000 };
const benchParams = (policy: (typeof POLICIES)[number], requests: number, threads = 1) => ({
  policy: POLICIES.indexOf(policy),
  backends: 1_000,
  requests,
  threads,
});
const ended = ({ requests }: Record<string, number>) => requests!;

export default defineKata({
  id: "12-load-balancer",
  title: "Load balancer",
  idea: "who gets the next request, and a proxy around it: six policies, exactly; backends that fail and come back",
  after: ["03", "06"],
  folder: dirname(import.meta.dir),
  edits: [BALANCER, PROXY],
  baseline: "baseline.c",
  box: "B",
  exports: ["lb_new", "lb_pick", "lb_done", "lb_set_up", "lb_free", "proxy_serve"],
  imports: [
    ...calls("memory", "mathematics", "machine", "thread_locals", "mutexes"),
    ...["pthread_self", "pthread_equal", "pthread_once", "qsort", "qsort_r"],
  ],
  imports_of: {
    [BALANCER]: [...calls("spinlocks", "rwlocks", "conditions", "semaphores"), "sched_yield"],
    [PROXY]: PROXY_IMPORTS,
  },
  functions: {
    lb_done: { args: ["pointer", "i32", "bool"], returns: "void" },
    lb_set_up: { args: ["pointer", "i32", "bool"], returns: "void" },
    lb_free: { args: ["pointer"], returns: "void" },
    script_backend: { args: ["pointer", "u64"], returns: "void" },
    script_new: { args: ["i32", "u64"], returns: "pointer" },
    script_new_of: { args: ["u64"], returns: "pointer" },
    script_pass: { args: ["u64"], returns: "void" },
    script_draws: { args: ["u64", "u64"], returns: "void" },
    script_pick: { args: ["pointer", "pointer", "u64"], returns: "cstring" },
    script_picks: { args: ["pointer", "u64"], returns: "cstring" },
    script_fail_often: { args: ["pointer", "i32", "u64"], returns: "u64" },
    script_crowd: { args: ["i32", "u64"], returns: "pointer" },
    script_turns: { args: ["pointer", "u64"], returns: "u64" },
    script_two_balancers: { args: [], returns: "cstring" },
  },
  scripts: ofBalancer(
    somebodyIsPicked,
    refusesNonsense,
    roundRobin,
    weighted,
    leastConnections,
    ipHash,
    consistent,
    twoChoices,
    health,
    anySize,
    separateBalancers,
  ),
  simulated: {
    checks: [
      { id: "proxy_some_bytes", file: PROXY, points: 0, scenario: "one", lives: 600 },
      { id: "proxy_every_byte", points: 4, ...life, scenario: "bytes" },
      { id: "proxy_ends", points: 4, ...life, scenario: "endings" },
      { id: "proxy_resets", points: 3, ...life, scenario: "resets" },
      { id: "proxy_last_words", points: 3, ...life, scenario: "dying" },
      { id: "proxy_next_backend", points: 4, ...life, scenario: "refusals" },
      { id: "proxy_nobody", points: 1, ...life, scenario: "nobody", lives: 600 },
      { id: "proxy_connect_timeout", points: 3, ...life, scenario: "timeouts" },
      { id: "proxy_leaving", points: 2, ...life, scenario: "leaving" },
      { id: "proxy_slow_sides", points: 3, ...life, scenario: "slow", lives: 300 },
      { id: "proxy_quiet_pairs", points: 1, ...life, scenario: "quiet", lives: 300 },
      { id: "proxy_fair_turns", points: 2, ...life, scenario: "flood", lives: 200 },
      { id: "proxy_interrupted_calls", points: 2, ...life, scenario: "interrupts" },
      { id: "proxy_out_of_descriptors", points: 1, ...life, scenario: "few_descriptors" },
      { id: "proxy_stops", points: 2, ...life, scenario: "stop" },
      { id: "proxy_no_memory", points: 1, ...life, scenario: "memory" },
      { id: "proxy_closed_on_exec", points: 1, ...life, scenario: "on_exec", lives: 300 },
      { id: "proxy_memory_clean", points: 1, ...life, scenario: "mixed", sanitized: true },
    ],
  },
  scenarios: [
    {
      ...crowd,
      id: "crowd",
      build: "stress",
      params: { threads: 4, rounds: 250, backends: 10 },
      runs: 2,
      checks: ofBalancer(nothingLost, noAllocation),
    },
    {
      id: "counts",
      build: "stress",
      deadline_ms: 30_000,
      evidence: countsEvidence,
      checks: ofBalancer(newCost, pickCost),
    },
    { id: "no_memory", build: "stress", evidence: noMemoryEvidence, checks: ofBalancer(noMemory) },
    {
      ...crowd,
      id: "crowd_asan",
      build: "asan",
      params: { threads: 4, rounds: 120, backends: 7 },
      runs: 2,
      checks: ofBalancer(memoryClean),
    },
    {
      ...crowd,
      id: "crowd_tsan",
      build: "tsan",
      params: { threads: 4, rounds: 300, backends: 5 },
      runs: 3,
      checks: ofBalancer(raceFree),
    },
    { id: "one_byte", build: "stress", evidence: oneByteEvidence, checks: [{ ...someRealByte, file: PROXY }] },
    {
      id: "killed",
      build: "stress",
      params: { clients: 12, messages: 12 },
      deadline_ms: 30_000,
      evidence: killedEvidence,
      checks: [realBackends],
    },
    {
      id: "neighbours",
      build: "tsan",
      params: { clients: 4, rounds: 60 },
      deadline_ms: 30_000,
      evidence: neighboursEvidence,
      checks: [nothingShared],
    },
  ],
  explored: {
    checks: [
      {
        id: "every_schedule",
        file: BALANCER,
        points: 3,
        needs: "somebody_is_picked",
        scenario: "traffic",
        executions: 8_000,
      },
      { id: "coming_back", file: BALANCER, points: 2, needs: "health", scenario: "coming", executions: 4_000 },
      {
        id: "two_preemptions",
        file: BALANCER,
        points: 1,
        needs: "somebody_is_picked",
        scenario: "small",
        executions: 100_000,
        preemptions: 2,
      },
    ],
  },
  throughput: {
    id: "throughput",
    file: BALANCER,
    points: 5,
    needs: ["nothing_lost", "race_free", "least_connections", "every_schedule", "pick_cost", "no_allocation"],
    metrics: [
      {
        id: "least_connections",
        title: "least connections, 1,000 backends",
        params: benchParams("least_connections", 64 * 2_000),
        tiers: { pass: 3, silver: 16, gold: 22.5 },
      },
      { id: "consistent", title: "consistent, 1,000 backends", params: benchParams("consistent", 64 * 20) },
      { id: "threads_4", title: "round robin, 4 threads", params: benchParams("round_robin", 64 * 4_000, 4) },
    ],
    ...exactSample({ ended, strangers: 0, uneven: 0 }),
    lookAt: "what does a pick look at that has not changed since the last one?",
  },
  hints: [
    `Write down, for each policy, what a pick has to know: a place, a credit for each backend, who is least busy, two numbers. Then
write beside it which calls change that. Most calls change one backend's entry; only few change who is up. What could be prepared in
those few, so that the many need not look at every backend? For the proxy, draw a pair as two directions, each with a source, a few bytes
in your hands, and a target; then let either end, fail, or stop taking bytes, in any order.`,
    `Keep the indexes of those that are up in an array, in order, and make it anew when somebody goes or comes: the k-th that is up, and
the first one from a place on, are then found without a walk. The least busy one is the top of a heap in which each backend knows its own position; a pick and
an end move one entry. Compare active / weight by multiplying crosswise: no fraction is ever made. And nobody tells you that 10 s are over: who has to look? In the proxy, one function
moves one direction until it rests, whoever of the two it is called for; each rest needs an event that ends it. A connect that fails is an event like any other, and leads back to
where the pick is made; one that is late is no event.`,
    `Build it in this order: lb_new, and round robin with an array of those that are up; then failures, and a function that decides who
is up and makes everything anew; then weighted, two choices, and least connections as a loop. Get the answers right before they are fast. Then the ring: an array of points,
sorted once, searched by halving; walk on past those that are down or at the bound, which is a whole number: (5 * A + 4 * k - 1) / (4 * k). Last the heap in place
of the loop, and one lock around every call. The proxy: accept, pick, connect; then one direction; then ends, where two flags a side (nothing more can be read, its end was passed
on) decide when a pair is over; then failures, after which the failed side is read to its end before the other one is reset; then deadlines; and free a pair only behind the batch of events.`,
  ],
});
