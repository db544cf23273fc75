// SPDX-License-Identifier: MIT
/** The throughput check: builds the contenders, measures, and turns ratios into a judgement. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/cache.ts";
import { fail, notMeasurable, pass } from "../judge/check.ts";
import type { Judgement, Throughput } from "../kata/kata.ts";
import { BadSample, measure, NotMeasurable, type Contenders, type Metric, type Sampling } from "./measure.ts";
import type { Judgements, Player } from "./player.ts";
import { readSource, type SourceFile } from "../build/submission.ts";
import { whyNotTimed } from "../build/toolchain.ts";
import { Workpiece } from "./workpiece.ts";

/** The kata's throughput: timed, so that nothing else may run meanwhile. */
export class ThroughputPlayer implements Player<Throughput> {
  readonly groups: Throughput[][];
  readonly beside = "nothing";
  /** The gated metric and the reported ones, once they have been measured. */
  metrics: Metric[] = [];

  /** `untimed`: why it is left out. */
  constructor(
    readonly workpiece: Workpiece,
    throughput: Throughput,
    readonly sampling: Sampling & { untimed?: string },
  ) {
    this.groups = [[throughput]];
  }

  async play([throughput]: Throughput[]): Promise<Judgements> {
    const why = this.sampling.untimed ?? whyNotTimed();
    if (why) return new Map([[throughput!.id, notMeasurable(why)]]);
    const { judgement, metrics } = await judgeThroughput(this.workpiece, throughput!, this.sampling);
    this.metrics = metrics;
    return new Map([[throughput!.id, judgement]]);
  }
}

export interface Speed {
  judgement: Judgement;
  /** The gated metric first; those measured before trouble came. */
  metrics: Metric[];
}

export async function judgeThroughput(
  workpiece: Workpiece,
  throughput: Throughput,
  sampling: Sampling,
): Promise<Speed> {
  const contenders = await buildContenders(workpiece);
  const metrics: Metric[] = [];
  try {
    for (const metric of throughput.metrics.toSorted((a, b) => Number(!a.tiers) - Number(!b.tiers))) {
      const measured = await measure(throughput, metric, contenders, sampling);
      metrics.push(measured);
      if (measured.tiers && !measured.tier) return { judgement: tooSlow(measured, throughput.lookAt), metrics };
      if (measured.rough) return { judgement: pass(`roughly: ${measured.rough}`), metrics }; // no time for the others
    }
    return { judgement: pass(), metrics };
  } catch (error) {
    if (error instanceof NotMeasurable) return { judgement: notMeasurable(error.message), metrics };
    if (!(error instanceof BadSample)) throw error;
    return { judgement: fail({ saw: error.message, expected: "a bench run that ends" }), metrics };
  }
}

async function buildContenders(workpiece: Workpiece): Promise<Contenders> {
  const { kata } = workpiece;
  const solved = join(ROOT, "solutions", kata.id);
  const guestOf = (label: string, files: SourceFile[]) => new Workpiece(kata, { label, files }).guest("bench");
  const baseline = [readSource(kata.edits[0]!, join(kata.folder, kata.baseline))];
  const reference = kata.edits.map((name) => ({ name, path: join(solved, name) }));
  const solutionsHere = reference.every(({ path }) => existsSync(path));
  return {
    learner: await workpiece.guest("bench"),
    baseline: await guestOf("baseline", baseline),
    ...(solutionsHere && {
      reference: await guestOf(
        "reference",
        reference.map(({ name, path }) => readSource(name, path)),
      ),
    }),
  };
}

function tooSlow({ vs_baseline, tiers, title, rough }: Metric, lookAt: string): Judgement {
  const { ratio, low, high } = vs_baseline;
  const clock = rough ? `, by CPU time, since ${rough}` : "";
  const range = `90 % sure: ${low.toFixed(2)} to ${high.toFixed(2)}`;
  return {
    verdict: "slow",
    saw: `${ratio.toFixed(2)} times the baseline's speed (${range})${clock}, ${title}`,
    expected: `at least ${tiers!.pass.toFixed(2)} times`,
    lookAt,
  };
}
