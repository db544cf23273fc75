// SPDX-License-Identifier: MIT
/** `bun kata` as a learner meets it: exit codes, and one clear sentence for each misuse. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resultSchema } from "../src/judge/score.ts";
import { expectJunit } from "./export-formats.ts";
import { FIXTURES, kata, start, kataCommand } from "./child.ts";

const TIMEOUT_MS = 60_000;
const folder = mkdtempSync(join(tmpdir(), "c10kata-cli-"));
afterAll(() => rmSync(folder, { recursive: true }));
const submission = (name: string) => join(FIXTURES, "01-answer", "submissions", `${name}.c`);

const COUNTING = `#include "explore.h"
#include <pthread.h>
#include <stddef.h>
extern int count;
void *add_one(void *unused);
static void run(void) {
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, add_one, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  if (count != 2) explore_fail("two threads count to %d", count);
}
const struct explore_scenario explore_scenarios[] = {{"counting", run}, {NULL, NULL}};
`;

test(
  "in a kata's folder a command about one kata needs no number",
  async () => {
    const here = join(FIXTURES, "01-answer", "submissions");
    const hint = (...words: string[]) => start(kataCommand("hint", ...words), {}, here).outcome;
    expect((await hint()).stdout).toMatch(/^hint \d of 3\n/);
    expect((await hint("01", "2")).stdout).toStartWith("hint 2 of 3\n");
    const replay = await start(kataCommand("replay", "no_check", "--seed", "7"), {}, here).outcome;
    expect(replay.stderr).toContain("no check 'no_check'");
    expect((await start(kataCommand("hint"), {}, FIXTURES).outcome).stderr).toContain(
      "missing required argument 'number'",
    );
  },
  TIMEOUT_MS,
);

test(
  "exit 0: a right program, whole result as JSON",
  async () => {
    const path = join(folder, "right.json");
    const { code, stdout, stderr } = await kata(["grade", "01", "--from", submission("passes"), "--json", path]);
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toContain("passed: 100/100 points");
    const result = resultSchema.parse(JSON.parse(readFileSync(path, "utf8")));
    expect(result).toMatchObject({ kata: "01-answer", passed: true, score: 100, score_max: 100 });
  },
  TIMEOUT_MS,
);

test(
  "exit 1: a wrong one; the scorecard, then its failure, and how to see it again",
  async () => {
    const { code, stdout } = await kata(["grade", "01", "--seed", "7"]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /not passed: 0\/100 points[^]*\n\nFAIL {2}first_answer {9}0\/10\n {2}saw {7}answer\(\d\) -> 0\n/,
    );
    const replay = /bun kata (replay 01 first_answer --seed 00000007)/.exec(stdout)![1]!;
    const again = await kata(replay.split(" "));
    expect(again.code).toBe(1);
    expect(again.stdout).toStartWith("harness/fixtures/01-answer/answer.c\nFAIL  first_answer         0/10");
  },
  TIMEOUT_MS,
);

test(
  "explore: a file of one's own; with --plain-steps, what its race leads to",
  async () => {
    const [code, driver] = ["count.c", "driver.c"].map((name) => join(folder, name)) as [string, string];
    await Bun.write(code, "int count;\nvoid *add_one(void *unused) {\n  count++;\n  return unused;\n}\n");
    await Bun.write(driver, COUNTING);
    const told = async (...more: string[]) => await kata(["explore", code, "--driver", driver, ...more]);
    expect(await told()).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(
        /^race {2}counting\n {2}saw {7}T1 writes in add_one \(count\.c:3\) and T2 \w+ in add_one \(count\.c:3\): .* of count,/,
      ),
    });
    expect(await told("--plain-steps")).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/^property {2}counting\n {2}saw {7}two threads count to 1\n/),
    });
  },
  2 * TIMEOUT_MS, // compiles the explorer, where nobody has yet
);

test(
  "several at once end in a table, and the worst exit code",
  async () => {
    const both = ["passes", "wrong"].flatMap((name) => ["--from", submission(name)]);
    const { code, stdout } = await kata(["grade", "01", ...both, "--json", join(folder, "both.json")]);
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /✓ \S+passes\.c +100\/100 .*\n✗ \S+wrong\.c +10\/100 +more_answers, right_alone, right_together\n/,
    );
    expect(JSON.parse(readFileSync(join(folder, "both.json"), "utf8"))).toHaveLength(2);
  },
  TIMEOUT_MS,
);

test(
  "one result in several formats; what goes to standard output is alone there",
  async () => {
    const path = (name: string) => join(folder, name);
    const files = ["--junit", path("r.xml"), "--export", `csv=${path("r.csv")}`];
    const words = ["grade", "01", "--from", submission("wrong"), ...files, "--export", "annotations=-"];
    const { code, stdout, stderr } = await kata(words);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^(::error file=\S+wrong\.c,line=\d+,title=01-answer [^\n]*\n)+$/);
    expect(stderr).toContain("not passed: 10/100 points");
    expectJunit(readFileSync(path("r.xml"), "utf8"));
    expect(readFileSync(path("r.csv"), "utf8")).toMatch(/^source,.*\r\n,,01-answer,no,10,100,/);
  },
  TIMEOUT_MS,
);

test.each<[string, string[], Record<string, string>, string | RegExp]>([
  ["an unknown option", ["grade", "--nonsense"], {}, "error: unknown option '--nonsense'"],
  ["an unknown command", ["nonsense"], {}, "error: unknown command 'nonsense'"],
  ["a seed that is no number", ["grade", "01", "--seed", "xyz"], {}, "a seed is 1 to 8 hexadecimal digits."],
  ["two checks", ["grade", "01", "--check", "a", "--check", "b"], {}, "this option is given once"],
  ["an unknown kata", ["grade", "99"], {}, "no kata '99'; there are: 01-answer, 02-pair, 96-hangs, 97-broken"],
  [
    "a broken kata",
    ["grade", "97"],
    {},
    /^katas\/97-broken\/grader\/kata\.ts is not a valid kata\n✖ [^]*→ at title[^]*$/,
  ],
  ["an unknown check", ["grade", "01", "--check", "nothing"], {}, "no check 'nothing'; there are: compiles,"],
  ["nothing to grade", ["grade", "01", "--from", "/nowhere"], {}, "--from /nowhere: no such file or folder"],
  ["a place that cannot be written", ["grade", "01", "--json", "/proc/r.json"], {}, "--json /proc/r.json: "],
  ["a format that there is not", ["grade", "01", "--export", "pdf=r.pdf"], {}, "no format 'pdf'; there are json, "],
  ["an export without a file", ["grade", "01", "--export", "csv"], {}, "FORMAT=FILE, as in csv=scores.csv."],
  [
    "two exports on one output",
    ["grade", "01", "--json", "-", "--export", "csv=-"],
    {},
    "--json and --export csv: only one can go to standard output",
  ],
  [
    "a platform's export without the platform",
    ["grade", "01", "--export", "classroom50=r.json"],
    {},
    "classroom50: its runner sets CLASSROOM, ASSIGNMENT, ",
  ],
  [
    "a compiler that is not there",
    ["grade", "01"],
    { CC: "nonexistent" },
    "no C compiler: nonexistent not found on the PATH.",
  ],
  ["a compiler that fails", ["grade", "01"], { CC: "false" }, "'false --version' failed"],
])(
  "exit 2: %s",
  async (_, words, env, sentence) => {
    const { code, stderr } = await kata(words, env);
    expect(code).toBe(2);
    expect(stderr).toMatch(
      sentence instanceof RegExp ? sentence : new RegExp(sentence.replace(/[.*+?()[\]\\^$|/]/g, "\\$&")),
    );
    expect(stderr).not.toMatch(/\bat .*\.ts:\d+|Bun v\d/); // a sentence, not a stack
  },
  TIMEOUT_MS,
);

test.each([
  ["--nofile=16", /open files are the limit here, 512 are needed|EMFILE/],
  ["--nofile=24", /open files are the limit here, 512 are needed|EMFILE/],
  ["--nofile=40", /open files are the limit here, 512 are needed|EMFILE/],
  ["--nofile=300", "300 open files are the limit here, 512 are needed"],
  ["--as=4000000000", "4000000000 bytes of address space are the limit here"],
  ["--fsize=100000", "100000 bytes in a file are the limit here"],
  ["--cpu=20", "20 seconds of CPU time are the limit here"],
])(
  "exit 2: too little is allowed, prlimit %s",
  async (limit, sentence) => {
    const words = kataCommand("grade", "01", "--from", submission("passes"));
    const { code, stdout, stderr } = await start(["prlimit", limit, ...words]).outcome;
    expect(code).toBe(2);
    expect(stdout + stderr).toMatch(sentence);
    expect(stdout).not.toContain("FAIL");
  },
  TIMEOUT_MS,
);

test(
  "nobody reads on: no stack of ours in the terminal",
  async () => {
    const { stderr } = await start(["sh", "-c", `"$@" | head -1`, "sh", ...kataCommand("grade", "01")]).outcome;
    expect(stderr).toBe("");
  },
  TIMEOUT_MS,
);
