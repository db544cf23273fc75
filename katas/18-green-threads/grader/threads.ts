// SPDX-License-Identifier: MIT
/** The checks of 18-green-threads of what a thread takes, keeps, and leaves behind. Pure. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { costsEvidence, perCall, stepsOf } from "@c10kata/harness/costs";
import { count, series } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";

export const FIRST = "threads_run";
const EINVAL = 22;

export const basicsEvidence = z.strictObject({
  none: count,
  many: count,
  channel: count,
  endless: count,
  first: count,
  child: count,
  late: count,
  received: count,
});
type Basics = z.infer<typeof basicsEvidence>;

/** One worker runs what it is given: threads, a channel, a join in time and one behind the end. */
export const threadsRun: Check<Basics> = {
  id: FIRST,
  points: 2,
  run({ first, child, late, received }) {
    if (first === 1 && child === 1 && late === 1 && received === 42) return pass();
    return fail({
      saw: `the first thread ran ${first} times, two that it started ${child} and ${late} times, and it received ${received}`,
      expected: "each of them once, and the number 42",
      lookAt: "green_run: what does a worker do until all have ended?",
    });
  },
};

/** What makes no sense is refused, and nothing has run. */
export const refusesNonsense: Check<Basics> = {
  id: "refuses_nonsense",
  points: 2,
  needs: FIRST,
  run({ none, many, channel, endless }) {
    if (none !== EINVAL || many !== EINVAL) {
      return fail({
        saw: `green_run with 0 workers answered -${none}, with 65 -${many}`,
        expected: `-EINVAL, which is -${EINVAL}, both times`,
      });
    }
    if (channel !== 0) return fail({ saw: "chan_new(0) answered a channel", expected: "NULL: capacity is 0" });
    if (endless === 0) return pass();
    return fail({
      saw: `chan_new answered a channel for ${endless} of 5 capacities of more than SIZE_MAX / 16 numbers`,
      expected: "NULL: there is no memory for so many",
      lookAt: "chan_new: how many bytes does it ask for, when it multiplies a capacity by 8?",
    });
  },
};

export const manyEvidence = z.strictObject({
  started: count,
  at_once: count,
  ended: count,
  taken_bytes: count,
  kernel_threads: count,
});
type Many = z.infer<typeof manyEvidence>;

const MIB = 2 ** 20;
const MEMORY_MAX = 200 * MIB;

/** 20,000 at once, in less than 200 MiB. */
export const twentyThousand: Check<Many> = {
  id: "twenty_thousand",
  points: 3,
  needs: FIRST,
  run({ started, at_once, ended, taken_bytes }, { params }) {
    const wanted = params.threads!;
    if (started < wanted || at_once < wanted || ended < wanted) {
      return fail({
        saw: `${english(started)} green threads were started, ${english(at_once)} were there at once, ${english(ended)} ended`,
        expected: `${english(wanted)} each`,
        lookAt: "how many mappings does one take of the 65,530 that a process has?",
      });
    }
    if (taken_bytes < MEMORY_MAX) return pass(`${Math.round(taken_bytes / wanted)} bytes each`);
    return fail({
      saw: `${english(wanted)} green threads took ${Math.round(taken_bytes / MIB)} MiB while they waited`,
      expected: "less than 200 MiB",
      lookAt: "who touches how much of a new stack?",
    });
  },
};

export const againEvidence = z.strictObject({ ended: count, unjoined_bytes: count, joined_bytes: count });
type Again = z.infer<typeof againEvidence>;
/** Handles, and stacks that go back a while later; a stack and its guard are 20 KiB at the least. */
const EACH_MAX = 8 * 1024;

