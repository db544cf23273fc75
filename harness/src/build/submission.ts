// SPDX-License-Identifier: MIT
/** The files to grade: read once, as text, from the kata's folder or from where `--from` says; a patch is applied. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { basename, join, relative, resolve } from "node:path";
import { ROOT } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { graderOf, type Kata } from "../kata/kata.ts";
import { PATCH, patched, readPatch } from "./patch.ts";

export interface SourceFile {
  /** The contract's name for it: `mpsc_queue.c`. */
  name: string;
  /** Where it was read, relative to the repository or by its own name; messages use it. */
  shown: string;
  text: string;
}

export interface Submission {
  /** What heads a report: the file that is graded, or the files. */
  label: string;
  files: SourceFile[];
  /** Beside the contract's own: of a lab's comparison. */
  headers?: SourceFile[];
}

const BYTES_MAX = 1 << 20;

/**
 * `from` is a folder holding the edited files under their names, or one file where the kata edits one; without it the
 * learner's own files. A folder in the kata's solutions holds what differs from the reference, which has the rest. A
 * patch stands for the file that it changes, and the reference has the rest. Throws Unusable when they are not there.
 */
export function readSubmission(kata: Kata, from?: string): Submission {
  const place = from ?? kata.folder;
  if (!existsSync(place)) throw new Unusable(`--from ${place}: no such file or folder`);
  if (place.endsWith(PATCH)) return readPatched(kata, place);
  const single = !statSync(place).isDirectory();
  if (single && kata.edits.length > 1) {
    throw new Unusable(`--from ${place}: ${kata.id} edits ${kata.edits.join(" and ")}; name a folder that holds them`);
  }
  const solutions = solutionsOf(kata);
  const files = kata.edits.map((name) => {
    const path = single ? place : join(place, name);
    if (existsSync(path)) return readSource(name, path);
    if (resolve(place).startsWith(`${solutions}/`)) return readSource(name, join(solutions, name));
    const cure = from === undefined ? `; \`bun kata reset ${kata.id.slice(0, 2)}\` brings the stub back` : "";
    throw new Unusable(`${from === undefined ? shownPath(path) : path} is missing${cure}`);
  });
  const own = files.filter(({ name }) => single || existsSync(join(place, name)));
  return { label: own.map(({ name, shown }, at) => (at === 0 ? shown : name)).join(", "), files };
}

/** Where a kata's reference, right designs and mutants lie, in a checkout that has them. */
export const solutionsOf = ({ folder, id }: Kata) => join(folder, "../../solutions", id);

/** Where its stubs lie as they were before anybody edited them. */
export const stubsOf = (kata: Kata) => join(graderOf(kata), "stub");

/** The kata's files, those that are still the stub last: what a learner has begun comes first. */
export function begunFirst(kata: Kata, { files }: Submission): string[] {
  const untouched = (name: string) => {
    const stub = join(stubsOf(kata), name);
    const own = files.find((file) => file.name === name);
    return existsSync(stub) && own?.text === readFileSync(stub, "utf8");
  };
  return kata.edits.toSorted((a, b) => Number(untouched(a)) - Number(untouched(b)));
}

/** Messages name the learner's file: that is what the patched text stands for. */
function readPatched(kata: Kata, place: string): Submission {
  const label = shownPath(place);
  const patch = readPatch(label, readSource("", place).text);
  const solutions = solutionsOf(kata);
  const name = kata.edits.find((file) => file === basename(patch.base)) ?? kata.edits[0]!;
  const text = patched(label, patch, readSource(name, join(solutions, patch.base)).text);
  const files = kata.edits.map((file) =>
    file === name ? { name, shown: shownPath(join(kata.folder, name)), text } : readSource(file, join(solutions, file)),
  );
  return { label, files };
}

export function readSource(name: string, path: string): SourceFile {
  if (!existsSync(path)) throw new Unusable(`${shownPath(path)}: no such file`);
  if (!statSync(path).isFile()) throw new Unusable(`${shownPath(path)}: not a regular file`);
  if (statSync(path).size > BYTES_MAX) throw new Unusable(`${shownPath(path)}: larger than 1 MiB`);
  try {
    return { name, shown: shownPath(path), text: readFileSync(path, "utf8") };
  } catch (error) {
    throw new Unusable(`${shownPath(path)} cannot be read: ${(error as Error).message}`);
  }
}

function shownPath(path: string): string {
  const inside = relative(ROOT, path);
  return inside === "" || inside.startsWith("..") ? basename(path) : inside;
}
