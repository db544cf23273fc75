// SPDX-License-Identifier: MIT
/**
 * The vocabulary: what a kata is, as data. A kata folder's `kata.ts` hands one object to `defineKata()`; everything
 * else in the harness reads that object and nothing else of the kata.
 */
import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import type { Arbitrary } from "fast-check";
import { z } from "zod";
import { Sentence } from "../base/sentence.ts";

/** How a check can end. `not_measurable` and `harness_error` cost no points; `not_reached` scores none. */
export const VERDICTS = [
  "pass",
  "wrong",
  "crash",
  "race",
  "memory",
  "deadlock",
  "timeout",
  "slow",
  "forbidden",
  "build_error",
  "not_reached",
  "not_measurable",
  "harness_error",
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** What a learner reads about a check that did not pass. Values first, with units; the subject is the program. */
export interface Finding {
  saw: string;
  expected: string;
  /** One question or place that points at the mistake without naming the answer. */
  lookAt?: string;
  /** Compiler or sanitizer text, stacks, pictures: shown below the four lines, unedited. */
  detail?: string;
  /** The steps that led there, one thread at a time, when the schedule explorer knows them. */
  trace?: TraceStep[];
}

/** One step of one thread. `marked` steps are what the verdict is about. */
export interface TraceStep {
  thread: number;
  function: string;
  file: string;
  line: number;
  what: string;
  note: string;
  /** Equal steps in a row are one, counted. */
  times: number;
  marked: boolean;
}

export type Judgement =
  | { verdict: "pass"; /** How much was tried, where that is worth saying. */ note?: string }
  | ({ verdict: Exclude<Verdict, "pass"> } & Finding);

interface CheckHead {
  /** snake_case; the name is a promise, and the name of the mutants that break it. */
  id: string;
  points: number;
  /** Checks without whose pass this one would mean nothing. */
  needs?: string | string[];
}

/** The parent's side of a run: what it asked for. Evidence never repeats it. */
export interface RunRequest {
  seed: number;
  params: Record<string, number>;
}

/** A pure function from evidence of type `E` to a judgement. */
export interface Check<E> extends CheckHead {
  run(evidence: E, request: RunRequest): Judgement;
}

/** bun:ffi types that scripted calls may use. 64-bit integers travel as bigint. */
export const FFI_TYPES = ["void", "bool", "i32", "u32", "i64", "u64", "usize", "f64", "pointer", "cstring"] as const;
export type FfiType = (typeof FFI_TYPES)[number];

/** A value in a script: a number, NULL, or the name of something an earlier step allocated or returned. */
export type Value = number | bigint | boolean | null | { ref: string };

/** One step of a script, executed in the guest. */
export type Step =
  /** Calls a contract function; `as` names the pointer it returns. `expect` stays with the parent. */
  | { call: string; args: Value[]; as?: string; expect?: Expected; show: string }
  /** Takes `size` bytes of zeroed memory, aligned as malloc does, freed when the script ends. */
  | { alloc: string; size: number }
  /** Fills the first `size` bytes of named memory with one byte value. */
  | { fill: string; size: number; byte: number }
  /** Writes bytes, given as hex, to the beginning of named memory. */
  | { write: string; hex: string }
  /** Reads named memory; the answer is lower-case hex, which `words` puts into words for the learner. */
  | { read: string; size: number; expect?: Expected; show: string; words?: (hex: string) => string };

/** What a step must answer: a value, a named pointer, NULL, any pointer but NULL, bytes read, or a returned cstring. */
export type Expected = Value | { hex: string } | { text: string } | "any" | "not NULL";

/**
 * A single-threaded property: random command lists, turned into steps by the kata's model, which knows the expected
 * answers. A failure is shrunk to the shortest list that still fails.
 */
export interface ScriptCheck<C = any> extends CheckHead {
  /** Lists tried; the default is 100. */
  runs?: number;
  commands: Arbitrary<C[]>;
  /** Pure. Runs the model over the commands and writes down calls with the answers it expects. */
  plan(commands: C[]): Step[];
  lookAt: string;
}

/** How the learner's file and the driver are compiled; build.ts has the flags. */
export const BUILDS = ["plain", "stress", "asan", "tsan", "bench", "explore", "simulated", "simulated_asan"] as const;
export type Build = (typeof BUILDS)[number];

/** The contract's C file gates: they score nothing and everything needs them. */
export const GATES = ["compiles", "allowed_calls"] as const;

const functionValue = z.custom<(...args: any[]) => any>((f) => typeof f === "function", "a function");
const identifier = z.string().regex(/^[a-z][a-z0-9_]*$/, "snake_case, starting with a letter");
const checkHead = {
  id: identifier,
  points: z.int().min(0).max(100),
  needs: z.union([identifier, z.array(identifier)]).optional(),
};
const checkSchema = z.strictObject({ ...checkHead, run: functionValue });
const scriptCheckSchema = z.strictObject({
  ...checkHead,
  runs: z.int().min(1).max(10_000).optional(),
  commands: z.custom<Arbitrary<any>>((a) => typeof (a as any)?.generate === "function", "a fast-check arbitrary"),
  plan: functionValue,
  lookAt: z.string().min(1),
});
const scenarioSchema = z.strictObject({
  /** As reports name it. */
  id: identifier,
  /** The driver's name for it; the default is `id`. */
  driver: identifier.optional(),
  build: z.enum(["stress", "asan", "tsan"]),
  params: z.record(identifier, z.int().min(0)).default({}),
  /** Runs with different seeds; every check must hold in each. */
  runs: z.int().min(1).max(1000).default(1),
  deadline_ms: z.int().min(100).default(10_000),
  evidence: z.custom<z.ZodType>((s) => s instanceof z.ZodType, "a zod schema"),
  checks: z.array(checkSchema).min(1),
});
/** One scenario of the exploration driver under many schedules: one check, since the explorer itself says what broke. */
const exploredCheckSchema = z.strictObject({
  ...checkHead,
  /** As the exploration driver calls it. */
  scenario: identifier,
  /** Executions to try, each under another schedule; with `preemptions`, the most that an exhaustive search may take. */
  executions: z.int().min(1),
  /** Search exhaustively: every schedule with at most so many preemptions. */
  preemptions: z.int().min(0).max(4).optional(),
  deadline_ms: z.int().min(100).default(30_000),
});
const exploredSchema = z.strictObject({
  drivers: z.array(z.string()).min(1),
  checks: z.array(exploredCheckSchema).min(1),
});
/** Several guests at once, directed by the kata's own TypeScript: servers, their clients, and what befalls them. */
const stagedSchema = z.strictObject({
  id: identifier,
  params: z.record(identifier, z.int().min(0)).default({}),
  runs: z.int().min(1).max(1000).default(1),
  deadline_ms: z.int().min(100).default(20_000),
  /** `(stage: Stage) => Promise<evidence>`, in the grader's process: stage.ts says what it may do. */
  play: functionValue,
  checks: z.array(checkSchema).min(1),
});
/** One scenario of the simulation's driver, life after life: one check, since the simulation itself says what broke. */
const simulatedCheckSchema = z.strictObject({
  ...checkHead,
  /** As the simulation's driver calls it. */
  scenario: identifier,
  /** Lives to play, each with other clients, faults and orders of events. */
  lives: z.int().min(1),
  /** With AddressSanitizer and UBSan: slower, and sees more. */
  sanitized: z.boolean().default(false),
  deadline_ms: z.int().min(100).default(30_000),
});
const simulatedSchema = z.strictObject({
  drivers: z.array(z.string()).min(1),
  checks: z.array(simulatedCheckSchema).min(1),
});
const tiersSchema = z
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
  lookAt: z.string().min(1),
});

