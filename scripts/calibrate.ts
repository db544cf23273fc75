// SPDX-License-Identifier: MIT
/**
 * `bun run calibrate NN`: derives the three thresholds of a kata's gated metric from what its solutions reach here,
 * and refuses those in kata.ts when a right design could miss `pass`, or a deliberately slow one reach it.
 *
 * Every ratio is to the baseline, on one CPU, interleaved. The margins follow the noise measured on shared machines:
 * single rounds of one comparison lie within 20 % of each other.
 */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../harness/src/base/cache.ts";
import { Unusable } from "../harness/src/base/command.ts";
import type { Kata, Tiers } from "../harness/src/kata/kata.ts";
import type { Metric } from "../harness/src/play/measure.ts";
import { findKata } from "../harness/src/kata/shelf.ts";
import { readSubmission } from "../harness/src/build/submission.ts";
import { judgeThroughput } from "../harness/src/play/throughput.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";
import { table } from "./verify/report.ts";

/** A right design passes with this much in hand. */
const HEADROOM = 1.25;
/** What one has to come up to, as a share of the reference. */
const SILVER_SHARE = 0.6;
const GOLD_SHARE = 0.85;

interface Measured {
  path: string;
  metric: Metric | undefined;
}

const kata = await findKata(process.argv[2] ?? "");
const throughput = kata.throughput;
if (!throughput) throw new Unusable(`${kata.id} has no throughput`);
const solutions = join(ROOT, "solutions", kata.id);
const gate = throughput.metrics.find(({ tiers }) => tiers)!;

/** Tiers out of reach on both sides, so that measuring neither stops early nor hunts for a threshold. */
const unjudged: Kata["throughput"] = {
  ...throughput,
  metrics: [{ ...gate, tiers: { pass: 1e-6, silver: 1e6, gold: 2e6 } }],
};

async function measured(path: string): Promise<Measured> {
  const submission = readSubmission(kata, join(solutions, path));
  const { metrics, judgement } = await judgeThroughput(new Workpiece(kata, submission), unjudged!, { seed: 1 });
  if (!metrics[0]) console.error(`${path || "reference"}: ${judgement.verdict === "pass" ? "" : judgement.saw}`);
  return { path: path || "reference", metric: metrics[0] };
}

async function all(paths: string[]): Promise<Measured[]> {
  const rows: Measured[] = [];
  for (const path of paths) rows.push(await measured(path));
  return rows;
}

const within = (folder: string) =>
  readdirSync(join(solutions, folder))
    .sort()
    .map((name) => join(folder, name));
const [reference] = await all([""]);
const accepted = await all(within("accepted"));
const slow = await all(within("mutants").filter((path) => path.startsWith(join("mutants", `${throughput.id}--`))));

const rows = [reference!, ...accepted, ...slow].map(({ path, metric }) =>
  metric
    ? [
        path,
        metric.vs_baseline.ratio.toFixed(2),
        `${metric.vs_baseline.low.toFixed(2)} to ${metric.vs_baseline.high.toFixed(2)}`,
      ]
    : [path, "-", "not measured"],
);
console.log(table([["program", "x baseline", "90 %"], ...rows]));

if ([reference!, ...accepted, ...slow].some(({ metric }) => !metric)) {
  console.error("✗ not every program could be measured: again, on a quieter machine");
  process.exit(2);
}

const low = (row: Measured) => row.metric!.vs_baseline.low;
const high = (row: Measured) => row.metric!.vs_baseline.high;
const slowestRight = Math.min(low(reference!), ...accepted.map(low));
const fastestSlow = Math.max(...slow.map(high));
const round = (value: number) => Math.round(value * 20) / 20;
const best = reference!.metric!.vs_baseline.ratio;
const suggested: Tiers = {
  pass: round(Math.min(slowestRight / HEADROOM, Math.sqrt(slowestRight * fastestSlow))),
  silver: round(best * SILVER_SHARE),
  gold: round(best * GOLD_SHARE),
};
console.log(`\nin kata.ts  ${JSON.stringify(gate.tiers)}\nsuggested   ${JSON.stringify(suggested)}`);

const problems = [
  ...(slowestRight >= gate.tiers!.pass * HEADROOM
    ? []
    : [`a right design reaches ${slowestRight.toFixed(2)}, pass is ${gate.tiers!.pass}`]),
  ...(fastestSlow * HEADROOM <= gate.tiers!.pass
    ? []
    : [`a slow one reaches ${fastestSlow.toFixed(2)}, pass is ${gate.tiers!.pass}`]),
  ...(best >= gate.tiers!.gold ? [] : [`the reference reaches ${best.toFixed(2)}, gold is ${gate.tiers!.gold}`]),
];
for (const problem of problems) console.error(`✗ the margin of ${HEADROOM} does not fit: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
