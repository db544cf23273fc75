// SPDX-License-Identifier: MIT
/** What the checks of 06-hash-ring share: runs without a ring, and the driver's keys and nodes. */
import { fail, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What a driver reports instead of traffic when ring_new answered NULL, or a change was refused. */
export const noTraffic = z.union([z.strictObject({ no_ring: count }), z.strictObject({ refused: count })]);
export type NoTraffic = z.infer<typeof noTraffic>;

/** Makes a check of traffic also say what happened where there was none. */
export function withRing<E extends object>(check: Check<E>): Check<E | NoTraffic> {
  return {
    ...check,
    run(evidence, request) {
      if ("no_ring" in evidence)
        return fail({ saw: "ring_new -> NULL, with memory to be had", expected: "a ring", lookAt: "ring_new" });
      if (!("refused" in evidence)) return check.run(evidence, request);
      const call = evidence.refused === 1 ? "ring_add_node" : "ring_remove_node";
      const node = evidence.refused === 1 ? "a node that the ring did not have" : "a node that the ring had";
      return fail({ saw: `${call} refused ${node}`, expected: "0", lookAt: `${call}: what makes it refuse?` });
    },
  };
}

export const numbers = (values: BigUint64Array) => [...values].map(Number);
export const several = (number: number, what: string) =>
  `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
export const nodeName = (number: bigint) => (number >= 2n ** 48n ? "that is none" : String(number));

/** Key `number` of a set, as nodes.c makes it. */
export function keyBytes(set: number, number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(set) << 16n) ^ BigInt(number), true);
  return bytes;
}
