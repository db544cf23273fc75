// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import fc from "fast-check";
import { median, ratioOfMedians, seededRandom, shuffled } from "../src/base/statistics.ts";

test.each([
  [[3], 3],
  [[1, 9], 5],
  [[9, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
])("median of %p is %p", (values, expected) => {
  const before = [...values];
  expect(median(values)).toBe(expected);
  expect(values).toEqual(before);
});

test("equal seeds give equal sequences in [0, 1), different seeds different ones", () => {
  const draw = (seed: number) => Array.from({ length: 100 }, seededRandom(seed));
  expect(draw(7)).toEqual(draw(7));
  expect(draw(7)).not.toEqual(draw(8));
  expect(draw(7).every((value) => value >= 0 && value < 1)).toBe(true);
  expect(median(Array.from({ length: 10_000 }, seededRandom(1)))).toBeCloseTo(0.5, 1);
});

test("the ratio lies in its interval, and the interval is as wide as the rounds differ", () => {
  const steady = ratioOfMedians([2, 2, 2, 2, 2, 2, 2], [1, 1, 1, 1, 1, 1, 1], seededRandom(1));
  expect(steady).toEqual({ ratio: 2, low: 2, high: 2 });
  const noisy = ratioOfMedians([2, 3, 2, 4, 2, 5, 2], [1, 2, 1, 1, 3, 1, 1], seededRandom(1));
  expect(noisy.low).toBeLessThan(noisy.ratio + 1e-9);
  expect(noisy.high).toBeGreaterThan(noisy.low);
});

test("what disturbs both sides of a round alike does not widen the interval", () => {
  const disturbed = [1, 1.1, 3, 1, 2, 1.2, 1];
  const { low, high } = ratioOfMedians(
    disturbed.map((s) => 2 * s),
    disturbed,
    seededRandom(3),
  );
  expect(low).toBeCloseTo(2, 9);
  expect(high).toBeCloseTo(2, 9);
});

test("a shuffle keeps every item and follows from its seed", () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (items, seed) => {
      const order = shuffled(items, seededRandom(seed));
      expect(order.toSorted()).toEqual(items.toSorted());
      expect(order).toEqual(shuffled(items, seededRandom(seed)));
    }),
  );
});