/** The stack of one that has ended serves the next one, or goes back, joined or not. */
export const stacksServeAgain: Check<Again> = {
  id: "stacks_serve_again",
  points: 2,
  needs: FIRST,
  run({ ended, unjoined_bytes, joined_bytes }, { params }) {
    const each = params.threads!;
    if (ended < 2 * each) return fail({ saw: `${english(ended)} green threads ended`, expected: english(2 * each) });
    const most = each * EACH_MAX;
    if (unjoined_bytes <= most && joined_bytes <= most) return pass();
    const [bytes, who] =
      unjoined_bytes > most ? [unjoined_bytes, "that nobody has joined yet"] : [joined_bytes, "that were joined"];
    return fail({
      saw: `behind ${english(each)} green threads ${who}, of which each had ended before the next one began, ${Math.round(bytes / MIB)} MiB more are mapped`,
      expected: "a stack that serves the next one, or goes back, as soon as its thread has ended",
      lookAt: "what becomes of a stack whose thread has ended, and when?",
    });
  },
};

/** At most workers + 1 threads of the kernel's beside the caller's. */
export const fewThreads: Check<Many> = {
  id: "few_threads",
  points: 3,
  needs: FIRST,
  run({ started, kernel_threads }, { params }) {
    if (started === 0) return fail({ saw: "no green thread was started", expected: "some" });
    const most = params.workers! + 1;
    if (kernel_threads <= most) return pass();
    return fail({
      saw: `${plural(kernel_threads, "thread")} of the kernel's more, with ${english(started)} green ones on ${params.workers} workers`,
      expected: `at most ${most}`,
      lookAt: "who runs a green thread?",
    });
  },
};

export const mostEvidence = z.strictObject({ started: count, ended: count, probed: count, guarded: count });
type Most = z.infer<typeof mostEvidence>;

/** Where no guard is to be had for one more, it is not started. */
export const guardOrNone: Check<Most> = {
  id: "guard_or_none",
  points: 2,
  needs: "guard_pages",
  run({ started, ended, probed, guarded }) {
    if (started === 0) return fail({ saw: "no green thread was started", expected: "some" });
    if (ended < started) {
      return fail({
        saw: `${english(started)} green threads were started, and ${english(ended)} ended`,
        expected: `${english(started)}, whatever green_go answers for one more`,
      });
    }
    if (guarded === probed) return pass(`${english(started)} at once`);
    return fail({
      saw: `${english(started)} green threads were started; ${probed - guarded} of the last ${probed} have no page below their stacks that cannot be touched`,
      expected: "a guard below each, or NULL from green_go: a process has only so many mappings",
      lookAt: "green_go: what if mmap gives a stack, and mprotect no guard?",
    });
  },
};

export const shortEvidence = z.strictObject(costsEvidence);
type Short = z.infer<typeof shortEvidence>;
/** Right designs take less than 100; one that looks at the clock again and again for 0.9 ms takes thousands. */
const SLEEP_STEPS_MAX = 500;

/** A sleep that no timeout in milliseconds meets exactly is no reason to spin for the rest. Counts, and no clock. */
export const sleepsWithoutPolling: Check<Short> = {
  id: "sleeps_without_polling",
  points: 1,
  needs: FIRST,
  run({ costs: [cost] }) {
    if (!cost) return fail({ saw: "no sleep was counted", expected: "sleeps that are counted" });
    if (perCall(cost) <= SLEEP_STEPS_MAX) return pass(`${stepsOf(cost)} steps a sleep`);
    return fail({
      saw: `green_sleep of 1.9 ms, while others wait for a client, for room, a byte, a number and an end: the worker took ${stepsOf(cost)} steps of green.c, each time`,
      expected: `at most ${SLEEP_STEPS_MAX}: a worker without anything to run sleeps`,
      lookAt:
        "which wait is a loop that looks again? And how long does a worker sleep that has to wake in 1.9 ms, when timeouts count milliseconds?",
    });
  },
};

export const registersEvidence = z.strictObject({ tried: count, lost: count, rounds_otherwise: count });
type Registers = z.infer<typeof registersEvidence>;

const KEPT = process.arch === "arm64" ? "x19 to x29 and d8 to d15" : "rbx, rbp and r12 to r15";

