// SPDX-License-Identifier: MIT
/**
 * A kata's throughput gate: the reference and every accepted design reach at least `pass`, the mutants of the check do
 * not. Only the metrics with tiers decide, and are measured. "Not measurable" is an answer here as everywhere: said,
 * and not a failure. Nothing else may run meanwhile.
 */
import { Sentence } from "../../harness/src/base/sentence.ts";
import type { Result } from "../../harness/src/judge/score.ts";
import type { Kata } from "../../harness/src/kata/kata.ts";
import { newSeed } from "../../harness/src/play/grade.ts";
import { graded } from "./proof.ts";
import type { Program } from "./trials.ts";

/** Fewer than a grading takes: these programs are far from `pass`. Where so few say otherwise, a whole grading decides. */
const FEW_ROUNDS = 3;

/** Measures one program after the other; one sentence for each that is judged wrongly. */
export async function misjudgedSpeeds(kata: Kata, programs: Program[]): Promise<string[]> {
  const id = kata.throughput!.id;
  const wrong: string[] = [];
  for (const program of programs.filter(({ kind, check }) => kind === "right" || (kind === "mutant" && check === id))) {
    const expected = program.kind === "right" ? "pass" : "slow";
    const { line, ok } = await measured(onlyGates(kata, expected), program.path, expected).catch(unreadable);
    console.log(`${ok ? "✓" : "✗"} ${line}`);
    if (!ok) wrong.push(`${line}; expected ${expected}`);
  }
  return wrong;
}

/**
 * Only `pass` is asked for: no rounds are spent on whether it is silver or gold. Of a right design all else is proven
 * apart; of a slow one, what the check needs is proven here.
 */
function onlyGates(kata: Kata, expected: "pass" | "slow"): Kata {
  const { throughput } = kata;
  if (!throughput) return kata;
  const metrics = throughput.metrics.flatMap(({ tiers, ...metric }) =>
    tiers ? [{ ...metric, tiers: { pass: tiers.pass, silver: 1e6, gold: 2e6 } }] : [],
  );
  return { ...kata, throughput: { ...throughput, metrics, needs: expected === "slow" ? throughput.needs : undefined } };
}

async function measured(kata: Kata, path: string, expected: "pass" | "slow") {
  const { id } = kata.throughput!;
  const once = async (rounds?: number) => {
    const result = await graded(kata, path, { seed: newSeed(), only: id, rounds });
    const { verdict } = result.checks.find((check) => check.id === id)!;
    const line = `${result.submission.label}: ${verdict}, ${figuresOf(result, id)}`;
    return { line, ok: verdict === expected || verdict === "not_measurable" };
  };
  const few = await once(FEW_ROUNDS);
  return few.ok ? few : await once();
}

/** A patch that does not fit its base, say. Throws what is our own fault. */
function unreadable(error: unknown) {
  if (!(error instanceof Sentence)) throw error;
  return { line: error.message, ok: false };
}

function figuresOf({ metrics, checks }: Result, id: string): string {
  const gated = metrics.find(({ tiers }) => tiers)?.vs_baseline;
  if (gated) return `${gated.ratio.toFixed(2)}x (${gated.low.toFixed(2)} to ${gated.high.toFixed(2)})`;
  return checks.find((check) => check.id === id)!.saw ?? "";
}
