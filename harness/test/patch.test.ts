// SPDX-License-Identifier: MIT
/** Programs as patches: applied to the very text they were made for, and to no other. */
import { expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { Unusable } from "../src/base/command.ts";
import { diffOf, gitName, patched, patchText, readPatch } from "../src/build/patch.ts";
import { readSubmission } from "../src/build/submission.ts";
import { findKata } from "../src/kata/shelf.ts";

const BASE = "int one(void) {\n    return 1;\n}\n\nint two(void) {\n    return 2;\n}\n";
const WRONG = BASE.replace("return 2", "return 3");

const made = async (base = BASE, after = WRONG) =>
  patchText({ base: "numbers.c", words: "Two is three.", diff: await diffOf("numbers.c", base, after) });

test("git's name of a text", () => {
  expect(gitName("hello\n")).toBe("ce013625030ba8dba906f756967f9e9ca394464a");
});

test("what is made can be read, and gives the text back", async () => {
  const text = await made();
  const patch = readPatch("a.patch", text);
  expect(patch).toMatchObject({
    base: "numbers.c",
    words: "Two is three.",
    before: gitName(BASE),
    after: gitName(WRONG),
  });
  expect(patched("a.patch", patch, BASE)).toBe(WRONG);
  expect(patchText(patch)).toBe(text);
});

test("a last line without an end", async () => {
  const after = BASE.trimEnd();
  expect(patched("a.patch", readPatch("a.patch", await made(BASE, after)), BASE)).toBe(after);
});

test("another base is refused, however little it differs, also where the lines would fit", async () => {
  const patch = readPatch("a.patch", await made());
  const apply = () => patched("a.patch", patch, `\n${BASE}`);
  expect(apply).toThrow(Unusable);
  expect(apply).toThrow("a.patch: numbers.c has changed since; 'bun run mutants rebase' carries the patch over");
});

test("a diff that was edited by hand is refused", async () => {
  const text = (await made()).replace("return 3", "return 4");
  expect(() => patched("a.patch", readPatch("a.patch", text), BASE)).toThrow("was edited by hand");
  const broken = (await made()).replace(/@@ -(\d+),\d+/, "@@ -$1,99");
  expect(() => patched("a.patch", readPatch("a.patch", broken), BASE)).toThrow("was edited by hand");
});

test.each([
  ["no preamble", (text: string) => text.slice(text.indexOf("diff ")), "begins with 'base: FILE'"],
  ["no sentence", (text: string) => text.replace("Two is three.", ""), "begins with 'base: FILE'"],
  ["no index line", (text: string) => text.replace(/^index.*\n/m, ""), "no full index line"],
  [
    "an abbreviated index line",
    (text: string) => text.replace(/^index (.{7})\S*/m, "index $1..1234567"),
    "no full index",
  ],
  ["another file's diff", (text: string) => text.replace("base: numbers.c", "base: other.c"), "not one of other.c"],
])("%s", async (_, change, words) => {
  const text = change(await made());
  expect(() => readPatch("a.patch", text)).toThrow(words);
});

const folder = mkdtempSync(join(tmpdir(), "c10kata-patch-"));

test("a submission: the patched file under the learner's name, the others from the reference", async () => {
  const kata = await findKata("04");
  const reference = (name: string) => readFileSync(join(ROOT, "solutions", kata.id, name), "utf8");
  const base = reference("lfu_cache.c");
  const diff = await diffOf("lfu_cache.c", base, `${base}/* more */\n`);
  const path = join(folder, "more.patch");
  writeFileSync(path, patchText({ base: "lfu_cache.c", words: "Says more.", diff }));
  expect(readSubmission(kata, path)).toEqual({
    label: "more.patch",
    files: [
      { name: "lru_cache.c", shown: "solutions/04-lru-lfu/lru_cache.c", text: reference("lru_cache.c") },
      { name: "lfu_cache.c", shown: "katas/04-lru-lfu/lfu_cache.c", text: `${base}/* more */\n` },
    ],
  });
  rmSync(folder, { recursive: true });
});
