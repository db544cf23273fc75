// SPDX-License-Identifier: MIT
/** A grader's C files, found by their names: what each is linked into. What two parts need is a header. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../base/cache.ts";
import { graderOf, type Definition } from "./kata.ts";

const FORMS = {
  explored: /^explore.*\.c$/,
  simulated: /^sim_.*\.c$/,
  /** In a Windows program, with the learner's file. */
  windows: /^windows_.*\.c$/,
  /** Beside that one: they run it in Wine. */
  wine: /^wine_.*\.c$/,
  scenarios: /^(?!explore|sim_|windows_|wine_).*\.c$/,
};
export type Part = keyof typeof FORMS;

type Driven = Pick<Definition, "folder" | "drivers">;

/** Where a kata's drivers lie: its grader's folder, and those that it shares. */
export const driverFolders = (kata: Driven) => [
  graderOf(kata),
  ...(kata.drivers ?? []).map((folder) => join(ROOT, folder)),
];

/** The paths of the files of one part, in the order of their names. Of two with one name, the kata's own counts. */
export function driversOf(kata: Driven, part: Part): string[] {
  const paths = new Map<string, string>();
  for (const folder of driverFolders(kata)) {
    const names = existsSync(folder) ? readdirSync(folder) : [];
    for (const name of names.filter((name) => FORMS[part].test(name)))
      if (!paths.has(name)) paths.set(name, join(folder, name));
  }
  return [...paths.values()].sort((a, b) => (basename(a) < basename(b) ? -1 : 1));
}
