// SPDX-License-Identifier: MIT
/** The runs of one scenario, each with a seed of its own, and what they say of its checks together. */
import { hashOf } from "../base/cache.ts";
import { needsOf, type Check, type Judgement, type RunRequest } from "../kata/kata.ts";
import { notReached, waitsFor } from "../judge/check.ts";
import type { Judgements } from "./player.ts";

export type Checks = Check<any>[];

/** What the runs so far said of each check: the last pass, with its note, and the failure that ended its trials. */
export interface Judged {
  failed: Judgements;
  passed: Judgements;
}

/**
 * A check's judgement is that of the first run in which it did not hold. A run that ends badly ends the scenario: its
 * end, which `playRun` answers, counts for the first check still standing, and the others are not reached. An end that
 * accuses nobody counts for all of them.
 */
export async function playRuns(
  scenario: { id: string; runs: number },
  checks: Checks,
  seed: number,
  playRun: (seed: number, judged: Judged) => Promise<Judgement | null>,
): Promise<Map<string, Judgement>> {
  const failed = new Map<string, Judgement>();
  const passed = new Map<string, Judgement>();
  for (let run = 0; run < scenario.runs; run++) {
    const broken = await playRun(seedOfRun(seed, scenario.id, run), { failed, passed });
    if (!broken) continue;
    for (const check of checks.filter(({ id }) => !failed.has(id))) {
      const spoilt = !accusesNobody(broken) && [...failed.values()].includes(broken);
      failed.set(
        check.id,
        spoilt
          ? notReached(`${firstWords(broken)} in scenario ${scenario.id}`, `scenario ${scenario.id} ends`)
          : broken,
      );
    }
    break;
  }
  return new Map(checks.map((check) => [check.id, standing(check, failed, passed)]));
}

const accusesNobody = ({ verdict }: Judgement) => verdict === "not_measurable" || verdict === "harness_error";

function standing(check: Checks[number], failed: Judgements, passed: Judgements): Judgement {
  const need = needsOf(check).find((id) => failed.has(id) && !accusesNobody(failed.get(id)!));
  return need ? waitsFor(need) : (failed.get(check.id) ?? passed.get(check.id) ?? { verdict: "pass" });
}

/** Each run has its own, drawn from the grading's. */
export function seedOfRun(seed: number, scenario: string, run: number): number {
  return Number.parseInt(hashOf(String(seed), scenario, String(run)).slice(0, 12), 16);
}

/** Judges one run's evidence with the checks that have held so far; those that did not hold now. */
export function judgeRun(
  checks: Checks,
  evidence: unknown,
  request: RunRequest,
  { failed, passed }: Judged,
): Map<string, Judgement> {
  const held = checks.filter(({ id }) => !failed.has(id));
  for (const check of held) {
    const judgement = check.run(evidence, request) as Judgement;
    (judgement.verdict === "pass" ? passed : failed).set(check.id, judgement);
  }
  return new Map(held.filter(({ id }) => failed.has(id)).map(({ id }) => [id, failed.get(id)!]));
}

function firstWords(judgement: Judgement): string {
  return judgement.verdict === "pass" ? "" : judgement.saw.split(/[,:] /)[0]!;
}
