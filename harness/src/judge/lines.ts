// SPDX-License-Identifier: MIT
/** Which thread writes which cache lines, as native/include/lines.h notes it: false sharing is counted, not timed. Pure. */
import { z } from "zod";
import { rows } from "../kata/evidence.ts";
import { codeAt } from "./check.ts";

/**
 * What lines_report() reports: a part of a scenario's evidence. A row is all that one thread, `who`, wrote to one address.
 * `block`: the learner's allocation that it lies in, from 1; 0: in none. `fits`: all of the line lies in that block.
 */
export const linesEvidence = {
  writes: rows("who", "address", "size_bytes", "block", "block_at", "fits", "times", "updates", "at"),
};
const schema = z.strictObject(linesEvidence);
export type Write = z.infer<typeof schema>["writes"][number];

const LINE = 64;
const linesOf = ({ address, size_bytes }: Write): number[] => {
  const [first, last] = [address, address + size_bytes - 1].map((byte) => Math.floor(byte / LINE));
  return Array.from({ length: last! - first! + 1 }, (_, at) => first! + at);
};

/** Two writes of different threads (or, by `apart`, of others that may not meet) to one line: those that are made most often. */
export function sharedLine(
  writes: Write[],
  apart: (one: Write, other: Write) => boolean = (one, other) => one.who !== other.who,
): [Write, Write] | undefined {
  const writers = new Map<number, Write[]>();
  for (const write of writes.toSorted((a, b) => b.times - a.times)) {
    for (const line of linesOf(write)) {
      const before = writers.get(line) ?? [];
      const met = before.find((other) => apart(other, write));
      if (met) return [met, write];
      writers.set(line, [...before, write]);
    }
  }
  return undefined;
}

/** A write to a line of which a part lies outside of the block: what malloc puts there next shares it. */
export const strayLine = (writes: Write[]): Write | undefined => writes.find(({ block, fits }) => block > 0 && !fits);

/** "counter_add (counter.c:40) at byte 64 of allocation 1" */
export const placeOf = ({ at, block, block_at }: Write) =>
  `${codeAt(at)} ${block > 0 ? `at byte ${block_at} of allocation ${block}` : "in memory that was not allocated"}`;

/** "both write one line of 64 bytes: counter_add (counter.c:40) at byte 64 of allocation 1, and ... at byte 80: 16 bytes apart" */
export function sharing([one, other]: [Write, Write]): string {
  const [low, high] = one.address <= other.address ? [one, other] : [other, one];
  const apart = high.address - low.address;
  const near = apart === 0 ? "the same address" : `${apart} bytes apart`;
  return `both write one line of ${LINE} bytes: ${placeOf(low)}, and ${placeOf(high)}: ${near}`;
}
