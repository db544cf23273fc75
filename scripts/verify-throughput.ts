// SPDX-License-Identifier: MIT
/**
 * `bun scripts/verify-throughput.ts NN-slug`: the reference and every accepted design reach at least `pass`, the
 * mutants of the throughput check do not. Only the metrics with tiers decide, and are measured. "Not measurable" is an
 * answer here as everywhere: said, and not a failure.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness/src/cache.ts";
import { Grading, newSeed } from "../harness/src/grade.ts";
import { findKata } from "../harness/src/shelf.ts";
import { readSubmission } from "../harness/src/submission.ts";

/** Fewer than a grading takes: these programs are far from every threshold, and an interval that is not takes more. */
const ROUNDS = 3;

const whole = await findKata(process.argv[2] ?? "");
const solutions = join(ROOT, "solutions", whole.id);
if (!whole.throughput) process.exit(0);
const gates = whole.throughput.metrics.filter(({ tiers }) => tiers);
const kata = { ...whole, throughput: { ...whole.throughput, metrics: gates } };
const check = kata.throughput.id;

const within = (folder: string) =>
  existsSync(join(solutions, folder))
    ? readdirSync(join(solutions, folder))
        .sort()
        .map((name) => join(folder, name))
    : [];
const slow = within("mutants").filter((path) => path.startsWith(join("mutants", `${check}--`)));
let wrong = slow.length === 0 ? 1 : 0;
for (const [path, expected] of [
  ...["", ...within("accepted")].map((path) => [path, "pass"] as const),
  ...slow.map((path) => [path, "slow"] as const),
]) {
  const submission = readSubmission(kata, join(solutions, path));
  const result = await new Grading(kata, submission, { seed: newSeed(), only: check, rounds: ROUNDS }).finished();
  const judged = result.checks.find(({ id }) => id === check)!;
  const ok = judged.verdict === expected || judged.verdict === "not_measurable";
  const gated = result.metrics.find(({ tiers }) => tiers);
  const figures = gated
    ? `${gated.vs_baseline.ratio.toFixed(2)}x (${gated.vs_baseline.low.toFixed(2)} to ${gated.vs_baseline.high.toFixed(2)}) ${gated.tier ?? "below pass"}`
    : (judged.saw ?? "");
  console.log(`${ok ? "✓" : "✗"} ${submission.label}: ${judged.verdict}, ${figures}`);
  if (!ok) wrong++;
}
process.exit(wrong === 0 ? 0 : 1);
