// SPDX-License-Identifier: MIT
/** The commands on hashes, lists and sorted sets, as Redis 7.0 has them. */
import type { Command, Model, Words } from "./model.ts";
import {
  array,
  bulk,
  bulkOrNil,
  integerOf,
  NIL,
  number,
  range,
  Refusal,
  score17,
  scoreOf,
  sum,
  SYNTAX,
  type Value,
} from "./model-values.ts";

const wrongNumber = (name: string) => new Refusal(`ERR wrong number of arguments for '${name}' command`);

/** The value, made if it is not there. */
function filled<T extends Value["type"]>(model: Model, key: string, empty: Extract<Value, { type: T }>) {
  const value = model.value(key, empty.type as T) ?? empty;
  if (!model.find(key)) model.keys.set(key, { value });
  return value;
}

const fieldsOf = (model: Model, key: string) => model.value(key, "hash")?.fields;
const itemsOf = (model: Model, key: string) => model.value(key, "list")?.items;
const scoresOf = (model: Model, key: string) => model.value(key, "zset")?.scores;

function hset(model: Model, words: Words, name: string): string {
  const [, key, ...pairs] = words as [string, string, ...string[]];
  if (pairs.length % 2 !== 0) throw wrongNumber(name);
  const { fields } = filled(model, key, { type: "hash", fields: new Map() });
  const before = fields.size;
  for (let at = 0; at < pairs.length; at += 2) fields.set(pairs[at]!, pairs[at + 1]!);
  return number(fields.size - before);
}

function hincrby(model: Model, [, key, field, text]: Words): string {
  const by = integerOf(text!);
  const all = sum(fieldsOf(model, key!)?.get(field!), by, "ERR hash value is not an integer");
  filled(model, key!, { type: "hash", fields: new Map() }).fields.set(field!, String(all));
  return number(all);
}

/** Deletes parts; an empty value's key goes with the last one. */
function remove(model: Model, key: string, parts: Map<string, unknown> | undefined, names: string[]): string {
  const deleted = names.filter((name) => parts?.delete(name)).length;
  if (parts?.size === 0) model.keys.delete(key);
  return number(deleted);
}

function push(model: Model, [name, key, ...items]: Words): string {
  const list = filled(model, key!, { type: "list", items: [] });
  for (const item of items) name!.toLowerCase() === "lpush" ? list.items.unshift(item) : list.items.push(item);
  return number(list.items.length);
}

function pop(model: Model, words: Words, name: string): string {
  const [, key, text] = words as [string, string, string | undefined];
  if (words.length > 3) throw wrongNumber(name);
  const refusal = "ERR value is out of range, must be positive";
  const count = text === undefined ? 1n : integerOf(text, refusal);
  if (count < 0n) throw new Refusal(refusal);
  const items = itemsOf(model, key);
  if (!items) return text === undefined ? NIL : "*-1\r\n";
  const taken: string[] = [];
  while (BigInt(taken.length) < count && items.length > 0) taken.push(name === "lpop" ? items.shift()! : items.pop()!);
  if (items.length === 0) model.keys.delete(key);
  return text === undefined ? bulk(taken[0]!) : array(taken.map(bulk));
}

function zadd(model: Model, words: Words): string {
  const [, key, ...pairs] = words as [string, string, ...string[]];
  if (pairs.length % 2 !== 0) throw new Refusal(SYNTAX);
  const given = pairs.filter((_, at) => at % 2 === 0).map(scoreOf);
  const { scores } = filled(model, key, { type: "zset", scores: new Map() });
  const before = scores.size;
  given.forEach((score, at) => scores.set(pairs[2 * at + 1]!, score));
  return number(scores.size - before);
}

/** By score, then by bytes. */
const ordered = (scores: Map<string, number> | undefined) =>
  [...(scores ?? [])].toSorted(([a, x], [b, y]) => (x < y ? -1 : x > y ? 1 : a < b ? -1 : 1));

function zrange(model: Model, words: Words): string {
  const [, key, from, to, option] = words as [string, string, string, string, string | undefined];
  const scores = option?.toLowerCase() === "withscores";
  if (words.length > 5 || (option !== undefined && !scores)) throw new Refusal(SYNTAX);
  const [first, last] = [integerOf(from), integerOf(to)];
  const members = range(ordered(scoresOf(model, key)), first, last);
  return array(members.flatMap(([member, score]) => (scores ? [bulk(member), bulk(score17(score))] : [bulk(member)])));
}

function zscore(model: Model, [, key, member]: Words): string {
  const score = scoresOf(model, key!)?.get(member!);
  return bulkOrNil(score === undefined ? undefined : score17(score));
}

function zrank(model: Model, [, key, member]: Words): string {
  const rank = ordered(scoresOf(model, key!)).findIndex(([name]) => name === member);
  return rank < 0 ? NIL : number(rank);
}

function lrange(model: Model, [, key, from, to]: Words): string {
  const [first, last] = [integerOf(from!), integerOf(to!)];
  return array(range(itemsOf(model, key!) ?? [], first, last).map(bulk));
}

function hgetall(model: Model, [, key]: Words): string {
  return array([...(fieldsOf(model, key!) ?? [])].flat().map(bulk));
}

export const collections: Record<string, Command> = {
  hset: [-4, hset],
  hget: [3, (model, w) => bulkOrNil(fieldsOf(model, w[1]!)?.get(w[2]!))],
  hdel: [-3, (model, w) => remove(model, w[1]!, fieldsOf(model, w[1]!), w.slice(2))],
  hlen: [2, (model, w) => number(fieldsOf(model, w[1]!)?.size ?? 0)],
  hgetall: [2, hgetall],
  hincrby: [4, hincrby],
  lpush: [-3, push],
  rpush: [-3, push],
  lpop: [-2, pop],
  rpop: [-2, pop],
  llen: [2, (model, w) => number(itemsOf(model, w[1]!)?.length ?? 0)],
  lrange: [4, lrange],
  zadd: [-4, zadd],
  zscore: [3, zscore],
  zrem: [-3, (model, w) => remove(model, w[1]!, scoresOf(model, w[1]!), w.slice(2))],
  zcard: [2, (model, w) => number(scoresOf(model, w[1]!)?.size ?? 0)],
  zrank: [3, zrank],
  zrange: [-4, zrange],
};
