// SPDX-License-Identifier: MIT
/**
 * What Redis 7.0 answers: strings of bytes (latin1) in, RESP out. Simple and slow; `solutions/13-tiny-redis/checks.test.ts` judges
 * it against a real redis-server. Time is `now`, set by whoever asks.
 */
import { bulk, integerOf, NOT_INTEGER, Refusal, SYNTAX, type Value } from "./model-values.ts";
import { collections } from "./model-collections.ts";
import { strings } from "./model-strings.ts";

export type Words = string[];
/** Answers a command whose number of words is right. */
export type Command = [words: number, run: (model: Model, words: Words, name: string) => string];

export class Model {
  now = 0;
  readonly keys = new Map<string, { value: Value; expires?: number }>();

  /** What is there now. */
  find(key: string) {
    const found = this.keys.get(key);
    if (found?.expires !== undefined && found.expires <= this.now) this.keys.delete(key);
    return this.keys.get(key);
  }

  /** The value, which must be of this type. */
  value<T extends Value["type"]>(key: string, type: T): Extract<Value, { type: T }> | undefined {
    const value = this.find(key)?.value;
    if (value && value.type !== type)
      throw new Refusal("WRONGTYPE Operation against a key holding the wrong kind of value");
    return value as Extract<Value, { type: T }> | undefined;
  }

  /** One request's answer. */
  answer(words: Words): string {
    const name = words[0]!.toLowerCase();
    const command = COMMANDS[name];
    if (!command) return unknown(words);
    const [arity, run] = command;
    const fits = arity > 0 ? words.length === arity : words.length >= -arity;
    if (!fits) return wrongNumber(name);
    try {
      return run(this, words, name);
    } catch (error) {
      if (error instanceof Refusal) return `-${error.message}\r\n`;
      throw error;
    }
  }
}

export const wrongNumber = (name: string) => `-ERR wrong number of arguments for '${name}' command\r\n`;

function unknown(words: Words): string {
  let told = "";
  for (const word of words.slice(1)) if (told.length < 128) told += `'${cString(word).slice(0, 128 - told.length)}' `;
  const text = `-ERR unknown command '${cString(words[0]!).slice(0, 128)}', with args beginning with: ${told}`;
  return `${text.replaceAll(/[\r\n]/g, " ")}\r\n`;
}

const cString = (word: string) => word.split("\0")[0]!;

const OK = () => "+OK\r\n";
const EMPTY = () => "*0\r\n";
const number = (value: bigint | number) => `:${value}\r\n`;

const I64_MAX = 2n ** 63n - 1n;

/** EXPIRE and its kin: units of `unit` ms after `base`. */
function expire(model: Model, [, key, text]: Words, name: string, unit: bigint, base: number): string {
  const ms = integerOf(text!) * unit + BigInt(base);
  const [least, most] = [-(2n ** 63n), I64_MAX];
  const units = integerOf(text!) * unit;
  if (units > most || units < least || ms > most) throw new Refusal(`ERR invalid expire time in '${name}' command`);
  const found = model.find(key!);
  if (!found) return number(0);
  if (ms <= BigInt(model.now)) model.keys.delete(key!);
  else found.expires = Number(ms);
  return number(1);
}

function timeToLive(model: Model, key: string, unit: number): string {
  const found = model.find(key);
  if (!found) return number(-2);
  if (found.expires === undefined) return number(-1);
  const left = found.expires - model.now;
  return number(unit === 1 ? left : Math.floor((left + 500) / 1000));
}

function select(_: Model, [, index]: Words): string {
  if (integerOf(index!) !== 0n) throw new Refusal("ERR DB index is out of range");
  return OK();
}

function flushAll(model: Model, words: Words): string {
  const [, how] = words;
  if (words.length > 2 || (how !== undefined && !/^(a?sync)$/i.test(how))) throw new Refusal(SYNTAX);
  model.keys.clear();
  return OK();
}

/** Redis' globs, by the book: the whole pattern against the whole text. */
export function glob(pattern: string, text: string): boolean {
  if (pattern === "") return text === "";
  const [head, rest] = [pattern[0], pattern.slice(1)];
  if (head === "*") return glob(rest, text) || (text !== "" && glob(pattern, text.slice(1)));
  if (text === "") return false;
  if (head === "?") return glob(rest, text.slice(1));
  if (head === "[") {
    const [has, behind] = inClass(rest, text[0]!);
    return has && glob(behind, text.slice(1));
  }
  const escaped = head === "\\" && rest !== "";
  return (escaped ? rest[0] : head) === text[0] && glob(escaped ? rest.slice(1) : rest, text.slice(1));
}

function inClass(members: string, c: string): [has: boolean, behind: string] {
  const not = members[0] === "^";
  let [has, at] = [false, not ? 1 : 0];
  for (; at < members.length && members[at] !== "]"; at++) {
    if (members[at] === "\\" && at + 1 < members.length) has ||= members[++at] === c;
    else if (members[at + 1] === "-" && at + 2 < members.length) {
      const [from, to] = [members[at]!, members[at + 2]!].toSorted();
      has ||= from! <= c && c <= to!;
      at += 2;
    } else has ||= members[at] === c;
  }
  return [has !== not, members.slice(at + 1)];
}

const keys: Record<string, Command> = {
  ping: [-1, (_, w, name) => (w.length > 2 ? wrongNumber(name) : w.length === 1 ? "+PONG\r\n" : bulk(w[1]!))],
  echo: [2, (_, w) => bulk(w[1]!)],
  quit: [-1, OK],
  select: [2, select],
  client: [-2, OK],
  function: [-2, OK],
  command: [-1, EMPTY],
  config: [-2, EMPTY],
  dbsize: [1, (model) => number(model.keys.size)],
  flushall: [-1, flushAll],
  exists: [-2, (model, w) => number(w.slice(1).filter((key) => model.find(key)).length)],
  del: [-2, (model, w) => number(w.slice(1).filter((key) => model.find(key) && model.keys.delete(key)).length)],
  type: [2, (model, w) => `+${model.find(w[1]!)?.value.type ?? "none"}\r\n`],
  keys: [
    2,
    (model, w) => {
      const found = [...model.keys.keys()].filter((key) => model.find(key) && glob(w[1]!, key));
      return `*${found.length}\r\n${found.map(bulk).join("")}`;
    },
  ],
  expire: [-3, (model, w, name) => expire(model, w, name, 1000n, model.now)],
  pexpire: [-3, (model, w, name) => expire(model, w, name, 1n, model.now)],
  expireat: [-3, (model, w, name) => expire(model, w, name, 1000n, 0)],
  ttl: [2, (model, w) => timeToLive(model, w[1]!, 1000)],
  pttl: [2, (model, w) => timeToLive(model, w[1]!, 1)],
  persist: [
    2,
    (model, w) => {
      const found = model.find(w[1]!);
      const had = found?.expires !== undefined;
      if (found) delete found.expires;
      return number(had ? 1 : 0);
    },
  ],
};

export const COMMANDS: Record<string, Command> = { ...keys, ...strings, ...collections };
export { NOT_INTEGER };
