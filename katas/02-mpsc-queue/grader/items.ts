// SPDX-License-Identifier: MIT
/** What all traffic has in common: nodes as they come out. */

/** One node as it came out: item `seq` of thread `producer`. Both are -1 for memory that nobody pushed. */
export interface Item {
  producer: number;
  seq: number;
}

const STRANGER = 2n ** 64n - 1n;
export const toItem = (code: bigint): Item =>
  code === STRANGER ? { producer: -1, seq: -1 } : { producer: Number(code >> 32n), seq: Number(code & 0xffffffffn) };
