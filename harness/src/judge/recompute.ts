// SPDX-License-Identifier: MIT
/** Does a result that somebody else reports follow from its own checks, and are they the kata's? Pure. */
import { allChecks, allNeedsOf, type Kata } from "../kata/kata.ts";
import { scoreOf, type CheckResult, type Result } from "./score.ts";
import { tierOf } from "./tier.ts";

/** What does not follow, in sentences; none where all does. */
export function objectionsTo(result: Result, kata: Kata): string[] {
  return [
    ...objectionsToFiles(result, kata),
    ...objectionsToChecks(result, kata),
    ...objectionsToSum(result, kata),
  ].map((objection) => `${kata.id}: ${objection}`);
}

function objectionsToFiles({ kata: id, submission }: Result, kata: Kata): string[] {
  const names = submission.files.map(({ name }) => name).join(", ");
  return [
    ...(id === kata.id ? [] : [`it is a result of '${id}'`]),
    ...(names === kata.edits.join(", ") ? [] : [`its files are ${names}; the kata has ${kata.edits.join(", ")}`]),
  ];
}

function objectionsToChecks({ checks }: Result, kata: Kata): string[] {
  const due = allChecks(kata);
  const names = (all: { id: string }[]) => all.map(({ id }) => id).join(", ");
  if (names(checks) !== names(due)) return [`its checks are ${names(checks)}; the kata has ${names(due)}`];
  const stands = new Map(checks.map((check) => [check.id, check.verdict]));
  const isMet = (id: string) => stands.get(id) === "pass" || stands.get(id) === "not_measurable";
  return due.flatMap((check, at) => {
    const told = checks[at]!;
    const unmet = told.verdict === "pass" ? allNeedsOf(kata, check).find((need) => !isMet(need)) : undefined;
    return [
      ...objectionsToPoints(told, check.points),
      ...(unmet ? [`${check.id} passed, though ${unmet} did not`] : []),
    ];
  });
}

function objectionsToPoints({ id, verdict, points, points_max }: CheckResult, due: number): string[] {
  const earned = verdict === "pass" ? due : 0;
  if (points === earned && points_max === due) return [];
  return [`${id} has ${points} of ${points_max} points; ${verdict} is worth ${earned} of ${due}`];
}

function objectionsToSum(result: Result, kata: Kata): string[] {
  const gated = kata.throughput?.metrics.find(({ tiers }) => tiers);
  const measured = result.metrics.find(({ id }) => id === gated?.id);
  const reached = gated?.tiers && measured ? tierOf(measured.vs_baseline, gated.tiers) : null;
  // CPU time instead of time that passed earns no more
  const tier = reached && measured?.rough ? "pass" : reached;
  const due = scoreOf(result.checks, tier);
  const told = { score: result.score, score_max: result.score_max, passed: result.passed, tier: result.tier };
  const [is, has] = [JSON.stringify(due), JSON.stringify(told)];
  const slow = passes(result, kata.throughput?.id) && gated && !tier;
  return [
    ...(is === has ? [] : [`its checks make ${is}; it says ${has}`]),
    ...(slow ? [`${kata.throughput!.id} passed, and ${gated.id} was not fast enough, or not measured`] : []),
  ];
}

const passes = ({ checks }: Result, wanted: string | undefined) =>
  checks.some(({ id, verdict }) => id === wanted && verdict === "pass");
