// SPDX-License-Identifier: MIT
/** 03-epoll-echo, as data. */
import { defineKata } from "@c10kata/harness";
import { COUNTED, networkDrivers, networkScenarios, networkThroughput } from "./network.ts";
import { refusesNull } from "./scripts.ts";

/** Every call that the simulated kernel answers, or that needs no kernel. */
const IMPORTS = [
  ..."socket bind listen accept accept4 getsockname getpeername setsockopt getsockopt shutdown".split(" "),
  ..."read write readv writev recv send splice pipe pipe2 close fcntl fcntl64 open open64 dup dup2 dup3".split(" "),
  ..."epoll_create epoll_create1 epoll_ctl epoll_wait epoll_pwait eventfd".split(" "),
  ..."timerfd_create timerfd_settime timerfd_gettime clock_gettime time getrlimit sysconf".split(" "),
  ..."signal sigaction sigprocmask pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember".split(" "),
  ..."malloc calloc realloc reallocarray aligned_alloc posix_memalign free".split(" "),
  ..."inet_pton inet_aton inet_addr htons htonl ntohs ntohl memchr strcmp strncmp strchr strnlen".split(" "),
];

export default defineKata({
  id: "03-epoll-echo",
  title: "Epoll echo",
  idea: "ten thousand connections in one thread: edge-triggered epoll",
  folder: import.meta.dir,
  edits: ["epoll_echo.c"],
  drivers: networkDrivers,
  baseline: "server_threaded.c",
  intercepted: COUNTED,
  exports: ["echo_listen", "echo_serve"],
  imports: IMPORTS,
  functions: {
    echo_listen: { args: ["pointer", "u32", "i32"], returns: "i32" },
  },
  scripts: [refusesNull],
  scenarios: networkScenarios("refuses_null"),
  throughput: networkThroughput(["holds_ten_thousand", "every_byte_back", "calls_per_message"]),
  hints: [
    `Draw one connection as two queues of the kernel's, in and out, and your server between them. Which news does epoll
bring about each, and what has to happen before it brings the same news again?`,
    `Every path through your handler of a connection has to end at a place where the kernel is sure to call you again: at
EAGAIN of a read, or at EAGAIN of a write. List the paths that end elsewhere.`,
    `Keep what could not be sent, in order, and read no more from that client before it is gone. Limit what one client may
have at a time, and remember who was cut short. Think of accept as of a read: it is drained to EAGAIN as well, and out
of descriptors it needs a clock, for no event says that one is free.`,
  ],
});
