// SPDX-License-Identifier: MIT
/** `bun kata score` on forks of this machine: what their files deserve, whatever else they hold. */
import { afterAll, expect, test } from "bun:test";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { forkScoreSchema, type ForkScore } from "../src/judge/fork.ts";
import { collect } from "../src/score/collect.ts";
import { seedOf } from "../src/score/digest.ts";
import { Ledger } from "../src/score/ledger.ts";
import { scoreFork } from "../src/score/score.ts";
import { answerKata } from "../fixtures/01-answer/grader/kata.ts";
import { FIXTURES, kata } from "./child.ts";
import { resultOf } from "./example.ts";
import { git, newFork } from "./fork.ts";

const TIMEOUT_MS = 60_000;
const PATH = "harness/fixtures/01-answer/answer.c";
const folder = mkdtempSync(join(tmpdir(), "c10kata-fork-score-"));
afterAll(() => rmSync(folder, { recursive: true }));

const forkWith = (submission: string, where: string, more?: (fork: string) => void) =>
  newFork(join(folder, where), PATH, (file, fork) => {
    copyFileSync(join(FIXTURES, "01-answer", "submissions", `${submission}.c`), file);
    more?.(fork);
  });

async function scored(fork: string, ledger: string) {
  const json = join(folder, "score.json");
  const words = ["score", fork, "--kata", "01", "--ledger", join(folder, ledger), "--json", json];
  const { code, stdout, stderr } = await kata(words);
  return { code, stdout, stderr, score: forkScoreSchema.parse(JSON.parse(readFileSync(json, "utf8"))) };
}

test(
  "a right file: exit 0, the score with all that it follows from; a second time nothing is graded",
  async () => {
    const fork = forkWith("passes", "right");
    const first = await scored(fork, "right.sqlite");
    expect([first.code, first.stderr]).toEqual([0, ""]);
    expect(first.stdout).toContain("1 of 1 katas passed, 100 of 100 points, practice");
    expect(first.score).toMatchObject({ source: fork, commit: git(fork, "rev-parse", "HEAD") });
    expect(await scored(fork, "right.sqlite")).toEqual(first); // with the seconds that the first grading took
    const elsewhere = await scored(forkWith("passes", "classmate"), "right.sqlite");
    expect(elsewhere.score.katas).toEqual(first.score.katas);
  },
  TIMEOUT_MS,
);

test("a kata that asks for a box is not scored without one, and not passed over", async () => {
  const asking = { ...answerKata(), box: "B" as const };
  const fork = await collect(forkWith("passes", "unheld"), [asking]);
  using ledger = new Ledger(join(folder, "unheld.sqlite"));
  process.env.C10KATA_BOX = "no";
  try {
    await expect(scoreFork(fork, ledger)).rejects.toThrow(
      /^01-answer is scored in a box of tier B; this machine has tier D/,
    );
  } finally {
    delete process.env.C10KATA_BOX;
  }
});

test(
  "edited tests, grader, configuration and hooks change nothing: the file is as wrong as it is",
  async () => {
    const fork = forkWith("wrong", "cunning", (fork) => {
      for (const [path, text] of Object.entries({
        "package.json": '{"scripts":{"preinstall":"touch ran","postinstall":"touch ran"}}',
        "bunfig.toml": 'preload = ["./evil.ts"]\n',
        "evil.ts": "process.exit(0);\n",
        ".env": "C10KATA_SHELF=/\n",
        "harness/fixtures/01-answer/grader/kata.ts": "process.exit(0);\n",
        "harness/fixtures/01-answer/answer.h": "#error not ours\n",
        ".github/workflows/score.yml": "on: push\n",
      })) {
        mkdirSync(join(fork, path, ".."), { recursive: true });
        writeFileSync(join(fork, path), text);
      }
    });
    const { code, stdout, score } = await scored(fork, "cunning.sqlite");
    expect(code).toBe(1);
    expect(stdout).toContain("0 of 1 katas passed");
    const alone = await kata(["grade", "01", "--from", join(FIXTURES, "01-answer/submissions/wrong.c")]);
    expect(alone.code).toBe(1);
    const [one] = score.katas;
    expect(alone.stdout).toContain(`${"result" in one! ? one.result.score : "?"}/100`);
  },
  TIMEOUT_MS,
);

test(
  "a file that cannot be taken: 0 points, and why; other words: exit 2",
  async () => {
    const fork = newFork(join(folder, "empty"), PATH, () => {});
    const { code, stdout } = await scored(fork, "empty.sqlite");
    expect(code).toBe(1);
    expect(stdout).toContain(`0/100  ${PATH} is not in the commit`);
    const wrong = await kata([
      "score",
      join(folder, "nowhere"),
      "--kata",
      "01",
      "--ledger",
      join(folder, "empty.sqlite"),
    ]);
    expect([wrong.code, wrong.stdout]).toEqual([2, ""]);
    writeFileSync(join(folder, "text.sqlite"), "this is no ledger, and longer than a header of SQLite is: ".repeat(9));
    const broken = await kata(["score", fork, "--kata", "01", "--ledger", join(folder, "text.sqlite")]);
    expect([broken.code, broken.stderr]).toEqual([2, expect.stringContaining("text.sqlite cannot be used")]);
  },
  TIMEOUT_MS,
);

test("the ledger keeps the first result of a key, and its salt", () => {
  const path = join(folder, "kept.sqlite");
  const key = { kata: "98-example", bundle: "b", grader: "g" };
  using ledger = new Ledger(path);
  expect(ledger.find(key)).toBeNull();
  ledger.keep(key, resultOf([]));
  using other = new Ledger(path);
  other.keep(key, { ...resultOf([]), seconds: 99 });
  expect(other.find(key)).toEqual(resultOf([]));
  expect(other.salt).toBe(ledger.salt);
  expect(other.find({ ...key, grader: "newer" })).toBeNull();
});

test("what a fork has reached is recorded once, and read back as it was told", () => {
  using ledger = new Ledger(join(folder, "recorded.sqlite"));
  const score = (commit: string): ForkScore => ({
    schema: "c10kata/score/v1",
    source: "a",
    commit,
    salt: ledger.salt,
    katas: [
      { kata: "97-other", refused: "is a folder" },
      { kata: "98-example", bundle: "b", grader: "g", result: resultOf([]) },
    ],
  });
  for (const commit of ["1", "1", "2"]) ledger.record(score(commit));
  expect(ledger.scoreOf("a", "1")).toEqual(score("1"));
  expect(ledger.latestCommit("a")).toBe("2");
  expect(ledger.bundlesOf("a", "1")).toEqual([{ kata: "98-example", bundle: "b" }]);
  expect([ledger.latestCommit("b"), ledger.scoreOf("b", "1").katas]).toEqual([null, []]);
});

test("seeds follow from all of files, grader and salt", () => {
  const key = { kata: "98-example", bundle: "b", grader: "g" };
  const seeds = [
    seedOf(key, "salt"),
    seedOf({ ...key, bundle: "c" }, "salt"),
    seedOf({ ...key, grader: "h" }, "salt"),
    seedOf(key, "other"),
    seedOf({ ...key, kata: "99-example" }, "salt"),
  ];
  expect(new Set(seeds).size).toBe(seeds.length);
  expect(seedOf({ ...key }, "salt")).toBe(seeds[0]!);
});
