// SPDX-License-Identifier: MIT
/** What all traffic has in common: nodes as they come out, and a queue that was never there. */
import { fail, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What a driver reports instead of traffic when mpsc_new answered NULL. */
export const noQueue = z.strictObject({ no_queue: count });
export type NoQueue = z.infer<typeof noQueue>;

/** Makes a check of traffic also say what happened where there was none. */
export function withQueue<E extends object>(check: Check<E>): Check<E | NoQueue> {
  return {
    ...check,
    run: (evidence, request) =>
      "no_queue" in evidence
        ? fail({ saw: "mpsc_new() -> NULL, with memory to be had", expected: "a queue", lookAt: "mpsc_new" })
        : check.run(evidence, request),
  };
}

/** One node as it came out: item `seq` of thread `producer`. Both are -1 for memory that nobody pushed. */
export interface Item {
  producer: number;
  seq: number;
}

const STRANGER = 2n ** 64n - 1n;
export const toItem = (code: bigint): Item =>
  code === STRANGER ? { producer: -1, seq: -1 } : { producer: Number(code >> 32n), seq: Number(code & 0xffffffffn) };
