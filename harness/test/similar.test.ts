// SPDX-License-Identifier: MIT
/** What two submissions have in common, on the katas' own programs: a copy is seen through, and two right programs are not one. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { similarPairs } from "../src/score/similar.ts";

const read = (...path: string[]) => readFileSync(join(ROOT, ...path), "utf8");
const kata = "katas/02-mpsc-queue";
const known = ["grader/stub/mpsc_queue.c", "mpsc_queue.h", "baseline.c"].map((path) => read(kata, path));
const reference = read("solutions/02-mpsc-queue/mpsc_queue.c");
const stub = known[0]!;
/** In the text of a learner who would rather not be found out. */
const disguised = reference
  .replaceAll("prev", "elder")
  .replace(/\/\*[^]*?\*\//g, "")
  .replace(/\n {4}/g, "\n\t// mine\n\t\t");

describe("similarity", () => {
  test("names, comments and layout hide nothing; the lines of the longest run are told", () => {
    const [pair] = similarPairs(
      [
        { name: "ada", text: reference },
        { name: "bob", text: disguised },
      ],
      known,
    );
    expect(pair).toMatchObject({ left: "ada", right: "bob", share: 1 });
    const [from, to] = pair!.left_lines;
    expect(
      reference
        .split("\n")
        .slice(from - 1, to)
        .join("\n"),
    ).toContain("prev");
  });

  test("what the kata hands out counts nothing", () => {
    const texts = ["ada", "bob"].map((name) => ({ name, text: `${stub}\nint ${name};\n` }));
    expect(similarPairs(texts, known)).toEqual([]);
    const baselines = ["ada", "bob"].map((name) => ({ name, text: known[2]! }));
    expect(similarPairs(baselines, known)).toEqual([]);
  });

  test("what most of a cohort have alike is the task's doing", () => {
    const texts = Array.from({ length: 30 }, (_, at) => ({ name: `${at}`, text: reference }));
    expect(similarPairs(texts, known)).toEqual([]);
  });

  test("files without an end are read to their end", () => {
    const odd = ["", "/* no end", '"no end', "#define X \\\n", "'", "\u0000é", "a".repeat(100_000)];
    expect(
      similarPairs(
        odd.map((text, at) => ({ name: `${at}`, text })),
        known,
      ),
    ).toEqual([]);
  });

  test("nobody, and one alone, are similar to nobody", () => {
    expect(similarPairs([], [])).toEqual([]);
    expect(similarPairs([{ name: "ada", text: reference }], [])).toEqual([]);
  });
});
