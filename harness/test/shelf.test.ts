// SPDX-License-Identifier: MIT
/** What a learner has reached: kept, listed, told, and the learner's own files given back. */
import { afterAll, expect, test } from "bun:test";
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { besideReference } from "../src/cli/own-files.ts";
import { ROOT } from "../src/base/cache.ts";
import { findKata, kataIds } from "../src/kata/shelf.ts";
import type { Kata } from "../src/kata/kata.ts";
import { belt, historyTable, nextOf, nextStep, shelfList, type Kept, type OnShelf } from "../src/report/progress.ts";
import { plainStyle } from "../src/report/terminal.ts";
import { FIXTURES, kata, newShelf } from "./child.ts";

const TIMEOUT_MS = 60_000;
/** A shelf of its own: its scores begin empty, and its stub is edited. */
const { home, katas: shelf } = newShelf();
afterAll(() => rmSync(home, { recursive: true }));
cpSync(join(FIXTURES, "01-answer"), join(shelf, "01-answer"), { recursive: true });
const own = join(shelf, "01-answer", "answer.c");
const stub = readFileSync(own, "utf8");
const right = readFileSync(join(FIXTURES, "01-answer", "submissions", "passes.c"), "utf8");
const on = (...words: string[]) => kata(words, { C10KATA_SHELF: shelf });

const kept = (score: number, more: Partial<Kept> = {}): Kept => ({
  at: `2026-11-29T10:00:${String(score % 60).padStart(2, "0")}.000Z`,
  seed: "0000002a",
  passed: false,
  tier: null,
  score,
  score_max: 100,
  ratio: null,
  failed: "nothing_lost",
  saw: "3 of 8 items\nand more",
  parts: null,
  ...more,
});
const passed = (score: number, more: Partial<Kept> = {}) =>
  kept(score, { passed: true, failed: null, saw: null, ...more });
const entry = (id: string, best?: Kept, latest = best, after: string[] = []): OnShelf => ({
  kata: { id, idea: "the one idea", edits: ["a.c"], after },
  hasLab: id === "03-c",
  ...(best && { best, latest }),
});

test("the list: best, ratio, a later failure, what is next, the belt", () => {
  const gold = passed(100, { tier: "gold", ratio: 3.074 });
  const shown = shelfList(
    [
      entry("01-a", gold, kept(40)),
      entry("02-b", passed(90, { tier: "pass" })),
      entry("03-c", kept(30)),
      entry("04-d"),
    ],
    ["03", "threads"],
    plainStyle,
  );
  expect(shown.split("\n").map((line) => line.replace(/ +/g, " "))).toEqual([
    " 01-a passed, gold 3.07x latest 40/100 the one idea",
    " 02-b passed the one idea",
    "next → 03-c 30/100 the one idea",
    " 04-d not graded the one idea",
    "",
    "2 of 4 passed: green belt",
    "experiments, bun kata lab: 03, threads",
  ]);
});

test("what comes next builds on nothing that is not passed; the list says what comes before the others", () => {
  const shelf = [
    entry("01-a", passed(100)),
    entry("02-b", kept(40), kept(40), ["01", "03"]),
    entry("03-c", undefined, undefined, ["01"]),
    entry("04-d", undefined, undefined, ["02", "03"]),
  ];
  const rows = shelfList(shelf, [], plainStyle).split("\n");
  expect(rows.map((line) => line.replace(/ +/g, " ")).slice(0, 4)).toEqual([
    " 01-a passed the one idea",
    " 02-b 40/100 after 03 the one idea",
    "next → 03-c not graded the one idea",
    " 04-d not graded after 02, 03 the one idea",
  ]);
  const circle = [entry("01-a", undefined, undefined, ["02"]), entry("02-b", undefined, undefined, ["01"])];
  expect(nextOf(circle)?.kata.id).toBe("01-a");
});

test("on our own shelf each kata builds on others that are there, and the first can be begun", async () => {
  const ours = join(ROOT, "katas");
  const katas = await Promise.all(kataIds(ours).map((id) => findKata(id, ours)));
  const order = new Map<string, number>();
  while (order.size < katas.length) {
    const open = katas.find(({ id, after }) => !order.has(id.slice(0, 2)) && after.every((one) => order.has(one)));
    if (!open) break;
    order.set(open.id.slice(0, 2), order.size);
  }
  expect(katas.filter(({ id }) => !order.has(id.slice(0, 2))).map(({ id }) => id)).toEqual([]);
});

test.each([
  [0, 7, "white"],
  [1, 7, "yellow"],
  [2, 7, "orange"],
  [6, 7, "brown"],
  [7, 7, "black"],
  [21, 22, "brown"],
])("%d of %d passed: %s belt", (some, all, colour) => expect(belt(some, all)).toBe(colour));

