// SPDX-License-Identifier: MIT
/** Constructors whose allocations are refused in turn: every way to be wrong, in the contract's words. */
import { expect, test } from "bun:test";
import { held, judgeRefusals, type Refusals } from "../src/judge/refusals.ts";

const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const answer = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const alone = [refusal, answer].map((attempt) => ({ ...attempt, alone: 1 }));
const careful: Refusals = { attempts: [refusal, answer, ...alone], lives: 100, left_behind: 0 };
const queue = { make: "q_new", end: "q_free", object: "queue", broken: "loses its first node" };

const judge = (given: Partial<Refusals>) => judgeRefusals({ ...careful, ...given }, queue);

test("NULL and nothing kept, or an object that works", () => {
  expect(judge({}).verdict).toBe("pass");
  const without = { ...refusal, made: 1, works: 1 }; // it can do without what it was refused
  expect(judge({ attempts: [without, answer, ...alone] }).verdict).toBe("pass");
});

test.each<[Partial<Refusals>, string]>([
  [
    { attempts: [{ ...refusal, kept: 2 }, answer] },
    "2 allocations still held after q_new answered NULL: allocation 1, in @<1>, was refused, and all later ones",
  ],
  [
    { attempts: [{ ...refusal, alone: 1, kept: 1 }] },
    "1 allocation still held after q_new answered NULL: allocation 1, in @<1>, was refused, and no other",
  ],
  [{ attempts: [{ ...answer, kept: 1 }] }, "1 allocation still held after q_free"],
  [{ attempts: [{ ...answer, kept: -1 }] }, "more freed than allocated after q_free"],
  [
    { attempts: [{ ...refusal, made: 1 }, answer] },
    "q_new answered a queue that loses its first node: allocation 1, in @<1>, was refused",
  ],
  [{ attempts: [refusal, { ...answer, works: 0 }] }, "q_new answered a queue that loses its first node"],
  [{ attempts: [refusal] }, "q_new never succeeds"],
  [{ attempts: [refusal, answer, { ...refusal, alone: 1 }] }, "q_new never succeeds"],
  [{ attempts: [] }, "q_new never succeeds"],
  [{ left_behind: 7 }, "7 allocations still held after 100 queues were made and freed"],
])("%o", (given, saw) => {
  const judgement = judge(given);
  expect(judgement.verdict).toBe("wrong");
  expect(judgement).toMatchObject({ saw: expect.stringContaining(saw) });
});

test("a count below zero arrives as a large one", () => {
  expect([held(1), held(1_234), held(2 ** 64)]).toEqual([
    "1 allocation still held",
    "1,234 allocations still held",
    "more freed than allocated",
  ]);
});
