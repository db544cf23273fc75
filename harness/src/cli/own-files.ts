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

/** Each own file beside the reference's, in `width` columns. Throws Unusable where there is no reference. */
export async function besideReference(kata: Kata, width: number): Promise<string> {
  const solutions = solutionsOf(kata);
  if (!existsSync(solutions)) throw new Unusable(`this checkout has no solutions/${kata.id}`);
  const texts = kata.edits.map(async (name) => {
    const files = [join(kata.folder, name), join(solutions, name)];
    const { code, stdout, stderr } = await command([...SIDE_BY_SIDE, `--width=${width}`, ...files]);
    if (code > 1) throw new Unusable(`diff failed: ${stderr.trim()}`);
    return `${`yours: ${name}`.padEnd(Math.ceil(width / 2))} solutions/${kata.id}/${name}\n\n${stdout}`;
  });
  return (await Promise.all(texts)).join("\n");
}

const SIDE_BY_SIDE = ["diff", "--side-by-side", "--expand-tabs", "--minimal"];
