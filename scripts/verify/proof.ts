// SPDX-License-Identifier: MIT
/**
 * The proof of one kata: the stub compiles without warnings and scores 0, right designs pass, each mutant fails the
 * check in its name, and so does each cheat, for the reason that it names. Which gradings are made, and when, is the caller's affair; none of them is timed.
 */
import { readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { hashOf, ROOT } from "../../harness/src/base/cache.ts";
import { Sentence } from "../../harness/src/base/sentence.ts";
import { readSubmission } from "../../harness/src/build/submission.ts";
import { firstFailure, type Result } from "../../harness/src/judge/score.ts";
import { allChecks, gatesOf, type Kata } from "../../harness/src/kata/kata.ts";
import { Grading, newSeed, type GradeOptions } from "../../harness/src/play/grade.ts";
import { Workpiece } from "../../harness/src/play/workpiece.ts";
import { shortFailure } from "../../harness/src/report/terminal.ts";
import { judgedWhenTimed, preambleOf, wrongWithCheat } from "./cheats.ts";
import type { KataReport } from "./report.ts";
import { programsOf, trialsOf, type Program, type Trial } from "./trials.ts";

const UNTIMED = "verify measures throughput apart";

/** Grades what lies at `path`. Throws a Sentence when it cannot be read. */
export async function graded(kata: Kata, path: string, options: GradeOptions): Promise<Result> {
  return await new Grading(new Workpiece(kata, readSubmission(kata, path)), options).start().finished();
}

export class KataProof {
  readonly programs: Program[];
  /** All gradings that prove the kata; throughput has a proof of its own. */
  readonly trials: Trial[];
  /** What is wrong, in sentences. */
  readonly problems: string[] = [];
  readonly #judged = new Map<Trial, boolean>();
  #seconds = 0;

  /** `repeat`: so many gradings of each program, with fresh seeds; a new check, mutant or design is tried with 20. */
  constructor(
    readonly kata: Kata,
    readonly repeat?: number,
  ) {
    this.programs = programsOf(kata);
    this.trials = trialsOf(
      this.programs.filter(({ kind, check }) => kind === "cheat" || !check || check !== kata.throughput?.id),
      repeat,
    );
  }

  /** Makes one grading. The answer is what is wrong, which is noted, too; undefined where nothing is. */
  async judge(trial: Trial): Promise<string | undefined> {
    const since = performance.now();
    const problem = await this.#problemOf(trial);
    if (problem !== undefined && !this.problems.includes(problem)) this.problems.push(problem);
    this.#judged.set(trial, problem === undefined);
    this.#seconds += (performance.now() - since) / 1000;
    return problem;
  }

  async #problemOf(trial: Trial): Promise<string | undefined> {
    const { kind, path, check } = trial.program;
    try {
      const seed = this.repeat === undefined ? seedOf(trial) : newSeed();
      if (kind === "cheat" && check === this.kata.throughput?.id)
        return wrongWithCheat(preambleOf(path, this.kata.edits), await judgedWhenTimed(this.kata, path, seed));
      const result = await graded(this.kata, path, { seed, untimed: UNTIMED, ...(check && { only: check }) });
      const wrong = wrongIn(trial.program, result, this.kata);
      if (wrong === undefined) return undefined;
      return `${result.submission.label}: ${wrong}\n${evidenceOf(result, trial.program)}`;
    } catch (error) {
      if (error instanceof Sentence) return error.message;
      throw error;
    }
  }

  report(): KataReport {
    const of = (kind: Program["kind"]) => {
      const trials = this.trials.filter(({ program }) => program.kind === kind);
      const tried = trials.filter((trial) => this.#judged.has(trial));
      const names = (some: Trial[]) => new Set(some.map(({ program }) => program.name));
      const wrong = names(tried.filter((trial) => !this.#judged.get(trial)));
      return {
        all: names(trials).size,
        tried: names(tried).size,
        good: names(tried).size - wrong.size,
        gradings: tried.length,
        gradings_all: trials.length,
      };
    };
    const { id } = this.kata;
    const checks = allChecks(this.kata).length;
    return { kata: id, checks, right: of("right"), mutants: of("mutant"), cheats: of("cheat"), seconds: this.#seconds };
  }

  /** What was tried, and what not, by name. */
  tried(kind: Program["kind"]): { tried: string[]; left: string[] } {
    const trials = this.trials.filter(({ program }) => program.kind === kind);
    const names = (judged: boolean) => [
      ...new Set(trials.filter((trial) => this.#judged.has(trial) === judged).map(({ program }) => program.name)),
    ];
    return { tried: names(true), left: names(false) };
  }
}

/** What was told first, and the command that shows it again: that failure, or how a mutant passed its check. */
function evidenceOf(result: Result, { check, path }: Program): string {
  const { kata, seed } = result;
  const failed = firstFailure(result);
  const told = failed ? [`  ${failed.id}: ${shortFailure(failed)}`] : [];
  const id = check ?? failed?.id;
  const again = id ? `replay ${kata.slice(0, 2)} ${id}` : `grade ${kata.slice(0, 2)}`;
  return [...told, `  bun kata ${again} --seed ${seed} --from ${relative(ROOT, path)}`].join("\n");
}

/** The same in every run, so that a red run is a change's doing. */
function seedOf({ program: { kata, kind, name }, run }: Trial): number {
  return Number.parseInt(hashOf(kata, kind, name, String(run)).slice(0, 8), 16);
}

function wrongIn({ kind, check, path }: Program, result: Result, kata: Kata): string | undefined {
  const judged = result.checks.find(({ id }) => id === check);
  if (kind === "cheat") return wrongWithCheat(preambleOf(path, kata.edits), judged);
  if (kind === "stub") return wrongInStub(result, kata);
  if (kind === "right") return result.passed ? undefined : "a right design was refused";
  const verdict = judged?.verdict;
  const caught = verdict && !["pass", "not_reached", "not_measurable", "harness_error"].includes(verdict);
  return caught ? undefined : `${check} did not catch it`;
}

function wrongInStub(result: Result, kata: Kata): string | undefined {
  const compiles = gatesOf(kata).filter(({ gate }) => gate === "compiles");
  const verdictOf = (gate: string) => result.checks.find(({ id }) => id === gate)?.verdict;
  if (compiles.some(({ id }) => verdictOf(id) !== "pass")) return "the stub does not compile";
  if (result.score !== 0 || result.passed) return `the stub scores ${result.score}`;
  if (result.warnings) return `the stub compiles with warnings:\n${result.warnings}`;
  const todo = kata.edits.every((file) => readFileSync(join(kata.folder, file), "utf8").includes("TODO"));
  return todo ? undefined : "a stub says TODO where the learner begins; this one does not";
}
