// SPDX-License-Identifier: MIT
/** Scripted calls on a ring. */
import type { Step } from "@c10kata/harness/check";
import type { Texts } from "@c10kata/harness/script";

/** Printable text in quotes; else bytes in hex. */
export function shown(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString("latin1");
  if (/^[ -~]*$/.test(text)) return text.length > 40 ? `"${text.slice(0, 8)}..." (${text.length} bytes)` : `"${text}"`;
  return `bytes ${Buffer.from(bytes).toString("hex")}`;
}
export const latin = (text: string) => Buffer.from(text, "latin1");

export const newRing = (ring: string, vnodes: number, expect: null | "not NULL" = "not NULL"): Step => ({
  call: "ring_new",
  args: [vnodes],
  as: ring,
  expect,
  show: `${ring} = new(${vnodes})`,
});
export const freeRing = (ring: string): Step => ({ call: "ring_free", args: [{ ref: ring }], show: `free(${ring})` });

/** Calls on one ring; what they take is put into memory on the way. */
export function calls(texts: Texts, ring: string) {
  const self = { ref: ring };
  return {
    add: (name: string, expect: number): Step => ({
      call: "ring_add_node",
      args: [self, texts.string(name)],
      expect,
      show: `add(${ring}, ${shown(latin(name))})`,
    }),
    remove: (name: string, expect: number): Step => ({
      call: "ring_remove_node",
      args: [self, texts.string(name)],
      expect,
      show: `remove(${ring}, ${shown(latin(name))})`,
    }),
    get: (key: Uint8Array, owner: string | undefined): Step => ({
      call: "ring_get_node",
      args: [self, texts.bytes(key), key.length],
      expect: owner === undefined ? null : { text: owner },
      show: `get(${ring}, ${shown(key)})`,
    }),
    getNodes: (key: Uint8Array, n: number, names: string[]): Step => ({
      call: "nodes_as_text",
      args: [self, texts.bytes(key), key.length, n],
      expect: { text: `${names.length}:${names.map((name) => ` ${name}`).join("")}` },
      show: `get_nodes(${ring}, ${shown(key)}, ${n})`,
    }),
  };
}

export const KEYS = ["", "k", "user:1", "user:2", "a\0b", "\xff\x80", "the quick brown fox"].map(latin);
