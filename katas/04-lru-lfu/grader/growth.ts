// SPDX-License-Identifier: MIT
/** The checks of 04-lru-lfu about cost, in counted steps: as the cache grows, lives on, and meets unkind keys. */
import { fail, pass, type Judgement, type RunRequest } from "@c10kata/harness/check";
import {
  costsEvidence,
  judgeAllocations,
  judgeGrowth,
  perCall,
  stepsOf,
  type Cost,
  type Growth,
} from "@c10kata/harness/costs";
import { count, series } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { kindOf, pair } from "./caches.ts";
import type { Kind } from "./model.ts";

/** What the driver's phases do, by number. */
const PHASES = [
  "put of a new key, with room",
  "get of the entry that would leave next",
  "put of the entry that would leave next",
  "put of a new key, when full",
  "remove, and a put into the room it leaves",
  "get, until every entry has a count of its own",
  "put, get and remove, where every entry has a count of its own",
  "size, and get and remove of keys that are not there",
  "get of all entries, in another order",
  "put of a new key and gets of it, until it has as many uses as the others",
  "size, get and remove of keys that are not there, put and remove, in an empty cache",
  "size, get and remove of keys that are not there, put and remove, in a half-full cache",
  "remove of all entries, the newest first",
  "size, get and remove of keys that are not there, put and remove, in a cache that was full and emptied",
  "put of a new key, into a cache that was full and emptied",
  "put, get and remove of a key with few uses, beside two keys with many",
  "put of a new key, now and then a remove",
] as const;
const LIFE = PHASES.length - 1;
/** Its sizes are the uses of one of the two. */
const GAP = LIFE - 1;

export const growthEvidence = z.strictObject(costsEvidence);
export type GrowthEvidence = z.infer<typeof growthEvidence>;

const growth: Growth = {
  phases: PHASES.slice(0, LIFE),
  things: "entries",
  /** Hash tables are fuller at one size than at another: that much may differ, and some steps where there are few. */
  worse: (few, many) => many > 1.3 * few + 3,
  lookAt: {
    search: "which loop runs once for each entry, or once for each count?",
    order: "a use raises a count by one: does finding its new place need an order of all entries?",
  },
};

function costsAsMuch({ costs }: GrowthEvidence, request: RunRequest): Judgement {
  const kind = kindOf(request);
  const overran = costs.some((cost) => cost.overran);
  const inexact = costs.find(({ wrong }) => wrong > 0);
  if (inexact && !overran) return otherAnswers(inexact, kind);
  const named = { ...growth, phases: growth.phases.map((doing) => `${kind}: ${doing}`) };
  const [gap, others] = [true, false].map((wanted) => costs.filter(({ phase }) => (phase === GAP) === wanted));
  const judgement = judgeGrowth(others!, named);
  if (judgement.verdict !== "pass") return judgement;
  const beside = gap!.length > 0 ? judgeGrowth(gap!, { ...named, things: "uses" }) : pass();
  return beside.verdict === "pass" ? ageing(costs, kind) : beside;
}

/** The sizes of the last phase are ages: 0 for a young cache, then the calls before, in hundreds of thousands. */
function ageing(costs: Cost[], kind: Kind): Judgement {
  const life = costs.filter(({ phase }) => phase === LIFE);
  const [young, old] = [life[0], life.at(-1)];
  // A young cache may not yet have paid for what it puts off to every thousandth call.
  if (!young || !old || !(old.overran || perCall(old) > 2 * perCall(young) + 10)) return pass();
  const age = `within ${english(old.size * 100_000)} calls`;
  return fail({
    saw: `${kind}: ${PHASES[LIFE]}: ${stepsOf(young)} steps a call at first, ${stepsOf(old)} ${age}; the calls cost more and more`,
    expected: "as many steps a call, however many calls came before",
    lookAt: "what does a call leave in the cache that later calls have to walk over?",
  });
}

/** What is cheap because it is not what was asked for: an order that holds only nearly, or only within a part. */
function otherAnswers({ phase, size, wrong }: Cost, kind: Kind): Judgement {
  const first = {
    lru: "whose last use is longest ago",
    lfu: "with the fewest uses (of several, the one whose last use is longest ago)",
  };
  return fail({
    saw: `${kind}: ${PHASES[phase]}: ${english(wrong)} wrong ${wrong === 1 ? "answer" : "answers"} with ${english(size)} ${phase === GAP ? "uses" : "entries"}`,
    expected: `only the entry ${first[kind]} leaves, and only when the cache is full`,
    lookAt: `${kind}_get, ${kind}_put and ${kind}_remove: what differs here from a cache of a few entries? Does every use count, and is there one order of all entries?`,
  });
}

