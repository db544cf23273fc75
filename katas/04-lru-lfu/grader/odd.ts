// SPDX-License-Identifier: MIT
/** Answers of 04-lru-lfu's crowd that are wrong by themselves: which of several things went wrong? */
import { fail, type Judgement } from "@c10kata/harness/check";
import { series } from "@c10kata/harness/evidence";
import type { Kind } from "./model.ts";

/** As crowd.c has them: keys below are hot ones, then one of each thread, then items. */
const HOT_KEYS = 4n;
const ITEMS_FROM = 16n;
/** The thread's own values, by thread and version, are marked by this bit. */
const OWN = 1n << 62n;
const FOUND = 1;
const LEFT = 2;
const EARLY = 3;
const NONE = 4;

interface Odd {
  what: number;
  key: bigint;
  due: bigint;
  came: bigint;
}

/** Four numbers each: too large for a table's. */
export const oddAnswers = series.transform((cells) =>
  Array.from({ length: cells.length / 4 }, (_, at): Odd => {
    const [what, key, due, came] = cells.subarray(4 * at);
    return { what: Number(what), key: key!, due: due!, came: came! };
  }),
);

const unsigned = (value: bigint) => BigInt.asUintN(64, value);

/** The key of which this is the value: 3 times the key's complement. */
const keyOf = (value: bigint) => unsigned(~unsigned(value * 0xaaaaaaaaaaaaaaabn));

function nameOf(key: bigint): string {
  if (key < HOT_KEYS) return `key ${key}`;
  if (key < ITEMS_FROM) return `thread ${key - HOT_KEYS + 1n}'s own key`;
  const item = key - ITEMS_FROM;
  return `key ${item & 0xffffffffn} of thread ${(item >> 32n) + 1n}`;
}

const isOwn = (value: bigint) => value >> 48n === OWN >> 48n;
const version = (value: bigint) => value & 0xffffffffn;
const threadOf = (value: bigint) => (value >> 32n) & 0xffffn;

/** What the value is that came with a key for which another one was due. */
function describe(came: bigint, due: bigint): { words: string; lookAt: string } {
  const reused = "when is the value copied, and can the entry belong to another key by then?";
  if (isOwn(came) && isOwn(due) && threadOf(came) === threadOf(due)) {
    return {
      words: `an older value: that of its put number ${version(came)}, and put number ${version(due)} had returned`,
      lookAt: "which put can return before its value is in the cache, or without storing it?",
    };
  }
  if (isOwn(came)) return { words: `the value of another key (${nameOf(HOT_KEYS + threadOf(came))})`, lookAt: reused };
  const other = keyOf(came);
  if (other < ITEMS_FROM || (other - ITEMS_FROM) >> 32n < ITEMS_FROM)
    return { words: `the value of another key (${nameOf(other)})`, lookAt: reused };
  return {
    words: `the value ${came}, which no thread had put`,
    lookAt: "which writes of an entry can another thread see half done?",
  };
}

/** One answer, told for what it is. */
export function tellOdd({ what, key, due, came }: Odd, kind: Kind): Judgement {
  if (what === FOUND || what === LEFT) {
    const { words, lookAt } = describe(came, due);
    const saw =
      what === FOUND
        ? `${kind}_get of ${nameOf(key)} answered ${words}`
        : `${kind}_put evicted ${nameOf(key)} with ${words}`;
    return fail({ saw, expected: "the value that was put last", lookAt });
  }
  const did =
    what === EARLY
      ? `evicted key ${came} although there was room (an early eviction)`
      : what === NONE
        ? `evicted nothing although the cache was full`
        : `evicted key ${came}`;
  return fail({
    saw: `${kind}_put(${key}) ${did}, in a cache of 4 that one thread uses alone, beside others`,
    expected:
      what === EARLY ? "no eviction before there are 4 entries" : `key ${due} leaves: its last use is longest ago`,
    lookAt: "what do two caches share?",
  });
}
