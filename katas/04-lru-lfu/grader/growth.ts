// SPDX-License-Identifier: MIT
/** The checks of 04-lru-lfu about cost, in counted steps: as the cache grows, lives on, and meets unkind keys. */
import { fail, pass, type Judgement, type RunRequest, type Check } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";
import { kindOf, split } from "./caches.ts";
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
  "put of a new key, now and then a remove",
] as const;
const LIFE = PHASES.length - 1;
const STEP_LIMIT = 2_000;
const LIFE_STEP_LIMIT = 500;

export const growthEvidence = z
  .strictObject({
    ...{ phase: series, entries: series, steps: series, calls: series, allocations: series, wrong: series },
    overran: count,
  })
  .transform(({ phase, entries, steps, calls, allocations, wrong, overran }) => ({
    overran: overran === 1,
    parts: [...phase].map((number, at) => ({
      phase: Number(number),
      entries: Number(entries[at]),
      per_call: Number(steps[at]) / Number(calls[at]),
      allocations: Number(allocations[at]),
      wrong: Number(wrong[at]),
    })),
  }));
export interface Part {
  phase: number;
  /** In the phase LIFE: calls before, in hundreds of thousands; 0 for a young cache, 1 for what comes after it. */
  entries: number;
  per_call: number;
  allocations: number;
  /** Answers other than the contract's. */
  wrong: number;
}
export interface GrowthEvidence {
  parts: Part[];
  /** The last part was stopped: too many steps. */
  overran: boolean;
}

const english = (n: number) => n.toLocaleString("en");
const about = (steps: number) => (steps < 100 ? steps.toFixed(1) : english(Math.round(steps)));

/** Hash tables are fuller at one size than at another: that much may differ, and some steps where there are few. */
const grew = (few: number, many: number) => many > 1.3 * few + 3;
/** A young cache may not yet have paid for what it puts off to every thousandth call. */
const aged = (young: number, old: number) => old > 2 * young + 10;

function constantCost({ parts, overran }: GrowthEvidence, request: RunRequest): Judgement {
  const inexact = parts.find(({ wrong }) => wrong > 0);
  if (inexact && !overran) return otherAnswers(inexact, kindOf(request));
  for (const [phase, doing] of PHASES.entries()) {
    const same = parts.filter((part) => part.phase === phase);
    const [first, last] = [same[0], same.at(-1)];
    if (!first || !last) continue;
    const stopped = overran && last === parts.at(-1);
    const worse = phase === LIFE ? aged : grew;
    if (!stopped && !worse(first.per_call, last.per_call)) continue;
    return growing(`${kindOf(request)}: ${doing}`, phase, same, stopped);
  }
  return parts.length > 0 ? pass() : fail({ saw: "no call was counted", expected: "some" });
}

/** What is cheap because it is not what was asked for: an order that holds only nearly, or only within a part. */
function otherAnswers({ phase, entries, wrong }: Part, kind: Kind): Judgement {
  const first = { lru: "whose last use is longest ago", lfu: "with the fewest uses, of several the longest unused" };
  return fail({
    saw: `${kind}: ${PHASES[phase]}: ${english(wrong)} wrong ${wrong === 1 ? "answer" : "answers"} with ${english(entries)} entries`,
    expected: `exactly the entry ${first[kind]} leaves, and none before there are ${english(entries)}`,
    lookAt: "what holds for a few entries and not for many: is the order one order, and does every use count?",
  });
}

function growing(what: string, phase: number, same: Part[], stopped: boolean): Judgement {
  const last = same.at(-1)!;
  const limit = english(phase === LIFE ? LIFE_STEP_LIMIT : STEP_LIMIT);
  const told = (phase === LIFE ? [same[0]!, last] : same).map((part, at) => {
    const steps = stopped && part === last ? `over ${limit}` : about(part.per_call);
    return `${steps} ${at === 0 ? "steps a call " : ""}${phase === LIFE ? ageOf(part) : sizeOf(part)}`;
  });
  const { shape, lookAt } = phase === LIFE ? AGEING : shapeOf(same, stopped);
  return fail({
    saw: `${what}: ${told.join(", ")}; ${shape}`,
    expected: "as many steps a call, however many entries, and however long the cache has lived",
    lookAt,
  });
}

