// SPDX-License-Identifier: MIT
/** Timed runs count when every count is what it has to be. */
import { expect, test } from "bun:test";
import { exactSample } from "../src/judge/sample.ts";

const bench = exactSample({ received: ({ items }) => 2 * items!, out_of_order: 0 });
const request = { params: { items: 1_000 } };

test("a sample is right when each count is", () => {
  expect(bench.sample({ received: 2_000, out_of_order: 0 }, request).verdict).toBe("pass");
  expect(bench.sample({ received: 1_999, out_of_order: 0 }, request)).toMatchObject({
    verdict: "wrong",
    saw: "received 1,999, out of order 0",
    expected: "received 2,000, out of order 0",
  });
  expect(bench.sample({ received: 2_000, out_of_order: 1 }, request).verdict).toBe("wrong");
});

test("the evidence is these counts, and no others", () => {
  const parsed = (evidence: object) => bench.evidence.safeParse(evidence).success;
  expect(parsed({ received: 1, out_of_order: 2 })).toBe(true);
  expect([parsed({ received: 1 }), parsed({ received: 1, out_of_order: 0, more: 0 })]).toEqual([false, false]);
});