const kataSchema = z
  .strictObject({
    /** Two digits and a slug, the folder's name. */
    id: z.string().regex(/^\d\d-[a-z0-9-]+$/, "two digits and a slug, as in 02-mpsc-queue"),
    title: z.string().min(1),
    /** The one idea, as the shelf shows it. */
    idea: z.string().min(1),
    /** The learner's: lesson, header, stub, baseline. `dirname(import.meta.dir)`. */
    folder: z.string().min(1),
    /** The files a learner edits, and nothing else of a submission is read. */
    edits: z.array(z.string()).min(1),
    drivers: z.array(z.string()).min(1),
    /** In the kata's own folder, as the stub and the header are. */
    baseline: z.string(),
    /** What the object may import beyond the compiler's own calls, and must define. */
    imports: z.array(z.string()),
    /** Words for the linker: libraries, and calls that a driver answers (`-Wl,--wrap=NAME`). */
    link: z.array(z.string()).default([]),
    exports: z.array(z.string()).min(1),
    /** Calls of the learner's that the stress build sends to the driver instead, which defines kernel_read for read. */
    intercepted: z.array(z.string()).default([]),
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
  })
  .superRefine((kata, context) => {
    for (const problem of inconsistencies(kata)) context.addIssue({ code: "custom", ...problem });
  });

export type Kata = z.output<typeof kataSchema>;
export type Scenario = Kata["scenarios"][number];
export type Staged = Kata["staged"][number];
export type SimulatedCheck = z.output<typeof simulatedCheckSchema>;
export type ExploredCheck = z.output<typeof exploredCheckSchema>;
export type Throughput = NonNullable<Kata["throughput"]>;
export type Tiers = z.output<typeof tiersSchema>;
export const TIERS = ["pass", "silver", "gold"] as const;
export type Tier = (typeof TIERS)[number];

interface Problem {
  path: (string | number)[];
  message: string;
}

