// SPDX-License-Identifier: MIT
/**
 * The process that has the store. Runs learner code, so it decides nothing.
 *
 *   bun keeper.ts LIBRARY SOCKET
 *
 * Serves lines at SOCKET: "number" and "write TOKEN", each answered by a number. Says "listens".
 */
import { dlopen } from "bun:ffi";

const [, , library, socket] = process.argv as unknown as string[];
const c = dlopen(library!, {
  store_new: { args: [], returns: "pointer" },
  store_number: { args: ["pointer"], returns: "u64" },
  script_put: { args: ["pointer", "u64", "u64", "u64"], returns: "i32" },
  store_free: { args: ["pointer"], returns: "void" },
  evidence_open: { args: ["i32"], returns: "void" },
  evidence_end: { args: [], returns: "void" },
  stacks_install: { args: ["i32"], returns: "void" },
  frame_send: { args: ["i32", "buffer", "u64"], returns: "void" },
}).symbols;

c.stacks_install(1);
c.evidence_open(3);
const store = c.store_new();

function answer(line: string): bigint | number {
  const [what, token] = line.trim().split(" ");
  return what === "number" ? c.store_number(store) : c.script_put(store, BigInt(token!), 7, 100);
}

const server = Bun.listen({
  unix: socket!,
  socket: { data: (peer, bytes) => void peer.end(`${answer(bytes.toString())}\n`) },
});
const line = Buffer.from(store ? "listens" : "store_new -> NULL");
c.frame_send(7, line, line.length);
for await (const _ of process.stdin) continue;
server.stop(true);
c.store_free(store);
c.evidence_end();
