// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { join } from "node:path";
import { command } from "../src/base/command.ts";
import { readSubmission } from "../src/build/submission.ts";
import { codeAt, fail } from "../src/judge/check.ts";
import { withPlaces } from "../src/play/explain.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import { learnerFrames, showFrame, symbolize } from "../src/build/symbolize.ts";
import kata from "../fixtures/01-answer/grader/kata.ts";

const submission = readSubmission(kata, join(kata.folder, "submissions", "segfaults.c"));
const guest = await new Workpiece(kata, submission).guest("stress");

async function offsetOf(name: string): Promise<bigint> {
  const { stdout } = await command(["nm", guest]);
  return BigInt(`0x${new RegExp(`^([0-9a-f]+) . ${name}$`, "m").exec(stdout)![1]}`);
}

test("offsets become functions and lines, in order; other modules and unknown places are left out", async () => {
  const [answer, main] = [await offsetOf("answer"), await offsetOf("main")];
  const stacks = [[answer, 0n, main], [], [0n], [answer]].map((offsets) => ({ signal: 0, thread: 1, offsets }));
  const frames = await symbolize(guest, stacks);
  expect(frames.map((stack) => stack.map((frame) => frame.function))).toEqual([["answer", "main"], [], [], ["answer"]]);
  const own = learnerFrames(frames[0]!, [submission.files[0]!.shown]);
  expect(own.map(showFrame)).toEqual(["answer (segfaults.c:5)"]);
});

test("a failure that names places shows their lines once", async () => {
  const at = codeAt(Number(await offsetOf("answer")));
  const judged = fail({ saw: `${at} before ${at}, and ${codeAt(0)}`, expected: "one place", detail: "first" });
  expect(await withPlaces(judged, { artefact: guest, submission })).toMatchObject({
    saw: "answer (segfaults.c:5) before answer (segfaults.c:5), and the program",
    detail: expect.stringMatching(/^first\n {2}segfaults\.c:5 {2}\S.*$/),
  });
});

test("no stacks need no tool", async () => {
  expect(await symbolize("/nowhere", [{ signal: 0, thread: 1, offsets: [0n] }])).toEqual([[]]);
});
