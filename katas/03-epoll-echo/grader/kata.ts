// SPDX-License-Identifier: MIT
/** 03-epoll-echo, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { COUNTED, networkScenarios, networkThroughput } from "./network.ts";

/** Every call that the simulated kernel answers, or that needs no kernel. */
const IMPORTS = [
  ..."socket bind listen accept accept4 getsockname getpeername setsockopt getsockopt shutdown".split(" "),
  ..."read write readv writev recv send splice pipe pipe2 close fcntl fcntl64 ioctl open open64 dup".split(" "),
  ..."epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd".split(" "),
  ..."timerfd_create timerfd_settime timerfd_gettime getrlimit sysconf".split(" "),
  ..."signal sigaction sigprocmask pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember".split(" "),
  ..."inet_pton inet_ntop inet_aton inet_addr htons htonl ntohs ntohl".split(" "),
  ...calls("memory", "clocks"),
];

/** A server that is tried on ten thousand real sockets has to work with one simulated client first. */
const WORKS = ["some_byte_returns"];

/** Every mutant is found 20 times in 20 with a third of these lives. */
const life = { needs: "some_byte_returns", lives: 1_200 };

export default defineKata({
  id: "03-epoll-echo",
  title: "Epoll echo",
  idea: "ten thousand connections in one thread: edge-triggered epoll",
  folder: dirname(import.meta.dir),
  edits: ["epoll_echo.c"],
  baseline: "baselines/server_threaded.c",
  box: "B",
  intercepted: COUNTED,
  exports: ["echo_listen", "echo_serve"],
  imports: IMPORTS,
  functions: {},
  scripts: [],
  simulated: {
    checks: [
      { id: "listens", points: 4, scenario: "listens", lives: 1_800 },
      { id: "some_byte_returns", points: 5, scenario: "one", lives: 900 },
      { ...life, id: "edge_triggered", points: 3, scenario: "edges", lives: 300 },
      { ...life, id: "closed_on_exec", points: 2, scenario: "on_exec", lives: 300 },
      { ...life, id: "everyone_accepted", points: 6, scenario: "crowd" },
      { ...life, id: "every_byte_in_order", points: 8, scenario: "bytes" },
      { ...life, id: "ends_properly", points: 6, scenario: "endings" },
      { ...life, id: "resets_harm_nobody", points: 6, scenario: "resets" },
      { ...life, id: "slow_readers", points: 5, scenario: "slow" },
      { ...life, id: "fair_turns", points: 5, scenario: "flood", lives: 900 },
      { ...life, id: "interrupted_calls", points: 5, scenario: "interrupts" },
      { ...life, id: "out_of_descriptors", points: 7, scenario: "few_descriptors" },
      { ...life, id: "stops_cleanly", points: 5, scenario: "stop" },
      { ...life, id: "out_of_memory", points: 2, scenario: "memory" },
      { ...life, id: "memory_clean", points: 4, scenario: "mixed", sanitized: true, lives: 900 },
    ],
  },
  scenarios: networkScenarios(WORKS),
  throughput: networkThroughput([...WORKS, "holds_ten_thousand", "every_byte_back", "calls_per_message"]),
  hints: [
    `Draw one connection as two queues in the kernel, in and out, with your server between them. Which events does epoll
report about each, and what has to happen before it reports the same event again?`,
    `Every path through your handler of a connection has to end at a point after which epoll is sure to report this connection
again: at EAGAIN of a read, or at EAGAIN of a write. List the paths that end elsewhere.`,
    `Keep the bytes that could not be sent, in order, and read no more from that client until they are sent. Limit how much one
client gets at a time, and remember which clients have to go on. Treat accept like a read: call it until EAGAIN. When it
fails for want of descriptors a timer has to call it again, since no event tells that one is free.`,
  ],
});
