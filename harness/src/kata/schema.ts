// SPDX-License-Identifier: MIT
/** The shape of a kata's definition, with its defaults. What no shape can say, define.ts looks at. */
import type { Arbitrary } from "fast-check";
import { z } from "zod";
import { BOX_TIERS } from "../base/box-tier.ts";

/** bun:ffi types that scripted calls may use. 64-bit integers travel as bigint. */
export const FFI_TYPES = ["void", "bool", "i32", "u32", "i64", "u64", "usize", "f64", "pointer", "cstring"] as const;

const functionValue = z.custom<(...args: any[]) => any>((f) => typeof f === "function", "a function");
const identifier = z.string().regex(/^[a-z][a-z0-9_]*$/, "snake_case, starting with a letter");
const checkHead = {
  id: identifier,
  points: z.int().min(0).max(100),
  needs: z.union([identifier, z.array(identifier)]).optional(),
  file: z.string().optional(),
};
const checkSchema = z.strictObject({ ...checkHead, run: functionValue });
const scriptCheckSchema = z.strictObject({
  ...checkHead,
  runs: z.int().min(1).max(10_000).optional(),
  commands: z.custom<Arbitrary<any>>((a) => typeof (a as any)?.generate === "function", "a fast-check arbitrary"),
  always: z.array(z.array(z.any())).optional(),
  plan: functionValue,
  lookAt: z.string().min(1),
});
const scenarioSchema = z.strictObject({
  /** As reports name it. */
  id: identifier,
  /** The driver's name for it; the default is `id`. */
  driver: identifier.optional(),
  /** "mingw": a Windows program, which the driver runs in Wine (native/include/wine.h). */
  build: z.enum(["stress", "asan", "tsan", "mingw"]),
  params: z.record(identifier, z.int().min(0)).default({}),
  /** Runs with different seeds; every check must hold in each. */
  runs: z.int().min(1).max(1000).default(1),
  deadline_ms: z.int().min(100).default(10_000),
  evidence: z.custom<z.ZodType>((s) => s instanceof z.ZodType, "a zod schema"),
  checks: z.array(checkSchema).min(1),
});
/** One scenario of the exploration driver under many schedules: one check, since the explorer itself says what broke. */
export const exploredCheckSchema = z.strictObject({
  ...checkHead,
  /** As the exploration driver calls it. */
  scenario: identifier,
  /** Executions to try, each under another schedule; with `preemptions`, the most that an exhaustive search may take. */
  executions: z.int().min(1),
  /** Search exhaustively: every schedule with at most so many preemptions. */
  preemptions: z.int().min(0).max(4).optional(),
  /** Verdicts of the explorer that are this check's own: met in the same search, they are told before all others. */
  about: z.array(identifier).default([]),
  deadline_ms: z.int().min(100).default(30_000),
});
const exploredSchema = z.strictObject({ checks: z.array(exploredCheckSchema).min(1) });
/** Several guests at once, directed by the kata's own TypeScript: servers, their clients, and what befalls them. */
const stagedSchema = z.strictObject({
  id: identifier,
  params: z.record(identifier, z.int().min(0)).default({}),
  runs: z.int().min(1).max(1000).default(1),
  deadline_ms: z.int().min(100).default(20_000),
  /** Its play starts a Redis; where there is none, its checks are not measurable. */
  redis: z.boolean().default(false),
  /** `(stage: Stage) => Promise<evidence>`, in the grader's process: stage.ts says what it may do. */
  play: functionValue,
  checks: z.array(checkSchema).min(1),
});
/** One scenario of the simulation's driver, life after life: one check, since the simulation itself says what broke. */
export const simulatedCheckSchema = z.strictObject({
  ...checkHead,
  /** As the simulation's driver calls it. */
  scenario: identifier,
  /** Lives to play, each with other clients, faults and orders of events. */
  lives: z.int().min(1),
  /** With AddressSanitizer and UBSan: slower, and sees more. */
  sanitized: z.boolean().default(false),
  deadline_ms: z.int().min(100).default(30_000),
});
const simulatedSchema = z.strictObject({ checks: z.array(simulatedCheckSchema).min(1) });
export const tiersSchema = z
  .strictObject({ pass: z.number().positive(), silver: z.number().positive(), gold: z.number().positive() })
  .refine((t) => t.pass < t.silver && t.silver < t.gold, "pass < silver < gold");
