// SPDX-License-Identifier: MIT
/** What a score depends on, as digests: the files that were submitted, and the grader that judged them. */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { hashOf, ROOT } from "../base/cache.ts";
import type { Submission } from "../build/submission.ts";
import { toolchain } from "../build/toolchain.ts";
import { driverFolders } from "../kata/drivers.ts";
import type { Kata } from "../kata/kata.ts";
import type { Key } from "./ledger.ts";

export const digestOf = ({ files }: Submission): string => hashOf(...files.flatMap(({ name, text }) => [name, text]));

/**
 * Of everything that takes part in grading `kata`, except the submission: our code, packages, compiler, drivers, headers.
 * `compiler`: of another machine, that judged there.
 */
export async function graderDigest(kata: Kata, compiler?: string): Promise<string> {
  const version = compiler ?? (await toolchain()).version;
  const beside = [...new Glob("*.{c,h}").scanSync(kata.folder)].filter((name) => !kata.edits.includes(name));
  const own = [...driverFolders(kata).flatMap(filesBelow), ...beside.map((name) => join(kata.folder, name))];
  return hashOf(version, engineDigest(), digestOfFiles(own));
}

let engineOnce: string | undefined;
const engineDigest = () =>
  (engineOnce ??= digestOfFiles([
    ...["harness/src", "native"].flatMap((folder) => filesBelow(join(ROOT, folder))),
    join(ROOT, "bun.lock"),
  ]));

const digestOfFiles = (paths: string[]) =>
  hashOf(...paths.sort().flatMap((path) => [path.slice(ROOT.length), readFileSync(path, "latin1")]));

const filesBelow = (folder: string) =>
  [...new Glob("**/*.{c,h,S,sh,ts,tsx,css,json}").scanSync(folder)]
    .filter((path) => !path.includes("node_modules/"))
    .map((path) => join(folder, path));

/** Every random choice of a grading follows from what was submitted: other text, other cases. `salt`: any text. */
export const seedOf = ({ kata, bundle, grader }: Key, salt: string): number =>
  Number.parseInt(hashOf(kata, bundle, grader, salt).slice(0, 8), 16);
