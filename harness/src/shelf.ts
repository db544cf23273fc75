// SPDX-License-Identifier: MIT
/** The katas that are there, by number; and what this checkout's learner has reached in each. */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "./cache.ts";
import { Unusable } from "./command.ts";
import { BrokenKata, TIERS, type Kata } from "./kata.ts";
import { resultSchema, type Result } from "./score.ts";

/** C10KATA_SHELF names another folder of katas: that of the harness's own fixtures. */
const KATAS = process.env.C10KATA_SHELF ?? join(ROOT, "katas");
const RESULTS = join(ROOT, ".cache", "results");

/** Folder names in order: 02-mpsc-queue, ... */
export function kataIds(folder = KATAS): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d\d-/.test(name) && existsSync(join(folder, name, "kata.ts")))
    .sort();
}

/** Finds a kata by its two digits or its folder's name. Throws Unusable, BrokenKata. */
export async function findKata(wanted: string, folder = KATAS): Promise<Kata> {
  const asked = basename(wanted);
  const id = kataIds(folder).find((name) => [name, name.slice(0, 2), name.slice(3)].includes(asked.padStart(2, "0")));
  if (!id) throw new Unusable(`no kata '${wanted}'; there are: ${kataIds(folder).join(", ")}`);
  return await loadKata(join(folder, id));
}

/** Loads the definition in a kata's folder. Throws BrokenKata when it is not one. */
export async function loadKata(folder: string): Promise<Kata> {
  try {
    return ((await import(join(folder, "kata.ts"))) as { default: Kata }).default;
  } catch (error) {
    if (error instanceof BrokenKata) throw error;
    throw new BrokenKata(`${folder.split("/").slice(-2).join("/")}/kata.ts cannot be loaded: ${error}`);
  }
}

/** Keeps the newest result of the learner's own file, for `bun kata list`; for an unchanged file, the best one. */
export function rememberResult(result: Result): void {
  const before = lastResult(result.kata);
  const sameFile = Bun.deepEquals(before?.submission.files, result.submission.files);
  if (before && sameFile && rank(before) > rank(result)) return;
  try {
    mkdirSync(RESULTS, { recursive: true });
    writeFileSync(join(RESULTS, `${result.kata}.json`), JSON.stringify(result));
  } catch (error) {
    process.stderr.write(`bun kata list will not know of this result: ${(error as Error).message}\n`);
  }
}

/** Orders results of one file: a busy machine must not take away what was measured on a quiet one. */
function rank({ passed, tier, score }: Result): number {
  return Number(passed) * 1000 + (tier ? (TIERS.indexOf(tier) + 1) * 200 : 0) + score;
}

/** The newest result, or null when there is none, or none of this version. */
export function lastResult(id: string): Result | null {
  const path = join(RESULTS, `${id}.json`);
  if (!existsSync(path)) return null;
  const parsed = resultSchema.safeParse(JSON.parse(readFileSync(path, "utf8")));
  return parsed.success ? parsed.data : null;
}
