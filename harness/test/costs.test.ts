// SPDX-License-Identifier: MIT
/** Costs in steps, in the words of any kata: flat, like a search, like a heap, and stopped. */
import { expect, test } from "bun:test";
import { judgeAllocations, judgeGrowth, perCall, stepsOf, type Cost, type Growth } from "../src/judge/costs.ts";
import { english, plural, times } from "../src/judge/words.ts";

const cost = (size: number, steps: number, part: Partial<Cost> = {}): Cost => ({
  ...{ phase: 0, size, calls: 2, steps: 2 * steps, allocations: 0, wrong: 0, overran: 0 },
  ...part,
});
const growth: Growth = {
  phases: ["push", "pop"],
  things: "nodes",
  worse: (few, many) => many > 2 * few,
  lookAt: { search: "which loop?", order: "which order?" },
};

test("as many steps at any size pass; nothing counted is no success", () => {
  expect(judgeGrowth([cost(1_000, 9), cost(1_000_000, 18)], growth).verdict).toBe("pass");
  expect(judgeGrowth([cost(1_000, 9)], growth).verdict).toBe("pass");
  expect(judgeGrowth([], growth)).toMatchObject({ verdict: "wrong", saw: "no call was counted" });
});

test("a phase that nobody named is another check's", () => {
  const other = [cost(10, 1, { phase: 7 }), cost(20, 99, { phase: 7, allocations: 3 })];
  expect(judgeGrowth(other, growth).verdict).toBe("pass");
  expect(judgeAllocations(other, growth.phases, { expected: "none", lookAt: "x" }).verdict).toBe("pass");
});

test("a search grows in proportion, a heap by a few steps with every doubling", () => {
  const search = [cost(1_000, 10), cost(1_000_000, 9_000, { phase: 0 })];
  expect(judgeGrowth(search, growth)).toMatchObject({
    saw: "push: 10.0 steps a call with 1,000 nodes, 9,000 with 1,000,000 nodes; it grows in proportion, as a search through the nodes does",
    lookAt: "which loop?",
  });
  const heap = [cost(1_000, 50, { phase: 1 }), cost(1_000_000, 101, { phase: 1 })];
  expect(judgeGrowth(heap, growth)).toMatchObject({
    saw: expect.stringMatching(/^pop: 50\.0 steps a call with 1,000 nodes, 101 .* every doubling, as a heap/),
    lookAt: "which order?",
  });
});

test("a phase that was stopped fails whatever its margin; of one size alone no shape is told", () => {
  const stopped = cost(1_000, 500, { overran: 1 });
  expect([perCall(stopped), stepsOf(stopped)]).toEqual([500, "over 500"]);
  expect(judgeGrowth([stopped], growth)).toMatchObject({ saw: "push: over 500 steps a call with 1,000 nodes" });
});

test("who asks for memory is named, with how often", () => {
  const wish = { expected: "no allocation", lookAt: "what for?" };
  const asking = (allocations: number) => judgeAllocations([cost(1_000, 9, { allocations })], growth.phases, wish);
  expect(asking(0).verdict).toBe("pass");
  expect(asking(1)).toMatchObject({ saw: "push: memory was asked for once", ...wish });
  expect(asking(2_000)).toMatchObject({ saw: "push: memory was asked for 2,000 times" });
  expect(judgeAllocations([], growth.phases, wish).verdict).toBe("wrong");
});

test("numbers as sentences have them", () => {
  expect([english(12_345), english(2n ** 64n)]).toEqual(["12,345", "18,446,744,073,709,551,616"]);
  expect([plural(1, "job"), plural(0, "job"), plural(2_000, "job")]).toEqual(["1 job", "0 jobs", "2,000 jobs"]);
  expect([times(1), times(2), times(3_000)]).toEqual(["once", "twice", "3,000 times"]);
});
