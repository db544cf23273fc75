// SPDX-License-Identifier: MIT
/** A grader's C files, found by their names: what each is linked into. What two parts need is a header. */
import { existsSync, readdirSync } from "node:fs";
import { graderOf } from "./kata.ts";

const FORMS = {
  explored: /^explore.*\.c$/,
  simulated: /^sim_.*\.c$/,
  scenarios: /^(?!explore|sim_).*\.c$/,
};
export type Part = keyof typeof FORMS;

/** The names of the files of one part, in order. */
export function driversOf(kata: { folder: string }, part: Part): string[] {
  const folder = graderOf(kata);
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => FORMS[part].test(name)).sort();
}
