// SPDX-License-Identifier: MIT
/** Hostile submissions against the real harness: verdicts, words, and nothing left behind. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { dlopen } from "bun:ffi";
import { allChecks, type Verdict } from "../src/kata/kata.ts";
import { ROOT } from "../src/base/cache.ts";
import { Grading } from "../src/play/grade.ts";
import type { Result } from "../src/judge/score.ts";
import { Slots } from "../src/base/slots.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import { toolchain } from "../src/build/toolchain.ts";
import { golden, transcript } from "./golden.ts";
import { HOSTILE, type Hostile } from "./hostile.ts";
import { halfMade, ownProcesses, until } from "./machine.ts";

const SUBMISSIONS = join(import.meta.dir, "../fixtures/01-answer/submissions");
const PR_SET_CHILD_SUBREAPER = 36;
const TIMEOUT_MS = 120_000;

const turns = new Slots(5);
const results: Result[] = [];
const family = (await toolchain()).family;

/** Guests' orphans become children of this process: none of them can hide behind a parent that is gone. */
beforeAll(() => {
  const libc = dlopen("libc.so.6", { prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" } });
  expect(libc.symbols.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)).toBe(0);
});

function titleOf({ submission, kata }: Hostile): string {
  return `${submission} against ${kata.scenarios.map(({ id }) => id).join(" and ")}`;
}

describe.concurrent("hostile submissions", () => {
  test.concurrent.each(HOSTILE.map((row) => [titleOf(row), row] as const))(
    "%s",
    async (_, row) => {
      const result = await turns.use(() => grade(row));
      results.push(result);
      const verdicts = Object.fromEntries(result.checks.map(({ id, verdict }) => [id, verdict] as const));
      const passing = Object.fromEntries(result.checks.map(({ id }) => [id, "pass" as Verdict]));
      expect(verdicts).toEqual({ ...passing, ...row.verdicts });
      if (row.submission === "passes" || (row.gccOnly && family !== "gcc")) return;
      const text = transcript(result, row.gccOnly === true);
      expect(text).toBe(golden(row.submission, text));
    },
    TIMEOUT_MS,
  );
});

function grade({ kata, submission, only }: Hostile): Promise<Result> {
  const path = join(SUBMISSIONS, `${submission}.c`);
  const piece = new Workpiece(kata, readSubmission(kata, path));
  return new Grading(piece, { seed: 7, ...(only && { only }) }).start().finished();
}

afterAll(async () => {
  const own = results.filter(({ submission }) => !submission.label.includes("prints_a_crash")); // which says so itself
  const told = JSON.stringify(own);
  expect(told).not.toMatch(/Bun has crashed|bun\.report|oh no/);
  expect(told).not.toContain(ROOT);
  await until(() => ownProcesses().length === 0, "every guest is gone");
  await until(() => halfMade(process.pid).length === 0, "every folder is gone, too");
}, TIMEOUT_MS);

test("every submission has a row, and every row names checks that exist", () => {
  const files = readdirSync(SUBMISSIONS).map((name) => name.replace(/\.c$/, ""));
  expect([...new Set(HOSTILE.map(({ submission }) => submission))].sort()).toEqual(files.sort());
  for (const { kata, verdicts } of HOSTILE) {
    const ids = allChecks(kata).map(({ id }) => id);
    expect(ids).toEqual(expect.arrayContaining(Object.keys(verdicts)));
  }
});
