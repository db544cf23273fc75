// SPDX-License-Identifier: MIT
/** Verdicts become points, a tier and a result: one versioned record that every report is made of. Pure. */
import { z } from "zod";
import { BOX_TIERS } from "../base/box-tier.ts";
import { contrasted } from "../base/contrast.ts";
import { BUCKETS_MAX, type Latency } from "../base/histogram.ts";
import { readable } from "../base/readable.ts";
import type { Printed } from "../kata/run.ts";
import { VERDICTS, type CheckEntry, type Judgement, type Tier, type TraceStep } from "../kata/kata.ts";

/** Who vouches for it: nobody; our workflow, by its signature; an organiser, who graded the files again. docs/trust.md */
export const TRUST = ["practice", "attested", "canonical"] as const;

const interval = z.strictObject({ ratio: z.number(), low: z.number(), high: z.number() });
const optionalTier = z.enum(["pass", "silver", "gold"]).nullable();

export const checkResultSchema = z.strictObject({
  id: z.string(),
  verdict: z.enum(VERDICTS),
  points: z.int().min(0),
  points_max: z.int().min(0),
  saw: z.string().optional(),
  expected: z.string().optional(),
  look_at: z.string().optional(),
  /** The check that has to pass first. */
  waits_for: z.string().optional(),
  detail: z.string().optional(),
  /** The last lines that the program printed in the run that failed, and how many came before them. */
  printed: z.strictObject({ left_out: z.int().min(0), lines: z.array(z.string()) }).optional(),
  trace: z
    .array(
      z.strictObject({
        thread: z.int(),
        who: z.string(),
        function: z.string(),
        file: z.string(),
        line: z.int(),
        source: z.string(),
        what: z.string(),
        note: z.string(),
        times: z.int(),
        marked: z.boolean(),
        /** Of every other thread the last step, by number in this list, that happens before this one. */
        after: z.array(z.int().min(0)).optional(),
      }),
    )
    .optional(),
  /** How much was tried, of a check that passed. */
  note: z.string().optional(),
  replay: z.string().optional(),
  /** The one of the kata's files that it tries, where the kata has several and this check does not need all. */
  file: z.string().optional(),
  seconds: z.number().min(0),
});
export type CheckResult = z.infer<typeof checkResultSchema>;

const latencySchema: z.ZodType<Latency> = z.strictObject({
  count: z.int().min(0),
  p50_us: z.number(),
  p99_us: z.number(),
  p999_us: z.number(),
  max_us: z.number(),
  /** From, to, how many: those that are not empty, in microseconds. */
  buckets: z.array(z.tuple([z.number(), z.number(), z.int()])).max(BUCKETS_MAX),
});

const metricSchema = z.strictObject({
  id: z.string(),
  title: z.string(),
  vs_baseline: interval,
  vs_reference: interval.optional(),
  tiers: z.strictObject({ pass: z.number(), silver: z.number(), gold: z.number() }).optional(),
  tier: optionalTier.optional(),
  /** Why CPU time was compared instead of time that passed: the ratio is rough, and earns no silver or gold. */
  rough: z.string().optional(),
  rounds: z.int(),
  /** Of the single operations, where the kata measures them, in all rounds together. */
  latency: z
    .strictObject({ learner: latencySchema, baseline: latencySchema, reference: latencySchema.optional() })
    .optional(),
  seconds: z.strictObject({ learner: z.number(), baseline: z.number(), reference: z.number().optional() }),
});

export const resultSchema = z
  .strictObject({
    schema: z.literal("c10kata/result/v1"),
    kata: z.string(),
    trust: z.enum(TRUST),
    submission: z.strictObject({
      label: z.string(),
      files: z.array(z.strictObject({ name: z.string(), sha256: z.string() })),
    }),
    seed: z.string(),
    toolchain: z.strictObject({ compiler: z.string(), bun: z.string(), kernel: z.string(), cpus: z.int() }),
    /** What held the program while it ran, and why it was not a better one. Results of before had none. */
    box: z.strictObject({ tier: z.enum(BOX_TIERS), why: z.string().optional() }).optional(),
    passed: z.boolean(),
    score: z.int().min(0).max(100),
    /** 100 less the points of checks that this machine cannot measure, or whose grader failed. */
    score_max: z.int().min(0).max(100),
    tier: optionalTier,
    checks: z.array(checkResultSchema),
    /** Of a kata with several files: how each of them stands, and its failure that is nearest to the cause. */
    parts: z
      .array(
        z.strictObject({
          file: z.string(),
          score: z.int().min(0),
          score_max: z.int().min(0),
          passed: z.boolean(),
          first: z.string().optional(),
        }),
      )
      .optional(),
    /** Of the failures the one nearest to the cause, which reports show in full: the id of its check. */
    first: z.string().optional(),
    metrics: z.array(metricSchema),
    warnings: z.string().optional(),
    seconds: z.number(),
  })
  .meta({ title: "c10kata result", description: "One kata graded once. The shape is stable within a version." });
