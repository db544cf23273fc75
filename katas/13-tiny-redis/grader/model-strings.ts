// SPDX-License-Identifier: MIT
/** The commands on strings, as Redis 7.0 has them. */
import type { Command, Model, Words } from "./model.ts";
import { array, bulk, bulkOrNil, I64, integerOf, NIL, number, Refusal, sum, SYNTAX } from "./model-values.ts";

const STRING_MAX = 512 * 1024 * 1024;
const TOO_LONG = "ERR string exceeds maximum allowed size (proto-max-bulk-len)";

const textOf = (model: Model, key: string) => model.value(key, "string")?.text;

/** Keeps the time to live. */
function write(model: Model, key: string, text: string): void {
  const found = model.find(key);
  model.keys.set(key, { ...found, value: { type: "string", text } });
}

const put = (model: Model, key: string, text: string) => model.keys.set(key, { value: { type: "string", text } });

interface Options {
  nx?: boolean;
  xx?: boolean;
  get?: boolean;
  keepttl?: boolean;
  ttl?: { unit: "ex" | "px"; text: string };
}

function optionsOf(words: Words): Options {
  const options: Options = {};
  for (let at = 3; at < words.length; at++) {
    const word = words[at]!.toLowerCase();
    const next = words[at + 1];
    const other = options.ttl !== undefined && options.ttl.unit !== word;
    if (word === "nx" && !options.xx) options.nx = true;
    else if (word === "xx" && !options.nx) options.xx = true;
    else if (word === "get") options.get = true;
    else if (word === "keepttl" && !options.ttl) options.keepttl = true;
    else if ((word === "ex" || word === "px") && !options.keepttl && !other && next !== undefined) {
      options.ttl = { unit: word, text: next };
      at++;
    } else throw new Refusal(SYNTAX);
  }
  return options;
}

function deadlineOf(model: Model, { ttl }: Options): number | undefined {
  if (!ttl) return undefined;
  const ms = integerOf(ttl.text) * (ttl.unit === "ex" ? 1000n : 1n);
  if (ms <= 0n || ms > I64.most || ms + BigInt(model.now) > I64.most)
    throw new Refusal("ERR invalid expire time in 'set' command");
  return model.now + Number(ms);
}

function set(model: Model, words: Words): string {
  const [, key, text] = words as [string, string, string];
  const options = optionsOf(words);
  const expires = deadlineOf(model, options);
  const old = model.find(key);
  const answer = options.get ? bulkOrNil(textOf(model, key)) : undefined;
  if ((options.nx && old) || (options.xx && !old)) return answer ?? NIL;
  const kept = options.keepttl ? old?.expires : undefined;
  const until = expires ?? kept;
  model.keys.set(key, { value: { type: "string", text }, ...(until === undefined ? {} : { expires: until }) });
  return answer ?? "+OK\r\n";
}

/** Writes at `from`, with zeros up to there; answers the length. */
function writeAt(model: Model, key: string, from: number, text: string): string {
  const old = textOf(model, key) ?? "";
  if (from + text.length > STRING_MAX) throw new Refusal(TOO_LONG);
  const all = old.slice(0, from).padEnd(from, "\0") + text + old.slice(from + text.length);
  write(model, key, all);
  return number(all.length);
}

function setRange(model: Model, [, key, at, text]: Words): string {
  const from = integerOf(at!);
  if (from < 0n) throw new Refusal("ERR offset is out of range");
  const old = textOf(model, key!);
  return text === "" ? number(old?.length ?? 0) : writeAt(model, key!, Number(from), text!);
}

function getRange(model: Model, [, key, first, last]: Words): string {
  const [from, to] = [integerOf(first!), integerOf(last!)];
  const text = textOf(model, key!) ?? "";
  const size = BigInt(text.length);
  if (from < 0n && to < 0n && from > to) return bulk("");
  const clipped = (at: bigint) => (at < 0n ? (at + size < 0n ? 0n : at + size) : at);
  const [begin, end] = [clipped(from), clipped(to) >= size ? size - 1n : clipped(to)];
  return bulk(begin > end || size === 0n ? "" : text.slice(Number(begin), Number(end) + 1));
}

function setMany(model: Model, words: Words, name: string): string {
  const pairs = words.slice(1);
  if (pairs.length % 2 !== 0) throw new Refusal(`ERR wrong number of arguments for '${name}' command`);
  if (name === "msetnx" && pairs.some((key, at) => at % 2 === 0 && model.find(key))) return number(0);
  for (let at = 0; at < pairs.length; at += 2) put(model, pairs[at]!, pairs[at + 1]!);
  return name === "msetnx" ? number(1) : "+OK\r\n";
}

function add(model: Model, key: string, by: bigint): string {
  const all = sum(textOf(model, key), by);
  write(model, key, String(all));
  return number(all);
}

function decrementBy(model: Model, [, key, text]: Words): string {
  const by = integerOf(text!);
  if (by === I64.least) throw new Refusal("ERR decrement would overflow");
  return add(model, key!, -by);
}

const maybeText = (model: Model, key: string) => {
  const value = model.find(key)?.value;
  return bulkOrNil(value?.type === "string" ? value.text : undefined);
};

function replaced(model: Model, [, key, text]: Words): string {
  const old = bulkOrNil(textOf(model, key!));
  put(model, key!, text!);
  return old;
}

function taken(model: Model, [, key]: Words): string {
  const old = bulkOrNil(textOf(model, key!));
  model.keys.delete(key!);
  return old;
}

export const strings: Record<string, Command> = {
  get: [2, (model, w) => bulkOrNil(textOf(model, w[1]!))],
  set: [-3, set],
  getset: [3, replaced],
  getdel: [2, taken],
  append: [3, (model, w) => writeAt(model, w[1]!, textOf(model, w[1]!)?.length ?? 0, w[2]!)],
  strlen: [2, (model, w) => number(textOf(model, w[1]!)?.length ?? 0)],
  setrange: [4, setRange],
  getrange: [4, getRange],
  mset: [-3, setMany],
  msetnx: [-3, setMany],
  mget: [-2, (model, w) => array(w.slice(1).map((key) => maybeText(model, key)))],
  incr: [2, (model, w) => add(model, w[1]!, 1n)],
  decr: [2, (model, w) => add(model, w[1]!, -1n)],
  incrby: [3, (model, w) => add(model, w[1]!, integerOf(w[2]!))],
  decrby: [3, decrementBy],
};
