// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring about several rings, and about keys larger than 32 bits can say. */
import { fail, notMeasurable, pass, type Check } from "@c10kata/harness/check";
import { rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { Ring } from "./ring.ts";
import { keyBytes, nodeName } from "./traffic.ts";

export const ringsEvidence = z.strictObject({
  /** In the order of the lookups; the ring had the nodes from `first` on. */
  answers: rows("story", "first", "key", "owner"),
  huge: rows("call", "size", "read_on"),
});
export type RingsEvidence = z.infer<typeof ringsEvidence>;

/** As rings.c has them. */
const NODES = 3;
const STORIES = [
  "a ring made after another with other nodes had been freed",
  "a ring whose nodes had been removed, and others added",
  "one of two rings with different nodes, asked in turn",
];
const CALLS = ["fnv1a_64", "ring_hash", "ring_get_node", "ring_get_nodes"];

/** A ring's answers follow from its nodes alone, whatever was asked before, of it or of another ring. */
export const separateRings: Check<RingsEvidence> = {
  id: "separate_rings",
  points: 3,
  needs: ["some_key_finds_node", "ring_hash_vectors"],
  run({ answers }, { seed, params }) {
    if (answers.length === 0) return fail({ saw: "no lookup", expected: "lookups that answer" });
    const numberOf = (name: string) => Number(name.slice(name.lastIndexOf("-") + 1));
    const rings = new Map<number, Ring>();
    for (const { story, first, key, owner } of answers) {
      const names = Array.from({ length: NODES }, (_, at) => `set-${seed}.node-${first + at}`);
      const ring = rings.get(first) ?? new Ring(params.vnodes!, names);
      rings.set(first, ring);
      const right = numberOf(ring.node(keyBytes(seed, key))!);
      if (owner === right) continue;
      return fail({
        saw: `${STORIES[story]}: key ${key} -> ${nodeName(BigInt(owner))}; its nodes were ${first} to ${first + NODES - 1}`,
        expected: `node ${right}: what a lookup answers follows from the nodes that the ring has now`,
        lookAt:
          "ring_get_node: what does it remember of a lookup? A new ring, and new arrays, may lie where old ones lay",
      });
    }
    return pass();
  },
};

/** No size is cut to 32 bits: a call that answers has read its whole key. */
export const hugeKeys: Check<RingsEvidence> = {
  id: "huge_keys",
  points: 2,
  needs: ["some_key_finds_node", "ring_hash_vectors"],
  run({ huge }) {
    if (huge.length === 0) return notMeasurable("4 GiB of addresses could not be reserved", "4 GiB of free addresses");
    const cut = huge.find(({ read_on }) => read_on === 0);
    if (!cut) return pass();
    return fail({
      saw: `${CALLS[cut.call]}, with a key of ${english(cut.size)} bytes, answered and had not read beyond the first 1,048,576`,
      expected: "every byte of the key read: a size_t holds sizes beyond 2^32",
      lookAt: `${CALLS[cut.call]}: on its way to the loop over the bytes, which variable or parameter holds the size in fewer bits?`,
    });
  },
};
