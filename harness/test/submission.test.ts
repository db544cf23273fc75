// SPDX-License-Identifier: MIT
import { afterAll, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unusable } from "../src/base/command.ts";
import { ROOT } from "../src/base/cache.ts";
import type { Kata } from "../src/kata/kata.ts";
import { readSubmission } from "../src/build/submission.ts";
import caches from "../../katas/04-lru-lfu/grader/kata.ts";
import fixture from "../fixtures/01-answer/grader/kata.ts";

const folder = mkdtempSync(join(tmpdir(), "c10kata-submission-"));
afterAll(() => rmSync(folder, { recursive: true }));

const at = (name: string) => join(folder, name);
writeFileSync(at("mine.c"), "int answer(int q) { return q; }\n");
mkdirSync(at("whole"));
writeFileSync(at("whole/answer.c"), "int x;\n");
writeFileSync(at("whole/other.c"), "int y;\n");
mkdirSync(at("empty"));
execFileSync("mkfifo", [at("pipe.c")]);
writeFileSync(at("huge.c"), "/".repeat((1 << 20) + 1));
const two: Kata = { ...fixture, edits: ["answer.c", "other.c"] };

test("without --from: the learner's own file, shown relative to the repository", () => {
  const { label, files } = readSubmission(fixture);
  expect(label).toBe("harness/fixtures/01-answer/answer.c");
  expect(files.map(({ name, shown }) => [name, shown])).toEqual([["answer.c", "harness/fixtures/01-answer/answer.c"]]);
});

test("a file outside the repository goes by its own name, whatever it is called", () => {
  expect(readSubmission(fixture, at("mine.c"))).toEqual({
    label: "mine.c",
    files: [{ name: "answer.c", shown: "mine.c", text: "int answer(int q) { return q; }\n" }],
  });
});

test("a folder: the files that a learner would have edited, and no others", () => {
  expect(readSubmission(two, at("whole")).files.map(({ name, text }) => [name, text])).toEqual([
    ["answer.c", "int x;\n"],
    ["other.c", "int y;\n"],
  ]);
  expect(readSubmission(fixture, at("whole")).files).toHaveLength(1);
});

test("a mutant's folder: what it lacks is the reference's", () => {
  const solutions = join(ROOT, "solutions", caches.id);
  const { label, files } = readSubmission(caches, join(solutions, "mutants", "lfu_constant_cost--heap"));
  expect(label).toBe("solutions/04-lru-lfu/mutants/lfu_constant_cost--heap/lfu_cache.c");
  expect(files.map(({ shown }) => shown)).toEqual(["solutions/04-lru-lfu/lru_cache.c", label]);
  expect(() => readSubmission(two, at("empty"))).toThrow("answer.c is missing");
});

test.each([
  ["nowhere", fixture, "no such file or folder"],
  ["empty", fixture, "answer.c is missing"],
  ["huge.c", fixture, "larger than 1 MiB"],
  ["pipe.c", fixture, "not a regular file"],
  ["mine.c", two, "edits answer.c and other.c; name a folder"],
])("%s is refused in words", (name, kata, words) => {
  expect(() => readSubmission(kata, at(name))).toThrow(Unusable);
  expect(() => readSubmission(kata, at(name))).toThrow(words);
});
