// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { join } from "node:path";
import { command } from "../src/base/command.ts";
import { readSubmission } from "../src/build/submission.ts";
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

test("no stacks need no tool", async () => {
  expect(await symbolize("/nowhere", [{ signal: 0, thread: 1, offsets: [0n] }])).toEqual([[]]);
});
