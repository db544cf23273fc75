// SPDX-License-Identifier: MIT
/** The instructor's page: from a roster and a ledger, in a browser, and served on this machine alone. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { parse } from "csv-parse/sync";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { cohortExitCode, forkStanding, sharedFailures } from "../src/judge/cohort.ts";
import type { ForkScore, KataScore } from "../src/judge/fork.ts";
import { cohortHtml } from "../src/page/html.ts";
import { cohortCsv, cohortText } from "../src/report/cohort.ts";
import { plainStyle } from "../src/report/terminal.ts";
import { ROOT } from "../src/base/cache.ts";
import { findKata } from "../src/kata/shelf.ts";
import { collect } from "../src/score/collect.ts";
import { Comparison } from "../src/score/compare.ts";
import { digestOf } from "../src/score/digest.ts";
import { Ledger } from "../src/score/ledger.ts";
import { startBrowser, violationsOn } from "./browser.ts";
import { FIXTURES, kataCommand } from "./child.ts";
import { checkOf, resultOf } from "./example.ts";
import { newFork } from "./fork.ts";

setDefaultTimeout(60_000);

const { inBrowser, opened } = startBrowser();
const folder = mkdtempSync(join(tmpdir(), "c10kata-cohort-page-"));
afterAll(() => rmSync(folder, { recursive: true }));

const EVIL = '</script><img src=x onerror="document.title=1"><!-- ';
const scored = (kata: string, ...checks: Parameters<typeof resultOf>[0]): KataScore => ({
  kata,
  bundle: "b",
  grader: "g",
  result: { ...resultOf(checks), kata },
});
const scoreOf = (source: string, ...katas: KataScore[]): ForkScore => ({
  schema: "c10kata/score/v1",
  source,
  commit: "0123456789abcdef0123456789abcdef01234567",
  salt: "salt",
  katas,
});
const wrong = { ...checkOf("wrong", 100, "nothing_lost"), saw: `a node was lost ${EVIL}` };
const KATAS = ["01-thread-pool", "02-mpsc-queue"];
const standings = [
  forkStanding(
    "Ada",
    "a",
    scoreOf("a", scored(KATAS[0]!, checkOf("pass", 100)), scored(KATAS[1]!, checkOf("pass", 100))),
  ),
  forkStanding(`Bob ${EVIL}`, "b", scoreOf("b", scored(KATAS[0]!, checkOf("pass", 100)), scored(KATAS[1]!, wrong))),
  forkStanding("=Eve()", "c", scoreOf("c", { kata: KATAS[0]!, refused: "is a folder" }, scored(KATAS[1]!, wrong))),
  forkStanding("Dan", "d", "d at HEAD cannot be fetched"),
];
const data = {
  made: "2026-11-29T10:00:00.000Z",
  katas: KATAS,
  learners: standings.map((one) => ({ ...one, katas: one.katas.map((kata) => ({ ...kata, again: `again ${EVIL}` })) })),
  shared: sharedFailures(standings),
  similar: [
    { kata: KATAS[1]!, left: "Ada", right: "=Eve()", share: 0.87, left_lines: [1, 9], right_lines: [2, 10] },
  ] as never,
  to_compare: 3,
};
const place = join(folder, "cohort.html");
writeFileSync(place, await cohortHtml(data));

test("a failure that several share is told once, with their names", () => {
  expect(sharedFailures(standings)).toEqual([
    { kata: KATAS[1]!, check: "nothing_lost", names: [`Bob ${EVIL}`, "=Eve()"], saw: wrong.saw },
  ]);
});

test("in the terminal: a line for each, in the roster's order, and the sum", () => {
  const text = cohortText(standings, 2, plainStyle);
  expect(text).toMatch(
    /^✓ Ada +200\/200 {2}2 of 2 passed\n✗ Bob .* 100\/200 {2}1 of 2 passed; 02-mpsc-queue: nothing_lost\n/,
  );
  expect(text).toContain("–  not scored: d at HEAD cannot be fetched");
  expect(text).toContain("3 forks scored, 1 passed all 2 katas, 100 of 200 points on average");
  expect([
    cohortExitCode(standings),
    cohortExitCode(standings.slice(0, 3)),
    cohortExitCode(standings.slice(0, 1)),
  ]).toEqual([2, 1, 0]);
});

test("as CSV: a line for each learner and kata; a name is no formula", () => {
  const rows: Record<string, string>[] = parse(cohortCsv(standings), { columns: true });
  expect(rows.map(({ name, kata }) => [name, kata])).toEqual([
    ["Ada", KATAS[0]!],
    ["Ada", KATAS[1]!],
    [`Bob ${EVIL}`, KATAS[0]!],
    [`Bob ${EVIL}`, KATAS[1]!],
    ["'=Eve()", KATAS[0]!],
    ["'=Eve()", KATAS[1]!],
    ["Dan", ""],
  ]);
});

inBrowser("everybody's points; a cell says why; a column orders; nothing that a learner wrote is run", async () => {
  const page = await opened(`file://${place}`);
  const names = () => page.locator("tbody th[scope=row]").allTextContents();
  expect(await names()).toEqual(["=Eve()", "Ada", `Bob ${EVIL}`, "Dan"]);
  await page.getByRole("button", { name: "points", exact: true }).click();
  expect((await names())[0]).toBe("Ada");
  await page.getByRole("button", { name: "=Eve(), 02-mpsc-queue: 0 points, not passed" }).click();
  expect(await page.textContent(".failure")).toContain(`a node was lost ${EVIL}`);
  expect(await page.textContent(".failure")).toContain(`again ${EVIL}`);
  expect(await page.textContent(".shared")).toContain("2 in 02-mpsc-queue: nothing_lost");
  expect(await page.textContent("main")).toContain("87 %");
  expect(await page.textContent("main")).toContain("The files of 3 forks are still being read.");
  expect(await page.title()).toBe("c10kata");
  await page.close();
});

inBrowser("wide and light, narrow and dark: nothing hangs over the edge, and axe finds nothing", async () => {
  const page = await opened(`file://${place}`, { bypassCSP: true });
  await page.getByRole("button", { name: "=Eve(), 02-mpsc-queue: 0 points, not passed" }).click();
  for (const [width, height, colorScheme] of [
    [1280, 800, "light"],
    [390, 844, "dark"],
  ] as const) {
    await page.setViewportSize({ width, height });
    await page.emulateMedia({ colorScheme });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
    expect(await violationsOn(page), colorScheme).toEqual([]);
  }
  await page.close();
});

describe("bun kata cohort serve", () => {
  const path = relative(ROOT, join(FIXTURES, "01-answer", "answer.c"));
  const fork = newFork(join(folder, "fork"), path, (file) => writeFileSync(file, "int answer(void) { return 42; }\n"));
  const roster = join(folder, "roster.csv");
  writeFileSync(roster, `name,fork\nAda,${fork}\nBob,${folder}\n`);

  test("serves the page and the CSV to this machine, behind a token", async () => {
    const ledger = join(folder, "serve.sqlite");
    new Ledger(ledger).record(scoreOf(fork, scored("01-answer", wrong)));
    const words = kataCommand("cohort", "serve", "--roster", roster, "--ledger", ledger);
    const env = { PATH: process.env.PATH!, HOME: process.env.HOME!, C10KATA_SHELF: FIXTURES };
    const server = Bun.spawn(words, { cwd: ROOT, env, stdin: "ignore", stdout: "pipe", stderr: "inherit" });
    try {
      const [url = ""] = new TextDecoder().decode((await server.stdout.getReader().read()).value).split("\n");
      const csv = await (await fetch(`${url}scores.csv`)).text();
      expect(parse(csv, { columns: true })).toMatchObject([
        { name: "Ada", kata: "01-answer", first_failure: "nothing_lost" },
        { name: "Bob", not_scored: "not scored yet" },
      ]);
      expect(await (await fetch(url)).text()).toContain(`git fetch --depth=1 '${fork}'`);
      expect((await fetch(new URL("/scores.csv", url))).status).toBe(404);
    } finally {
      server.kill();
      await server.exited;
    }
  });

  test("what was submitted is read once, and compared", async () => {
    const kata = await findKata("01", FIXTURES);
    const text = `${readFileSync(join(FIXTURES, "01-answer/submissions/passes.c"), "utf8")}\n${ownCode()}`;
    using ledger = new Ledger(join(folder, "compare.sqlite"));
    const both = await Promise.all(
      ["ada", "bob"].map(async (name) => {
        const source = newFork(join(folder, name), path, (file) => writeFileSync(file, `/* ${name} */${text}`));
        const { commit, katas } = await collect(source, [kata]);
        const [one] = katas;
        const bundle = one && "submission" in one ? digestOf(one.submission) : "";
        ledger.record({ ...scoreOf(source, { ...scored(kata.id, wrong), bundle } as KataScore), commit });
        return { name, source, commit };
      }),
    );
    const comparison = new Comparison([kata], ledger);
    expect(comparison.missing(both)).toHaveLength(2);
    await comparison.read(both);
    expect(comparison.missing(both)).toEqual([]);
    expect(comparison.pairs(both)).toMatchObject([{ kata: kata.id, left: "ada", right: "bob", share: 1 }]);
  });
});

/** Long enough to be somebody's own. */
const ownCode = () =>
  "int f(int a) { for (int i = 0; i < a; i++) if (a % i == 3) return a + i * 2; return a; }\n".repeat(6);
