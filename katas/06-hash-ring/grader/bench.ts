// SPDX-License-Identifier: MIT
/** What a bench run of 06-hash-ring must answer to count. */
import { fail, pass, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";
import { Ring } from "./ring.ts";
import { keyBytes } from "./traffic.ts";

export const benchEvidence = z.strictObject({ sum: count, nobody: count });

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
export function benchSample(evidence: z.infer<typeof benchEvidence>, { params }: RunRequest): Judgement {
  const expected = (benchSum(params.nodes!) * params.lookups!) / BENCH_KEYS;
  if (evidence.sum === expected && evidence.nobody === 0) return pass();
  return fail({
    saw: `owners that add up to ${evidence.sum}, ${evidence.nobody} of them NULL`,
    expected: `${expected}: the right owner for every key`,
  });
}
