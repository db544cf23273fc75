// SPDX-License-Identifier: MIT
/** One check, and what it needs, before all others of the same grading: whoever mends it waits for nothing else. Pure. */
import { allNeedsOf, type CheckEntry, type Kata } from "../kata/kata.ts";

type Groups = CheckEntry[][];

/** The groups, those of `sooner` before the rest; a group is parted where the rest of it needs what comes later. */
export function parted(kata: Kata, groups: Groups, sooner: ReadonlySet<string>): { now: Groups; later: Groups } {
  const early = new Set(groups.flatMap((group) => earlyOf(kata, group, sooner)));
  const of = (wanted: boolean) =>
    groups.map((group) => group.filter((check) => early.has(check) === wanted)).filter(({ length }) => length > 0);
  return { now: of(true), later: of(false) };
}

/** One playing judges a whole group: what can be judged now is not played for again. */
function earlyOf(kata: Kata, group: CheckEntry[], sooner: ReadonlySet<string>): CheckEntry[] {
  if (!group.some(({ id }) => sooner.has(id))) return [];
  const known = sooner.union(new Set(group.map(({ id }) => id)));
  const all = group.every((check) => allNeedsOf(kata, check).every((need) => known.has(need)));
  return all ? group : group.filter(({ id }) => sooner.has(id));
}
