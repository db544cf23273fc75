// SPDX-License-Identifier: MIT
/**
 * The vocabulary: what a kata is, as data. A kata folder's `kata.ts` hands one object to `defineKata()`; everything
 * else in the harness reads that object and nothing else of the kata.
 */
import type { Arbitrary } from "fast-check";
import type { z } from "zod";
import type { Printed } from "./run.ts";
import type { exploredCheckSchema, FFI_TYPES, kataSchema, simulatedCheckSchema, tiersSchema } from "./schema.ts";

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
  /** The check that has to pass first, of a check that was not reached. */
  waitsFor?: string;
  /** Compiler or sanitizer text, stacks, pictures: shown below the four lines, unedited. */
  detail?: string;
  /** What the program printed in the run that failed. */
  printed?: Printed;
  /** The steps that led there, one thread at a time, when the schedule explorer knows them. */
  trace?: TraceStep[];
}

/** One step of one thread. `marked` steps are what the verdict is about. */
export interface TraceStep {
  thread: number;
  /** As a picture heads its column: "T1 consumer", "client 2". */
  who: string;
  function: string;
  file: string;
  line: number;
  /** That line's text, where the file is the submission's or a driver's. */
  source: string;
  what: string;
  note: string;
  /** Equal steps in a row are one, counted. */
  times: number;
  marked: boolean;
  /**
   * Of every other thread the last step, by number in the trace, that happens before this one, as far as the trace has it: so do
   * the steps of that thread before it, and none behind it. Not there where nobody knows the order.
   */
  after?: number[];
}

/** `note`: how much was tried, where that is worth saying. */
export type Judgement = { verdict: "pass"; note?: string } | ({ verdict: Exclude<Verdict, "pass"> } & Finding);

/** What every check has: its place in the report. What it does is told apart. */
export interface CheckEntry {
  /** snake_case; the name is a promise, and the name of the mutants that break it. */
  id: string;
  points: number;
  /** Checks without whose pass this one would mean nothing. */
  needs?: string | string[];
  /**
   * The one of the kata's files that it tries: the others are the stubs then, as far as this one does not use them.
   * Without it, all of them. Checks of one scenario try the same file.
   */
  file?: string;
}

/** Scores nothing, and everything that its file is tried with needs it. */
export interface Gate extends CheckEntry {
  gate: "compiles" | "allowed_calls";
}

/** The parent's side of a run: what it asked for. Evidence never repeats it. */
export interface RunRequest {
  seed: number;
  params: Record<string, number>;
}

/** A pure function from evidence of type `E` to a judgement. */
export interface Check<E> extends CheckEntry {
  run(evidence: E, request: RunRequest): Judgement;
}

export type FfiType = (typeof FFI_TYPES)[number];

/** A value in a script: a number, NULL, or the name of something an earlier step allocated or returned. */
export type Value = number | bigint | boolean | null | { ref: string };

/** One step of a script, executed in the guest. */
export type Step =
  /**
   * Calls a contract function; `as` names the pointer it returns. `expect` stays with the parent, as does `words`, which
   * shows a text that was returned to the learner; so does `lookAt`, where the check's own question would mislead.
   */
  | {
      call: string;
      args: Value[];
      as?: string;
      expect?: Expected;
      show: string;
      words?: (text: string) => string;
      lookAt?: string;
    }
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
export interface ScriptCheck<C = any> extends CheckEntry {
  /** Lists tried; the default is 100. */
  runs?: number;
  commands: Arbitrary<C[]>;
  /** Lists that every grading tries, before those that are drawn: what a contract names is not left to chance. */
  always?: C[][];
  /** Pure. Runs the model over the commands and writes down calls with the answers it expects. */
  plan(commands: C[]): Step[];
  lookAt: string;
}

/** How the learner's file and the driver are compiled; flags.ts says with which words. */
export const BUILDS = [
  "plain",
  "stress",
  "asan",
  "tsan",
  "bench",
  "explore",
  "explore_unoptimized",
  "simulated",
  "simulated_asan",
  "mingw",
] as const;
export type Build = (typeof BUILDS)[number];

/** A definition as a kata's folder writes it, before the defaults are filled in. */
export type Definition = z.input<typeof kataSchema>;
export type Kata = z.output<typeof kataSchema>;
export type Scenario = Kata["scenarios"][number];
export type Staged = Kata["staged"][number];
export type SimulatedCheck = z.output<typeof simulatedCheckSchema>;
export type ExploredCheck = z.output<typeof exploredCheckSchema>;
export type Throughput = NonNullable<Kata["throughput"]>;
export type Tiers = z.output<typeof tiersSchema>;
export const TIERS = ["pass", "silver", "gold"] as const;
export type Tier = (typeof TIERS)[number];

/** Where a kata's definition, its drivers and its checks lie: what a learner need not read. */
export const graderOf = ({ folder }: { folder: string }) => `${folder}/grader`;

/** The gates of each file; where a kata has several, their names begin as the file's does. */
export function gatesOf({ edits }: Pick<Definition, "edits">): Gate[] {
  return edits.flatMap((file): Gate[] => {
    const [before, of] = edits.length === 1 ? ["", {}] : [`${file.replace(/\.c$/, "")}_`, { file }];
    const compiles: Gate = { gate: "compiles", id: `${before}compiles`, points: 0, ...of };
    return [compiles, { ...compiles, gate: "allowed_calls", id: `${before}allowed_calls`, needs: compiles.id }];
  });
}

/** What is tried of each file, in the kata's order; what needs all of them comes last, without a file. */
export function byFile<C extends CheckEntry>(
  { edits }: Pick<Definition, "edits">,
  checks: C[],
): [file: string | undefined, checks: C[]][] {
  const files = [...edits, undefined];
  const groups = files.map((file): [string | undefined, C[]] => [file, checks.filter((check) => check.file === file)]);
  return groups.filter(([, own]) => own.length > 0);
}

/** Every check of a kata in report order: gates, scripts, simulations, scenarios, stages, explorations, throughput. */
export function allChecks(
  kata: Pick<Definition, "edits" | "scripts" | "scenarios" | "staged" | "explored" | "simulated" | "throughput">,
): CheckEntry[] {
  return [
    ...gatesOf(kata),
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

/** What a check needs, the gates of what it tries before all. */
export function allNeedsOf(kata: Pick<Definition, "edits">, check: CheckEntry): string[] {
  const gates = gatesOf(kata);
  if (gates.some(({ id }) => id === check.id)) return needsOf(check);
  const own = gates.filter(({ file }) => check.file === undefined || check.file === file);
  return [...own.map(({ id }) => id), ...needsOf(check)];
}
