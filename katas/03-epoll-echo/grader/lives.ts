// SPDX-License-Identifier: MIT
/** What the simulated kernel tries of an echo server, on whatever interface: as data, for each kata on these drivers. */
import type { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";

type Lives = NonNullable<Parameters<typeof defineKata>[0]["simulated"]>["checks"];
type Own = Record<string, Omit<Lives[number], "id">>;

/** What a server may call on every interface. */
export const ECHO_IMPORTS = [
  ..."socket bind listen accept accept4 getsockname getpeername setsockopt getsockopt shutdown".split(" "),
  ..."read write readv writev recv send pipe pipe2 close fcntl fcntl64 ioctl open open64 dup".split(" "),
  ..."getrlimit sysconf".split(" "),
  ..."signal sigaction sigprocmask pthread_sigmask sigemptyset sigfillset sigaddset sigdelset sigismember".split(" "),
  ..."inet_pton inet_ntop inet_aton inet_addr htons htonl ntohs ntohl".split(" "),
  ...calls("memory", "clocks"),
];

/** Every mutant is found 20 times in 20 with a third of these lives. */
const life = { needs: "some_byte_returns", lives: 1_200 };
const few = { ...life, lives: 300 };

/**
 * `own`: checks that only this interface has, with the driver's name of their scenario. Real sockets are the witness: the
 * checks that need nothing earn nothing, and a real byte comes before all others.
 */
export const echoLives = (own: Own): Lives =>
  simulatedLives(own).map((one) => (one.needs ? { ...one, needs: "some_real_byte" } : { ...one, points: 0 }));

const simulatedLives = (own: Own): Lives => [
  { id: "listens", points: 4, scenario: "listens", lives: 1_800 },
  { id: "some_byte_returns", points: 5, scenario: "one", lives: 900 },
  ...Object.entries(own).map(([id, check]) => ({ ...few, ...check, id })),
  { ...few, id: "closed_on_exec", points: 2, scenario: "on_exec" },
  { ...few, id: "one_descriptor_each", points: 1, scenario: "quiet" },
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
];
