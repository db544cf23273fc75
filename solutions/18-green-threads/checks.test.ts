// SPDX-License-Identifier: MIT
/** The checks of 18-green-threads on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/18-green-threads/grader/checks.ts";

const request = { seed: 1, params: { threads: 20_000, workers: 2, bytes: 1_000, rounds: 3, busy: 4 } };
const list = (...values: number[]) => BigUint64Array.from(values.map(BigInt));

const basics = { none: 22, many: 22, channel: 0, endless: 0, first: 1, child: 1, late: 1, received: 42 };
const many = { started: 20_000, at_once: 20_000, ended: 20_000, taken_bytes: 90 * 2 ** 20, kernel_threads: 1 };
const stacks = { threads: 40, damaged: 0, unguarded: 0, least_room: 16_320 };
const most = { started: 32_000, ended: 32_000, probed: 64, guarded: 64 };
const waiting = { possible: 9_000, answered: 9_000, error: 0 };
const registers = { tried: 200, lost: 0, rounds_otherwise: 0 };
const short = (steps: number) => ({
  costs: [{ phase: 0, size: 1, calls: 20, steps, allocations: 0, wrong: 0, overran: 0 }],
});
const starving = { late_start: 9, late_sleep: 64, late_read: 64 };
const crowd = { clients: 10, right: 10_000, wrong: 0, results: 55, blocking: 0, gone: 32 };
const signals = { interrupted: 100, slept: 40, early: 0, ended: 5, other: 0, answer: 0 };
const leftOut = { seen: 2, turns: 2_048, started: 1, slept: 1, read_it: 1 };
const again = { ended: 40_000, unjoined_bytes: 4 * 2 ** 20, joined_bytes: 0 };
const left = {
  threads: list(1, 1),
  descriptors: list(5, 5),
  bytes: list(50_000_000, 50_000_000),
  allocations: list(0, 0),
};

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [
  { id: string; run: (evidence: any, request: any) => any },
  object,
  string | null,
  ("wrong" | "not_reached" | "not_measurable")?,
];

const table: Row[] = [
  [checks.threadsRun, basics, null],
  [checks.threadsRun, { ...basics, first: 0, child: 0, late: 0, received: 0 }, "the first thread ran 0 times"],
  [checks.threadsRun, { ...basics, late: 2 }, "1 and 2 times"],
  [checks.threadsRun, { ...basics, received: 7 }, "it received 7"],
  [checks.refusesNonsense, basics, null],
  [checks.refusesNonsense, { ...basics, none: 0 }, "with 0 workers answered -0"],
  [checks.refusesNonsense, { ...basics, many: 12 }, "with 65 -12"],
  [checks.refusesNonsense, { ...basics, channel: 1 }, "chan_new(0) answered a channel"],
  [checks.refusesNonsense, { ...basics, endless: 4 }, "for 4 of 5 capacities"],
  [checks.guardOrNone, most, null],
  [checks.guardOrNone, { ...most, started: 0, ended: 0 }, "no green thread was started"],
  [checks.guardOrNone, { ...most, ended: 31_000 }, "31,000 ended"],
  [checks.guardOrNone, { ...most, guarded: 1 }, "63 of the last 64 have no page"],
  [checks.manyDescriptors, waiting, null],
  [checks.manyDescriptors, { ...waiting, answered: 510, error: 24 }, "510 of them got it, and green_read answered -24"],
  [checks.manyDescriptors, { ...waiting, possible: 400, answered: 400 }, "for 400 pairs", "not_measurable"],
  [checks.manyDescriptors, { ...waiting, possible: 400, answered: 399 }, "399 of them got it"],
  [checks.registersKept, registers, null],
  [checks.registersKept, { ...registers, tried: 0 }, "no green thread ran"],
  [checks.registersKept, { ...registers, lost: 3 }, "behind 3 of 200 calls"],
  [checks.registersKept, { ...registers, rounds_otherwise: 9 }, "rounded in another direction"],
  [checks.sleepsWithoutPolling, short(880), null],
  [checks.sleepsWithoutPolling, short(240_000), "took 12,000 steps of green.c, each time"],
  [checks.sleepsWithoutPolling, { costs: [] }, "no sleep was counted"],
  [checks.twentyThousand, many, null],
  [checks.twentyThousand, { ...many, started: 16_000 }, "16,000 green threads were started"],
  [checks.twentyThousand, { ...many, ended: 19_999 }, "19,999 ended"],
  [checks.twentyThousand, { ...many, taken_bytes: 200 * 2 ** 20 }, "took 200 MiB"],
  [checks.fewThreads, { ...many, kernel_threads: 3 }, null],
  [checks.fewThreads, { ...many, kernel_threads: 4 }, "4 threads of the kernel's more"],
  [checks.fewThreads, { ...many, started: 0 }, "no green thread was started"],
  [checks.roomOnStacks, stacks, null],
  [checks.roomOnStacks, { ...stacks, damaged: 2 }, "2 of 40 green threads found other bytes"],
  [checks.roomOnStacks, { ...stacks, threads: 0 }, "no green thread ran"],
  [checks.roomOnStacks, { ...stacks, least_room: 15_840 }, "has 15,840 bytes of stack"],
  [checks.guardPages, stacks, null],
  [checks.guardPages, { ...stacks, unguarded: 39 }, "below 39 of 40 stacks"],
  [checks.guardPages, { ...stacks, threads: 0 }, "no green thread ran"],
  [checks.nobodyStarves, starving, null],
  [checks.nobodyStarves, { ...starving, late_start: 5_000 }, "had been started did not run while four that yield"],
  [checks.nobodyStarves, { ...starving, late_sleep: 200_000 }, "whose sleep was over did not run"],
  [checks.nobodyStarves, { ...starving, late_sleep: 4_000 }, null],
  [checks.aloneStarvesNobody, starving, null],
  [checks.aloneStarvesNobody, { ...starving, late_sleep: 1_100 }, "while one that yields had 1,100 turns"],
  [checks.pairsLeaveNobodyOut, starving, null],
  [checks.pairsLeaveNobodyOut, { ...starving, late_read: 5_000 }, "while two that hand a number to and fro had 5,000"],
  [checks.everyByteBack, crowd, null],
  [checks.everyByteBack, { ...crowd, right: 9_999 }, "got 9,999 bytes as they were"],
  [checks.everyByteBack, { ...crowd, wrong: 1 }, "and 1 others"],
  [checks.everyByteBack, { ...crowd, results: 54 }, "results of the sum 54"],
  [checks.everyByteBack, { ...crowd, blocking: 3 }, "3 of 10 descriptors that green_accept answered block"],
  [checks.everyByteBack, { ...crowd, gone: 9 }, "to a peer that is gone answered -9"],
  [checks.stacksServeAgain, again, null],
  [checks.stacksServeAgain, { ...again, ended: 39_999 }, "39,999 green threads ended"],
  [checks.stacksServeAgain, { ...again, unjoined_bytes: 400 * 2 ** 20 }, "that nobody has joined yet, of which"],
  [checks.stacksServeAgain, { ...again, joined_bytes: 400 * 2 ** 20 }, "that were joined, of which"],
  [checks.memoryClean, crowd, null],
  [checks.memoryClean, { ...crowd, right: 0 }, "see every_byte_back", "not_reached"],
  [checks.raceFree, crowd, null],
  [checks.raceFree, { ...crowd, right: 0 }, "see every_byte_back", "not_reached"],
  [checks.signalsEndNoWait, signals, null],
  [checks.signalsEndNoWait, { ...signals, other: 3, answer: 4 }, "green_read answered -4 (EINTR) while 100 times"],
  [checks.signalsEndNoWait, { ...signals, other: 4 }, "chan_receive answered otherwise than was due while"],
  [checks.signalsEndNoWait, { ...signals, early: 2 }, "2 of 40 sleeps of 2 ms ended sooner"],
  [checks.signalsEndNoWait, { ...signals, ended: 0 }, "green_run has returned, and 0 of 5 waits and 40 sleeps"],
  [checks.signalsEndNoWait, { ...signals, slept: 0 }, "5 of 5 waits and 0 sleeps have ended"],
  [checks.signalsEndNoWait, { ...signals, interrupted: 0 }, "no worker that slept", "not_measurable"],
  [checks.nobodyLeftOut, leftOut, null],
  [checks.nobodyLeftOut, { ...leftOut, started: 0 }, "that had been started did not run while 4 that yield"],
  [checks.nobodyLeftOut, { ...leftOut, slept: 0 }, "whose sleep was over did not run while"],
  [checks.nobodyLeftOut, { ...leftOut, read_it: 0 }, "whose socket was ready did not run while"],
  [checks.nobodyLeftOut, { ...leftOut, seen: 1 }, "all of these turns were on 1 worker"],
  [checks.nothingLeft, left, null],
  [checks.nothingLeft, { ...left, threads: list(1, 3) }, "2 threads more than before"],
  [checks.nothingLeft, { ...left, descriptors: list(5, 10) }, "5 descriptors more"],
  [checks.nothingLeft, { ...left, allocations: list(0, 1) }, "1 allocation more"],
  [checks.nothingLeft, { ...left, bytes: list(50_000_000, 58_000_000, 66_000_000) }, "16,000,000 bytes more"],
  [checks.nothingLeft, { ...left, bytes: list(50_000_000, 184_000_000, 184_000_000) }, null],
];

describe("judgements", () => {
  test.each(table)("%p", (check, evidence, saw, verdict = "wrong") => {
    const judged = check.run(evidence, request);
    if (saw === null) return expect(judged.verdict).toBe("pass");
    expect(judged.verdict).toBe(verdict);
    expect(judged.saw).toContain(saw);
  });
});

describe("turns", () => {
  const three = { ...request, params: { threads: 3, rounds: 3 } };
  const judge = (...turns: number[]) => checks.takesTurns.run({ turns: list(...turns) }, three);

  test("one after another, in whatever order", () => {
    expect(judge(0, 1, 2, 0, 1, 2, 0, 1, 2).verdict).toBe("pass");
    expect(judge(0, 1, 2, 1, 0, 2, 1, 0, 2).verdict).toBe("wrong"); // 1 comes again before 0
    expect(judge(0, 0, 0, 1, 1, 1, 2, 2, 2).verdict).toBe("wrong");
    expect(judge(0, 1, 2).verdict).toBe("wrong");
  });

  test("who has ended is not waited for", () => {
    expect(judge(0, 1, 2, 0, 1, 2, 0, 1, 2).verdict).toBe("pass");
  });
});
