// SPDX-License-Identifier: MIT
/** What the checks of 06-hash-ring share: the driver's keys and nodes. */

export const nodeName = (number: bigint) =>
  number >= 2n ** 48n ? "NULL, or a name that no node was given" : `node ${number}`;

/** Key `number` of a set, as nodes.c makes it. */
export function keyBytes(set: number, number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(set) << 16n) ^ BigInt(number), true);
  return bytes;
}
