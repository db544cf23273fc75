// SPDX-License-Identifier: MIT
/** The scripts of 13-tiny-redis: lists of requests to a server on the loopback, with the model's answers. */
import type { ScriptCheck } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import type fc from "fast-check";
import { GROWING, HASHES, KEYS, LISTS, SORTED_SETS, STRINGS } from "./always.ts";
import { hashCommand, keyCommand, listCommand, listOf, setCommand, stringCommand } from "./lists.ts";
import type { Words } from "./model.ts";
import { NOW_MS, resp, Story } from "./story.ts";

function planned(lists: Words[]) {
  const story = new Story();
  for (const words of lists) story.ask(...words);
  return story.steps();
}

const family = (
  id: string,
  points: number,
  one: fc.Arbitrary<Words>,
  always: Words[],
  lookAt: string,
): ScriptCheck => ({
  id,
  points,
  needs: "every_type",
  runs: 60,
  commands: listOf(one),
  always: [always],
  plan: planned,
  lookAt,
});

const families = [
  family(
    "strings",
    5,
    stringCommand,
    STRINGS,
    "tiny_redis.h, strings: what does Redis say to this, and what has changed after an error?",
  ),
  family(
    "keys",
    4,
    keyCommand,
    [...KEYS, ...GROWING],
    "tiny_redis.h, keys and connection: which command is it, how many words has it, and what does Redis call it in an error?",
  ),
  family(
    "hashes",
    4,
    hashCommand,
    HASHES,
    "tiny_redis.h, hashes: what is new, what is replaced, and when is the key itself gone?",
  ),
  family(
    "lists",
    4,
    listCommand,
    LISTS,
    "tiny_redis.h, lists: which end is it, and what does Redis say of a list that is not there?",
  ),
  family(
    "sorted_sets",
    5,
    setCommand,
    SORTED_SETS,
    "tiny_redis.h, sorted sets: in which order are members of one score, and when does a member move?",
  ),
];

/** One connection, and what everything else needs. */
const someAnswer: ScriptCheck = {
  ...once,
  id: "some_answer",
  points: 2,
  plan: () => new Story().ask("PING").ask("SET", "a", "1").ask("GET", "a").steps(),
  lookAt: "redis_serve: which event leads to a read, when is a request whole, and which bytes are its answer?",
};

/** A key of each type, which every family of commands meets, if only to refuse it: a command that hangs is waited for here, and once. */
const everyType: ScriptCheck = {
  ...once,
  id: "every_type",
  points: 1,
  needs: "some_answer",
  plan() {
    const story = new Story();
    for (const line of ["set s 1", "rpush l a b", "hset h f v", "zadd z 1 m", "exists s l h z", "del s l h z"])
      story.ask(...line.split(" "));
    return story.steps();
  },
  lookAt: "which command is this, and what keeps its kind of value?",
};

/** Every time limit that a key can have, before it and after it. In its own millisecond Redis still has the key, and the contract takes either. */
const expiry: ScriptCheck = {
  ...once,
  id: "expiry",
  points: 5,
  needs: "strings",
  plan() {
    const story = new Story();
    const ask = (line: string) => story.ask(...line.split(" "));
    for (const line of [
      "expire none 10",
      "set a 1 EX 10",
      "ttl a",
      "pttl a",
      "set b 1 PX 1500",
      "ttl b",
      "pexpire a x",
      "expire a 9223372036854775807",
      "pexpire a 9223372036854775807",
      "expireat a 9223372036854775807",
      "expire a -9223372036854775808",
      "ttl a",
    ])
      ask(line);
    story.later(1499);
    for (const line of ["exists b", "pttl b", "ttl b"]) ask(line);
    story.later(2).ask("keys", "*");
    for (let n = 0; n < 5; n++) story.ask("set", `short${n}`, "1", "PX", "10").later(11).ask("keys", "*");
    for (const line of ["exists b", "get b", "ttl b", "type b", "keys *", "persist b", "set b 2 XX", "mget a b"])
      ask(line);
    for (const line of ["persist a", "persist a", "ttl a", "expire a 100", "pexpire a 2500", "ttl a"]) ask(line);
    for (const line of ["rpush l 1", "pexpire l 100", "hset h f v", "pexpire h 100", "zadd z 1 m", "pexpire z 100"])
      ask(line);
    ask("set n 5 PX 100").ask("append", "n", "0").ask("incr", "n").ask("pttl", "n").later(101);
    for (const line of ["rpush l 2", "lrange l 0 -1", "ttl l", "hset h g w", "hgetall h", "zadd z 2 k", "zcard z"])
      ask(line);
    for (const line of ["incr n", "ttl n", "setrange h 0 x"]) ask(line);
    ask(`expireat a ${NOW_MS / 1000 + 100}`)
      .ask("ttl", "a")
      .ask("expireat", "a", "1")
      .ask("exists", "a");
    for (const line of ["set d 1", "expire d 0", "exists d", "set d 1", "pexpire d -5", "exists d", "dbsize"])
      ask(line);
    for (const line of ["set k 1 EX 5", "getset k 2", "ttl k", "set k 1 EX 5", "mset k 3", "ttl k"]) ask(line);
    for (const line of ["set k 1 EX 5", "getdel k", "set k 2", "ttl k", "set k 1 EX 5", "del k", "set k 2", "ttl k"])
      ask(line);
    /* A key that was flushed, and comes again, lives for ever. */
    for (const line of ["set k 1 EX 5", "flushall", "set k 2"]) ask(line);
    /* The clock is set, forth and back. */
    story.later(6000).ask("get", "k").ask("dbsize").ask("set", "j", "1", "PX", "5000").later(1000).ask("pttl", "j");
    story.later(-3000).ask("pttl", "j").ask("set", "i", "1", "EX", "1").later(900).ask("exists", "i");
    return story.later(5000).ask("exists", "i", "j").steps();
  },
  lookAt: "which commands keep a time to live, which end it, and where is it looked at?",
};

