// SPDX-License-Identifier: MIT
/** `bun test` on a kata: one test per check, JUnit, and the scorecard also after failures. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bunTest } from "./child.ts";

const TIMEOUT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "c10kata-bun-test-"));
afterAll(() => rmSync(folder, { recursive: true }));

test(
  "a stub: exit 1, a line for each failure, the nearest in full, the scorecard, JUnit",
  async () => {
    const junit = join(folder, "junit.xml");
    const { code, stderr } = await bunTest(
      "01-answer/grader/answer.test.ts",
      "--reporter=junit",
      `--reporter-outfile=${junit}`,
    ).outcome;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^error: wrong: answer\(\d\) -> 0$/m);
    expect(stderr).toContain("error: not reached: first_answer did not pass");
    expect(stderr.match(/trust: practice\n\nFAIL {2}first_answer /gm)).toHaveLength(1);
    expect(stderr).toMatch(
      /01-answer {2}harness\/fixtures\/01-answer\/answer.c\n[^]*✗ first_answer[^]*not passed: 0\/100 points/,
    );
    expect(stderr).not.toMatch(/grade\.ts|bun-test\.ts:/); // no excerpt of the grader's own code
    const xml = readFileSync(junit, "utf8");
    expect(xml).toMatch(/tests="6" assertions="\d+" failures="4"/);
    expect(xml).toMatch(/<testcase name="first_answer"[^>]*>\s*<failure[^>]*wrong: answer\(\d\) -&gt; 0/);
  },
  TIMEOUT_MS,
);

test(
  "a broken definition: one clear error, exit 1",
  async () => {
    const { code, stderr } = await bunTest("97-broken/grader/broken.test.ts").outcome;
    expect(code).toBe(1);
    expect(stderr).toContain("error: katas/97-broken/grader/kata.ts is not a valid kata");
    expect(stderr).toContain("→ at title");
    expect(stderr.match(/is not a valid kata$/gm)).toHaveLength(1);
  },
  TIMEOUT_MS,
);
