// SPDX-License-Identifier: MIT
/**
 * A server's process: runs http_serve behind a socket file in its folder, since it may have a network of its own. Runs learner
 * code, so it decides nothing.
 *
 *   bun serve.ts LIBRARY SOCKET
 *
 * Says "listens" then. The end of standard input ends it; what http_serve answered, if that is not 0, is said last.
 */
import { dlopen } from "bun:ffi";

const ANSWER = 7;
const EVIDENCE_DESCRIPTOR = 3;

const [, , library, socket] = process.argv as unknown as string[];
const c = dlopen(library!, {
  witness_start: { args: ["buffer"], returns: "void" },
  witness_stop: { args: [], returns: "i32" },
  evidence_open: { args: ["i32"], returns: "void" },
  evidence_end: { args: [], returns: "void" },
  stacks_install: { args: ["i32"], returns: "void" },
  frame_send: { args: ["i32", "buffer", "u64"], returns: "void" },
}).symbols;

function say(line: string): void {
  const bytes = Buffer.from(line);
  c.frame_send(ANSWER, bytes, bytes.length);
}

c.stacks_install(1);
c.evidence_open(EVIDENCE_DESCRIPTOR);
const path = Buffer.from(`${socket}\0`);
c.witness_start(path);
say("listens");
for await (const _ of process.stdin) continue;
const answered = c.witness_stop();
if (answered !== 0) say(`http_serve -> ${answered}`);
c.evidence_end();
