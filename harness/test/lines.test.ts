// SPDX-License-Identifier: MIT
/** Cache lines and who writes them: what the stress build notes of small programs, and how it is judged. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { z } from "zod";
import { PROCESSOR_CALLS } from "../src/kata/calls.ts";
import { numbers } from "../src/kata/evidence.ts";
import { pass } from "../src/judge/check.ts";
import { linesEvidence, sharedLine, sharing, strayLine, type Write } from "../src/judge/lines.ts";
import { Grading } from "../src/play/grade.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import kata, { answerKata } from "../fixtures/01-answer/grader/kata.ts";

setDefaultTimeout(60_000); // guests are compiled here, perhaps on a busy machine

const CALLS = 10;

/** What two threads wrote in `name`, a program of fixtures/lines. */
async function written(name: string): Promise<Write[]> {
  let writes: Write[] = [];
  const evidence = z.strictObject(linesEvidence);
  const run = (found: z.infer<typeof evidence>) => {
    writes = found.writes;
    return pass();
  };
  const checks = [{ id: "seen", points: 100, run }];
  const scenario = { id: "written", build: "stress" as const, params: { calls: CALLS }, evidence, checks };
  const one = answerKata({ parts: { scripts: [], scenarios: [scenario] } });
  const submission = readSubmission(kata, join(kata.folder, "../lines", `${name}.c`));
  expect(await new Grading(new Workpiece(one, submission), { seed: 1 }).start().result("seen")).toMatchObject({
    verdict: "pass",
  });
  return writes;
}

test.each(["neighbours", "one_word", "plain", "wide"])("two threads that write one line are seen: %s", async (name) => {
  const met = sharedLine(await written(name));
  expect(met).toBeDefined();
  expect(met!.map(({ who }) => who).toSorted()).toEqual([0, 1]);
  expect(sharing(met!)).toContain(["one_word", "wide"].includes(name) ? "the same address" : "4 bytes apart");
});

test("lines of one's own are no one else's, and each write is counted", async () => {
  const writes = await written("padded");
  expect(sharedLine(writes)).toBeUndefined();
  expect(writes.map(({ who, times, updates }) => ({ who, times, updates }))).toEqual([
    { who: 0, times: CALLS, updates: CALLS },
    { who: 1, times: CALLS, updates: CALLS },
  ]);
});

test("a line that is not wholly in its block is seen", async () => {
  const writes = (await written("blocks")).filter(({ block }) => block > 0);
  expect(writes.map(({ who, fits, times, updates }) => [who, fits, times, updates])).toEqual([
    [0, 0, CALLS, 0],
    [1, 1, CALLS, 0],
  ]);
  expect(strayLine(writes)).toMatchObject({ who: 0, block_at: 8 });
});

test("a thread is on the processor that the driver says, or on any", async () => {
  let answers: number[] = [];
  const run = (found: { answers: number[] }) => {
    answers = found.answers;
    return pass();
  };
  const evidence = z.strictObject({ answers: numbers });
  const checks = [{ id: "seen", points: 100, run }];
  const scenario = { id: "moved", build: "stress" as const, params: { working: 5 }, evidence, checks };
  const imports = [...PROCESSOR_CALLS];
  const one = answerKata({ imports, parts: { scripts: [], scenarios: [scenario] } });
  const submission = readSubmission(kata, join(kata.folder, "../lines/on_processor.c"));
  const intercepting = { ...one, intercepted: imports };
  await new Grading(new Workpiece(intercepting, submission), { seed: 1 }).start().result("seen");
  expect(answers[0]).toBe(507);
  expect(new Set(answers.slice(1, 17))).toEqual(new Set([500, 501, 502]));
  expect(new Set(answers.slice(17))).toEqual(new Set([501, 502, 503]));
});

const write = (who: number, address: number, part: Partial<Write> = {}): Write => ({
  ...{ who, address, size_bytes: 8, block: 1, block_at: address - 640, fits: 1, times: 10, updates: 10, at: 7 },
  ...part,
});

test("a write over the end of a line is on both", () => {
  expect(sharedLine([write(0, 700, { size_bytes: 8 }), write(1, 704)])).toBeDefined();
  expect(sharedLine([write(0, 696), write(1, 704)])).toBeUndefined();
});

test("of several shared lines the one that is written most is told", () => {
  const met = sharedLine([write(0, 640, { times: 1 }), write(1, 640, { times: 1 }), write(0, 704), write(1, 712)]);
  expect(sharing(met!)).toBe(
    "both write one line of 64 bytes: @<7> at byte 64 of allocation 1, and @<7> at byte 72 of allocation 1: 8 bytes apart",
  );
});

test("atomic operations of 16 bytes work, on two threads, too", async () => {
  const submission = readSubmission(kata, join(kata.folder, "../lines/wide.c"));
  const { checks } = await new Grading(new Workpiece(answerKata(), submission), { seed: 1 }).start().finished();
  expect(checks.map(({ verdict }) => verdict)).toEqual(checks.map(() => "pass"));
});
