// SPDX-License-Identifier: MIT
/** `bun kata new`: a kata that works at once, that verify refuses for what is still to be written, and nothing else. */
import { afterAll, expect, test } from "bun:test";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { kata, newShelf, start } from "./child.ts";

const TIMEOUT_MS = 60_000;
const { home: folder, katas } = newShelf();
afterAll(() => rmSync(folder, { recursive: true }));
const shelf = { C10KATA_SHELF: katas };
const made = await kata(["new", "98-rate-limiter"], shelf);

test("both folders, under the kata's own names", () => {
  expect([made.code, made.stderr]).toEqual([0, ""]);
  const files = ["katas", "solutions"].flatMap((name) =>
    readdirSync(join(folder, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name)),
  );
  const names = files.map((path) => path.slice(folder.length + 1));
  for (const name of ["rate_limiter.h", "rate_limiter.c", "baseline.c", "README.md", "grader/rate_limiter.test.ts"])
    expect(names).toContain(`katas/98-rate-limiter/${name}`);
  expect(names).toContain("solutions/98-rate-limiter/rate_limiter.c");
  for (const path of files)
    expect(`${path}\n${readFileSync(path, "utf8")}`).not.toMatch(/\b00\b|(?<![a-z])thing(?![a-z])/i);
});

test(
  "the reference passes, the stub scores nothing",
  async () => {
    const right = await kata(
      ["grade", "98", "--from", join(folder, "solutions/98-rate-limiter/rate_limiter.c")],
      shelf,
    );
    expect([right.code, right.stderr]).toEqual([0, ""]);
    expect(right.stdout).toContain("passed: 100/100 points");
    const stub = await kata(["grade", "98"], shelf);
    expect(stub.code).toBe(1);
    expect(stub.stdout).toContain("not passed: 0/100 points");
  },
  TIMEOUT_MS,
);

test(
  "verify refuses it for what is still to be written, and for nothing else",
  async () => {
    const verify = [process.execPath, join(ROOT, "scripts/verify.ts"), "98", "--compiled"];
    const { code, stdout } = await start(verify, shelf).outcome;
    expect(code).toBe(1);
    const [, said] = /, its last lines\n([^]*)\n✗ 98-rate-limiter\n/.exec(stdout)!;
    const reasons = said!.split("\n");
    const open = reasons.filter((line) => / still to do: /.test(line));
    expect(reasons.filter((line) => !open.includes(line))).toEqual([
      "0 accepted designs; at least 2 are needed",
      "check 'allowed_calls' has no mutant",
      "check 'adds_up' has no mutant",
      "check 'nothing_lost' has no mutant",
    ]);
    const places = open.map((line) => /^katas\/98-rate-limiter\/(\S+):\d+: /.exec(line)?.[1]);
    expect([...new Set(places)]).toEqual(["README.md", "grader/kata.ts", "rate_limiter.h"]);
    expect(open.filter((line) => line.includes("kata.ts"))).toHaveLength(4);
  },
  TIMEOUT_MS,
);

test.each<[string, string]>([
  ["98-other", "there is a kata 98 already: 98-rate-limiter"],
  ["rate-limiter", "'rate-limiter' is no name for a kata: two digits and words in lower case, as in 08-rate-limiter"],
  ["7-short", "'7-short' is no name for a kata: two digits and words in lower case, as in 08-rate-limiter"],
  ["97-Loud", "'97-Loud' is no name for a kata: two digits and words in lower case, as in 08-rate-limiter"],
  ["97-", "'97-' is no name for a kata: two digits and words in lower case, as in 08-rate-limiter"],
  ["97-../x", "'97-../x' is no name for a kata: two digits and words in lower case, as in 08-rate-limiter"],
  ["97-9lives", "'97-9lives' is no name for a kata: two digits and words in lower case, as in 08-rate-limiter"],
])("%s is refused, in one sentence", async (id, sentence) => {
  const { code, stdout, stderr } = await kata(["new", id], shelf);
  expect([code, stdout, stderr.trim()]).toEqual([2, "", sentence]);
});
