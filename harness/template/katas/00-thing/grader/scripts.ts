// SPDX-License-Identifier: MIT
/** What 00-thing does on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import fc from "fast-check";

const self = { ref: "t" };
const sum = (expected: bigint): Step => ({ call: "thing_sum", args: [self], expect: expected, show: "sum(t)" });

/** The sum is that of what was added, whatever it was. */
export const addsUp: ScriptCheck<bigint> = {
  id: "adds_up",
  points: 50,
  commands: fc.array(fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 10 }),
  plan(additions) {
    const made: Step = { call: "thing_new", args: [], as: "t", expect: "not NULL", show: "t = new()" };
    const steps = [made, sum(0n)];
    let total = 0n;
    for (const n of additions) {
      total = BigInt.asUintN(64, total + n);
      steps.push({ call: "thing_add", args: [self, n], show: `add(t, ${n})` }, sum(total));
    }
    return [...steps, { call: "thing_free", args: [self], show: "free(t)" }];
  },
  lookAt: "thing_add: where is what was added before?",
};
