// SPDX-License-Identifier: MIT
/** The learner's own files: given back as stubs, and shown beside the reference. */
import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { command, Unusable } from "../base/command.ts";
import { solutionsOf, stubsOf } from "../build/submission.ts";
import type { Kata } from "../kata/kata.ts";
import { KEPT } from "./scores.ts";

/**
 * Puts the stubs back; files that differ from them are kept first. The folder that they are kept in, or null when there
 * was nothing to keep. Throws Unusable when a stub is missing.
 */
export function reset(kata: Kata): string | null {
  const missing = kata.edits.find((name) => !existsSync(join(stubsOf(kata), name)));
  if (missing) throw new Unusable(`${kata.id} has no stub of ${missing}: grader/stub/${missing} is missing`);
  const changed = kata.edits.filter((name) => existsSync(join(kata.folder, name)) && !isStub(kata, name));
  const moment = new Date().toISOString().replaceAll(":", "").slice(0, 17);
  const place = join(KEPT, kata.id, moment);
  if (changed.length > 0) mkdirSync(place, { recursive: true });
  for (const name of changed) copyFileSync(join(kata.folder, name), join(place, name));
  for (const name of kata.edits) copyFileSync(join(stubsOf(kata), name), join(kata.folder, name));
  return changed.length > 0 ? place : null;
}

/** Is this file as it was before anybody edited it? */
export function isStub(kata: Kata, name: string): boolean {
  const [own, stub] = [kata.folder, stubsOf(kata)].map((folder) => readFileSync(join(folder, name), "utf8"));
  return own === stub;
}

/**
 * Each own file beside the reference's, in `width` characters; where two columns would cut lines, one file with both texts,
 * - for the own and + for the reference's. Throws Unusable where there is no reference.
 */
export async function besideReference(kata: Kata, width: number): Promise<string> {
  const solutions = solutionsOf(kata);
  if (!existsSync(solutions)) throw new Unusable(`this checkout has no solutions/${kata.id}`);
  const texts = kata.edits.map(async (name) => {
    const files = [join(kata.folder, name), join(solutions, name)];
    const [yours, reference] = [`yours: ${name}`, `solutions/${kata.id}/${name}`];
    const wide = width >= TWO_COLUMNS;
    const how = wide
      ? ["--side-by-side", `--width=${width}`]
      : [`--unified=${WHOLE}`, "--label", yours, "--label", reference];
    const { code, stdout, stderr } = await command(["diff", "--expand-tabs", "--minimal", ...how, ...files]);
    if (code > 1) throw new Unusable(`diff failed: ${stderr.trim()}`);
    return wide ? `${yours.padEnd(Math.ceil(width / 2))} ${reference}\n\n${stdout}` : stdout;
  });
  return (await Promise.all(texts)).join("\n");
}

/** So wide that each has 80 characters for its lines. */
const TWO_COLUMNS = 160;
/** Lines of context: all of the file. */
const WHOLE = 100_000;
