// SPDX-License-Identifier: MIT
/** `bun kata score --roster`: everybody has one row, whoever is killed; and a roster with a mistake is one sentence. */
import { Database } from "bun:sqlite";
import { afterAll, describe, expect, test } from "bun:test";
import { parse } from "csv-parse/sync";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { FIXTURES, kata, kataCommand, newShelf, start } from "./child.ts";
import { newFork } from "./fork.ts";
import { until } from "./machine.ts";
import { hasRedis, RedisServer } from "./redis-server.ts";

const TIMEOUT_MS = 180_000;
const FORKS = 10;
const folder = mkdtempSync(join(tmpdir(), "c10kata-cohort-"));
const { home, katas } = newShelf();
afterAll(() => [folder, home].forEach((one) => rmSync(one, { recursive: true })));
cpSync(join(FIXTURES, "01-answer"), join(katas, "01-answer"), { recursive: true });
const ENV = { C10KATA_SHELF: katas };

/** Every third is right, and no two have the same text. */
function rosterOf(forks: number): string {
  const path = relative(ROOT, join(katas, "01-answer", "answer.c"));
  const lines = Array.from({ length: forks }, (_, at) => {
    const name = at % 3 === 0 ? "passes" : "wrong";
    const text = readFileSync(join(FIXTURES, "01-answer", "submissions", `${name}.c`), "utf8");
    const where = join(folder, `fork-${at}`);
    if (!existsSync(where)) newFork(where, path, (file) => writeFileSync(file, `${text}\n/* ${at} */\n`));
    return `learner ${at},${where}`;
  });
  const roster = join(folder, "roster.csv");
  writeFileSync(roster, ["name,fork", ...lines].join("\r\n"));
  return roster;
}

const scoring = (ledger: string, ...more: string[]) => [
  ...["score", "--roster", rosterOf(FORKS), "--no-timed", "--ledger", join(folder, ledger)],
  ...["--export", `csv=${join(folder, "scores.csv")}`, ...more],
];

/** Scores that the ledger holds. */
function scored(ledger: string): number {
  const path = join(folder, ledger);
  if (!existsSync(path)) return 0;
  try {
    using file = new Database(path, { readwrite: true });
    return file.query<{ n: number }, []>("SELECT count(*) n FROM scores").get()!.n;
  } catch {
    return 0; // it is just being made
  }
}

/** One row for each learner, one score for each fork, and the points that its file deserves. */
function expectWhole(ledger: string): void {
  const rows: Record<string, string>[] = parse(readFileSync(join(folder, "scores.csv")), { columns: true });
  expect(rows.map(({ name }) => name)).toEqual(Array.from({ length: FORKS }, (_, at) => `learner ${at}`));
  expect(rows.map(({ points }) => Number(points) > 50)).toEqual(rows.map((_, at) => at % 3 === 0));
  expect(scored(ledger)).toBe(FORKS);
}

test(
  "the pool: killed midway, the same command goes on",
  async () => {
    const words = scoring("pool.sqlite");
    const first = start(kataCommand(...words), ENV);
    await until(() => scored("pool.sqlite") >= 3, "three forks are scored");
    process.kill(first.pid, "SIGKILL");
    await first.outcome;
    expect(scored("pool.sqlite")).toBeLessThan(FORKS);
    const { code, stdout, stderr } = await kata(words, ENV);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^✓ learner 0 +\d+\/100 {2}1 of 1 passed$/m);
    expect(stdout).toMatch(/^✗ learner 1 +10\/100 {2}0 of 1 passed; 01-answer: more_answers$/m);
    expect(stdout).toContain("10 forks scored, 4 passed the kata, ");
    expect(stderr).toContain("10 of 10  ");
    expectWhole("pool.sqlite");
  },
  TIMEOUT_MS,
);

test.if(hasRedis)(
  "bullmq: a worker killed midway, and then the coordinator; the same command goes on",
  async () => {
    await using redis = await new RedisServer().start();
    const workers = [1, 2].map(() => start(kataCommand("worker", "--redis", redis.address), ENV));
    const words = kataCommand(...scoring("redis.sqlite", "--engine", "bullmq", "--redis", redis.address));
    const first = start(words, ENV);
    await until(() => scored("redis.sqlite") >= 2, "two forks are scored");
    process.kill(workers[0]!.pid, "SIGKILL");
    await until(() => scored("redis.sqlite") >= 4, "four forks are scored");
    process.kill(first.pid, "SIGKILL");
    await first.outcome;
    const { code, stdout } = await start(words, ENV).outcome;
    process.kill(workers[1]!.pid, "SIGTERM");
    await Promise.all(workers.map(({ outcome }) => outcome));
    expect(code).toBe(1);
    expect(stdout).toContain("10 forks scored, 4 passed the kata, ");
    expectWhole("redis.sqlite");
  },
  TIMEOUT_MS,
);

describe("a roster with a mistake is one sentence, and exit 2", () => {
  const here = rosterOf(1);
  const fork = join(folder, "fork-0");
  test.each<[string, string, string]>([
    ["no column", "name,address\na,b\n", "roster.csv: no column 'fork'; the first line has to name the columns, "],
    ["nobody", "fork\n", "roster.csv: nobody is in it"],
    ["no such place", `fork\n${fork}\n\nnowhere\n`, "roster.csv:4: nowhere: neither a folder here nor an address"],
    ["no commit", `fork,commit\n${fork},--upload-pack=x\n`, "roster.csv:2: --upload-pack=x: neither a commit nor"],
    ["twice", `fork\n${fork}\n${fork}\n`, `roster.csv:3: '${fork}' is in it twice; a column 'name' tells them apart`],
    ["a quote without an end", `name,fork\n"a,${fork}\n`, "roster.csv:2: Quote Not Closed"],
    ["too many cells", `name,fork\na,${fork},c\n`, "roster.csv:2: Invalid Record Length"],
  ])(
    "%s",
    async (_, text, sentence) => {
      writeFileSync(here, text);
      const { code, stdout, stderr } = await kata(
        ["score", "--roster", here, "--ledger", join(folder, "no.sqlite")],
        ENV,
      );
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toContain(sentence);
      expect(stderr.trimEnd().split("\n")).toHaveLength(1);
    },
    TIMEOUT_MS,
  );

  test.each<[string, string[], string]>([
    ["a fork and a roster", ["a", "--roster", "b"], "score: name a fork, or a --roster"],
    ["neither", [], "score: name a fork, or a --roster"],
    ["no file", ["--roster", "/nowhere.csv"], "--roster /nowhere.csv: "],
    [
      "a commit for all",
      ["--roster", "a", "--commit", "main"],
      "--commit goes with one fork; a roster has a column for it",
    ],
    ["another format", ["--roster", "a", "--junit", "-"], "--junit: of a roster there is --export csv=FILE"],
  ])(
    "%s",
    async (_, words, sentence) => {
      const { code, stderr } = await kata(["score", ...words, "--ledger", join(folder, "no.sqlite")], ENV);
      expect(code).toBe(2);
      expect(stderr).toContain(sentence);
    },
    TIMEOUT_MS,
  );
});
