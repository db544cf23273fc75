// SPDX-License-Identifier: MIT
/** 15-http-offload, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { exactSample } from "@c10kata/harness/sample";
import { crowdEvidence, everyAnswer, raceFree } from "./checks.ts";
import { playWitness, realClients } from "./witness.ts";
import { cases, nothingShared, refusesNonsense, someAnswer } from "./scripts.ts";

/** What the simulated kernel answers, or needs no kernel. */
const IMPORTS = [
  ..."accept accept4 getsockname getpeername setsockopt getsockopt shutdown close fcntl fcntl64 ioctl dup".split(" "),
  ..."read write readv writev recv send sendmsg recvmsg pipe pipe2".split(" "),
  ..."epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait poll ppoll select pselect".split(" "),
  ..."eventfd eventfd_read eventfd_write timerfd_create timerfd_settime timerfd_gettime".split(" "),
  ..."signal sigaction sigprocmask pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember".split(" "),
  ..."pthread_create pthread_join pthread_detach pthread_self pthread_equal pthread_exit pthread_setname_np".split(" "),
  ..."pthread_attr_init pthread_attr_destroy pthread_attr_setdetachstate pthread_attr_setstacksize".split(" "),
  ..."pthread_cond_timedwait pthread_cond_clockwait pthread_condattr_setclock sched_yield htons ntohs".split(" "),
  ...calls("memory", "clocks", "machine", "mutexes", "conditions", "semaphores"),
];

const crowd = { driver: "crowd", evidence: crowdEvidence, runs: 2, deadline_ms: 30_000 };
const life = { needs: "first_life", lives: 1_500 };

export default defineKata({
  id: "15-http-offload",
  title: "HTTP offload",
  idea: "an HTTP/1.1 server whose loop never waits: slow handlers on workers, behind a bounded queue",
  after: ["01", "03"],
  folder: dirname(import.meta.dir),
  edits: ["http_offload.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["http_serve"],
  imports: IMPORTS,
  functions: {
    script_exchange: { args: ["pointer", "u64", "u64", "u64", "u64", "u64", "u64"], returns: "cstring" },
    script_neighbours: { args: [], returns: "cstring" },
    script_refused: { args: ["u64", "u64", "u64", "u64", "u64", "u64"], returns: "i64" },
  },
  scripts: [someAnswer, refusesNonsense, nothingShared, ...cases],
  simulated: {
    checks: [
      { id: "first_life", points: 2, needs: "some_answer", scenario: "one", lives: 600 },
      { ...life, id: "answers_in_order", points: 5, scenario: "order" },
      { ...life, id: "loop_never_waits", points: 5, scenario: "busy", lives: 900 },
      { ...life, id: "workers_sleep", points: 2, scenario: "quiet", lives: 300 },
      { ...life, id: "bounded_queue", points: 5, scenario: "queue", lives: 900 },
      { ...life, id: "slow_clients", points: 5, scenario: "timeouts" },
      { ...life, id: "leaves_alone", points: 5, scenario: "leaving" },
      { ...life, id: "stops_in_order", points: 5, scenario: "stop" },
      { ...life, id: "interrupted_calls", points: 3, scenario: "interrupts" },
      { ...life, id: "pipelines_bounded", points: 2, scenario: "pipelined", lives: 300 },
      { ...life, id: "out_of_descriptors", points: 3, scenario: "few_descriptors", lives: 600 },
      { ...life, id: "out_of_memory", points: 2, scenario: "no_memory" },
      { ...life, id: "begins_or_not", points: 2, scenario: "beginning", lives: 600 },
      { ...life, id: "memory_clean", points: 3, scenario: "mixed", sanitized: true, lives: 600 },
    ],
  },
  scenarios: [
    { ...crowd, id: "crowd", build: "stress", params: { clients: 6, rounds: 60, pipelined: 3 }, checks: [everyAnswer] },
    { ...crowd, id: "crowd_tsan", build: "tsan", params: { clients: 4, rounds: 30, pipelined: 3 }, checks: [raceFree] },
  ],
  staged: [{ id: "witness", deadline_ms: 240_000, play: playWitness, checks: [realClients] }],
  throughput: {
    id: "throughput",
    points: 8,
    needs: ["every_answer", "race_free", "answers_in_order", "loop_never_waits", "bounded_queue", "bodies"],
    metrics: [
      {
        id: "cheap",
        title: "64 connections, handlers that do nothing, on one CPU",
        params: { clients: 64, rounds: 300, us: 0 },
        tiers: { pass: 0.6, silver: 0.75, gold: 0.95 },
      },
      { id: "crowded", title: "512 connections", params: { clients: 512, rounds: 30, us: 0 } },
      { id: "working", title: "handlers of 100 µs", params: { clients: 64, rounds: 20, us: 100 } },
    ],
    ...exactSample({ right: ({ clients, rounds }) => clients! * rounds! }),
    lookAt: "how many system calls and how many wakeups does one request cost, and which of them could serve several?",
  },
  hints: [
    `Draw one request as a box that moves: read, waiting, with a worker, done, sent. Write beside each arrow which thread moves it, and
which of the others has to be woken. Then draw its connection, and what becomes of the box when that goes away at each place.`,
    `Keep the requests of a connection in one list, in the order in which they came, and send from the front of it alone. A worker never
touches a connection: it puts what is done into a second list and wakes the loop, through a descriptor that the loop watches. The loop takes
the whole list at once. What does a worker hold while it runs a handler? It should be nothing.`,
    `Parse by lines, and take a line only when its LF is there: then a byte before it is CR, or the request is refused. Keep what you know in the
connection (how many Host, how many lengths, which coding), and judge at the empty line. A refusal is an answer like all others: it
goes to the end of the list, marked as the last one. After it shut down the writing side, and read until the client has ended.`,
  ],
});
