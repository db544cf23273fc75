// SPDX-License-Identifier: MIT
/**
 * Scripted calls: lists of steps sent to a bun:ffi guest, whose raw answers are compared here with what the kata's
 * model expects. fast-check draws the lists and shrinks a failure to the shortest one.
 */
import fc from "fast-check";
import { contrasted } from "../base/contrast.ts";
import { Unusable } from "../base/command.ts";
import type { Ended } from "../kata/run.ts";
import { nearerCause, fail } from "../judge/check.ts";
import type { Expected, Judgement, ScriptCheck, Step } from "../kata/kata.ts";
import { explainEnd } from "./explain.ts";
import type { Judgements, Player } from "./player.ts";
import { sanitizerEnv } from "./scenario.ts";
import { ScriptSession } from "./script-session.ts";
import type { Submission } from "../build/submission.ts";
import { sanitizerRuntime } from "../build/toolchain.ts";
import type { Workpiece } from "./workpiece.ts";

const RUNS = 100;
const SHRINK_MS_MAX = 1_500;

/** All scripts of one of a kata's files, in one session. */
export class ScriptPlayer implements Player<ScriptCheck> {
  readonly groups: ScriptCheck[][];
  readonly beside = "anything";
  #context: Promise<ScriptContext> | undefined;
  #sanitized: Promise<ScriptContext | undefined> | undefined;

  constructor(
    readonly workpiece: Workpiece,
    scripts: ScriptCheck[],
    readonly seed: number,
  ) {
    this.groups = scripts.map((check) => [check]);
  }

