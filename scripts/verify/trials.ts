// SPDX-License-Identifier: MIT
/** The programs that prove a kata, and the gradings of each: which are always made, and in which order the others. */
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import { hashOf } from "../../harness/src/base/cache.ts";
import { solutionsOf, stubsOf } from "../../harness/src/build/submission.ts";
import type { Kata } from "../../harness/src/kata/kata.ts";

export interface Program {
  kind: "stub" | "right" | "mutant" | "cheat";
  kata: string;
  /** Without an ending, which says only how it is written down: `pops--spins`. */
  name: string;
  path: string;
  /** Which check fails a mutant, or a cheat: a program that means to win points without the work. */
  check?: string;
}

/** One grading of a program: its seed follows from what is in here. */
export interface Trial {
  program: Program;
  run: number;
}

/** Everything of a kata that has to be judged rightly: its stub, and what lies in its solutions. */
export function programsOf(kata: Kata): Program[] {
  const within = (folder: string, kind: Program["kind"]): Program[] => {
    const place = join(solutionsOf(kata), folder);
    if (!existsSync(place)) return [];
    return readdirSync(place)
      .sort()
      .map((entry) => {
        const name = entry.replace(/\.(c|patch)$/, "");
        return {
          kind,
          kata: kata.id,
          name,
          path: join(place, entry),
          ...((kind === "mutant" || kind === "cheat") && { check: checkOf(name) }),
        };
      });
  };
  return [
    { kind: "stub", kata: kata.id, name: "stub", path: stubsOf(kata) },
    { kind: "right", kata: kata.id, name: "reference", path: solutionsOf(kata) },
    ...within("accepted", "right"),
    ...within("mutants", "mutant"),
    ...within("cheats", "cheat"),
  ];
}

const checkOf = (name: string) => basename(name).split("--")[0]!;

/** Gradings per program; a false alarm is worse than a miss, so right designs are tried with more seeds. */
const RUNS = { stub: 1, right: 3, mutant: 1, cheat: 1 };

/** `runs`: so many gradings of each program instead. */
export function trialsOf(programs: Program[], runs?: number): Trial[] {
  return programs.flatMap((program) =>
    Array.from({ length: runs ?? RUNS[program.kind] }, (_, run) => ({ program, run })),
  );
}

/**
 * An order that follows from `draw` and no clock, so that each commit begins elsewhere. `must`: one grading of each stub
 * and reference; `soon`: one of each other right design and cheat, and one mutant of each check; `rest`: all else.
 */
export function drawn(trials: Trial[], draw: string): { must: Trial[]; soon: Trial[]; rest: Trial[] } {
  const key = ({ program: { kata, kind, name }, run }: Trial) => hashOf(draw, kata, kind, name, String(run));
  const keyed = trials.map((trial) => ({ trial, key: key(trial) })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const subject = ({ program: { kata, kind, name, check = name } }: Trial) =>
    [kata, kind, kind === "cheat" ? name : check].join();
  const isFirst = ({ program: { kind, name } }: Trial) => kind === "stub" || (kind === "right" && name === "reference");
  const seen = new Set<string>();
  const [must, soon, rest]: [Trial[], Trial[], Trial[]] = [[], [], []];
  for (const { trial } of keyed) {
    (seen.has(subject(trial)) ? rest : isFirst(trial) ? must : soon).push(trial);
    seen.add(subject(trial));
  }
  return { must, soon, rest };
}
