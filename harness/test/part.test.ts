// SPDX-License-Identifier: MIT
/** A kata with several files: what one of them is hides no failure and no pass of another. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { partOf } from "../src/build/part.ts";
import { begunFirst, readSubmission, type SourceFile } from "../src/build/submission.ts";
import { firstFailure, type Result } from "../src/judge/score.ts";
import type { Verdict } from "../src/kata/kata.ts";
import { fileFirst, Grading } from "../src/play/grade.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import { plainStyle, scorecard } from "../src/report/terminal.ts";
import { kata as cli } from "./child.ts";
import { golden, withoutAccidents } from "./golden.ts";
import kata from "../fixtures/02-pair/grader/kata.ts";

setDefaultTimeout(120_000); // each test compiles, perhaps on a busy machine

const stubs = readSubmission(kata);
const HEAD = '#include "pair.h"\n#include <stdatomic.h>\n#include <stdlib.h>\n';
const AFTER = "int after(int number) { return number + 1; }\n";
const BEFORE = "int before(int number) { return number - 1; }\n";

/** The two files; an untouched stub where nothing is given. */
function submitted(after?: string, before?: string) {
  const texts: Record<string, string | undefined> = { "after.c": after, "before.c": before };
  const files = stubs.files.map((file): SourceFile => {
    const text = texts[file.name];
    return text === undefined ? file : { ...file, shown: file.name, text: HEAD + text };
  });
  return { label: "after.c, before.c", files };
}

const graded = (after?: string, before?: string, only?: string): Promise<Result> =>
  new Grading(new Workpiece(kata, submitted(after, before)), { seed: 7, ...(only && { only }) }).start().finished();

const verdictsOf = ({ checks }: Result, file: string) =>
  Object.fromEntries(checks.filter((check) => check.file === file).map(({ id, verdict }) => [id, verdict]));

const allPass = (name: string): Record<string, Verdict> =>
  Object.fromEntries(
    ["compiles", "allowed_calls", "first", "all", "race_free"].map((check) => [`${name}_${check}`, "pass" as const]),
  );

const CRASH = "int before(int number) { if (number >= 0) abort(); return number; }\n";
const WRONG_AFTER = "int after(int number) { return number + 1 + (number == 2); }\n";

test.each<[string, string | undefined, Record<string, Verdict>]>([
  ["a stub", undefined, { before_compiles: "pass", before_first: "wrong", before_all: "not_reached" }],
  [
    "not_compiling",
    "int before(int number) { return number - ; }\n",
    { before_compiles: "build_error", before_first: "not_reached" },
  ],
  ["crashing", CRASH, { before_compiles: "pass", before_first: "crash", before_all: "not_reached" }],
  ["right", BEFORE, allPass("before")],
  [
    "without its function",
    "int behind(int number);\nint behind(int number) { return number; }\n",
    { before_compiles: "build_error" },
  ],
  [
    "calling what it may not",
    "int before(int number) { exit(number); }\n",
    { before_compiles: "pass", before_allowed_calls: "forbidden", before_first: "not_reached" },
  ],
  [
    "with a constructor",
    `__attribute__((constructor)) static void early(void) { abort(); }\n${BEFORE}`,
    { before_allowed_calls: "forbidden" },
  ],
  [
    "with a fence",
    "int before(int number) { atomic_thread_fence(memory_order_seq_cst); return number - 1; }\n",
    { ...allPass("before"), before_race_free: "not_measurable" },
  ],
  [
    "with a helper of the same name",
    `int helper(int n);\nint helper(int n) { return n - 1; }\nint before(int n) { return helper(n); }\n`,
    allPass("before"),
  ],
])("beside a file %s, a right one passes, and a wrong one fails", async (name, before, verdicts) => {
  const after = `int helper(int n);\nint helper(int n) { return n + 1; }\nint after(int n) { return helper(n); }\n`;
  const [right, wrong] = await Promise.all([graded(after, before), graded(WRONG_AFTER, before)]);
  expect(verdictsOf(right, "after.c")).toEqual(allPass("after"));
  expect(verdictsOf(wrong, "after.c")).toEqual({ ...allPass("after"), after_all: "wrong", after_race_free: "wrong" });
  for (const result of [right, wrong]) expect(verdictsOf(result, "before.c")).toMatchObject(verdicts);
  expect(firstFailure(wrong)?.id).toBe("after_all");
  if (["a stub", "not_compiling", "crashing", "right"].includes(name)) {
    const text = `${withoutAccidents(scorecard(right, plainStyle)).trim()}\n`;
    expect(text).toBe(golden(`pair-${name.replace(" ", "_")}`, text));
  }
});

test("what one file may call, another one may not", async () => {
  const asking = (name: string) => `#include <unistd.h>\nint ${name}(int number) { return number + (int)getpid(); }\n`;
  const result = await graded(asking("after"), asking("before"));
  expect(verdictsOf(result, "after.c")).toMatchObject({ after_allowed_calls: "forbidden" });
  expect(verdictsOf(result, "before.c")).toMatchObject({ before_allowed_calls: "pass" });
  expect(firstFailure(result)?.saw).toBe("after.c:5 uses getpid");
});

test("a file that borrows the grader's own functions from another one has not got them", async () => {
  const forge = `#include <stddef.h>
#include <stdint.h>
void evidence_series(const char *, const uint64_t *, size_t);
void evidence_end(void);
void forge(void);
`;
  const weak = "__attribute__((weak)) void";
  const after = `${forge}${weak} evidence_series(const char *a, const uint64_t *b, size_t c) { (void)a, (void)b, (void)c; }
${weak} evidence_end(void) {}
int after(int number) { if (number == 3) forge(); return number + 1 + (number == 2); }
`;
  const before = `${forge}void forge(void) { evidence_series("answers", (uint64_t[]){1, 2, 3, 4}, 4); evidence_end(); }\n${BEFORE}`;
  const told = { ...allPass("after"), after_all: "wrong", after_race_free: "wrong" } as const;
  expect(verdictsOf(await graded(after, before), "after.c")).toEqual(told);
});

