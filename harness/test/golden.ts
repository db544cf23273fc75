// SPDX-License-Identifier: MIT
/** A grading as its learner reads it, with everything replaced that differs between two runs or machines. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { failureBlock, plainStyle, scorecard } from "../src/report/terminal.ts";
import type { Result } from "../src/judge/score.ts";

const FOLDER = join(import.meta.dir, "../golden");

/** The blocks of all failures, the compiler's warnings if `warned`, and the scorecard. */
export function transcript(result: Result, warned: boolean): string {
  const told = result.checks.filter(({ verdict }) => verdict !== "pass" && verdict !== "not_reached");
  const blocks = told.map((check) => failureBlock(check, plainStyle));
  const warnings = warned && result.warnings ? [`the compiler warns:\n${result.warnings}`] : [];
  return `${withoutAccidents([...blocks, ...warnings, scorecard(result, plainStyle)].join("\n\n")).trim()}\n`;
}

const ACCIDENTS: [RegExp, string][] = [
  [/(?<=for |after )\d+\.\d s/g, "N s"],
  [/\(\d+\.\d s of CPU time\)/g, "(N s of CPU time)"],
  [/\d+ MiB of memory/g, "N MiB of memory"],
  [/left \d+ process(?:es)?/g, "left N processes"],
  [/(?<=native\/guest\/\w+\.c:)\d+/g, "LINE"],
  [/(?<=thread T\d )\((running|finished)\)/gi, "(running or finished)"],
  [/(?<=\bthread )[12]\b/g, "N"],
  // of a program that runs and blocks signals the grader's threads answer, and on a busy machine not even these in time
  [/(?<=^FAIL .* timeout\n.*\n.*\n) {2}look at {3}no thread answered .*\n/gm, ""],
  // the program's name is bun's own in scripts, and clang names a function with its type
  [/\| [\w.]+: (\S+:\d+): (?:\w+ )?(\w+)(?:\(\w*\))?: (?=Assertion)/g, "| guest: $1: $2: "],
  [/^(seed \w+).*(trust: \w+)$/gm, "$1  $2"],
];

export const withoutAccidents = (text: string) =>
  ACCIDENTS.reduce((sofar, [accident, word]) => sofar.replace(accident, word), text);

/** The golden text of this name; with UPDATE_GOLDEN set, `text` becomes it. */
export function golden(name: string, text: string): string {
  const path = join(FOLDER, `${name}.txt`);
  if (process.env.UPDATE_GOLDEN) writeFileSync(path, text);
  return existsSync(path) ? readFileSync(path, "utf8") : "no golden text yet: run with UPDATE_GOLDEN=1 and read it";
}
