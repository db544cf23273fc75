// SPDX-License-Identifier: MIT
/** What a scenario's check and a kata's list of calls may ask of the harness. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import { command } from "../src/base/command.ts";
import { pass } from "../src/judge/check.ts";
import { rows } from "../src/kata/evidence.ts";
import { Grading } from "../src/play/grade.ts";
import type { Build } from "../src/kata/kata.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import kata, { answerKata } from "../fixtures/01-answer/grader/kata.ts";

setDefaultTimeout(60_000); // guests are compiled in the first test that needs them, perhaps on a busy machine

const submitted = (name: string) => readSubmission(kata, join(kata.folder, "submissions", `${name}.c`));

test("a check that passes may say how much was tried", async () => {
  const [alone] = answerKata().scenarios;
  const check = { id: "right_alone", points: 100, run: () => pass("4 answers") };
  const noted = answerKata({ parts: { scripts: [], scenarios: [{ ...alone!, checks: [check] }] } });
  const grading = new Grading(new Workpiece(noted, submitted("passes")), { seed: 1 }).start();
  expect(await grading.result("right_alone")).toMatchObject({ verdict: "pass", points: 100, note: "4 answers" });
});

/** Two checks of one scenario of the driver's. */
async function judged(id: string, evidence: z.ZodType) {
  const checks = ["a", "b"].map((id) => ({ id, points: 50, run: (found: unknown) => pass(JSON.stringify(found)) }));
  const scenario = { id, build: "stress", evidence, checks } as const;
  const one = answerKata({ parts: { scripts: [], scenarios: [scenario] } });
  const grading = new Grading(new Workpiece(one, submitted("passes")), { seed: 1 }).start();
  return [await grading.result("a"), await grading.result("b")];
}

test("rows come with the names of their columns, and a schema that has others is the kata's fault", async () => {
  const [read] = await judged("table", z.strictObject({ replies: rows("question", "answer") }));
  expect(read).toMatchObject({ verdict: "pass", note: '{"replies":[{"question":6,"answer":7}]}' });
  const [misread] = await judged("table", z.strictObject({ replies: rows("answer", "question") }));
  expect(misread!.verdict).toBe("harness_error");
  expect(misread!.saw).toContain("the driver reports the columns question, answer; the schema has answer, question");
});

test("traffic that is broken off fails every check of the scenario, in the driver's words", async () => {
  const finding = { verdict: "wrong", saw: "answer answered a number", expected: "0", look_at: "answer: of what?" };
  expect(await judged("cut", z.strictObject({}))).toMatchObject([finding, finding]);
});

test("calls that a kata intercepts go to the driver in the stress build, and only there", async () => {
  const wanted = { ...kata, intercepted: ["usleep", "nanosleep", "sleep", "pause"] };
  const imports = async (build: Build) => {
    const objects = await new Workpiece(wanted, submitted("sleeps")).objects(build);
    return (await command(["nm", "-u", objects[0]!])).stdout;
  };
  expect(await imports("stress")).toMatch(/kernel_\w*(sleep|pause)/);
  expect(await imports("bench")).not.toContain("kernel_");
});

test("a thread of the learner's starts without thread-local memory of the guest's", async () => {
  const guest = await new Workpiece(kata, submitted("passes")).guest("bench");
  const { stdout } = await command(["readelf", "-lW", guest]);
  const [, bytes = "0"] = /^ +TLS(?: +0x[0-9a-f]+){4} +0x([0-9a-f]+)/m.exec(stdout) ?? [];
  expect(Number.parseInt(bytes, 16)).toBeLessThan(4096);
});
