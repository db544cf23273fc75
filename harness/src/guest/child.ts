// SPDX-License-Identifier: MIT
/**
 * The child's entry under bun:ffi: loads a library and executes scripted calls, whose raw answers leave as frames.
 * It runs learner code, so nothing it says is believed further than its answers; it knows no expected value.
 *
 *   bun child.ts LIBRARY
 *
 * Standard input: one line of JSON with the functions' types, then one line per script (a list of steps). The answers to
 * a script's steps are followed by its number, from 1 on. End of input ends the guest. Learner code finds an empty
 * standard input instead.
 */
import { dlopen, toArrayBuffer, type Pointer } from "bun:ffi";
import { openSync, readSync } from "node:fs";
import type { FfiType, Step, Value } from "../kata/kata.ts";

const ANSWER = 7;
const EVIDENCE_DESCRIPTOR = 3;
const EXIT_BAD_REQUEST = 98;
const F_DUPFD_CLOEXEC = 1030;

type Functions = Record<string, { args: FfiType[]; returns: FfiType }>;

const libc = dlopen("libc.so.6", {
  calloc: { args: ["u64", "u64"], returns: "pointer" },
  free: { args: ["pointer"], returns: "void" },
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  dup2: { args: ["i32", "i32"], returns: "i32" },
}).symbols;

const [, , library] = process.argv;
const requests = libc.fcntl(0, F_DUPFD_CLOEXEC, 450);
libc.dup2(openSync("/dev/null", "r"), 0);
const lines = inputLines();
const functions = JSON.parse(lines.next().value as string) as Functions;
const contract = dlopen(library!, withFfiNames(functions)).symbols as Record<string, (...args: unknown[]) => unknown>;
const guest = dlopen(library!, {
  own_seal: { args: [], returns: "void" },
  evidence_open: { args: ["i32"], returns: "void" },
  evidence_end: { args: [], returns: "void" },
  printed_tell: { args: [], returns: "void" },
  stacks_install: { args: ["i32"], returns: "void" },
  frame_send: { args: ["i32", "buffer", "u64"], returns: "void" },
}).symbols;
/** What steps call a pointer; the newest name last. A name keeps its pointer also after the memory is gone. */
const names = new Map<string, Pointer | null>();
const owned: Pointer[] = [];

guest.own_seal(); // before learner code runs
guest.stacks_install(1);
guest.evidence_open(EVIDENCE_DESCRIPTOR);
try {
  let scripts = 0;
  for (const line of lines) {
    for (const step of JSON.parse(line) as Step[]) answer(execute(step));
    guest.printed_tell();
    answer({ script: ++scripts });
    for (const pointer of owned.splice(0)) libc.free(pointer);
    names.clear();
  }
  guest.evidence_end();
} catch (error) {
  process.stderr.write(`guest: ${(error as Error).message}\n`);
  process.exit(EXIT_BAD_REQUEST);
}

function answer(value: unknown): void {
  const bytes = Buffer.from(JSON.stringify(value));
  guest.frame_send(ANSWER, bytes, bytes.length);
}

function execute(step: Step): unknown {
  if ("call" in step) return call(step);
  if ("alloc" in step) {
    const pointer = libc.calloc(1, step.size) as Pointer;
    owned.push(pointer);
    names.set(step.alloc, pointer);
    return null;
  }
  if ("fill" in step) {
    memory(step.fill, step.size).fill(step.byte);
    return null;
  }
  if ("write" in step) {
    const bytes = Buffer.from(step.hex, "hex");
    memory(step.write, bytes.length).set(bytes);
    return null;
  }
  return { hex: Buffer.from(memory(step.read, step.size)).toString("hex") };
}

function call(step: Extract<Step, { call: string }>): unknown {
  const result = contract[step.call]!(...step.args.map(argument));
  if (functions[step.call]!.returns !== "pointer") return encode(result);
  if (step.as) {
    names.delete(step.as);
    names.set(step.as, result as Pointer | null);
  }
  if (result === null) return null;
  return { refs: [...names].filter(([, pointer]) => pointer === result).map(([name]) => name) };
}

/** 64-bit numbers arrive as {"big": "..."}: JSON has none. */
function argument(value: Value): unknown {
  if (value === null || typeof value !== "object") return value;
  if ("big" in value) return BigInt(value.big as string);
  const pointer = names.get(value.ref);
  if (pointer === undefined) throw new Error(`no earlier step names '${value.ref}'`);
  return pointer; // NULL where a call answered NULL: the grader will have seen that
}

function encode(result: unknown): unknown {
  if (typeof result === "string") return { text: result };
  if (typeof result === "bigint") return { big: String(result) };
  if (typeof result === "number" && !Number.isFinite(result)) return String(result);
  return result === undefined ? null : result;
}

function memory(name: string, size: number): Uint8Array {
  return new Uint8Array(toArrayBuffer(names.get(name)!, 0, size));
}

function withFfiNames(table: Functions): Record<string, { args: any[]; returns: any }> {
  const name = (type: FfiType) => (type === "usize" ? "u64" : type);
  return Object.fromEntries(
    Object.entries(table).map(([key, { args, returns }]) => [key, { args: args.map(name), returns: name(returns) }]),
  );
}

function* inputLines(): Generator<string> {
  const chunk = Buffer.alloc(1 << 16);
  let rest = "";
  for (let size: number; (size = readSync(requests, chunk)) > 0; ) {
    const parts = (rest + chunk.toString("utf8", 0, size)).split("\n");
    rest = parts.pop()!;
    yield* parts;
  }
}
