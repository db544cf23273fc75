// SPDX-License-Identifier: MIT
/** Checks of who writes which cache lines, and of what an add writes. */
import { fail, notReached, pass, type Check } from "@c10kata/harness/check";
import { linesEvidence, placeOf, sharedLine, sharing, strayLine, type Write } from "@c10kata/harness/lines";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const linesOfAdds = z.strictObject(linesEvidence);
export type LinesEvidence = z.infer<typeof linesOfAdds>;

/** By lines.c: `who` is (layout * 2 + counter) * 8 + thread. */
const partyOf = ({ who }: Write) => ({ layout: who >> 4, counter: (who >> 3) & 1, thread: who & 7 });
/** Of each layout in lines.c. */
const LAYOUTS = ["8 threads", "8 threads, after 100 others had come and gone,", "2 threads"];
const ADDS = 1_000;

const otherThread = (one: Write, other: Write) => {
  const [a, b] = [partyOf(one), partyOf(other)];
  return a.layout === b.layout && a.counter === b.counter && a.thread !== b.thread;
};
const otherCounter = (one: Write, other: Write) =>
  partyOf(one).counter !== partyOf(other).counter && one.block > 0 && other.block > 0;

const nothingWritten = fail({
  saw: "counter_add writes nothing from a thread's second add on",
  expected: "adds that are written down",
});

/** No line is written by two of up to eight threads, each on a processor of its own, after the first add of each. */
export const noSharedLines: Check<LinesEvidence> = {
  id: "no_shared_lines",
  points: 10,
  needs: "counts_up",
  run({ writes }) {
    if (writes.length === 0) return nothingWritten;
    const met = sharedLine(writes, otherThread);
    if (!met) return pass();
    const [one, other] = met.map(partyOf);
    return fail({
      saw: `of ${LAYOUTS[one!.layout]} each on a processor of its own, T${one!.thread + 1} and T${other!.thread + 1} ${sharing(met)}`,
      expected: `after its first add, each of them writes lines of its own: none that another writes in ${english(ADDS)} adds`,
      lookAt: "where do the words lie that two threads write: what is 64 bytes wide, and aligned to 64?",
    });
  },
};

/** A counter's lines are its own: none is shared with another counter, or with what malloc puts beside it. */
export const linesOfItsOwn: Check<LinesEvidence> = {
  id: "lines_of_its_own",
  points: 5,
  needs: "counts_up",
  run({ writes }) {
    if (writes.length === 0) return nothingWritten;
    const expected = "lines that lie in the counter's own memory as a whole";
    const lookAt = "counter_new: to what is the memory aligned that it asks for, and is its size a multiple of a line?";
    const met = sharedLine(writes, otherCounter);
    if (met) return fail({ saw: `adds to two counters ${sharing(met)}`, expected, lookAt });
    const stray = strayLine(writes);
    if (!stray) return pass();
    return fail({
      saw: `${placeOf(stray)}: the line of 64 bytes that is written there is in part outside of that memory, and belongs to what lies beside it, too`,
      expected,
      lookAt,
    });
  },
};

const ALONE = "threads that are alone with their lines";

/** A thread alone makes one atomic read-modify-write at an add. */
export const oneUpdate: Check<LinesEvidence> = {
  id: "one_update",
  points: 5,
  needs: "counts_up",
  run({ writes }) {
    if (writes.length === 0) return nothingWritten;
    if (sharedLine(writes, otherThread)) return notReached("threads write the same lines: see no_shared_lines", ALONE);
    const updates = new Map<number, number>();
    for (const { who, updates: n } of writes) updates.set(who, (updates.get(who) ?? 0) + n);
    const most = Math.max(...updates.values());
    if (most <= ADDS) return pass();
    return fail({
      saw: `${english(ADDS)} adds of a thread that was alone with its lines made ${english(most)} atomic read-modify-writes`,
      expected: `at most ${english(ADDS)}: one at each add`,
      lookAt: "counter_add: which of them would be missed?",
    });
  },
};
