// SPDX-License-Identifier: MIT
/** What 04-lru-lfu does on one thread: call lists, whose answers the model knows. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { fileOf } from "./caches.ts";
import type { Kind } from "./model.ts";
import { Story } from "./story.ts";

/** An entry comes in, is found, is overwritten and removed. */
function keepsOne(kind: Kind, points: number): ScriptCheck {
  return {
    id: `${kind}_keeps_one`,
    file: fileOf(kind),
    points,
    ...once,
    plan() {
      const story = new Story(kind, ["c"], 2);
      story.get(0, 7n);
      story.put(0, 7n, 70n);
      story.get(0, 7n);
      story.size(0);
      story.put(0, 7n, 71n);
      story.get(0, 7n);
      story.remove(0, 7n);
      story.get(0, 7n);
      return story.free();
    },
    lookAt: `where does ${kind}_put leave an entry, and when does ${kind}_get write a value?`,
  };
}

export const lruKeepsOne = keepsOne("lru", 2);
export const lfuKeepsOne = keepsOne("lfu", 3);

export type Command =
  /** Of both caches, and which keys the others mean; the last one counts. */
  | { capacity: number; keys: readonly bigint[] }
  | { get: number; of: number; wants: boolean }
  | { put: number; value: bigint; of: number; wants: boolean }
  | { remove: number; of: number }
  | { size: number };

const CACHES = ["c", "d"];
const LARGEST = 2n ** 64n - 1n;
const SMALL_KEYS = [1n, 2n, 3n, 4n, 5n, 6n];
const ODD_KEYS = [0n, LARGEST, 2n ** 32n, 2n ** 63n + 1n, 1n, 7n];
/** Two keys more than the capacity: most calls meet an entry, and most caches are full. */
const TOO_MANY = 2;
const key = fc.nat(ODD_KEYS.length - 1);
/** Mostly the first cache: the second is there to be left alone. */
const of = fc.constantFrom(0, 0, 0, 0, 1);
const wants = fc.constantFrom(true, true, true, false);
const value = fc.constantFrom(10n, 20n, 30n, 0n, LARGEST);
const calls = fc.oneof(
  { weight: 5, arbitrary: fc.record({ put: key, value, of, wants }) },
  { weight: 5, arbitrary: fc.record({ get: key, of, wants }) },
  { weight: 2, arbitrary: fc.record({ remove: key, of }) },
  { weight: 1, arbitrary: fc.record({ size: of }) },
);
const setting = fc.record({
  capacity: fc.integer({ min: 1, max: 4 }),
  keys: fc.constantFrom(SMALL_KEYS, SMALL_KEYS, ODD_KEYS),
});
const commands: fc.Arbitrary<Command[]> = fc
  .tuple(setting, fc.array<Command>(calls, { maxLength: 80, size: "max" }))
  .map(([first, list]) => [first, ...list]);

/** On one thread a cache answers as the model does, on every list of calls, on two caches. */
function matchesModel(kind: Kind, points: number): ScriptCheck<Command> {
  return {
    id: `${kind}_matches_model`,
    file: fileOf(kind),
    points,
    needs: `${kind}_keeps_one`,
    runs: 250,
    commands,
    plan: (list) => planCalls(kind, list),
    lookAt: {
      lru: "after each of these calls, write down the keys in order of last use: which calls are a use?",
      lfu: "after each of these calls, write down each key's count and last use: which calls are a use, and whose is the smallest count?",
    }[kind],
  };
}

export const lruMatchesModel = matchesModel("lru", 7);
export const lfuMatchesModel = matchesModel("lfu", 9);

function planCalls(kind: Kind, list: Command[]): Step[] {
  const { capacity, keys } = list.findLast((command) => "capacity" in command) ?? { capacity: 1, keys: SMALL_KEYS };
  const two = list.some((command) => "of" in command && command.of > 0);
  const story = new Story(kind, two ? CACHES : CACHES.slice(0, 1), capacity);
  const keyOf = (number: number) => keys[number % Math.min(capacity + TOO_MANY, keys.length)]!;
  for (const command of list) {
    if ("get" in command) story.get(command.of, keyOf(command.get), command.wants);
    else if ("put" in command) story.put(command.of, keyOf(command.put), command.value, command.wants);
    else if ("remove" in command) story.remove(command.of, keyOf(command.remove));
    else if ("size" in command && command.size < story.names.length) story.size(command.size);
  }
  story.names.forEach((_, cache) => story.size(cache));
  return story.free();
}
