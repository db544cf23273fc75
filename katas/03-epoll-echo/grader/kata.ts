// SPDX-License-Identifier: MIT
/** 03-epoll-echo, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { ECHO_IMPORTS, echoLives } from "./lives.ts";
import { COUNTED, networkScenarios, networkThroughput } from "./network.ts";

/** Every call that the simulated kernel answers, or that needs no kernel. */
const IMPORTS = [
  ...ECHO_IMPORTS,
  ..."splice epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait".split(" "),
  ..."eventfd timerfd_create timerfd_settime timerfd_gettime".split(" "),
];

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
    checks: echoLives({ edge_triggered: { scenario: "edges", points: 3, lives: 300 } }),
  },
  scenarios: networkScenarios(),
  throughput: networkThroughput({
    pass: 0.9,
    silver: 1.25,
    gold: 1.5,
  }),
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
