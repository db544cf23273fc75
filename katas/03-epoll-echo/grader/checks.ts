// SPDX-License-Identifier: MIT
/** The checks on real sockets. */
import { constants } from "node:os";
import { fail, notMeasurable, pass, type Check, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { english, plural } from "@c10kata/harness/words";
import type { Bench, Both, Cost, Held, Machine, OneByte, Report, Two, Unusual, Witness } from "./network-evidence.ts";

const errnoName = (number: number) =>
  Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `errno ${number}`;

/** How echo_serve ended; null when well. */
function ending({ served, descriptors }: Both): Judgement | null {
  if (served !== 0) {
    return fail({
      saw: `echo_serve answered ${served < 0 ? `-${errnoName(-served)}` : served}`,
      expected: "0, once stop_fd is readable",
      lookAt: "echo_serve: which error ended the loop, and is it one that concerns a single connection?",
    });
  }
  const left = descriptors[1]! - descriptors[0]!;
  if (left === 0) return null;
  return fail({
    saw:
      left > 0
        ? `echo_serve left ${english(left)} ${left === 1 ? "descriptor" : "descriptors"} open when it returned`
        : `echo_serve closed ${-left} ${left === -1 ? "descriptor" : "descriptors"} that it had not opened`,
    expected: "as many open as before, listen_fd and stop_fd among them",
    lookAt: "the stop: how does the server find all connections that are open then?",
  });
}

const byte = (value: number) => (value === 256 ? "nothing, for no more was sent" : `byte ${value}`);

/** What the clients of one run saw; null when everything came back. `when` says which run it was. */
export function clean({ wrong, cut, unserved, unended }: Report, when: string): Judgement | null {
  const others = ({ clients }: Witness) => (clients > 1 ? ` (and ${english(clients - 1)} more)` : "");
  const among = (w: Witness) => `client ${w.client}${others(w)}`;
  if (wrong.clients > 0) {
    return fail({
      saw: `${among(wrong)} got byte ${wrong.seen} at position ${english(wrong.at)}, ${when}`,
      expected: byte(wrong.expected),
      lookAt: "which client's bytes are in the buffer, and how many of them had been sent before?",
    });
  }
  if (cut.clients > 0) {
    return fail({
      saw: `the connection of ${among(cut)} ended after ${english(cut.seen)} of ${english(cut.expected)} bytes, ${when}`,
      expected: "the server closes a connection after its client has ended it and has all its bytes",
      lookAt: "which conditions lead to close, and is each of them about this very connection?",
    });
  }
  if (unserved.clients > 0) {
    return fail({
      saw: `${among(unserved)} got ${english(unserved.seen)} of ${english(unserved.expected)} bytes back, ${when}; then nothing more came`,
      expected: "all of them",
      lookAt: "where does the server sleep, and which event could still tell it of this connection?",
    });
  }
  if (unended.clients > 0) {
    return fail({
      saw: `${among(unended)} half-closed and has all its bytes, but got no end of the stream, ${when}`,
      expected: "the server closes the connection once everything is sent back",
      lookAt: "what does the server do when a read answers 0, and which event makes it read then?",
    });
  }
  return null;
}

const first = (...judgements: (Judgement | null)[]): Judgement | null =>
  judgements.find((judgement) => judgement !== null) ?? null;

/** Errors by which the clients' side says that the machine has no more: not the server's. */
const SCARCE = ["EMFILE", "ENFILE", "EADDRNOTAVAIL", "ENOBUFS", "ENOMEM"];
const CLIENTS_MIN = 100;

/** For the note: instrumented, and beside other scenarios; the lab measures properly. */
function speed({ messages, seconds, latency_us }: Report): string {
  const ms = (us: number) => `${(us / 1000).toFixed(0)} ms`;
  const { p50, p99, p999 } = latency_us;
  return `all busy: ${english(Math.round(messages / seconds))} messages a second, p50 ${ms(p50)}, p99 ${ms(p99)}, p99.9 ${ms(p999)}`;
}

/** Why fewer than wanted, and what to do about it; undefined when all are there. */
export function shortage({ wanted, possible, connected, refused }: Machine, limit: number): string | undefined {
  if (connected >= wanted) return undefined;
  const raise = `ulimit -Hn ${2 * wanted} (or docker run --ulimit nofile=${2 * wanted}) raises it`;
  const why =
    refused > 0 && SCARCE.includes(errnoName(refused))
      ? `the clients' next connection failed with ${errnoName(refused)}`
      : `RLIMIT_NOFILE is ${english(limit)} here, and ${raise}`;
  return possible < wanted || refused > 0 ? why : undefined;
}

/** What only the simulated kernel has seen earns nothing: a program may know that kernel. So these are the points of its first checks. */
export const someRealByte: Check<OneByte> = {
  id: "some_real_byte",
  points: 9,
  run({ connect }) {
    const bad = clean(connect, "on a real connection, with no other client");
    if (bad) return bad;
    return connect.messages === 1
      ? pass()
      : fail({ saw: "no client could connect", expected: "one, and its byte back" });
  },
};

/** Ten thousand clients, or as many as the machine allows, connected and answered, none of them dropped. */
export const holdsTenThousand: Check<Held> = {
  id: "holds_ten_thousand",
  points: 5,
  run(evidence) {
    const { machine, connect, open, tenth, all, limit } = evidence;
    const { connected, possible, refused } = machine;
    const served = clean(connect, `in its first message, one of ${english(possible)} clients`);
    if (served) return served;
    if (connected < possible && !SCARCE.includes(errnoName(refused))) {
      return fail({
        saw: `connection ${english(connected + 1)} of ${english(possible)} was refused: ${errnoName(refused)}`,
        expected: `${english(possible)} connections at once`,
        lookAt: "the listener: are all clients that wait accepted, at each of its events?",
      });
    }
    if (connected < CLIENTS_MIN) return notMeasurable(`${connected} connections: ${shortage(machine, limit)}`);
    const lost = open.find((count) => count < connected);
    if (lost !== undefined) {
      return fail({
        saw: `${english(lost)} of ${english(connected)} connections open, though no client had ended one`,
        expected: "all of them",
        lookAt: "which conditions lead to close, and which of them depends on the number of clients?",
      });
    }
    const busy = clean(tenth, "with one in ten busy") ?? clean(all, "with all busy") ?? ending(evidence);
    if (busy) return busy;
    const short = shortage(machine, limit);
    return pass(`${english(connected)} connections held; ${speed(all)}${short ? `; ${short}` : ""}`);
  },
};

const CALLS_PER_S_MAX = 400;
const CPU_SHARE_MAX = 0.1;

/** With all clients connected and silent, the server sleeps. Judged by its calls and its own CPU time. */
export const sleepsWhenIdle: Check<Held> = {
  id: "sleeps_when_idle",
  points: 2,
  needs: "holds_ten_thousand",
  run(evidence) {
    const { quiet, woken, machine } = evidence;
    const seconds = woken.seconds - quiet.seconds;
    const calls = Math.round((woken.calls - quiet.calls) / seconds);
    const share = (woken.cpu_s - quiet.cpu_s) / seconds;
    if (calls <= CALLS_PER_S_MAX && share <= CPU_SHARE_MAX) {
      return pass(`${english(calls)} calls a second, ${(share * 100).toFixed(1)} % of a CPU`);
    }
    return fail({
      saw: `${english(calls)} system calls a second and ${(share * 100).toFixed(1)} % of a CPU, with ${english(machine.connected)} silent clients`,
      expected: `at most ${CALLS_PER_S_MAX} calls a second and ${CPU_SHARE_MAX * 100} % of a CPU`,
      lookAt: "the call that waits: what makes it return when no descriptor has news?",
    });
  },
};

/** The 64 KiB that may be held for a connection, if a server takes them at once, and some state. */
const RESIDENT_BYTES_MAX = 72 * 1024;

/** What a client costs that has sent one message: resident memory of the server's own. */
export const memoryPerConnection: Check<Held> = {
  id: "memory_per_connection",
  points: 1,
  needs: "holds_ten_thousand",
  run(evidence) {
    const { start, quiet, machine } = evidence;
    const bytes = Math.max(0, Math.round((quiet.resident_bytes - start.resident_bytes) / machine.connected));
    if (bytes <= RESIDENT_BYTES_MAX) return pass(`${english(bytes)} bytes for each`);
    return fail({
      saw: `${english(bytes)} bytes of memory for each of ${english(machine.connected)} quiet clients`,
      expected: `at most ${english(RESIDENT_BYTES_MAX)} for a client that has all its bytes back`,
      lookAt: "which memory does a connection need between two messages, and which only while it is served?",
    });
  },
};

const EADDRINUSE = -constants.errno.EADDRINUSE;

/** A port that is shared would give half of the clients to a server that was started by mistake. */
function portShared({ second_listener: second }: Both): Judgement | null {
  if (second === EADDRINUSE) return null;
  return fail({
    saw: `echo_listen answered ${second < 0 ? `-${errnoName(-second)}` : second} for a port at which another listener listens`,
    expected: "-EADDRINUSE",
    lookAt: "echo_listen: which options are set before bind, and what does bind answer then?",
  });
}

/** A fiftieth of it is usual on a busy machine; the kernel holds bytes back for 200 ms. */
const LITTLE_MS_MAX = 100;

/** A client that sends few bytes waits neither for more bytes nor for a timer. */
function heldBack({ latency_us }: Report): Judgement | null {
  const ms = latency_us.p50 / 1000;
  if (ms <= LITTLE_MS_MAX) return null;
  return fail({
    saw: `${ms.toFixed(0)} ms (the median) until a message of 1 to 36 bytes was back, from a server with 8 clients`,
    expected: `at most ${LITTLE_MS_MAX} ms: bytes that have been read are sent back without waiting for more`,
    lookAt: "what happens between the read and the write of a few bytes, and does the kernel send them at once?",
  });
}

/** A few clients that send little; then ordinary clients among those that read slowly or never, half-close, reset or say nothing. */
export const everyByteBack: Check<Unusual> = {
  id: "every_byte_back",
  points: 4,
  run(evidence) {
    const { little, connect, crowd, again } = evidence;
    const bad = first(
      portShared(evidence),
      clean(little, "a few bytes at a time"),
      heldBack(little),
      clean(connect, "in its first message"),
      clean(crowd, "among slow, resetting and never reading clients"),
      clean(again, "after others had left"),
      ending(evidence),
    );
    return bad ?? pass(`${english(crowd.bytes + again.bytes)} bytes`);
  },
};

/** Two servers on two threads of one process, busy at once: what they share, ThreadSanitizer and the clients see. */
export const shareNothing: Check<Two> = {
  id: "share_nothing",
  points: 2,
  run(evidence) {
    const { connect, first: one, other, served, second_served } = evidence;
    const bad = first(
      clean(connect, "in its first message, with two servers in the process"),
      clean(one, "with another server busy in the process"),
      clean(other, "with another server busy in the process"),
      ending({ ...evidence, served: served || second_served }),
    );
    return bad ?? pass(`${english(one.bytes + other.bytes)} bytes`);
  },
};

const STEPS_GROWTH_MAX = 2;
/** Far below a step for each of thousands, far above what a tree or a heap adds. */
const STEPS_MORE_MAX = 1000;
const CROWD_MIN = 1500;

const middle = (values: number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** A message costs the same, however many others are connected. */
function visits({ crowds, steps_few, steps_many }: Cost): Judgement | null {
  const [few, many] = [middle(steps_few), middle(steps_many)];
  if (crowds[1]! < CROWD_MIN) return notMeasurable(`only ${english(crowds[1]!)} connections are possible here`);
  if (many <= STEPS_GROWTH_MAX * few + STEPS_MORE_MAX) return null;
  return fail({
    saw: `${english(many)} steps for a message of 64 bytes beside ${english(crowds[1]!)} silent connections, ${english(few)} beside ${english(crowds[0]!)}`,
    expected: "about as many, however many others are connected",
    lookAt: "what does the server do at each event, or before it waits, with connections that have none?",
  });
}

/** Those of a ring are fractions. */
const few = (calls: number) => calls.toFixed(calls < 1 ? 2 : 1);

/** System calls, all of them, for a message of 64 bytes and one of 16 KiB, of 100 clients one at a time: at most so many. */
export const callsWithin = (small_max: number, large_max: number): Check<Cost> => ({
  id: "calls_per_message",
  points: 2,
  run(evidence) {
    const cost = evidence;
    const bad = first(
      clean(cost.small, "64 bytes at a time"),
      clean(cost.large, "16 KiB at a time"),
      clean(cost.crowd, "in its first message, beside those that were there"),
    );
    if (bad) return bad;
    if (cost.small.messages === 0 || cost.large.messages === 0) {
      return fail({
        saw: `${plural(cost.small.messages, "message")} of 64 bytes and ${english(cost.large.messages)} of 16 KiB came back`,
        expected: "some of each",
        lookAt: "which events does the server wait for, and what does it do about each?",
      });
    }
    const small = (cost.after_small.calls - cost.before_small.calls) / cost.small.messages;
    const large = (cost.after_large.calls - cost.before_large.calls) / cost.large.messages;
    const shown = `${few(small)} system calls for 64 bytes, ${few(large)} for 16 KiB`;
    if (small <= small_max && large <= large_max) return visits(cost) ?? pass(shown);
    return fail({
      saw: shown,
      expected: `at most ${small_max} and ${large_max}`,
      lookAt: "how much does one read take, and which calls are made for a message besides one read and one write?",
    });
  },
});

export const callsPerMessage = callsWithin(7, 40);

/** Speed of a wrong program is no speed. */
export function benchSample(evidence: Bench, { params }: RunRequest): Judgement {
  const { connect, echo } = evidence;
  const bad = first(clean(connect, "in its first message"), clean(echo, "while timed"), ending(evidence));
  if (bad) return bad;
  const expected = params.clients! * params.messages!;
  if (echo.messages === expected) return pass();
  return fail({ saw: `${english(echo.messages)} messages came back`, expected: `${english(expected)}` });
}
