// SPDX-License-Identifier: MIT
/** Scripted calls on a ring. */
import type { Step } from "@c10kata/harness/check";
import type { Texts } from "@c10kata/harness/script";

const [SHOWN_MAX, BEGINNING, END] = [40, 12, 12];

/** Bytes in quotes, as a C string has them: printable ones as they are, others as \\xNN. Of many, the two ends. */
export function shown(bytes: Uint8Array): string {
  const escaped = (part: Uint8Array) =>
    [...part].map((byte) => (PLAIN.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : hex(byte))).join("");
  if (bytes.length <= SHOWN_MAX) return `"${escaped(bytes)}"`;
  return `"${escaped(bytes.subarray(0, BEGINNING))}...${escaped(bytes.subarray(-END))}" (${bytes.length} bytes)`;
}
const PLAIN = /^[ !#-[\]-~]$/;
const hex = (byte: number) => `\\x${byte.toString(16).padStart(2, "0")}`;

export const latin = (text: string) => Buffer.from(text, "latin1");

/** A name, as it lies in memory. */
const shownName = (name: string) => shown(Buffer.from(name));

export const newRing = (ring: string, vnodes: number, expect: null | "not NULL" = "not NULL"): Step => ({
  call: "ring_new",
  args: [vnodes],
  as: ring,
  expect,
  show: `${ring} = new(${vnodes})`,
});
export const freeRing = (ring: string): Step => ({ call: "ring_free", args: [{ ref: ring }], show: `free(${ring})` });

/** What nodes_as_text() answers: `2: "a", "b"`. */
function shownNodes(text: string): string {
  const [count, ...names] = text.split("\n");
  return `${count}: ${names.map(shownName).join(", ")}`;
}

/** Calls on one ring; what they take is put into memory on the way. */
export function calls(texts: Texts, ring: string) {
  const self = { ref: ring };
  return {
    add: (name: string, expect: number): Step => ({
      call: "ring_add_node",
      args: [self, texts.string(name)],
      expect,
      show: `add(${ring}, ${shownName(name)})`,
    }),
    remove: (name: string, expect: number): Step => ({
      call: "ring_remove_node",
      args: [self, texts.string(name)],
      expect,
      show: `remove(${ring}, ${shownName(name)})`,
    }),
    get: (key: Uint8Array, owner: string | undefined): Step => ({
      call: "ring_get_node",
      args: [self, texts.bytes(key), key.length],
      expect: owner === undefined ? null : { text: owner },
      show: `get(${ring}, ${shown(key)})`,
      words: shownName,
    }),
    getNodes: (key: Uint8Array, n: number, names: string[]): Step => ({
      call: "nodes_as_text",
      args: [self, texts.bytes(key), key.length, n],
      expect: { text: [names.length, ...names].join("\n") },
      show: `get_nodes(${ring}, ${shown(key)}, ${n})`,
      words: shownNodes,
    }),
  };
}

export const KEYS = ["", "k", "user:1", "user:2", "a\0b", "\xff\x80", "the quick brown fox"].map(latin);
