// SPDX-License-Identifier: MIT
/** What the contract names, tried in every grading: one list for each family. A line is a request; words are parted by blanks. */
import type { Words } from "./model.ts";

/** "~" is the empty word, "^n" 300 bytes. */
const words = (line: string): Words =>
  line.split(" ").map((word) => (word === "~" ? "" : word === "^n" ? "n".repeat(300) : word));
const lines = (text: string): Words[] =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "")
    .map(words);

const binary: Words[] = [
  ["set", "\0\r\n", "\r\n\0$1\r\n"],
  ["GET", "\0\r\n"],
  ["set", "", "empty name"],
  ["get", ""],
  ["strlen", "\0\r\n"],
];

export const STRINGS = [
  ...lines(`
    get a
    SET a 1 NX
    SET a 2 NX
    SET a 2 XX
    set b 2 XX
    set a 3 NX GET
    set b 4 NX GET
    set a 5 get
    set a 6 NX XX
    set a 6 EX 10 PX 10
    set a 6 EX 10 KEEPTTL
    set a 6 EX 0
    set a 6 PX -1
    set a 6 EX x
    set a 6 EX
    set a 6 EX 9223372036854775807
    set a 6 PX 9223372036854775807
    set a 6 foo
    get a
    set a 7 EX 100
    ttl a
    set a 8 KEEPTTL
    ttl a
    set a 9
    ttl a
    getset a 10
    getset z 1
    set a 1 EX 100
    getset a 2
    ttl a
    append a 33
    append new ^n
    append new ^n
    strlen new
    strlen none
    getrange new 598 700
    getrange a -2 -1
    getrange a 0 -100
    getrange a -100 0
    getrange a 5 1
    getrange a -1 -2
    getrange none 0 1
    setrange s 3 abc
    get s
    setrange s 0 ~
    setrange none 5 ~
    exists none
    setrange s 1 zz
    get s
    setrange s -1 x
    setrange s 536870910 abc
    setrange none 536870911 xx
    getdel s
    getdel s
    mset a 1 b 2 a 3
    mget a b none
    mset a
    mset a 1 b
    msetnx c 1 a 2
    exists c
    msetnx c 1 d 2 c 3
    mget c d
    msetnx c
    incr n
    decr n
    decr n
    incrby n 10
    decrby n 20
    incrby n 9223372036854775807
    set m 9223372036854775807
    incr m
    decrby m -1
    decrby m -9223372036854775808
    set m -9223372036854775808
    decr m
    incrby m x
    set m 01
    incr m
    set m -0
    incr m
    set m +1
    incr m
    incrby n -0
    set m ~
    incr m
    set t 5 EX 100
    incr t
    append t 0
    setrange t 0 9
    ttl t
    get t
    hset h f v
    get h
    append h x
    incr h
    getset h x
    set h x GET
    strlen h
    mget h a
    set h x
    get h
  `),
  ...binary,
];

export const KEYS = lines(`
  ping
  PING hello
  ping a b
  echo hello
  echo
  select 0
  select 1
  select x
  dbsize
  type a
  exists a
  set a 1
  rpush l 1
  hset h f v
  zadd z 1 m
  type a
  type l
  type h
  type z
  exists a a l none
  keys *
  keys [alh]
  keys [^a]
  keys ?
  keys [a-h]
  keys [h-a]
  set aab 1
  keys *ab
  keys *a*b*
  del aab
  keys \\a
  keys a?*
  keys [
  dbsize
  del a none a l
  dbsize
  del h
  flushall x
  flushall sync async
  dbsize
  flushall
  dbsize
  exists z
  client setname x
  function flush
  command
  config get save
  nosuch
  NoSuch a ^n b
  ^n a
  get
  set a
  exists
  del
`);

/** The table of keys grows, and `KEYS` finds those that have moved and those that have not. */
export const GROWING: Words[] = Array.from({ length: 40 }, (_, at) => [
  ["set", `key:${at}`, "v"],
  ["keys", "*"],
]).flat();

