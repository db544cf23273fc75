// SPDX-License-Identifier: MIT
/** What the explorer says, judged: which places of the learner's own a failure points at. */
import { expect, test } from "bun:test";
import { judgeExploration, type Exploration } from "../src/exploration.ts";

const access = (file: string, line: number) => ({ thread: 1, what: "writes", file, line, function: "push" });
const race: Exploration = {
  format: 1,
  verdict: "race",
  message: "T1 writes and T2 reads",
  expected: "an order",
  executions: 7,
  accesses: [access("./katas/02/queue.c", 3), access("./katas/02/driver/explore.c", 9), access("katas/02/queue.c", 5)],
  trace: [],
};

test("a failure points at the submitted file's lines, however the compiler spelled its path", () => {
  const judgement = judgeExploration(race, "", ["katas/02/queue.c"]);
  expect(judgement).toMatchObject({ verdict: "race", lookAt: "push (queue.c:3) and push (queue.c:5)" });
});

test("a pass says how much was tried", () => {
  const schedules = { covered: 7, max_preemptions: 2, complete: true };
  const note = (extra: object) => judgeExploration({ ...race, verdict: "pass", ...extra }, "", []);
  expect(note({})).toEqual({ verdict: "pass", note: "7 schedules tried" });
  expect(note({ schedules })).toMatchObject({ note: "all 7 schedules with at most 2 preemptions" });
});
