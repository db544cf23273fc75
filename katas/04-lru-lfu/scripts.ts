// SPDX-License-Identifier: MIT
/** What 04-lru-lfu does on one thread: call lists, whose answers the model knows. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import fc from "fast-check";
import type { Kind } from "./model.ts";
import { Story } from "./story.ts";

/** An entry comes in, is found, is overwritten and removed. */
function keepsOne(kind: Kind, points: number): ScriptCheck {
  return {
    id: `${kind}_keeps_one`,
    points,
    runs: 1,
    commands: fc.constant([]),
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
    lookAt: `${kind}_put and ${kind}_get: where is an entry between the two calls?`,
  };
}

export const lruKeepsOne = keepsOne("lru", 2);
export const lfuKeepsOne = keepsOne("lfu", 3);

export type Command =
  /** Of both caches; the last one counts, 1 if there is none. */
  | { capacity: number }
  | { get: bigint; of: number; wants: boolean }
  | { put: bigint; value: bigint; of: number; wants: boolean }
  | { remove: bigint; of: number }
  | { size: number };

const CACHES = ["c", "d"];
const LARGEST = 2n ** 64n - 1n;
const number = fc.constantFrom(1n, 2n, 3n, 4n, 5n, 0n, LARGEST, 2n ** 32n, 2n ** 63n + 1n);
/** Mostly the first cache: the second is there to be left alone. */
const of = fc.constantFrom(0, 0, 0, 1);
const wants = fc.constantFrom(true, true, true, false);
const put = fc.record({ put: number, value: number, of, wants });
const get = fc.record({ get: number, of, wants });
const calls = fc.oneof(
  { weight: 5, arbitrary: put },
  { weight: 5, arbitrary: get },
  { weight: 2, arbitrary: fc.record({ remove: number, of }) },
  { weight: 1, arbitrary: fc.record({ size: of }) },
);
const commands: fc.Arbitrary<Command[]> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.array<Command>(calls, { maxLength: 60 }))
  .map(([capacity, list]) => [{ capacity }, ...list]);

/** On one thread a cache answers as the model does, on every list of calls, on two caches. */
function matchesModel(kind: Kind): ScriptCheck<Command> {
  return {
    id: `${kind}_matches_model`,
    points: 10,
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

export const lruMatchesModel = matchesModel("lru");
export const lfuMatchesModel = matchesModel("lfu");

function planCalls(kind: Kind, list: Command[]): Step[] {
  const capacity = list.findLast((command) => "capacity" in command)?.capacity ?? 1;
  const touched = list.some((command) => "of" in command && command.of > 0);
  const story = new Story(kind, touched ? CACHES : CACHES.slice(0, 1), capacity);
  for (const command of list) {
    if ("get" in command) story.get(command.of, command.get, command.wants);
    else if ("put" in command) story.put(command.of, command.put, command.value, command.wants);
    else if ("remove" in command) story.remove(command.of, command.remove);
    else if ("size" in command && command.size < story.names.length) story.size(command.size);
  }
  story.names.forEach((_, cache) => story.size(cache));
  return story.free();
}
