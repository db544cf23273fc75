// SPDX-License-Identifier: MIT
/**
 * `bun scripts/verify-throughput.ts NN-slug`: the reference and every accepted design reach at least `pass`, the
 * mutants of the throughput check do not. Only the metrics with tiers decide, and are measured. "Not measurable" is an
 * answer here as everywhere: said, and not a failure.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness/src/base/cache.ts";
import { Grading, newSeed } from "../harness/src/play/grade.ts";
import { findKata } from "../harness/src/kata/shelf.ts";
import { readSubmission } from "../harness/src/build/submission.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";

/** Fewer than a grading takes: these programs are far from `pass`. Where so few say otherwise, a whole grading decides. */
const FEW_ROUNDS = 3;

const whole = await findKata(process.argv[2] ?? "");
const solutions = join(ROOT, "solutions", whole.id);
const { throughput } = whole;
if (!throughput) process.exit(0);
/** Only `pass` is asked for: no rounds are spent on whether it is silver or gold. */
const gates = throughput.metrics.flatMap(({ tiers, ...metric }) =>
  tiers ? [{ ...metric, tiers: { pass: tiers.pass, silver: 1e6, gold: 2e6 } }] : [],
);

const within = (folder: string) =>
  existsSync(join(solutions, folder))
    ? readdirSync(join(solutions, folder))
        .sort()
        .map((name) => join(folder, name))
    : [];
const slow = within("mutants").filter((path) => path.startsWith(join("mutants", `${throughput.id}--`)));
let wrong = slow.length === 0 ? 1 : 0;
for (const [path, expected] of [
  ...["", ...within("accepted")].map((path) => [path, "pass"] as const),
  ...slow.map((path) => [path, "slow"] as const),
]) {
  // Of a right design all else has been proven before; of a slow one it is proven here.
  const needs = expected === "slow" ? throughput.needs : undefined;
  const kata = { ...whole, throughput: { ...throughput, needs, metrics: gates } };
  const submission = readSubmission(kata, join(solutions, path));
  const measured = async (rounds?: number) => {
    const result = await new Grading(new Workpiece(kata, submission), { seed: newSeed(), only: throughput.id, rounds })
      .start()
      .finished();
    const judged = result.checks.find(({ id }) => id === throughput.id)!;
    return { result, judged, ok: judged.verdict === expected || judged.verdict === "not_measurable" };
  };
  const few = await measured(FEW_ROUNDS);
  const { result, judged, ok } = few.ok ? few : await measured();
  const gated = result.metrics.find(({ tiers }) => tiers);
  const figures = gated
    ? `${gated.vs_baseline.ratio.toFixed(2)}x (${gated.vs_baseline.low.toFixed(2)} to ${gated.vs_baseline.high.toFixed(2)})`
    : (judged.saw ?? "");
  console.log(`${ok ? "✓" : "✗"} ${submission.label}: ${judged.verdict}, ${figures}`);
  if (!ok) wrong++;
}
process.exit(wrong === 0 ? 0 : 1);
