// SPDX-License-Identifier: MIT
/**
 * One of the two processes: serves api_handle over HTTP. Runs learner code, so it decides nothing; it passes requests
 * in and answers out.
 *
 *   bun server.ts LIBRARY DATABASE SOCKET DIE_AT
 *
 * Serves at SOCKET, a file in its folder, since it may have a network of its own; says "listens" then. DIE_AT is the
 * call of SQLite before which it kills itself; 0: none. The end of standard input ends it. The clock is the client's:
 * X-Now-Ms.
 */
import { dlopen } from "bun:ffi";

const ANSWER = 7;
const EVIDENCE_DESCRIPTOR = 3;
const RESPONSE_BYTES = 16 + 4096;
const BODY_BYTES_MAX = 1 << 20;

const [, , library, database, socket, dieAt] = process.argv as unknown as string[];
const c = dlopen(library!, {
  server_open: { args: ["buffer", "u64"], returns: "i32" },
  server_request: { args: ["buffer", "buffer", "buffer", "buffer", "u64", "i64", "buffer"], returns: "i32" },
  server_close: { args: [], returns: "void" },
  evidence_open: { args: ["i32"], returns: "void" },
  evidence_end: { args: [], returns: "void" },
  stacks_install: { args: ["i32"], returns: "void" },
  frame_send: { args: ["i32", "buffer", "u64"], returns: "void" },
}).symbols;

const string = (text: string) => Buffer.from(`${text}\0`, "latin1");

function say(line: string): void {
  const bytes = Buffer.from(line);
  c.frame_send(ANSWER, bytes, bytes.length);
}

async function answer(request: Request): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer());
  const response = new Uint8Array(new ArrayBuffer(RESPONSE_BYTES));
  const code = c.server_request(
    string(request.method),
    string(new URL(request.url).pathname),
    string(request.headers.get("idempotency-key") ?? ""),
    body.length > 0 ? body : Buffer.alloc(1),
    body.length,
    BigInt(request.headers.get("x-now-ms") ?? "0"),
    response,
  );
  const view = new DataView(response.buffer);
  const [status, size] = [view.getInt32(0, true), Number(view.getBigUint64(8, true))];
  if (code !== 0 || status < 200 || status > 599 || size > 4096) {
    return new Response(`api_handle -> ${code}, status ${status}, ${size} bytes`, { status: 500 });
  }
  const headers = { "idempotency-replayed": String(response[4] !== 0), "x-process": String(process.pid) };
  return new Response(response.slice(16, 16 + size), { status, headers });
}

c.stacks_install(1);
c.evidence_open(EVIDENCE_DESCRIPTOR);
const code = c.server_open(string(database!), BigInt(dieAt!));
if (code !== 0) say(`api_open -> ${code}`);
else {
  const server = Bun.serve({
    unix: socket!,
    maxRequestBodySize: BODY_BYTES_MAX,
    fetch: answer,
  });
  say("listens");
  for await (const _ of process.stdin) continue;
  await server.stop(true);
  c.server_close();
}
c.evidence_end();
