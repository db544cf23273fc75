// SPDX-License-Identifier: MIT
/** 14-uring-echo, as data: epoll-echo's clients, rules and real sockets, on another interface. */
import { echoLives } from "@c10kata/03-epoll-echo/lives.ts";
import { COUNTED, networkScenarios } from "@c10kata/03-epoll-echo/network.ts";
import { callsWithin } from "@c10kata/03-epoll-echo/checks.ts";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { dirname } from "node:path";

/** Of liburing what its header does not inline, and the three system calls by its names. */
const ENTERS = (
  "io_uring_setup io_uring_enter io_uring_enter2 io_uring_register io_uring_submit io_uring_submit_and_wait " +
  "io_uring_submit_and_wait_timeout io_uring_submit_and_get_events io_uring_get_events io_uring_wait_cqes " +
  "io_uring_wait_cqe_timeout __io_uring_get_cqe io_uring_register_buf_ring io_uring_unregister_buf_ring"
).split(" ");

/** No cost of a message's, and so not counted. */
const ONCE = (
  "io_uring_queue_init io_uring_queue_init_params io_uring_queue_mmap io_uring_queue_exit io_uring_peek_batch_cqe " +
  "io_uring_register_probe io_uring_register_ring_fd io_uring_unregister_ring_fd mmap munmap"
).split(" ");

/** Bytes and connections move through the ring alone. */
const IMPORTS = [
  ..."socket bind listen getsockname getpeername setsockopt getsockopt shutdown close fcntl fcntl64 dup eventfd".split(
    " ",
  ),
  ..."signal sigaction sigprocmask pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember".split(" "),
  ..."inet_pton inet_ntop inet_aton inet_addr htons htonl ntohs ntohl getrlimit sysconf".split(" "),
  ...[...ENTERS, ...ONCE],
  ...calls("memory", "clocks"),
];

export default defineKata({
  id: "14-uring-echo",
  title: "Uring echo",
  idea: "the same server on io_uring: completions in place of readiness",
  after: ["03"],
  folder: dirname(import.meta.dir),
  drivers: ["katas/03-epoll-echo/grader"],
  edits: ["uring_echo.c"],
  baseline: "baseline.c",
  box: "B",
  rings: true,
  intercepted: [...COUNTED, ...ENTERS],
  exports: ["echo_listen", "echo_serve"],
  imports: IMPORTS,
  link: ["-luring"],
  functions: {},
  scripts: [],
  simulated: {
    checks: echoLives({
      nothing_lost: { scenario: "completions", points: 6, lives: 1_200 },
      kernels_memory: { scenario: "buffers", points: 4, lives: 1_200 },
      all_reaped: { scenario: "reaped", points: 3, lives: 1_200 },
    }),
  },
  scenarios: networkScenarios(callsWithin(0.5, 4)),
  hints: [
    `Draw one connection with its buffer. Mark who owns the buffer at each moment: you, or the kernel? Every arrow from the
kernel to you is a completion. Which arrows can be missing, short, late, or come twice?`,
    `Count the operations that are under way: one more for each entry, one less for each completion without IORING_CQE_F_MORE. The
count tells when a connection may be freed, and when the ring may be closed. What do you do with a completion that comes for a
connection which you have given up already?`,
    `Give each connection one operation at a time: receive, then send until all is sent, then receive again. Submit and wait with
one call, and take all completions that are there; -EBUSY asks you to do that first. At the stop cancel everything, and go on taking
completions until the count is 0. When accept fails for want of descriptors, a timeout operation asks again; its timespec is read when
the entry is submitted, and by then the function that filled it in may have returned.`,
  ],
});
