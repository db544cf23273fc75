// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { VERDICTS, type Verdict } from "../src/kata/kata.ts";
import { exitCode, resultSchema, scoreOf } from "../src/judge/score.ts";
import { checkOf, everyVerdict, resultOf } from "./example.ts";

const beside = (verdict: Verdict) => [checkOf("pass", 60), checkOf(verdict, 40)];

test.each<[Verdict, number, number, boolean, number]>([
  ["pass", 100, 100, true, 0],
  ["not_measurable", 60, 60, true, 0],
  ["harness_error", 60, 60, false, 2],
  ["not_reached", 60, 100, false, 1],
  ["wrong", 60, 100, false, 1],
  ["crash", 60, 100, false, 1],
  ["race", 60, 100, false, 1],
  ["memory", 60, 100, false, 1],
  ["deadlock", 60, 100, false, 1],
  ["timeout", 60, 100, false, 1],
  ["slow", 60, 100, false, 1],
  ["forbidden", 60, 100, false, 1],
  ["build_error", 60, 100, false, 1],
])("60 points pass, 40 end as %s: %i of %i, passed %p, exit %i", (verdict, score, score_max, passed, code) => {
  const result = resultOf(beside(verdict));
  expect(result).toMatchObject({ score, score_max, passed, tier: passed ? "silver" : null });
  expect(exitCode(result)).toBe(code as 0 | 1 | 2);
});

test("every verdict has a row above, and a harness error outweighs what the program did", () => {
  expect(VERDICTS).toHaveLength(13);
  expect(exitCode(resultOf(everyVerdict()))).toBe(2);
});

test("no checks is no triumph of its own making", () => {
  expect(scoreOf([], null)).toEqual({ score: 0, score_max: 0, passed: true, tier: null });
});

test("the schema takes every verdict and refuses what it does not know", () => {
  const result = resultOf(everyVerdict());
  expect(resultSchema.parse(result)).toEqual(result);
  expect(resultSchema.safeParse({ ...result, trust: "certified" }).success).toBe(false);
  expect(resultSchema.safeParse({ ...result, extra: 1 }).success).toBe(false);
  expect(resultSchema.safeParse({ ...result, score: 101 }).success).toBe(false);
});
