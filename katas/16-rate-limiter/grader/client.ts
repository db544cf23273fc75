// SPDX-License-Identifier: MIT
/**
 * One of the processes that share a bucket: calls shared_allow when it is asked to, over HTTP. Runs learner code, so it
 * decides nothing; it passes calls in and answers out.
 *
 *   bun client.ts LIBRARY SOCKET
 *
 * Serves at SOCKET, a file in its folder; says "listens" then. POST bodies are orders (below), answered with JSON. The end
 * of standard input ends it.
 */
import { dlopen } from "bun:ffi";
import { readdirSync } from "node:fs";
import type { Answer, Order } from "./orders.ts";

const ANSWER = 7;
const EVIDENCE_DESCRIPTOR = 3;
const UNTOUCHED = 4_711n;
const IDLE_MS = 1_000;

const [, , library, socket] = process.argv as unknown as string[];
const c = dlopen(library!, {
  shared_new: { args: ["buffer", "u64", "u64", "u32"], returns: "pointer" },
  shared_allow: { args: ["pointer", "buffer", "u64", "buffer"], returns: "i32" },
  shared_free: { args: ["pointer"], returns: "void" },
  evidence_progress: { args: [], returns: "void" },
  evidence_open: { args: ["i32"], returns: "void" },
  evidence_end: { args: [], returns: "void" },
  stacks_install: { args: ["i32"], returns: "void" },
  frame_send: { args: ["i32", "buffer", "u64"], returns: "void" },
}).symbols;

const string = (text: string) => Buffer.from(`${text}\0`);
const limiters = new Map<string, NonNullable<ReturnType<typeof c.shared_new>>>();

function limiterOf({ path, rate, burst, timeout_ms }: Order) {
  const name = [path, rate, burst, timeout_ms].join();
  let limiter = limiters.get(name) ?? null;
  if (limiter === null) limiter = c.shared_new(string(path), BigInt(rate), BigInt(burst), timeout_ms);
  if (limiter !== null) limiters.set(name, limiter);
  return limiter;
}

/** One call after the other. */
function callAll(order: Order): Answer[] {
  const limiter = limiterOf(order);
  const costs = order.costs ?? Array.from({ length: order.times ?? 1 }, () => order.cost);
  return costs.map((cost) => {
    const retry = new BigUint64Array([UNTOUCHED]);
    c.evidence_progress();
    const from_ms = performance.now();
    const answer =
      limiter === null ? null : c.shared_allow(limiter, string(order.key), BigInt(cost), Buffer.from(retry.buffer));
    return { answer, retry_ms: String(retry[0]), kept: retry[0] === UNTOUCHED, from_ms, to_ms: performance.now() };
  });
}

/** Frees all; how many descriptors are open then. */
function freeAll(): number {
  for (const limiter of limiters.values()) c.shared_free(limiter);
  limiters.clear();
  return readdirSync("/proc/self/fd").length;
}

c.stacks_install(1);
c.evidence_open(EVIDENCE_DESCRIPTOR);
const server = Bun.serve({
  unix: socket!,
  fetch: async (request) => {
    const order = (await request.json()) as Order | "free";
    return Response.json(order === "free" ? freeAll() : callAll(order));
  },
});
const listens = Buffer.from("listens");
c.frame_send(ANSWER, listens, listens.length);
setInterval(() => c.evidence_progress(), IDLE_MS).unref(); // a deadline is for what the learner's code does
for await (const _ of process.stdin) continue;
await server.stop(true);
freeAll();
c.evidence_end();
