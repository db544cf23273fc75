// SPDX-License-Identifier: MIT
/** The two hashes of 06-hash-ring: published vectors, and any bytes. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { Texts } from "@c10kata/harness/script";
import fc from "fast-check";
import { latin, shown } from "./calls.ts";
import { finalizer, fnv1a64 } from "./ring.ts";

/** From RFC 9923 and the authors' test_fnv.c. */
const FNV_VECTORS: [string, bigint][] = [
  ["", 0xcbf29ce484222325n],
  ["a", 0xaf63dc4c8601ec8cn],
  ["b", 0xaf63df4c8601f1a5n],
  ["fo", 0x08985907b541d342n],
  ["foobar", 0x85944171f73967e8n],
  ["foobar\0", 0x34531ca7168b8f38n],
  ["chongo was here!\n", 0x46810940eff5f915n],
];

/** What the finalizer of MurmurHash3 makes of FNV-1a's vectors. */
const RING_VECTORS: [string, bigint][] = FNV_VECTORS.map(([text, hash]) => [text, finalizer(hash)]);

const hashOf = (call: string, text: Uint8Array, expect: bigint, texts: Texts): Step => ({
  call,
  args: [texts.bytes(text), text.length],
  expect,
  show: `${call}(${shown(text)})`,
});

function hashCheck(id: string, call: string, vectors: [string, bigint][], model: (bytes: Uint8Array) => bigint) {
  return {
    id,
    points: 3,
    needs: "some_key_finds_node",
    runs: 30,
    commands: fc.array(fc.uint8Array({ minLength: 1, maxLength: 40 }), { maxLength: 4 }),
    plan(commands: Uint8Array[]) {
      const texts = new Texts();
      const steps = [
        ...vectors.map(([text, hash]) => hashOf(call, latin(text), hash, texts)),
        ...commands.map((bytes) => hashOf(call, bytes, model(bytes), texts)),
      ];
      return [...texts.steps, ...steps];
    },
  };
}

/** FNV-1a answers its published vectors, and the model's hash for any bytes. */
export const fnvVectors: ScriptCheck<Uint8Array> = {
  ...hashCheck("fnv1a_vectors", "fnv1a_64", FNV_VECTORS, fnv1a64),
  lookAt: "fnv1a_64: bytes from 0 to 255, as many as `size` says, and what comes before what?",
};

/** The hash of the ring is FNV-1a and the finalizer after it. */
export const ringVectors: ScriptCheck<Uint8Array> = {
  ...hashCheck("ring_hash_vectors", "ring_hash", RING_VECTORS, (bytes) => finalizer(fnv1a64(bytes))),
  lookAt: "ring_hash: three shifts by 33, two multiplications, in all 64 bits; which of them is missing?",
};
