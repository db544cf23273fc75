// SPDX-License-Identifier: MIT
/** Lists of commands, drawn and written by hand: what one family of commands is tried with. */
import fc from "fast-check";
import type { Words } from "./model.ts";

const KEYS = ["a", "b", "c"];
const key = fc.constantFrom(...KEYS);
const bytes = fc.constantFrom(
  "",
  "v",
  "10",
  "-3",
  "hello world",
  "\r\n",
  "\0\xff",
  "9223372036854775807",
  "x".repeat(300),
);
const index = fc.oneof(
  fc.integer({ min: -6, max: 6 }).map(String),
  fc.constantFrom("-9223372036854775808", "x", "", "1.5"),
);
const whole = fc.constantFrom(
  "0",
  "1",
  "-1",
  "5",
  "9223372036854775807",
  "-9223372036854775808",
  "9223372036854775808",
  "01",
  " 1",
  "",
);
const part = fc.constantFrom("f", "g", "h", "F", "");
const score = fc.constantFrom(
  "0",
  "1",
  "2",
  "-1.5",
  "3.1",
  "1e20",
  "-inf",
  "+inf",
  "1e-7",
  "nan",
  "x",
  "",
  "123456789.125",
);

/** Names of commands in any case of letters. */
const named = (name: string) => fc.constantFrom(name, name.toUpperCase(), name[0]!.toUpperCase() + name.slice(1));
const command = (name: string, ...words: fc.Arbitrary<string>[]) =>
  fc.tuple(named(name), ...words) as fc.Arbitrary<Words>;
const several = (least: number, most: number, ...each: fc.Arbitrary<string>[]) =>
  fc.array(fc.tuple(...each), { minLength: least, maxLength: most }).map((all) => all.flat());
/** A command and its key, then any number of the rest. */
const many = (name: string, rest: fc.Arbitrary<Words>) =>
  fc.tuple(named(name), key, rest).map(([first, k, others]) => [first, k, ...others]);
const manyKeys = (name: string, rest: fc.Arbitrary<Words>) =>
  fc.tuple(named(name), rest).map(([first, others]) => [first, ...others]);

const setOption = fc.oneof(
  fc.constantFrom(["NX"], ["xx"], ["Get"], ["KEEPTTL"], ["what"], ["EX"]),
  fc
    .tuple(fc.constantFrom("EX", "px"), fc.constantFrom("100000", "500000", "0", "-1", "x", "9223372036854775807"))
    .map((two) => [...two]),
);
const set = fc
  .tuple(named("set"), key, bytes, fc.array(setOption, { maxLength: 3 }))
  .map(([name, k, value, options]) => [name, k, value, ...options.flat()]);

/** One of another type now and then, so that WRONGTYPE is met. */
const another = fc.oneof(
  command("set", key, bytes),
  command("rpush", key, part),
  command("hset", key, part, bytes),
  command("zadd", key, fc.constant("1"), part),
  manyKeys("del", several(1, 2, key)),
);

export const stringCommand = fc.oneof(
  { weight: 4, arbitrary: set },
  { weight: 2, arbitrary: command("get", key) },
  { weight: 1, arbitrary: another },
  { weight: 1, arbitrary: command("getset", key, bytes) },
  { weight: 1, arbitrary: command("getdel", key) },
  { weight: 2, arbitrary: command("append", key, bytes) },
  { weight: 1, arbitrary: command("strlen", key) },
  {
    weight: 2,
    arbitrary: command(
      "setrange",
      key,
      fc.constantFrom("0", "3", "40", "-1", "x", "536870912", "9223372036854775807"),
      bytes,
    ),
  },
  { weight: 2, arbitrary: command("getrange", key, index, index) },
  { weight: 1, arbitrary: manyKeys("mset", several(1, 3, key, bytes)) },
  { weight: 1, arbitrary: manyKeys("msetnx", several(1, 2, key, bytes)) },
  { weight: 1, arbitrary: manyKeys("mget", several(1, 4, key)) },
  { weight: 1, arbitrary: command("incr", key) },
  { weight: 1, arbitrary: command("decr", key) },
  { weight: 2, arbitrary: command("incrby", key, whole) },
  { weight: 2, arbitrary: command("decrby", key, whole) },
  { weight: 1, arbitrary: command("ttl", key) },
);