export const HASHES = lines(`
  hget h f
  hgetall h
  hlen h
  hset h f 1 g 2 f 3
  hset h f 4 k 5
  hgetall h
  hget h f
  hget h none
  hlen h
  hset h f
  hset h f 1 g
  hincrby h f 10
  hincrby h new -5
  hincrby h f x
  hset h t text
  hincrby h t 1
  hset h m 9223372036854775807
  hincrby h m 1
  hget h m
  hincrby fresh f 9223372036854775808
  exists fresh
  hdel h f none g f
  hset h g 9
  hgetall h
  hdel h g k new t m
  exists h
  hdel h g
  set s 1
  hset s f v
  hget s f
  hdel s f
  hlen s
  hgetall s
  hincrby s f 1
  hset e ~ ~
  hgetall e
`);

export const LISTS = lines(`
  llen l
  lpop l
  rpop l 2
  lrange l 0 -1
  lpush l a b c
  rpush l d e
  lrange l 0 -1
  lrange l 1 -2
  lrange l -2 100
  lrange l 3 1
  lrange l -100 -5
  lrange l 5 9
  lrange l x 1
  lpop l
  rpop l
  lpop l 0
  lpop l 2
  lpop l -1
  lpop l x
  lpop l 1 2
  llen l
  rpop l 100
  exists l
  rpop none 0
  rpush m 1 2 3
  rpop m 2
  lpop m
  type m
  set s 1
  lpush s a
  rpush s a
  lpop s
  rpop s 1
  llen s
  lrange s 0 1
  rpush e ~ ^n
  lrange e 0 -1
`);

export const SORTED_SETS = lines(`
  zscore z m
  zrank z m
  zcard z
  zrange z 0 -1
  zadd z 1 m 2 n
  zadd z 3 m 1 o 1 o
  zrange z 0 -1
  zrange z 0 -1 WITHSCORES
  zrange z -2 -1 withscores
  zrange z 1 1
  zrange z 2 1
  zrange z 0 -1 foo
  zrange z 0 x
  zrank z m
  zrank z o
  zrank z none
  zscore z m
  zadd z 1 m 2
  zadd z x m
  zadd z 5 p nan q
  zscore z p
  zadd z 1 a 1 b 1 aa 1 B
  zrange z 0 -1 withscores
  zrank z aa
  zadd z 3.1 m 0.1 n 1e20 o
  zadd z inf p -inf q 7 r 1e-7 s 1e17 t 123456789012345680 u
  zrange z 0 -1 withscores
  zrem z m none m
  zcard z
  zrem z a b aa B n o p q r s t u
  exists z
  zrem z a
  set s 1
  zadd s 1 m
  zscore s m
  zrem s m
  zcard s
  zrank s m
  zrange s 0 1
`);

/** More of each kind than a first table has room for: what is lost when it grows? */
export const MANY: Words[] = [
  ...Array.from({ length: 300 }, (_, at) => [
    ["set", `key:${at}`, String(at)],
    ["get", `key:${(at * 7) % (at + 1)}`],
  ]).flat(),
  ...Array.from({ length: 300 }, (_, at) => ["exists", `key:${at}`]),
  ...Array.from({ length: 100 }, (_, at) => ["hset", "h", `field:${at}`, String(at)]),
  ...Array.from({ length: 100 }, (_, at) => ["zadd", "z", String((at * 37) % 100), `member:${at}`]),
  ...Array.from({ length: 100 }, (_, at) => ["zrank", "z", `member:${at}`]),
  ...Array.from({ length: 100 }, (_, at) => ["hget", "h", `field:${at}`]),
  ...Array.from({ length: 50 }, (_, at) => ["zrange", "z", String(at), String(at + 3)]),
  ...Array.from({ length: 150 }, (_, at) => ["del", `key:${at * 2}`]),
  ...Array.from({ length: 60 }, (_, at) => ["zrem", "z", `member:${at}`]),
  ...Array.from({ length: 40 }, (_, at) => ["zrank", "z", `member:${at + 60}`]),
  ["keys", "key:1?"],
  ["dbsize"],
  ["hgetall", "h"],
];