const throughputSchema = z.strictObject({
  ...checkHead,
  driver: identifier.default("bench"),
  /** One is gated (it has tiers); the others are reported. Ratios are learner : baseline, higher is faster. */
  metrics: z
    .array(
      z.strictObject({
        id: identifier,
        title: z.string(),
        params: z.record(identifier, z.int().min(0)),
        tiers: tiersSchema.optional(),
      }),
    )
    .min(1),
  /** Is the evidence of one sample right? Speed of a wrong program is no speed. */
  evidence: z.custom<z.ZodType>((s) => s instanceof z.ZodType, "a zod schema"),
  sample: functionValue,
  /** Of the evidence: how long the operations of one sample took, as the bins of native/include/histogram.h in nanoseconds. */
  latency: functionValue.optional(),
  lookAt: z.string().min(1),
});

export const kataSchema = z.strictObject({
  /** Two digits and a slug, the folder's name. */
  id: z.string().regex(/^\d\d-[a-z0-9-]+$/, "two digits and a slug, as in 02-mpsc-queue"),
  title: z.string().min(1),
  /** The one idea, as the shelf shows it. */
  idea: z.string().min(1),
  /** The katas that teach what this one takes for granted, by number. */
  after: z.array(z.string().regex(/^\d\d$/, "two digits, as in 02")).default([]),
  /** The learner's: lesson, header, stub, baseline. `dirname(import.meta.dir)`. */
  folder: z.string().min(1),
  /** The files a learner edits, and nothing else of a submission is read. */
  edits: z.array(z.string()).min(1),
  /** In the kata's own folder, as the stub and the header are. */
  baseline: z.string(),
  /** What the object may import beyond the compiler's own calls, and must define; of several files, each what its stub does. */
  imports: z.array(z.string()),
  /** Of several files: what one of them may import besides, by its name. */
  imports_of: z.record(z.string(), z.array(z.string())).default({}),
  /** Words for the linker: libraries, and calls that a driver answers (`-Wl,--wrap=NAME`). */
  link: z.array(z.string()).default([]),
  exports: z.array(z.string()).min(1),
  /** The weakest box in which a score counts; a learner's own grading has what there is. */
  box: z.enum(BOX_TIERS).default("D"),
  /** Its programs may switch stacks in assembler: harness/src/build/assembly.ts says what is allowed of it. */
  assembly: z.boolean().default(false),
  /** Its programs may make rings (io_uring), which the box refuses to all others: docs/trust.md. */
  rings: z.boolean().default(false),
  /** Calls of the learner's that the stress build sends to the driver instead, which defines kernel_read for read. */
  intercepted: z.array(z.string()).default([]),
  /** Folders, from the root: their drivers are this kata's too, unless its own has one of that name. */
  drivers: z.array(z.string()).default([]),
  /** Folders, from the root: their headers are for the learner's file and for drivers, by the path below them (`<sys/event.h>`). */
  headers: z.array(z.string()).default([]),
  functions: z.record(z.string(), z.strictObject({ args: z.array(z.enum(FFI_TYPES)), returns: z.enum(FFI_TYPES) })),
  scripts: z.array(scriptCheckSchema),
  scenarios: z.array(scenarioSchema),
  staged: z.array(stagedSchema).default([]),
  explored: exploredSchema.optional(),
  /** The program in a simulated kernel (native/simkernel/README.md). */
  simulated: simulatedSchema.optional(),
  throughput: throughputSchema.optional(),
  /** Three, from a nudge to a plan; never code. */
  hints: z.array(z.string().min(20)).length(3),
});
