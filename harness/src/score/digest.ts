// SPDX-License-Identifier: MIT
/** What a score depends on, as digests: the files that were submitted, and the grader that judged them. */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, ROOT } from "../base/cache.ts";
import type { Submission } from "../build/submission.ts";
import { graderOf, type Kata } from "../kata/kata.ts";
import type { Key } from "./ledger.ts";

export const digestOf = ({ files }: Submission): string => hashOf(...files.flatMap(({ name, text }) => [name, text]));

/** Of everything that takes part in grading `kata`, except the submission: our code, drivers, headers, packages. */
export function graderDigest(kata: Kata): string {
  const engine = [...filesBelow(join(ROOT, "harness/src")), ...filesBelow(join(ROOT, "native"))];
  const own = [
    ...filesBelow(graderOf(kata)),
    ...[...new Glob("*.{c,h}").scanSync(kata.folder)].map((name) => join(kata.folder, name)),
  ];
  const edited = new Set(kata.edits.map((name) => join(kata.folder, name)));
  const all = [...engine, ...own, join(ROOT, "bun.lock")].filter((path) => !edited.has(path));
  return hashOf(...all.sort().flatMap((path) => [path.slice(ROOT.length), readFileSync(path, "latin1")]));
}

const filesBelow = (folder: string) =>
  [...new Glob("**/*.{c,h,S,sh,ts,tsx,css,json}").scanSync(folder)]
    .filter((path) => !path.includes("node_modules/"))
    .map((path) => join(folder, path));

/** Every random choice of a grading follows from what was submitted: other text, other cases. `salt`: any text. */
export const seedOf = ({ kata, bundle, grader }: Key, salt: string): number =>
  Number.parseInt(hashOf(kata, bundle, grader, salt).slice(0, 8), 16);