/** A wait keeps what any call has to keep. */
export const registersKept: Check<Registers> = {
  id: "registers_kept",
  points: 3,
  needs: FIRST,
  run({ tried, lost, rounds_otherwise }) {
    if (tried === 0) return fail({ saw: "no green thread ran", expected: "some" });
    if (lost > 0) {
      return fail({
        saw: `behind ${lost} of ${tried} calls of green_yield, one of ${KEPT} had another value`,
        expected: "the value that the thread had there: a function keeps these registers",
        lookAt: "which registers does the switch save, and in which order does it take them back?",
      });
    }
    if (rounds_otherwise === 0) return pass();
    return fail({
      saw: `behind ${rounds_otherwise} of ${tried} calls of green_yield, a floating-point unit rounded in another direction`,
      expected: "the direction that the thread had set: a function keeps the control words of these units",
      lookAt: "which control words does the switch save: mxcsr and that of the x87 unit, or fpcr on arm64?",
    });
  },
};

/** Who is started, and calls its function, takes a little of a stack, too. */
const ROOM_MIN = 16 * 1024 - 256;

export const stacksEvidence = z.strictObject({ threads: count, damaged: count, unguarded: count, least_room: count });
type Stacks = z.infer<typeof stacksEvidence>;

/** 16 KiB are a thread's own. */
export const roomOnStacks: Check<Stacks> = {
  id: "room_on_stacks",
  points: 3,
  needs: FIRST,
  run({ threads, damaged, least_room }) {
    if (threads === 0) return fail({ saw: "no green thread ran", expected: "some" });
    if (damaged === 0 && least_room >= ROOM_MIN) return pass();
    if (damaged === 0) {
      return fail({
        saw: `the function of a green thread has ${english(least_room)} bytes of stack before it meets another's, or a page that cannot be touched`,
        expected: "16,384 bytes, for the function alone",
        lookAt: "what else lies on the stack?",
      });
    }
    return fail({
      saw: `${damaged} of ${threads} green threads found other bytes on their stacks than they had left there`,
      expected: "15 KiB of a function's own, whatever others do",
      lookAt: "where do the stacks lie, and when does one serve another thread?",
    });
  },
};

/** Below each stack lies a page that nobody can touch. */
export const guardPages: Check<Stacks> = {
  id: "guard_pages",
  points: 4,
  needs: FIRST,
  run({ threads, unguarded }) {
    if (threads === 0) return fail({ saw: "no green thread ran", expected: "some" });
    if (unguarded === 0) return pass();
    return fail({
      saw: `below ${unguarded} of ${threads} stacks comes another thread's stack, and no page between that cannot be touched`,
      expected: "a guard: who needs more than its stack meets a crash, not its neighbour",
      lookAt: "which page would a function touch first that goes too deep?",
    });
  },
};

export const leftoversEvidence = z.strictObject({
  threads: series,
  descriptors: series,
  bytes: series,
  allocations: series,
});
type Leftovers = z.infer<typeof leftoversEvidence>;

/** The C library keeps stacks and buffers when they are needed first; what a run leaves behind, it leaves behind each time. */
const BYTES_MAX = MIB / 16;

/** When green_run has returned, nothing of it is left. */
export const nothingLeft: Check<Leftovers> = {
  id: "nothing_left",
  points: 3,
  needs: FIRST,
  run({ threads, descriptors, bytes, allocations }) {
    const more = (of: ArrayLike<number | bigint>) => Number(of[1]) - Number(of[0]);
    const left: [string, number, number][] = [
      ["thread", more(threads), 0],
      ["descriptor", more(descriptors), 0],
      ["allocation", more(allocations), 0],
    ];
    const each = Math.min(...Array.from(bytes, Number).flatMap((now, at, all) => (at > 0 ? [now - all[at - 1]!] : [])));
    if (each > BYTES_MAX) left.push(["byte", more([bytes[0]!, bytes.at(-1)!]), 0]);
    const found = left.find(([, n, most]) => n > most);
    if (!found) return pass();
    return fail({
      saw: `${plural(found[1], found[0])} more than before, behind five calls of green_run`,
      expected: "nothing is left: no thread, descriptor or memory",
      lookAt: "green_run: what has it made, and the threads that nobody joined?",
    });
  },
};