test("no line of the list is wider than the terminal", () => {
  const wide = entry("01-thread-pool", kept(30));
  wide.kata.idea = "an idea that needs very many words before it has been told in full, and then some more";
  for (const width of [60, 80, 120]) {
    for (const line of shelfList([wide], ["threads"], { ...plainStyle, width }).split("\n")) {
      expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
    }
  }
});

test("a kata's gradings: the best one is marked, and a failure has its check's name", () => {
  const gradings = [kept(10), passed(100, { tier: "silver", ratio: 2 }), kept(50)];
  const lines = historyTable(gradings, gradings[1], plainStyle).split("\n");
  expect(lines[0]).toMatch(/^ {5}2026-11-29 .* 10\/100 .*seed 0000002a {2}nothing_lost$/);
  expect(lines[1]).toMatch(/^best 2026-11-29 .* 100\/100 {3}2\.00x {2}seed 0000002a {2}passed, silver$/);
});

test("what comes next: what to read, edit and run, and the latest failure in one line", () => {
  expect(nextStep(entry("03-c", kept(30)), plainStyle)).toMatch(
    /^03-c {2}the one idea\n {2}read {4}katas\/03-c\/README\.md\n[^]*bun kata lab 03: [^]*failed {2}nothing_lost: 3 of 8 items$/,
  );
});

test("what comes next in a kata with several files is told for each", () => {
  const parts = [
    { file: "a.c", score: 50, score_max: 50 },
    { file: "b.c", score: 0, score_max: 50, first: "b_first" },
  ];
  expect(nextStep(entry("03-c", kept(50, { parts })), plainStyle)).toContain(
    "\n  file    a.c 50/50 points\n  file    b.c 0/50 points, next: b_first\n",
  );
});

test(
  "graded, passed, compared, reset: nothing of the learner's is lost",
  async () => {
    expect((await on("history", "01")).stdout).toBe("01-answer has not been graded yet\n");
    expect(await on("diff", "01")).toMatchObject({ code: 2, stderr: expect.stringContaining("is not passed yet") });
    await on("grade", "01", "--seed", "7");
    const replay = "replay    bun kata replay 01 first_answer --seed 00000007";
    expect(await on("replay", "01")).toMatchObject({ code: 1, stdout: expect.stringContaining(replay) });
    writeFileSync(own, right);
    expect((await on("grade", "01")).code).toBe(0);
    expect(await on("replay", "01")).toMatchObject({ code: 2, stderr: expect.stringContaining("which check?") });
    expect((await on("list")).stdout).toMatch(/01-answer +passed +.*\n\n1 of 1 passed: black belt\n/);
    expect((await on("next")).stdout).toBe("every kata on the shelf is passed\n");
    expect((await on("history", "01")).stdout.trimEnd().split("\n")).toHaveLength(2);

    const { code, stdout } = await on("reset", "01");
    expect(code).toBe(0);
    expect(readFileSync(own, "utf8")).toBe(stub);
    const [moment] = readdirSync(join(home, ".kata", "01-answer"));
    expect(stdout).toContain(`.kata/01-answer/${moment}`);
    expect(readFileSync(join(home, ".kata", "01-answer", moment!, "answer.c"), "utf8")).toBe(right);
    expect((await on("reset", "01")).stdout).toBe("answer.c: the stub again\n");
  },
  TIMEOUT_MS,
);

test("beside the reference: two columns where both have room, else one text with whole lines", async () => {
  const place = join(home, "solutions", "01-answer");
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, "answer.c"), `int ${"long_".repeat(20)}name;\n`);
  const answer = { id: "01-answer", folder: join(shelf, "01-answer"), edits: ["answer.c"] } as unknown as Kata;
  expect(await besideReference(answer, 160)).toMatch(/^yours: answer\.c {60,}solutions\/01-answer\/answer\.c\n\n/);
  const narrow = await besideReference(answer, 80);
  expect(narrow).toStartWith("--- yours: answer.c\n+++ solutions/01-answer/answer.c\n");
  expect(narrow).toMatch(/^\+int (long_){20}name;$/m);
});

test(
  "scores that cannot be read or written cost no grading",
  async () => {
    writeFileSync(join(home, ".kata", "scores.sqlite"), "no database".repeat(100));
    const graded = await on("grade", "01");
    expect(graded.code).toBe(1);
    expect(graded.stderr).toContain("bun kata list will not know of this result: ");
    const listed = await on("list");
    expect(listed.code).toBe(2);
    expect(listed.stderr).toMatch(/^the scores in .*scores\.sqlite cannot be read: .*\. Move the file away\.\n$/);
  },
  TIMEOUT_MS,
);