const sizeOf = ({ entries }: Part) => `with ${english(entries)} entries`;
const ageOf = ({ entries }: Part) => (entries === 0 ? "at first" : `within ${english(entries * 100_000)} calls`);

const AGEING = { shape: "it slows down with age", lookAt: "what does a call leave behind that later calls walk over?" };
const SCAN = {
  shape: "it grows in proportion, as a search through the entries does",
  lookAt: "which loop runs once per entry, or once per count?",
};
const HEAP = {
  shape: "it grows by a few steps with every doubling, as a heap or a balanced tree does: O(log n), not O(1)",
  lookAt: "a use raises a count by one: does finding its new place need an order of all entries?",
};

/** As much more than a logarithm grows means a search: with a thousand times the entries, a logarithm doubles. */
function shapeOf(same: Part[], stopped: boolean): typeof SCAN {
  const [first, last] = [same[0]!, same.at(-1)!];
  const logarithm = Math.log(last.entries) / Math.log(first.entries);
  return stopped || last.per_call > 3 * logarithm * first.per_call ? SCAN : HEAP;
}

const cost = split("constant_cost", 4, 8);
export const lruConstantCost: Check<GrowthEvidence> = { ...cost.lru, run: constantCost };
export const lfuConstantCost: Check<GrowthEvidence> = { ...cost.lfu, run: constantCost };

/** All memory is taken in `new`. */
function asksForNothing({ parts }: GrowthEvidence, request: RunRequest): Judgement {
  const asking = parts.find(({ allocations }) => allocations > 0);
  if (!asking) return parts.length > 0 ? pass() : fail({ saw: "no call was counted", expected: "some" });
  return fail({
    saw: `${kindOf(request)}: ${PHASES[asking.phase]}: memory was asked for ${english(asking.allocations)} times`,
    expected: "no allocation outside new",
    lookAt: "how many entries, and how many of everything else, can there ever be at once?",
  });
}

const asking = split("no_allocation", 2);
export const lruNoAllocation: Check<GrowthEvidence> = { ...asking.lru, run: asksForNothing };
export const lfuNoAllocation: Check<GrowthEvidence> = { ...asking.lfu, run: asksForNothing };

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
const PATTERN_STEP_LIMIT = 1_000;

export const patternsEvidence = z
  .strictObject({ pattern: series, steps: series, calls: series, overran: count })
  .transform(({ pattern, steps, calls, overran }) => ({
    overran: overran === 1,
    parts: [...pattern].map((number, at) => ({
      pattern: Number(number),
      per_call: Number(steps[at]) / Number(calls[at]),
    })),
  }));
export interface PatternsEvidence {
  parts: { pattern: number; per_call: number }[];
  /** The last pattern was stopped: too many steps. */
  overran: boolean;
}

function anyKeys({ parts, overran }: PatternsEvidence, request: RunRequest): Judgement {
  const usual = parts[0]?.per_call;
  if (usual === undefined) return fail({ saw: "no call was counted", expected: "some" });
  for (const part of parts) {
    const stopped = overran && part === parts.at(-1);
    if (!stopped && part.per_call <= 4 * usual + 20) continue;
    const [keys, madeFor] = PATTERNS[part.pattern]!;
    const steps = stopped ? `over ${english(PATTERN_STEP_LIMIT)}` : about(part.per_call);
    return fail({
      saw: `${kindOf(request)}: ${steps} steps a call with ${keys}${part === parts[0] ? "" : `; ${about(usual)} with random keys`}`,
      expected: "as many steps a call for any keys that were not made for a good mixer",
      lookAt: madeFor
        ? `which keys share a chain? These are made for a hash that is ${madeFor}`
        : "how many chains or places are there for 20,000 keys?",
    });
  }
  return pass();
}

const keys = split("any_keys", 3);
export const lruAnyKeys: Check<PatternsEvidence> = { ...keys.lru, run: anyKeys };
export const lfuAnyKeys: Check<PatternsEvidence> = { ...keys.lfu, run: anyKeys };
