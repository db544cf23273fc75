// SPDX-License-Identifier: MIT
/** The checks of 18-green-threads of threads that wait for sockets: many, all bytes, and signals meanwhile. Pure. */
import { fail, notMeasurable, notReached, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english, plural, times } from "@c10kata/harness/words";
import { z } from "zod";
import { FIRST } from "./threads.ts";

const EINTR = 4;
const EPIPE = 32;

export const waitingEvidence = z.strictObject({ possible: count, answered: count, error: count });
type Waiting = z.infer<typeof waitingEvidence>;
/** Fewer show nothing of tables that are too small. */
const WAITING_MIN = 2_000;

/** Thousands wait for a descriptor each, whatever its number is. */
export const manyDescriptors: Check<Waiting> = {
  id: "many_descriptors",
  points: 3,
  needs: FIRST,
  run({ possible, answered, error }) {
    if (answered < possible) {
      return fail({
        saw: `${english(possible)} green threads wait for a byte, each at a socket of its own; ${english(answered)} of them got it${error ? `, and green_read answered -${error} to others` : ""}`,
        expected: `${english(possible)} got it, whatever numbers their descriptors have`,
        lookAt: "what finds the thread that waits for a descriptor, and how large may that number be?",
      });
    }
    if (possible >= WAITING_MIN) return pass(`${english(possible)} wait at once`);
    return notMeasurable(
      `descriptors for ${english(possible)} pairs of sockets`,
      `for ${english(WAITING_MIN)}: ulimit -n`,
    );
  },
};

export const crowdEvidence = z.strictObject({
  clients: count,
  right: count,
  wrong: count,
  results: count,
  blocking: count,
  gone: count,
});
type Crowd = z.infer<typeof crowdEvidence>;

function judgeCrowd({ clients, right, wrong, results }: Crowd, bytes: number) {
  if (right === clients * bytes && wrong === 0 && results === (clients * (clients + 1)) / 2) return pass();
  return fail({
    saw: `${clients} clients of an echo server got ${english(right)} bytes as they were and ${english(wrong)} others, and the channel brought results of the sum ${results}`,
    expected: `${english(clients * bytes)} bytes, no others, and ${(clients * (clients + 1)) / 2}`,
    lookAt: "green_read and green_write: what happens between EAGAIN and the wait?",
  });
}

/** An echo server and its clients on the loopback interface: every byte comes back, over descriptors that do not block. */
export const everyByteBack: Check<Crowd> = {
  id: "every_byte_back",
  points: 3,
  needs: FIRST,
  run(evidence, { params }) {
    const bytes = judgeCrowd(evidence, params.bytes!);
    if (bytes.verdict !== "pass") return bytes;
    if (evidence.gone !== EPIPE)
      return fail({
        saw: `green_write to a peer that is gone answered -${evidence.gone}`,
        expected: `-EPIPE, which is -${EPIPE}`,
      });
    if (evidence.blocking === 0) return pass();
    return fail({
      saw: `${evidence.blocking} of ${plural(evidence.clients, "descriptor")} that green_accept answered block: O_NONBLOCK is not set`,
      expected: "descriptors in non-blocking mode",
      lookAt: "green_accept: what must be true of the new descriptor?",
    });
  },
};

const wholeTraffic = (evidence: Crowd, bytes: number) =>
  judgeCrowd(evidence, bytes).verdict === "pass"
    ? pass()
    : notReached("the traffic was not whole: see every_byte_back", "all of it, to judge by");

/** The traffic is real; AddressSanitizer's report counts. */
export const memoryClean: Check<Crowd> = {
  id: "memory_clean",
  points: 2,
  needs: FIRST,
  run: (evidence, { params }) => wholeTraffic(evidence, params.bytes!),
};

/** The same for ThreadSanitizer's. */
export const raceFree: Check<Crowd> = {
  id: "race_free",
  points: 3,
  needs: FIRST,
  run: (evidence, { params }) => wholeTraffic(evidence, params.bytes!),
};

export const signalsEvidence = z.strictObject({
  interrupted: count,
  slept: count,
  early: count,
  ended: count,
  other: count,
  answer: count,
});
type Signals = z.infer<typeof signalsEvidence>;
/** In the order of waits.c, from 1. */
const WAITS = ["green_accept", "green_write", "green_read", "chan_receive", "green_join"];

/** A handler that interrupts the workers ends no wait, and no sleep. */
export const signalsEndNoWait: Check<Signals> = {
  id: "signals_end_no_wait",
  points: 1,
  needs: ["every_byte_back", "sleeps"],
  run({ interrupted, slept, early, ended, other, answer }) {
    const meanwhile = `while ${times(interrupted)} a signal interrupted a worker in its sleep`;
    if (other > 0) {
      return fail({
        saw: `${WAITS[other - 1]} answered ${answer > 0 ? `-${answer}` : "otherwise than was due"}${answer === EINTR ? " (EINTR)" : ""} ${meanwhile}`,
        expected: "it waits on, and answers what it waits for; never -EINTR",
        lookAt: "which call of the kernel's is interrupted by a handler, and who is told?",
      });
    }
    if (early > 0) {
      return fail({
        saw: `${early} of ${english(slept)} sleeps of 2 ms ended sooner ${meanwhile}`,
        expected: "at least 2 ms, on the monotonic clock",
        lookAt: "epoll_wait answers -1 and EINTR: is that the end of the time?",
      });
    }
    if (ended < WAITS.length || slept === 0) {
      return fail({
        saw: `green_run has returned, and ${ended} of ${WAITS.length} waits and ${slept} sleeps have ended ${meanwhile}`,
        expected: "it returns when all green threads have ended",
        lookAt: "what does a worker do whose epoll_wait answers -1?",
      });
    }
    if (interrupted > 0) return pass(`${english(interrupted)} signals to workers that slept`);
    return notMeasurable("no worker that slept when a signal came", "some: what the kernel says in /proc/self/task");
  },
};