export const keyCommand = fc.oneof(
  { weight: 3, arbitrary: another },
  { weight: 2, arbitrary: manyKeys("exists", several(1, 4, key)) },
  { weight: 1, arbitrary: command("type", key) },
  {
    weight: 2,
    arbitrary: command(
      "keys",
      fc.constantFrom("*", "?", "[ab]", "[^a]", "a*", "\\a", "[b-c]", "[c-a]", "*b*", "", "[", "[a", "**"),
    ),
  },
  { weight: 1, arbitrary: command("dbsize") },
  { weight: 1, arbitrary: command("flushall") },
  { weight: 1, arbitrary: command("flushall", fc.constantFrom("async", "SYNC", "x")) },
  { weight: 1, arbitrary: command("ping") },
  { weight: 1, arbitrary: command("ping", bytes) },
  { weight: 1, arbitrary: command("echo", bytes) },
  { weight: 1, arbitrary: command("select", fc.constantFrom("0", "1", "x", "00")) },
  {
    weight: 1,
    arbitrary: fc
      .array(
        bytes.filter((b) => b.length < 200),
        { minLength: 1, maxLength: 4 },
      )
      .map((rest) => ["nosuch", ...rest]),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Words[]>(
      ["get"],
      ["GET", "a", "b"],
      ["set", "a"],
      ["ping", "a", "b"],
      ["hset", "a", "f"],
      ["del"],
      ["Exists"],
      ["ttl"],
      ["mset"],
      ["zadd", "a", "1"],
      ["QUIT2"],
    ),
  },
);

export const hashCommand = fc.oneof(
  { weight: 3, arbitrary: many("hset", several(1, 3, part, bytes)) },
  { weight: 1, arbitrary: many("hset", several(1, 2, part)) },
  { weight: 2, arbitrary: command("hget", key, part) },
  { weight: 2, arbitrary: many("hdel", several(1, 3, part)) },
  { weight: 1, arbitrary: command("hlen", key) },
  { weight: 2, arbitrary: command("hgetall", key) },
  { weight: 3, arbitrary: command("hincrby", key, part, whole) },
  { weight: 1, arbitrary: another },
  { weight: 1, arbitrary: manyKeys("exists", several(1, 2, key)) },
);

export const listCommand = fc.oneof(
  { weight: 3, arbitrary: many("lpush", several(1, 4, part)) },
  { weight: 3, arbitrary: many("rpush", several(1, 4, bytes)) },
  { weight: 2, arbitrary: command("lpop", key) },
  { weight: 2, arbitrary: command("rpop", key) },
  { weight: 2, arbitrary: command("lpop", key, fc.constantFrom("0", "1", "2", "100", "-1", "x")) },
  { weight: 2, arbitrary: command("rpop", key, fc.constantFrom("0", "2", "3", "9223372036854775807")) },
  { weight: 1, arbitrary: command("rpop", key, part, part) },
  { weight: 1, arbitrary: command("llen", key) },
  { weight: 3, arbitrary: command("lrange", key, index, index) },
  { weight: 1, arbitrary: another },
  { weight: 1, arbitrary: manyKeys("exists", several(1, 2, key)) },
);

const member = fc.constantFrom("m", "n", "o", "p", "nn", "");
export const setCommand = fc.oneof(
  { weight: 5, arbitrary: many("zadd", several(1, 3, score, member)) },
  { weight: 1, arbitrary: many("zadd", several(3, 3, score)) },
  { weight: 2, arbitrary: command("zscore", key, member) },
  { weight: 2, arbitrary: many("zrem", several(1, 3, member)) },
  { weight: 2, arbitrary: command("zrank", key, member) },
  { weight: 1, arbitrary: command("zcard", key) },
  { weight: 3, arbitrary: command("zrange", key, index, index) },
  {
    weight: 3,
    arbitrary: command("zrange", key, index, index, fc.constantFrom("WITHSCORES", "withscores", "withscore")),
  },
  { weight: 1, arbitrary: another },
  { weight: 1, arbitrary: manyKeys("exists", several(1, 2, key)) },
);

export const listOf = (one: fc.Arbitrary<Words>) => fc.array(one, { minLength: 1, maxLength: 24 });
