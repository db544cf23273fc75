// SPDX-License-Identifier: MIT
/**
 * A server's process: runs redis_serve on a port of its own loopback and joins it with a socket in its folder, since it may have a
 * network of its own. Runs learner code, so it decides nothing.
 *
 *   bun serve.ts LIBRARY SOCKET
 *
 * Says "listens" then. The end of standard input ends it.
 */
import { dlopen } from "bun:ffi";
import { connect, createServer } from "node:net";

const ANSWER = 7;
const EVIDENCE_DESCRIPTOR = 3;

const [, , library, socket] = process.argv as unknown as string[];
const c = dlopen(library!, {
  server_start: { args: ["i64"], returns: "i32" },
  server_port: { args: [], returns: "u16" },
  server_stop: { args: [], returns: "i32" },
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
const result = c.server_start(BigInt(Date.now()));
if (result !== 0) say(`redis_listen -> ${result}`);
else {
  const port = c.server_port();
  const server = createServer((client) => {
    const toServer = connect({ port, host: "127.0.0.1", noDelay: true });
    for (const side of [client, toServer]) side.on("error", () => side.destroy()); // a reset is an end
    client.pipe(toServer);
    toServer.pipe(client);
  });
  server.listen(socket, () => say("listens"));
  for await (const _ of process.stdin) continue;
  c.server_stop();
}
c.evidence_end();
