// SPDX-License-Identifier: MIT
/** The throughput check: builds the contenders, measures, and turns ratios into a judgement. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { compileSubmission } from "../build/learner.ts";
import { linkGuest } from "../build/link.ts";
import { ROOT } from "../base/cache.ts";
import { fail, notMeasurable, pass } from "../judge/check.ts";
import { Unusable } from "../base/command.ts";
import type { Judgement, Kata, Throughput } from "../kata/kata.ts";
import { BadSample, measure, NotMeasurable, type Contenders, type Metric, type Sampling } from "./measure.ts";
import { readSource, type Submission } from "../build/submission.ts";

export interface Speed {
  judgement: Judgement;
  /** The gated metric first; those measured before trouble came. */
  metrics: Metric[];
}

export async function judgeThroughput(
  kata: Kata,
  throughput: Throughput,
  submission: Submission,
  localize: string[],
  sampling: Sampling,
): Promise<Speed> {
  const contenders = await buildContenders(kata, submission, localize);
  const metrics: Metric[] = [];
  try {
    for (const metric of throughput.metrics.toSorted((a, b) => Number(!a.tiers) - Number(!b.tiers))) {
      const measured = await measure(throughput, metric, contenders, sampling);
      metrics.push(measured);
      if (measured.tiers && !measured.tier) return { judgement: tooSlow(measured, throughput.lookAt), metrics };
    }
    return { judgement: pass(), metrics };
  } catch (error) {
    if (error instanceof NotMeasurable) return { judgement: notMeasurable(error.message), metrics };
    if (!(error instanceof BadSample)) throw error;
    return { judgement: fail({ saw: error.message, expected: "a bench run that comes to its end" }), metrics };
  }
}

async function buildContenders(kata: Kata, submission: Submission, localize: string[]): Promise<Contenders> {
  const solved = join(ROOT, "solutions", kata.id);
  const baseline = [readSource(kata.edits[0]!, join(kata.folder, kata.baseline))];
  const reference = kata.edits.map((name) => ({ name, path: join(solved, name) }));
  const solutionsHere = reference.every(({ path }) => existsSync(path));
  return {
    learner: await benchGuest(kata, submission, localize),
    baseline: await benchGuest(kata, { label: "baseline", files: baseline }),
    ...(solutionsHere && {
      reference: await benchGuest(kata, {
        label: "reference",
        files: reference.map(({ name, path }) => readSource(name, path)),
      }),
    }),
  };
}

async function benchGuest(kata: Kata, submission: Submission, localize: string[] = []): Promise<string> {
  const compiled = await compileSubmission(kata, submission, "bench", localize);
  if (!compiled.ok) throw new Unusable(`the bench build of ${submission.label} failed:\n${compiled.text}`);
  return await linkGuest(kata, compiled.objects, "bench");
}

function tooSlow({ vs_baseline, tiers, title }: Metric, lookAt: string): Judgement {
  const { ratio, low, high } = vs_baseline;
  const range = `90 % sure: ${low.toFixed(2)} to ${high.toFixed(2)}`;
  return {
    verdict: "slow",
    saw: `${ratio.toFixed(2)} times the baseline's speed (${range}), ${title}`,
    expected: `at least ${tiers!.pass.toFixed(2)} times`,
    lookAt,
  };
}
