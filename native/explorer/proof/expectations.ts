// SPDX-License-Identifier: MIT

/** What the subjects' own comments say must be found in them. */
import { Glob } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { home } from "./explorer";

export type Planted = { file: string; planted: number; verdicts: string[]; within: number; what: string };
export type Litmus = { name: string; threads: number; allows(outcomes: string[]): boolean; expected: string };

function text(file: string): string {
  return readFileSync(join(home, file), "utf8").replaceAll(/\n \*/g, " ").replaceAll(/ +/g, " ");
}

export function subjectFiles(): string[] {
  const found = ["subjects/*.c", "examples/*/*.c"].flatMap((glob) => [...new Glob(glob).scanSync(home)]).sort();
  return found.filter((file) => !file.endsWith("/driver.c"));
}

/** Lines "planted 3 (race|crash): the tail is not atomic", with "within 500" where it must be found in fewer executions. */
export function plantedIn(file: string): Planted[] {
  const matches = text(file).matchAll(/planted (\d+) \(([\w|]+)\)(?: within (\d+))?: (.*?)(?= planted \d+ \(| \*\/)/g);
  return [...matches].map(([, number, verdicts, within, what]) => ({
    file,
    planted: Number(number),
    verdicts: verdicts!.split("|"),
    within: Number(within ?? 20_000),
    what: what!,
  }));
}

function accepts(expected: string): (outcomes: string[]) => boolean {
  if (expected.startsWith("*+")) return (outcomes) => outcomes.includes(expected.slice(2));
  if (expected.startsWith("*-")) return (outcomes) => !outcomes.includes(expected.slice(2));
  if (expected === "*") return () => true;
  return (outcomes) => outcomes.toSorted().join(" ") === expected.split(" ").toSorted().join(" ");
}

export function litmusFiles(): string[] {
  return [...new Glob("subjects/litmus/*.c").scanSync(home)].sort();
}

/** Comments "... outcomes 00 01 (name)", and how many threads the test has. */
export function litmusTests(file: string): Litmus[] {
  const source = text(file);
  return [...source.matchAll(/outcomes ([0-9*+ -]+?) \((\w+)\)/g)].map(([, expected, name]) => ({
    name: name!,
    expected: expected!,
    threads: [...source.matchAll(new RegExp(`static void ${name}_\\d\\(`, "g"))].length,
    allows: accepts(expected!),
  }));
}