test("the order of the files does not matter: the second passes beside a first that does not compile", async () => {
  const result = await graded("int after(int number) {\n", BEFORE);
  expect(verdictsOf(result, "before.c")).toEqual(allPass("before"));
  expect(result.parts).toEqual([
    { file: "after.c", score: 0, score_max: 50, passed: false, first: "after_compiles" },
    { file: "before.c", score: 50, score_max: 50, passed: true },
  ]);
});

test("the checks of the file that is worked on are tried first", () => {
  const player = (id: string, file?: string) => ({ groups: [[{ id, points: 1, ...(file && { file }) }]] });
  const players = [player("a", "after.c"), player("b", "before.c"), player("c"), player("d", "before.c")];
  const ids = (first?: string) => fileFirst(players, first).map(({ groups }) => groups[0]![0]!.id);
  expect(ids("before.c")).toEqual(["b", "d", "a", "c"]);
  expect(ids()).toEqual(["a", "b", "c", "d"]);
});

test("one check is tried with its own file alone", async () => {
  const result = await graded(AFTER, "int before(int number) {\n", "after_all");
  expect(result.checks.map(({ id, verdict }) => [id, verdict])).toEqual(
    ["after_compiles", "after_allowed_calls", "after_first", "after_all"].map((id) => [id, "pass"]),
  );
});

const SHARES = "int shift(int number, int by);\nint after(int number) { return shift(number, 1); }\n";
const SHIFT = "int shift(int number, int by);\nint shift(int number, int by) { return number + by; }\n";

test("a file may use what another defines; while that one does not compile, nothing is said of either", async () => {
  const right = await graded(SHARES, SHIFT + BEFORE);
  expect([right.passed, right.score]).toEqual([true, 100]);
  const wrong = await graded(SHARES, `${SHIFT}int before(int number) { return shift(number, 2); }\n`);
  expect(verdictsOf(wrong, "after.c")).toEqual(allPass("after"));
  expect(verdictsOf(wrong, "before.c")).toMatchObject({ before_first: "wrong" });
  const broken = await graded(SHARES, `${SHIFT}int before(int number) {\n`);
  expect(verdictsOf(broken, "after.c").after_compiles).toBe("not_reached");
  expect(broken.checks[0]!.waits_for).toBe("before_compiles");
  expect(firstFailure(broken)?.id).toBe("before_compiles");
  const nobody = await graded(SHARES, BEFORE);
  expect(verdictsOf(nobody, "after.c").after_allowed_calls).toBe("forbidden");
});

test("all functions in one file are all functions; a function in two files is one too many", async () => {
  const whole = await graded(AFTER + BEFORE, "extern int nothing;\n");
  expect([whole.passed, whole.score]).toEqual([true, 100]);
  const twice = await graded(AFTER, BEFORE + AFTER);
  expect(verdictsOf(twice, "after.c")).toEqual(allPass("after"));
  expect(twice.checks.find(({ id }) => id === "before_compiles")).toMatchObject({
    verdict: "build_error",
    saw: "the file defines after, which after.c defines, too",
  });
});

test("of two failures that of the file that was begun is told first, else that of the first", async () => {
  const wrong = "int before(int number) { return number + 1; }\n";
  expect(begunFirst(kata, submitted(undefined, wrong))).toEqual(["before.c", "after.c"]);
  expect(firstFailure(await graded(undefined, wrong))?.id).toBe("before_first");
  expect(firstFailure(await graded())?.id).toBe("after_first");
  expect(firstFailure(await graded(WRONG_AFTER, wrong))?.id).toBe("after_all");
});

const folder = mkdtempSync(join(tmpdir(), "c10kata-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("grade --check and replay name the file that they are about", async () => {
  for (const { name, text } of submitted(WRONG_AFTER, "int before(int number) {\n").files)
    writeFileSync(join(folder, name), text);
  const asked = ["02", "--from", folder, "--seed", "7"];
  const graded = await cli(["grade", ...asked, "--check", "after_first"]);
  expect([graded.code, graded.stdout]).toEqual([0, expect.stringContaining("\n  after.c  20/20 points\n")]);
  expect(graded.stdout).not.toContain("before_");
  const replayed = await cli(["replay", "02", "after_all", ...asked.slice(1)]);
  expect(replayed.stdout).toStartWith("after.c\nFAIL  after_all            0/15\n  saw       after(2) -> 4\n");
});

test("a right program of the grader's stands in for a file that another builds on, whatever the learner wrote there", async () => {
  const folder = mkdtempSync(join(tmpdir(), "c10kata-lent-"));
  try {
    cpSync(kata.folder, folder, { recursive: true });
    mkdirSync(join(folder, "grader", "stand_in"));
    writeFileSync(join(folder, "grader", "stand_in", "before.c"), HEAD + BEFORE);
    const builds = `int after(int number) { return before(number) + 2; }\n`;
    const wrong = "int before(int number) { return number; }\n";
    const lent = await partOf({ ...kata, folder }, submitted(builds, wrong), "after.c");
    expect(lent.files.map(({ name }) => name)).toEqual(["after.c"]);
    expect(lent.standIns.map(({ text }) => text)).toEqual([HEAD + BEFORE]);
    const own = await partOf(kata, submitted(builds, wrong), "after.c");
    expect(own.files.map(({ name }) => name)).toEqual(["after.c", "before.c"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
