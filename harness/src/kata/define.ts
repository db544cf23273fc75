// SPDX-License-Identifier: MIT
/** `defineKata()`: takes a definition whose names exist, are unique and add up, and refuses every other, with reasons. */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { z } from "zod";
import { Sentence } from "../base/sentence.ts";
import { driversOf, type Part } from "./drivers.ts";
import { allChecks, needsOf, type CheckEntry, type Definition, type Kata } from "./kata.ts";
import { kataSchema } from "./schema.ts";

export type { Kata };

/** A definition that defineKata() refused; the message lists every problem with its path. */
export class BrokenKata extends Sentence {}

/** Validates a definition. Throws BrokenKata. */
export function defineKata(definition: Definition): Kata {
  const parsed = consistentSchema.safeParse(definition);
  if (parsed.success) return parsed.data;
  const folder = typeof definition?.folder === "string" ? basename(definition.folder) : "?";
  throw new BrokenKata(`katas/${folder}/grader/kata.ts is not a valid kata\n${z.prettifyError(parsed.error)}`);
}

const consistentSchema = kataSchema.superRefine((kata, context) => {
  for (const problem of inconsistencies(kata)) context.addIssue({ code: "custom", ...problem });
});

interface Problem {
  path: (string | number)[];
  message: string;
}

/** What zod's shapes cannot say: names that must exist, be unique, or add up. */
function inconsistencies(kata: Definition): Problem[] {
  const problems: Problem[] = [];
  const checks = allChecks(kata);
  const ids = checks.map((check) => check.id);
  ids.forEach((id, at) => {
    if (ids.indexOf(id) !== at) problems.push({ path: ["checks", id], message: `check '${id}' is defined twice` });
  });
  for (const check of checks) {
    for (const need of needsOf(check)) {
      if (!ids.includes(need)) problems.push({ path: ["checks", check.id, "needs"], message: `no check '${need}'` });
    }
  }
  const stuck = waitsForItself(kata);
  if (stuck !== undefined)
    problems.push({ path: ["checks", stuck, "needs"], message: `'${stuck}' needs itself in the end` });
  const points = checks.reduce((sum, check) => sum + check.points, 0);
  if (points !== 100) problems.push({ path: ["checks"], message: `points add up to ${points}, not 100` });
  problems.push(...fileProblems(kata, checks));
  if (!existsSync(join(kata.folder, kata.baseline)))
    problems.push({ path: ["baseline"], message: `no file '${kata.baseline}'` });
  problems.push(...driverProblems(kata));
  const folder = basename(kata.folder);
  if (folder !== kata.id) problems.push({ path: ["id"], message: `the folder is called '${folder}'` });
  const gates = kata.throughput?.metrics.filter((metric) => metric.tiers).length ?? 1;
  if (gates !== 1) problems.push({ path: ["throughput", "metrics"], message: `${gates} metrics have tiers, not 1` });
  return problems;
}

/** Several files are tried apart: each has a stub to stand in for it, and a run tries one of them or all. */
function fileProblems(
  { folder, edits, imports_of = {}, scenarios, staged = [] }: Definition,
  checks: CheckEntry[],
): Problem[] {
  const without = edits.filter((file) => edits.length > 1 && !existsSync(join(folder, "grader", "stub", file)));
  const mixed = [...scenarios, ...staged].filter(({ checks: own }) => new Set(own.map(({ file }) => file)).size > 1);
  const strange = checks.filter(({ file }) => file !== undefined && (edits.length === 1 || !edits.includes(file)));
  const unknown = Object.keys(imports_of).filter((file) => !edits.includes(file));
  return [
    ...unknown.map((file) => ({ path: ["imports_of"], message: `the kata edits no '${file}'` })),
    ...without.map((file) => ({ path: ["edits"], message: `no file 'grader/stub/${file}'` })),
    ...mixed.map(({ id }) => ({ path: ["scenarios", id], message: `the checks of '${id}' try different files` })),
    ...strange.map(({ id, file }) => ({
      path: ["checks", id, "file"],
      message: edits.length === 1 ? "the kata edits one file only" : `the kata edits no '${file}'`,
    })),
  ];
}

/** A part that is played has drivers, and drivers have a part that plays them. */
function driverProblems(kata: Definition): Problem[] {
  const parts: [Part, boolean, string][] = [
    ["scenarios", true, "*.c"],
    ["explored", kata.explored !== undefined, "explore*.c"],
    ["simulated", kata.simulated !== undefined, "sim_*.c"],
    ["windows", inWine(kata), "windows_*.c"],
    ["wine", inWine(kata), "wine_*.c"],
  ];
  return parts.flatMap(([part, played, named]) => {
    const [first] = driversOf(kata, part);
    if (played === (first !== undefined)) return [];
    return [
      { path: [part], message: first ? `nothing plays 'grader/${basename(first)}'` : `no file 'grader/${named}'` },
    ];
  });
}

const inWine = ({ scenarios }: Definition) => scenarios.some(({ build }) => build === "mingw");

/**
 * A check that could never be tried: scripts of one file are played one after the other, and the checks of a scenario together, so
 * each waits for what the others need.
 */
function waitsForItself(
  kata: Pick<Definition, "scripts" | "scenarios" | "staged" | "explored" | "throughput">,
): string | undefined {
  const groups: CheckEntry[][] = [
    ...kata.scripts.map((check) => [check]),
    ...[...kata.scenarios, ...(kata.staged ?? [])].map(({ checks }) => checks),
    ...(kata.throughput ? [[kata.throughput]] : []),
  ];
  const groupOf = (id: string) => groups.findIndex((group) => group.some((check) => check.id === id));
  const reaches = (from: number, to: number, seen: Set<number>): boolean => {
    const earlier = kata.scripts.slice(0, from).findLastIndex(({ file }) => file === kata.scripts[from]?.file);
    const outside = groups[from]!.flatMap(needsOf)
      .map(groupOf)
      .filter((at) => at >= 0 && at !== from);
    return [...(earlier < 0 ? [] : [earlier]), ...outside].some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  };
  const stuck = groups.findIndex((group, at) => hasInnerCycle(group) || reaches(at, at, new Set()));
  return groups[stuck]?.[0]?.id;
}

/** Do checks of one group need each other in a circle? Takes away what needs nothing of the rest, until none is left. */
function hasInnerCycle(group: CheckEntry[]): boolean {
  const rest = group.filter((check) => needsOf(check).some((need) => group.some(({ id }) => id === need)));
  return rest.length > 0 && (rest.length === group.length || hasInnerCycle(rest));
}
