// SPDX-License-Identifier: MIT
/**
 * A process that wants to be the writer. Runs learner code, so it decides nothing: it makes the calls that it is asked for.
 *
 *   bun writer.ts LIBRARY SOCKET REDIS STORE
 *
 * Serves at SOCKET: /acquire/TTL_MS, /renew, /release, /write, each with the call's answer, the token, and how often Redis or
 * the store has not answered in time. Says "listens".
 */
import { dlopen } from "bun:ffi";

const [, , library, socket, redis, store] = process.argv as unknown as string[];
const c = dlopen(library!, {
  real_open: { args: ["buffer", "buffer"], returns: "i32" },
  real_acquire: { args: ["u32"], returns: "i32" },
  real_renew: { args: [], returns: "i32" },
  real_release: { args: [], returns: "i32" },
  real_write: { args: [], returns: "i32" },
  real_token: { args: [], returns: "u64" },
  real_late: { args: [], returns: "u64" },
  real_close: { args: [], returns: "void" },
  evidence_open: { args: ["i32"], returns: "void" },
  evidence_end: { args: [], returns: "void" },
  stacks_install: { args: ["i32"], returns: "void" },
  frame_send: { args: ["i32", "buffer", "u64"], returns: "void" },
}).symbols;

function call(path: string): number {
  const [, name, ttl_ms] = path.split("/");
  if (name === "acquire") return c.real_acquire(Number(ttl_ms));
  if (name === "renew") return c.real_renew();
  return name === "release" ? c.real_release() : c.real_write();
}

c.stacks_install(1);
c.evidence_open(3);
const code = c.real_open(Buffer.from(`${redis}\0`), Buffer.from(`${store}\0`));
const server = Bun.serve({
  unix: socket!,
  fetch: ({ url }) => {
    const status = call(new URL(url).pathname);
    return Response.json({ status, token: String(c.real_token()), late: Number(c.real_late()) });
  },
});
const line = Buffer.from(code === 0 ? "listens" : `lease_client_new -> ${code}`);
c.frame_send(7, line, line.length);
for await (const _ of process.stdin) continue;
await server.stop(true);
c.real_close();
c.evidence_end();