export const constantCost = pair<GrowthEvidence>("constant_cost", costsAsMuch, 4, 8);

/** All memory is taken in `new`. */
const asksForNothing = ({ costs }: GrowthEvidence, request: RunRequest) =>
  judgeAllocations(
    costs,
    PHASES.map((doing) => `${kindOf(request)}: ${doing}`),
    {
      expected: "no allocation outside new",
      lookAt: "how many entries, and how many of everything else, can there ever be at once?",
    },
  );

export const noAllocation = pair<GrowthEvidence>("no_allocation", asksForNothing, 2);

/** The driver's patterns, by number, and the hash that each is made for. */
const PATTERNS = [
  ["random keys", ""],
  ["the keys 0, 1, 2, ...", "the key itself"],
  ["multiples of 2^16", "the key's low bits"],
  ["multiples of 2^32", "the key's low half"],
  ["multiples of 2^44", "the key's low bits"],
  ["multiples of the capacity", "the remainder of a division by the capacity"],
  ["multiples of twice the capacity", "the remainder of a division by twice the capacity"],
  ["multiples of the first prime from the capacity on", "the remainder of a division by a prime"],
  ["multiples of the first prime from twice the capacity on", "the remainder of a division by a prime"],
  ["keys whose products with 0x9e3779b97f4a7c15 are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 2654435761 are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 0xff51afd7ed558ccd are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 0xbf58476d1ce4e5b9 are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 0x100000001b3 are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 0x517cc1b727220a95 are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 0xc4ceb9fe1a85ec53 are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 0x94d049bb133111eb are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys whose products with 6364136223846793005 are 0, 1, 2, ...", "the upper bits of a product with a constant"],
  ["keys with equal halves", "the key's halves xored"],
  ["keys i * 65537", "the key's 16-bit parts xored"],
] as const;

export const patternsEvidence = z.strictObject({
  ...costsEvidence,
  /** Pairs of keys with nearly equal hashes that were tried. */
  pairs: count,
  /** The call that took one key of a pair for the other; 0: none. */
  mixed_up: count,
  /** That pair. */
  alike: series,
});
export type PatternsEvidence = z.infer<typeof patternsEvidence>;

/** What the driver had done, and what it saw, by the number of the call. */
const MIX_UPS = [
  "",
  "put($1), get($2) -> true",
  "put($1), put($2): the cache does not hold two entries then, or get($2) does not find its own",
  "put($1), put($2), get($1) -> false, or a value that is not its own",
  "put($1), put($2), remove($1) -> false",
  "put($1), put($2), remove($1), get($2) -> false, or a value that is not its own",
] as const;

function tookForAnother({ mixed_up, alike }: PatternsEvidence, kind: Kind): Judgement {
  const hex = [...alike].map((key) => `0x${key.toString(16)}`);
  return fail({
    saw: `in an empty cache with room for two: ${MIX_UPS[mixed_up]!.replace(/\b(put|get|remove)\(/g, `${kind}_$1(`).replace(/\$(\d)/g, (_, at) => hex[at - 1]!)}`,
    expected: "each key has an entry of its own, also where the hashes of two keys are nearly equal",
    lookAt: `${kind}_get and ${kind}_put: does the search compare the whole key, or only a part of its hash?`,
  });
}

function treatsKeysAlike(evidence: PatternsEvidence, request: RunRequest): Judgement {
  if (evidence.mixed_up > 0) return tookForAnother(evidence, kindOf(request));
  if (evidence.pairs === 0) return fail({ saw: "no two keys were tried", expected: "some" });
  const { costs } = evidence;
  const [random] = costs;
  if (!random) return fail({ saw: "no call was counted", expected: "calls that are counted" });
  const odd = costs.find((cost) => cost.overran || perCall(cost) > 4 * perCall(random) + 20);
  if (!odd) return pass();
  const [keys, madeFor] = PATTERNS[odd.phase]!;
  return fail({
    saw: `${kindOf(request)}: ${stepsOf(odd)} steps a call with ${keys}${odd === random ? "" : `; ${stepsOf(random)} with random keys`}`,
    expected: "as many steps a call for any keys that were not made for a good mixer",
    lookAt: madeFor
      ? `which keys share a chain? These are made for a hash that is ${madeFor}`
      : "how many chains or places are there for 20,000 keys?",
  });
}

export const anyKeys = pair<PatternsEvidence>("any_keys", treatsKeysAlike, 3);
