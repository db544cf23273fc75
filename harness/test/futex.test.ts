// SPDX-License-Identifier: MIT
/** The guest's futex_wait and futex_wake: what they answer, what is counted of them, and who sleeps. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { constants } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { numbers } from "../src/kata/evidence.ts";
import { pass } from "../src/judge/check.ts";
import { Grading } from "../src/play/grade.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import kata, { answerKata } from "../fixtures/01-answer/grader/kata.ts";

setDefaultTimeout(60_000); // guests are compiled here, perhaps on a busy machine

const imports = ["futex_wait", "futex_wake"];
const { EAGAIN, EINTR, ETIMEDOUT } = constants.errno;

/** What the driver's scenario `id` reports of `name`, a program of fixtures/futex. */
async function told<E extends z.ZodObject>(
  name: string,
  id: string,
  build: "stress" | "asan" | "tsan",
  evidence: E,
  calls = 0,
) {
  let found: z.infer<E> | undefined;
  const run = (seen: z.infer<E>) => {
    found = seen;
    return pass();
  };
  const scenario = { id, build, params: { calls }, evidence, checks: [{ id: "seen", points: 100, run }] };
  const one = answerKata({ imports, parts: { scripts: [], scenarios: [scenario] } });
  const submission = readSubmission(kata, join(kata.folder, "../futex", `${name}.c`));
  const judged = await new Grading(new Workpiece(one, submission), { seed: 1 }).start().result("seen");
  expect(judged).toMatchObject({ verdict: "pass" });
  return found!;
}

const slept = z.strictObject({
  ...{ told: z.int(), told_at: z.int(), waits: z.int(), timed: z.int(), wakes: z.int(), asked: z.int() },
});
const neverSlept = slept.pick({ told: true, told_at: true });

test("a thread that sleeps tells so, and each call is counted", async () => {
  const seen = await told("sleeps", "asleep", "stress", slept);
  expect(seen).toMatchObject({ told: 1, timed: 0, wakes: 1, asked: 3 });
  expect(seen.waits).toBeGreaterThan(0);
  expect(seen.told_at).toBeLessThan(20);
});

test.each(["spins", "never_sleeps"])("a thread that does not sleep overruns its steps: %s", async (name) => {
  expect(await told(name, "asleep", "stress", neverSlept)).toEqual({ told: 0, told_at: 100_000 });
});

const inVain = z.strictObject({ answers: numbers });

test.each(["stress", "asan", "tsan"] as const)("what a wait answers, in the %s build", async (build) => {
  const calls = 200;
  const { answers } = await told("waits_in_vain", "in_vain", build, inVain, calls);
  const odd = answers.filter((_, i) => i % 2 === 1);
  const even = answers.filter((_, i) => i % 2 === 0);
  expect(new Set(odd)).toEqual(new Set([EAGAIN]));
  expect(new Set(even.slice(0, calls))).toEqual(new Set([ETIMEDOUT]));
  expect(new Set(even.slice(calls))).toEqual(new Set([ETIMEDOUT, EINTR, 0]));
});
