// SPDX-License-Identifier: MIT
/** What a bench run of 06-hash-ring must answer to count. */
import { exactSample } from "@c10kata/harness/sample";
import { Ring } from "./ring.ts";
import { keyBytes } from "./traffic.ts";

/** As bench.c has them. */
const BENCH_KEYS = 8_192;
const BENCH_VNODES = 150;
const sums = new Map<number, number>();

/** What the names of all keys' owners add up to, each read as a number of four bytes. */
function benchSum(nodes: number): number {
  const known = sums.get(nodes);
  if (known !== undefined) return known;
  const names = Array.from({ length: nodes }, (_, node) => String(node).padStart(4, "0"));
  const ring = new Ring(BENCH_VNODES, names);
  let sum = 0;
  for (let key = 0; key < BENCH_KEYS; key++) sum += Buffer.from(ring.node(keyBytes(0, key))!).readUInt32LE();
  sums.set(nodes, sum);
  return sum;
}

/** A bench run counts only if every lookup found the owner. */
export const bench = exactSample({
  sum: ({ nodes, lookups }) => (benchSum(nodes!) * lookups!) / BENCH_KEYS,
  nobody: 0,
});