export type Result = z.infer<typeof resultSchema>;

/** Verdicts that say something about this machine, or that no second try would change. */
const NOT_REPLAYED = new Set(["not_reached", "not_measurable", "harness_error", "build_error", "forbidden"]);

/** `replay`: the command that shows the failure again. */
export function checkResult(check: CheckEntry, judgement: Judgement, seconds: number, replay: string): CheckResult {
  const { verdict } = judgement;
  const points = verdict === "pass" ? check.points : 0;
  const { id, points: points_max, file } = check;
  const head = { id, verdict, points, points_max, ...(file !== undefined && { file }), seconds };
  if (judgement.verdict === "pass") return { ...head, ...(judgement.note && { note: judgement.note }) };
  const { lookAt, waitsFor, detail, printed, trace } = judgement;
  const [saw, expected] = contrasted(judgement.saw, judgement.expected);
  return {
    ...head,
    saw: readable(saw),
    expected: readable(expected),
    ...(lookAt && { look_at: readable(lookAt) }),
    ...(waitsFor && { waits_for: waitsFor }),
    ...(detail && { detail: readable(detail) }),
    ...(printed && { printed: lastPrinted(printed) }),
    ...(trace && { trace: trace.map(readableStep) }),
    ...(!NOT_REPLAYED.has(verdict) && { replay }),
  };
}

const PRINTED_LINES_MAX = 20;
const PRINTED_CHARACTERS_MAX = 2_000;

/** A first line that is there in part only is shown so. */
function lastPrinted({ text, lines }: Printed): CheckResult["printed"] {
  const told = text.slice(-PRINTED_CHARACTERS_MAX).replace(/\n$/, "").split("\n").slice(-PRINTED_LINES_MAX);
  return { left_out: Math.max(0, lines - told.length), lines: readable(told.join("\n")).split("\n") };
}

/** A driver's words and a learner's line may hold anything. */
const readableStep = ({ who, source, what, note, ...step }: TraceStep): TraceStep => ({
  ...step,
  who: readable(who),
  source: readable(source),
  what: readable(what),
  note: readable(note),
});

/** Its points are taken from nobody. */
export const costsNothing = ({ verdict }: CheckResult) => verdict === "not_measurable" || verdict === "harness_error";

export interface Score {
  score: number;
  score_max: number;
  passed: boolean;
  tier: Tier | null;
}

/**
 * A kata is passed when every check passes, except those that the machine cannot measure. The tier is that of the
 * gated metric, and null until the kata is passed.
 */
export function scoreOf(checks: CheckResult[], tier: Tier | null): Score {
  const score = checks.reduce((sum, check) => sum + check.points, 0);
  const score_max = checks.filter((check) => !costsNothing(check)).reduce((sum, check) => sum + check.points_max, 0);
  const passed = checks.every((check) => check.verdict === "pass" || check.verdict === "not_measurable");
  return { score, score_max, passed, tier: passed ? tier : null };
}

/** Does it say that the program is wrong, or the grader? */
export const accuses = ({ verdict }: CheckResult) => !["pass", "not_reached", "not_measurable"].includes(verdict);

/** The failure that a report tells first; undefined where there is none. */
export const firstFailure = ({ checks, first }: Result) => checks.find(({ id }) => id === first);

/** 0: passed. 1: not passed. 2: the grader itself failed, and nothing is said about the program. */
export function exitCode(result: Result): 0 | 1 | 2 {
  if (result.checks.some((check) => check.verdict === "harness_error")) return 2;
  return result.passed ? 0 : 1;
}
