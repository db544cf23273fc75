// SPDX-License-Identifier: MIT
/** What a scenario's check and a kata's list of calls may ask of the harness. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { command } from "../src/base/command.ts";
import { pass } from "../src/judge/check.ts";
import { Grading } from "../src/play/grade.ts";
import type { Build } from "../src/kata/kata.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import kata, { answerKata } from "../fixtures/01-answer/grader/kata.ts";

const submitted = (name: string) => readSubmission(kata, join(kata.folder, "submissions", `${name}.c`));

test("a check that passes may say how much was tried", async () => {
  const [alone] = answerKata().scenarios;
  const check = { id: "right_alone", points: 100, run: () => pass("4 answers") };
  const noted = answerKata({ parts: { scripts: [], scenarios: [{ ...alone!, checks: [check] }] } });
  const grading = new Grading(new Workpiece(noted, submitted("passes")), { seed: 1 }).start();
  expect(await grading.result("right_alone")).toMatchObject({ verdict: "pass", points: 100, note: "4 answers" });
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