/** What zod's shapes cannot say: names that must exist, be unique, or add up. */
function inconsistencies(kata: z.input<typeof kataSchema>): Problem[] {
  const problems: Problem[] = [];
  const checks = allChecks(kata);
  const ids = checks.map((check) => check.id);
  ids.forEach((id, at) => {
    if (ids.indexOf(id) !== at) problems.push({ path: ["checks", id], message: `check '${id}' is defined twice` });
  });
  for (const check of checks) {
    for (const need of needsOf(check)) {
      if (!ids.includes(need)) problems.push({ path: ["checks", check.id, "needs"], message: `no check '${need}'` });
    }
  }
  const stuck = waitsForItself(kata);
  if (stuck !== undefined)
    problems.push({ path: ["checks", stuck, "needs"], message: `'${stuck}' needs itself in the end` });
  const points = checks.reduce((sum, check) => sum + check.points, 0);
  if (points !== 100) problems.push({ path: ["checks"], message: `points add up to ${points}, not 100` });
  for (const file of filesOf(kata)) {
    if (!existsSync(join(graderOf(kata), file))) problems.push({ path: ["folder"], message: `no file '${file}'` });
  }
  const folder = basename(kata.folder);
  if (folder !== kata.id) problems.push({ path: ["id"], message: `the folder is called '${folder}'` });
  const gates = kata.throughput?.metrics.filter((metric) => metric.tiers).length ?? 1;
  if (gates !== 1) problems.push({ path: ["throughput", "metrics"], message: `${gates} metrics have tiers, not 1` });
  return problems;
}

const filesOf = ({ drivers, explored, simulated, baseline }: z.input<typeof kataSchema>) =>
  new Set([...drivers, ...(explored?.drivers ?? []), ...(simulated?.drivers ?? []), join("..", baseline)]);

/**
 * A check that could never be tried: scripts are played one after the other, and the checks of a scenario together, so
 * each waits for what the others need.
 */
function waitsForItself(
  kata: Pick<z.input<typeof kataSchema>, "scripts" | "scenarios" | "staged" | "explored" | "throughput">,
): string | undefined {
  const groups: CheckEntry[][] = [
    ...kata.scripts.map((check) => [check]),
    ...[...kata.scenarios, ...(kata.staged ?? [])].map(({ checks }) => checks),
    ...(kata.throughput ? [[kata.throughput]] : []),
  ];
  const groupOf = (id: string) => groups.findIndex((group) => group.some((check) => check.id === id));
  const reaches = (from: number, to: number, seen: Set<number>): boolean => {
    const earlier = from > 0 && from < kata.scripts.length ? [from - 1] : [];
    const outside = groups[from]!.flatMap(needsOf)
      .map(groupOf)
      .filter((at) => at >= 0 && at !== from);
    return [...earlier, ...outside].some((next) => {
      if (next === to) return true;
      if (seen.has(next)) return false;
      seen.add(next);
      return reaches(next, to, seen);
    });
  };
  const stuck = groups.findIndex((group, at) => hasInnerCycle(group) || reaches(at, at, new Set()));
  return groups[stuck]?.[0]!.id;
}

/** Do checks of one group need each other in a circle? Takes away what needs nothing of the rest, until none is left. */
function hasInnerCycle(group: CheckEntry[]): boolean {
  const rest = group.filter((check) => needsOf(check).some((need) => group.some(({ id }) => id === need)));
  return rest.length > 0 && (rest.length === group.length || hasInnerCycle(rest));
}

/** Where a kata's definition, its drivers and its checks lie: what a learner need not read. */
export const graderOf = ({ folder }: { folder: string }) => join(folder, "grader");

/** A check's position in the report, without what it does. */
export type CheckEntry = CheckHead;

/** Every check of a kata in report order: gates, scripts, simulations, scenarios, stages, explorations, throughput. */
export function allChecks(
  kata: Pick<z.input<typeof kataSchema>, "scripts" | "scenarios" | "staged" | "explored" | "simulated" | "throughput">,
): CheckEntry[] {
  return [
    ...GATES.map((id) => ({ id, points: 0 })),
    ...kata.scripts,
    ...(kata.simulated?.checks ?? []),
    ...[...kata.scenarios, ...(kata.staged ?? [])].flatMap((scenario) => scenario.checks),
    ...(kata.explored?.checks ?? []),
    ...(kata.throughput ? [kata.throughput] : []),
  ];
}

/** The ids that `check` needs, gates excluded. */
export function needsOf(check: CheckEntry): string[] {
  return check.needs === undefined ? [] : [check.needs].flat();
}

/** A definition that defineKata() refused; the message lists every problem with its path. */
export class BrokenKata extends Sentence {}

/** Validates a definition. Throws BrokenKata. */
export function defineKata(definition: z.input<typeof kataSchema>): Kata {
  const parsed = kataSchema.safeParse(definition);
  if (parsed.success) return parsed.data;
  const folder = typeof definition?.folder === "string" ? basename(definition.folder) : "?";
  throw new BrokenKata(`katas/${folder}/grader/kata.ts is not a valid kata\n${z.prettifyError(parsed.error)}`);
}
