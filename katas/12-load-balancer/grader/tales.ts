// SPDX-License-Identifier: MIT
/** Tales that are drawn, and what those that are written down are made of. */
import fc from "fast-check";
import { labelOf } from "../../06-hash-ring/grader/ring.ts";
import type { Backend, Policy } from "./model.ts";
import { pass, pick, type Command, type Tale } from "./story.ts";

export const SECOND = 1_000_000_000n;
export const WORD = 2n ** 64n;
export const many = (count: number, command = pick()) => Array.from({ length: count }, () => command);
export const named = (...weights: number[]): Backend[] => weights.map((weight, i) => ({ name: `b${i}`, weight }));
export const tale = (policy: Policy, backends: Backend[], ...commands: (Command | Command[])[]): [Tale] => [
  { policy, backends, commands: commands.flat() },
];

const NAMES = ["a", "b", "ab", "a ", "node-1", "node-10", "10.0.0.1:80", "b\u00fccher", "%s%n", "n".repeat(255)];
export const CLIENTS = [
  "",
  "x",
  "10.0.0.7",
  "10.0.0.8",
  "\u00ff",
  "a\0b",
  "k".repeat(300),
  labelOf("a", 0),
  labelOf("b", 99),
];
const clientOf = fc.oneof(fc.constantFrom(...CLIENTS), fc.string({ maxLength: 6 }));
const weightOf = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(1, 2, 999, 1000));
const drawOf = fc.bigInt({ min: 0n, max: WORD - 1n });
const timeOf = fc.constantFrom(1n, 5n * SECOND, 10n * SECOND - 1n, 10n * SECOND);

interface Habits {
  picks: number;
  failures: number;
}

const commandOf = ({ picks, failures }: Habits): fc.Arbitrary<Command> =>
  fc.oneof(
    { weight: picks, arbitrary: clientOf.map(pick) },
    { weight: 4, arbitrary: fc.record({ done: fc.nat(20), failed: fc.constant(false) }) },
    { weight: failures, arbitrary: fc.record({ done: fc.nat(20), failed: fc.constant(true) }) },
    { weight: failures, arbitrary: timeOf.map(pass) },
    { weight: 1, arbitrary: fc.record({ set: fc.nat(7), up: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ draws: fc.tuple(drawOf, drawOf) }) },
  );

export function talesOf(policies: readonly Policy[], habits: Habits, most = 7): fc.Arbitrary<[Tale]> {
  const backends = fc
    .record({
      names: fc.shuffledSubarray(NAMES, { minLength: 1, maxLength: most }),
      weights: fc.array(weightOf, { minLength: most, maxLength: most }),
    })
    .map(({ names, weights }) => names.map((name, i): Backend => ({ name, weight: weights[i]! })));
  return fc
    .record({
      policy: fc.constantFrom(...policies),
      backends,
      commands: fc.array(commandOf(habits), { maxLength: 60, size: "max" }),
    })
    .map((drawn) => [drawn]);
}