  async play([check]: ScriptCheck[]): Promise<Judgements> {
    const context = await (this.#context ??= this.#open());
    return new Map([[check!.id, await runScriptCheck(check!, context, this.seed)]]);
  }

  async end(): Promise<Judgement | null> {
    await this.#sanitized?.then((context) => context?.session.close());
    return this.#context ? await closeSession(await this.#context) : null;
  }

  async #open(): Promise<ScriptContext> {
    const { kata, submission } = this.workpiece;
    const session = new ScriptSession(await this.workpiece.guest("plain"), kata.functions);
    return { session, submission, sanitized: () => (this.#sanitized ??= this.#openSanitized()) };
  }

  async #openSanitized(): Promise<ScriptContext | undefined> {
    const { kata, submission } = this.workpiece;
    const runtime = await sanitizerRuntime();
    const library = runtime && (await this.workpiece.sanitizedLibrary().catch(whenUnusable));
    if (!library) return undefined;
    return { session: new ScriptSession(library, kata.functions, { runtime, env: sanitizerEnv("asan") }), submission };
  }
}

/** A program that this build refuses has failed all the same: the plain build's answer stands. */
function whenUnusable(error: unknown): undefined {
  if (!(error instanceof Unusable)) throw error;
}

/** Everything that judging a script needs to know about its run. */
export interface ScriptContext {
  session: ScriptSession;
  submission: Submission;
  /** The same under AddressSanitizer; undefined where the machine cannot. */
  sanitized?: () => Promise<ScriptContext | undefined>;
}

/** Tries the check's command lists; the judgement is about the shortest list that failed. */
export async function runScriptCheck(check: ScriptCheck, context: ScriptContext, seed: number): Promise<Judgement> {
  let last: Judgement | undefined;
  let steps: Step[] = [];
  const property = fc.asyncProperty(check.commands, async (commands) => {
    const planned = check.plan(commands);
    const judgement = await judgeScript(check, planned, context);
    if (judgement.verdict === "pass") return true;
    [last, steps] = [judgement, planned];
    return false;
  });
  const examples = (check.always ?? []).map((commands): [unknown[]] => [commands]);
  const numRuns = examples.length + (check.runs ?? RUNS);
  const first = await fc.check(property, { seed, examples, numRuns, endOnFailure: true });
  if (!first.failed) return { verdict: "pass" };
  const path = first.counterexamplePath;
  // A list that hangs costs a deadline each time it is tried: shown as it was drawn.
  const shrinkable = last && !["deadlock", "timeout", "not_measurable"].includes(last.verdict) && path !== null;
  if (shrinkable) {
    await fc.check(property, { seed, examples, path, numRuns: 1, interruptAfterTimeLimit: SHRINK_MS_MAX });
  }
  if (!last) throw first.errorInstance ?? new Error("a property failed without a judgement");
  return last.verdict === "crash" || last.verdict === "wrong" ? await causeOf(last, check, steps, context) : last;
}

async function causeOf(failure: Judgement, check: ScriptCheck, steps: Step[], { sanitized }: ScriptContext) {
  const context = await sanitized?.();
  return context ? nearerCause(failure, await judgeScript(check, steps, context)) : failure;
}

const questionOf = (step: Step) => ("lookAt" in step ? step.lookAt : undefined);

async function judgeScript(check: ScriptCheck, steps: Step[], context: ScriptContext): Promise<Judgement> {
  const { answers, ended, printed } = await context.session.play(steps);
  for (const [at, answer] of answers.slice(0, steps.length).entries()) {
    const wrong = compare(steps[at]!, answer);
    if (wrong) {
      const told = steps.slice(0, at + 1);
      // What is read back without words of its own belongs to the call before it.
      const last = told.map(showStep).findLast(Boolean) ?? "";
      return fail({
        saw: `${story(told)} -> ${wrong.saw}`,
        expected: `${last} -> ${wrong.expected}`,
        lookAt: questionOf(steps[at]!) ?? check.lookAt,
        ...(printed && { printed }),
      });
    }
  }
  if (answers.length > steps.length || (!ended && answers.length < steps.length)) {
    return fail({ saw: `${story(steps)}: ${answers.length} answers arrived`, ...oneForEach(steps) });
  }
  if (!ended) return { verdict: "pass" };
  const where = during(steps, answers.length);
  const judged = await explainScriptEnd(ended, context, where);
  return judged ?? fail({ saw: `the process ended ${where}`, expected: "every call returns to its caller" });
}

const oneForEach = ({ length }: Step[]) => ({
  expected: `${length}, one for each step`,
  lookAt: "which descriptors are written to, and who opened them?",
});

function explainScriptEnd(
  ended: Ended,
  { session, submission }: ScriptContext,
  where: string,
): Promise<Judgement | null> {
  const { library: artefact, limits, sanitizer } = session;
  return explainEnd(ended, { artefact, submission, limits, sanitized: sanitizer !== undefined }, where);
}

/** Ends the session; null unless something came to light that no script had to answer for: processes left behind. */
async function closeSession(context: ScriptContext): Promise<Judgement | null> {
  const ended = await context.session.close();
  const { stray } = context.session;
  if (stray > 0) return fail({ saw: `${stray} answers arrived after the last script`, ...oneForEach([]) });
  return ended ? await explainScriptEnd(ended, context, "after the last scripted call") : null;
}

/** "during pop(q), after new() push(q, a)" */
function during(steps: Step[], answered: number): string {
  const active = steps[answered];
  if (!active) return "between two scripts";
  const before = story(steps.slice(0, answered));
  return `during ${showStep(active) || "a script"}${before ? `, after ${before}` : ""}`;
}

/** Longer ones lose their beginning: what was answered last is what a finding is about. */
const STORY_CHARACTERS_MAX = 280;

function story(steps: Step[]): string {
  const shown = steps.map(showStep).filter(Boolean);
  let from = Math.max(0, shown.length - 1);
  for (let size = shown[from]?.length ?? 0; from > 0; from--) {
    size += shown[from - 1]!.length + 2;
    if (size > STORY_CHARACTERS_MAX) break;
  }
  return `${from > 0 ? "...; " : ""}${shown.slice(from).join("; ")}`;
}

function showStep(step: Step): string {
  return "show" in step ? step.show : "";
}

function compare(step: Step, text: string): { saw: string; expected: string } | undefined {
  const expected = "expect" in step ? step.expect : undefined;
  if (expected === undefined || expected === "any") return undefined;
  const answer = parsed(text);
  if (matches(expected, answer)) return undefined;
  const [saw, due] = contrasted(worded(step, answer), worded(step, plain(expected)));
  return { saw, expected: due };
}

/** Bytes and texts in the kata's own words, if it has any for them. */
function worded(step: Step, answer: unknown): string {
  const words = "words" in step ? step.words : undefined;
  if (words && isHex(answer)) return words(answer.hex);
  return words && isText(answer) ? words(answer.text) : showAnswer(answer);
}

/** An answer that is not JSON did not come from child.ts: it matches nothing. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return "something that the grader's side of the guest never says";
  }
}

/** The form in which the guest would have sent it. */
function plain(expected: Expected): unknown {
  if (typeof expected === "bigint") return { big: String(expected) };
  return typeof expected === "number" && !Number.isFinite(expected) ? String(expected) : expected;
}

/** A pointer may have several names: memory that was freed comes back under a new one. */
function matches(expected: Expected, answer: unknown): boolean {
  if (expected === "not NULL") return answer !== null;
  if (isRef(expected) && isRefs(answer)) return answer.refs.includes(expected.ref);
  return Bun.deepEquals(plain(expected), answer);
}

function showAnswer(answer: unknown): string {
  if (answer === null) return "NULL";
  if (typeof answer !== "object") return String(answer);
  if ("big" in answer!) return String(answer.big);
  if ("hex" in answer!) return `bytes ${answer.hex}`;
  if (isText(answer)) return JSON.stringify(answer.text);
  if (isRef(answer)) return answer.ref;
  return isRefs(answer) ? (answer.refs.at(-1) ?? "a pointer to something else") : "something else";
}

const isHex = (value: unknown): value is { hex: string } =>
  typeof value === "object" && value !== null && typeof (value as { hex?: unknown }).hex === "string";
const isText = (value: unknown): value is { text: string } =>
  typeof value === "object" && value !== null && typeof (value as { text?: unknown }).text === "string";
const isRef = (value: unknown): value is { ref: string } =>
  typeof value === "object" && value !== null && "ref" in value;
const isRefs = (value: unknown): value is { refs: string[] } =>
  typeof value === "object" && value !== null && Array.isArray((value as { refs?: unknown }).refs);