/** What is whole is answered before the rest comes. */
function inParts(story: Story) {
  story.bytes("PING\r\n*1\r\n$4\r\nPI", "+PONG\r\n").bytes("NG\r\nECHO h", "+PONG\r\n").bytes("i\r\n", "$2\r\nhi\r\n");
}

/** Requests as such: lines, arrays, splits, and what is none. */
const requests: ScriptCheck = {
  ...once,
  id: "requests",
  points: 5,
  needs: "some_answer",
  plan() {
    const story = new Story();
    const error = (bytes: string, text: string) => story.bytes(bytes, `-ERR Protocol error: ${text}\r\n`).closed();
    story.bytes("PING\r\n", "+PONG\r\n").bytes("ping\n", "+PONG\r\n").bytes("  echo \t hi  \r\n", "$2\r\nhi\r\n");
    story.bytes("\r\n\r\n*0\r\n*-1\r\nPING\r\n", "+PONG\r\n");
    story
      .bytes('ECHO "a b\\n\\x41\\"\\q"\r\n', '$7\r\na b\nA"q\r\n')
      .bytes("ECHO 'a\\'\\n\"'\r\n", "$5\r\na'\\n\"\r\n");
    story.bytes('ECHO a"b"\r\n', "$2\r\nab\r\n").bytes('ECHO ""\r\n', "$0\r\n\r\n");
    inParts(story);
    story.pipeline([["set", "a", "1"], ["nosuch"], ["get", "a"], ["get"], ["incr", "a"]]);
    const long = "x".repeat(64 * 1024);
    story.ask("set", "long", long).ask("strlen", "long").ask("get", "long").ask("echo", long);
    const most = Array.from({ length: 1023 }, (_, at) => `k${at % 7}`);
    story
      .ask("del", ...most)
      .ask("exists", ...most)
      .ask("mget", ...most);
    story.pipeline(Array.from({ length: 500 }, (_, at) => ["set", `p${at % 50}`, String(at)]));
    story.pipeline(Array.from({ length: 500 }, (_, at) => ["get", `p${at % 50}`]));
    error(`*2\r\n$4\r\nECHO\r\n$65537\r\n`, "invalid bulk length");
    error("*1025\r\n", "invalid multibulk length");
    error("*9223372036854775808\r\n", "invalid multibulk length");
    error("*x\r\n", "invalid multibulk length");
    error("*\r\n", "invalid multibulk length");
    error("*1\r\n$-1\r\n", "invalid bulk length");
    error("*1\r\n$x\r\n", "invalid bulk length");
    error("*1\r\nPING\r\n", "expected '$', got 'P'");
    error('ECHO "a\r\n', "unbalanced quotes in request");
    error("ECHO 'a\r\n", "unbalanced quotes in request");
    error('ECHO "a"b\r\n', "unbalanced quotes in request");
    error(`*${"1".repeat(70_000)}`, "too big mbulk count string");
    error(`*1\r\n$${"1".repeat(70_000)}`, "too big bulk count string");
    error("a".repeat(70_000), "too big inline request");
    story
      .bytes(
        `${resp(["set", "a", "2"])}*x\r\nPING\r\n`,
        "+OK\r\n-ERR Protocol error: invalid multibulk length\r\n",
        undefined,
        2,
      )
      .closed();
    story
      .bytes("QUIT\r\n", "+OK\r\n")
      .closed()
      .bytes(resp(["get", "a"]), "$1\r\n2\r\n");
    return story
      .bytes(`${resp(["quit"])}PING\r\n`, "+OK\r\n")
      .closed()
      .steps();
  },
  lookAt: "where does a request end, what is a protocol error, and which bytes are never looked at?",
};

export const scripts = [someAnswer, everyType, ...families, expiry, requests];
