// SPDX-License-Identifier: MIT
/** What 08-counter does on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";

const COUNTERS = ["c", "d"];

const newCounter = (c: string): Step => ({
  call: "counter_new",
  args: [],
  as: c,
  expect: "not NULL",
  show: `${c} = new()`,
});
const free = (c: string): Step => ({ call: "counter_free", args: [{ ref: c }], show: `free(${c})` });
const add = (c: string, n: bigint): Step => ({
  call: "counter_add",
  args: [{ ref: c }, n],
  show: `add(${c}, ${n})`,
});
const read = (c: string, sum: bigint): Step => ({
  call: "counter_read",
  args: [{ ref: c }],
  expect: BigInt.asIntN(64, sum),
  show: `read(${c})`,
});

/** A new counter reads 0, and then what was added. Freeing NULL does nothing. */
export const countsUp: ScriptCheck = {
  id: "counts_up",
  points: 5,
  ...once,
  plan: () => [
    newCounter("c"),
    read("c", 0n),
    add("c", 5n),
    read("c", 5n),
    add("c", 37n),
    read("c", 42n),
    free("c"),
    { call: "counter_free", args: [null], show: "free(NULL)" },
  ],
  lookAt: "counter_add and counter_read: where does a number wait to be read?",
};

type Command = { to: number; n: bigint } | { read: number };

const which = fc.nat(COUNTERS.length - 1);
const [LEAST, MOST] = [-(2n ** 63n), 2n ** 63n - 1n];
const amount = fc.oneof(
  fc.bigInt({ min: -10n, max: 10n }),
  fc.bigInt({ min: LEAST, max: MOST }),
  fc.constantFrom(LEAST, MOST, 2n ** 32n - 1n, 2n ** 32n, -(2n ** 31n), -1n),
);
const command = fc.oneof(fc.record({ to: which, n: amount }), fc.record({ read: which }));

/** On one thread a counter is a number of 64 bits that wraps: on two counters, with amounts of all sizes. */
export const matchesSums: ScriptCheck<Command> = {
  id: "matches_sums",
  points: 5,
  needs: "counts_up",
  runs: 200,
  commands: fc.array(command, { maxLength: 30 }),
  always: [
    [
      { to: 0, n: MOST },
      { to: 0, n: 1n },
    ],
    [
      { to: 0, n: LEAST },
      { to: 0, n: -1n },
    ],
    [
      { to: 0, n: 2n ** 32n - 1n },
      { to: 0, n: 1n },
    ],
    [
      { to: 1, n: -1n },
      { to: 1, n: 2n ** 32n },
    ],
  ],
  plan: planSums,
  lookAt: "how wide is each number between counter_add and the answer, and what becomes of its sign?",
};

function planSums(commands: Command[]): Step[] {
  const sums = COUNTERS.map(() => 0n);
  const steps = COUNTERS.map(newCounter);
  for (const command of commands) {
    if ("to" in command) {
      sums[command.to]! += command.n;
      steps.push(add(COUNTERS[command.to]!, command.n));
    } else steps.push(read(COUNTERS[command.read]!, sums[command.read]!));
  }
  COUNTERS.forEach((c, at) => steps.push(read(c, sums[at]!), free(c)));
  return steps;
}
