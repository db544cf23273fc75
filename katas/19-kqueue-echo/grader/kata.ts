// SPDX-License-Identifier: MIT
/** 19-kqueue-echo, as data: epoll-echo's clients, rules and real sockets, on another interface. */
import { ECHO_IMPORTS, echoLives } from "@c10kata/03-epoll-echo/lives.ts";
import { COUNTED, networkScenarios, networkThroughput } from "@c10kata/03-epoll-echo/network.ts";
import { defineKata } from "@c10kata/harness";
import { dirname } from "node:path";

export default defineKata({
  id: "19-kqueue-echo",
  title: "Kqueue echo",
  idea: "the same server on kqueue: two filters for each connection, and changes in batches",
  after: ["03"],
  folder: dirname(import.meta.dir),
  drivers: ["katas/03-epoll-echo/grader", "native/kqueue"],
  headers: ["native/kqueue/include"],
  edits: ["kqueue_echo.c"],
  baseline: "baseline.c",
  box: "B",
  intercepted: [...COUNTED, "kqueue", "kevent"],
  exports: ["echo_listen", "echo_serve"],
  imports: [...ECHO_IMPORTS, "kqueue", "kevent"],
  link: ["-Wl,--wrap=close"],
  functions: {},
  scripts: [],
  simulated: {
    checks: echoLives({
      two_filters: { scenario: "two_filters", points: 3, sanitized: true, lives: 900 },
    }),
  },
  scenarios: networkScenarios(),
  throughput: networkThroughput({
    pass: 0.7,
    silver: 0.85,
    gold: 1.2,
  }),
  hints: [
    `Draw one connection with its two filters. Which of them reports what, what has to happen before each reports again, and
which of the two may report after the other one has led to close?`,
    `An event is about one filter only. While bytes are owed you may pass over events of the read filter, and with EV_CLEAR they
do not come again: what do you have to look for when there is room at last? And where does udata point when an earlier event
of the same batch has closed the connection?`,
    `Free a connection only after the batch. Stop reading while bytes are owed; when they are sent, read until nothing is left,
whatever the event said. Or let the kernel remember: level-triggered filters, EV_DISABLE while you do not want them, EV_ENABLE when you
do. When accept fails for want of descriptors, an EVFILT_TIMER has to call it again.`,
  ],
});
