// SPDX-License-Identifier: MIT
/**
 * Scripted calls: lists of steps sent to a bun:ffi guest, whose raw answers are compared here with what the kata's
 * model expects. fast-check draws the lists and shrinks a failure to the shortest one.
 */
import { join } from "node:path";
import fc from "fast-check";
import type { Ended } from "../kata/run.ts";
import { fail } from "../judge/check.ts";
import type { Expected, Judgement, Kata, ScriptCheck, Step } from "../kata/kata.ts";
import { Guest, LIMITS, newNonce, type Limits } from "../guest/guest.ts";
import { explainEnd } from "./explain.ts";
import type { Submission } from "../build/submission.ts";

const RUNS = 100;
const LIMITS_SCRIPT: Limits = { ...LIMITS, deadline_ms: 5_000 };
const SHRINK_MS_MAX = 1_500;

/** How one script went: every answer, or those before the guest ended. More than steps: not all are the guest's own. */
interface Played {
  answers: string[];
  ended?: Ended;
}

/** A guest that executes many scripts, started anew after each one that it does not survive. */
export class ScriptSession {
  #guest: Guest | undefined;
  #scripts = 0;
  #answers: string[] = [];
  #complete: () => void = () => {};

  constructor(
    readonly library: string,
    readonly functions: Kata["functions"],
    /** The guest's working directory. */
    readonly cwd?: string,
  ) {}

  /** Plays one script. Scripts of one session do not overlap. */
  async play(steps: Step[]): Promise<Played> {
    const guest = (this.#guest ??= this.#start());
    this.#answers = [];
    this.#scripts++;
    guest.extendDeadline();
    guest.write(`${JSON.stringify(steps.map(withoutExpectations), bigintAsObject)}\n`);
    const complete = new Promise<void>((settle) => (this.#complete = settle));
    const ended = await Promise.race([complete, guest.ended]);
    if (ended) this.#guest = undefined;
    return { answers: this.#answers, ...(ended && { ended }) };
  }

  /** Ends the guest in the ordinary way and says how that went. */
  async close(): Promise<Ended | undefined> {
    const guest = this.#guest;
    this.#guest = undefined;
    guest?.finish();
    return guest?.ended;
  }

  #start(): Guest {
    this.#scripts = 0;
    const nonce = newNonce();
    const argv = [process.execPath, join(import.meta.dir, "../guest/child.ts"), this.library, nonce];
    const guest = new Guest(argv, nonce, LIMITS_SCRIPT, {
      ...(this.cwd && { cwd: this.cwd }),
      onFrame: (frame) => {
        if (frame.kind !== "answer") return;
        if (frame.text === JSON.stringify({ script: this.#scripts })) this.#complete();
        else this.#answers.push(frame.text);
      },
    });
    guest.write(`${JSON.stringify(this.functions)}\n`);
    return guest;
  }
}

function withoutExpectations(step: Step): Step {
  const { expect: _, show: __, words: ___, ...sent } = step as Extract<Step, { read: string }>;
  return sent as unknown as Step;
}

function bigintAsObject(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? { big: String(value) } : value;
}

/** Everything that judging a script needs to know about its run. */
export interface ScriptContext {
  session: ScriptSession;
  submission: Submission;
}

/** Tries the check's command lists; the judgement is about the shortest list that failed. */
export async function runScriptCheck(check: ScriptCheck, context: ScriptContext, seed: number): Promise<Judgement> {
  let last: Judgement | undefined;
  const property = fc.asyncProperty(check.commands, async (commands) => {
    const judgement = await judgeScript(check, check.plan(commands), context);
    if (judgement.verdict === "pass") return true;
    last = judgement;
    return false;
  });
  const first = await fc.check(property, { seed, numRuns: check.runs ?? RUNS, endOnFailure: true });
  if (!first.failed) return { verdict: "pass" };
  const path = first.counterexamplePath;
  // A list that hangs costs a deadline each time it is tried: shown as it was drawn.
  const shrinkable = last && last.verdict !== "deadlock" && last.verdict !== "timeout" && path !== null;
  if (shrinkable) {
    await fc.check(property, { seed, path, numRuns: 1, interruptAfterTimeLimit: SHRINK_MS_MAX });
  }
  if (!last) throw first.errorInstance ?? new Error("a property failed without a judgement");
  return last;
}

async function judgeScript(check: ScriptCheck, steps: Step[], context: ScriptContext): Promise<Judgement> {
  const { answers, ended } = await context.session.play(steps);
  for (const [at, answer] of answers.slice(0, steps.length).entries()) {
    const wrong = compare(steps[at]!, answer);
    if (wrong) {
      const told = steps.slice(0, at + 1);
      // What is read back without words of its own belongs to the call before it.
      const last = told.map(showStep).findLast(Boolean) ?? "";
      return fail({
        saw: `${story(told)} -> ${wrong.saw}`,
        expected: `${last} -> ${wrong.expected}`,
        lookAt: check.lookAt,
      });
    }
  }
  if (answers.length > steps.length) {
    return fail({
      saw: `${story(steps)}: ${answers.length} answers arrived`,
      expected: `${steps.length}, one for each step`,
      lookAt: "which descriptors are written to, and who opened them?",
    });
  }
  if (!ended) return { verdict: "pass" };
  const where = during(steps, answers.length);
  const judged = await explainScriptEnd(ended, context, where);
  return judged ?? fail({ saw: `the process ended ${where}`, expected: "every call returns to its caller" });
}

function explainScriptEnd(
  ended: Ended,
  { session, submission }: ScriptContext,
  where: string,
): Promise<Judgement | null> {
  return explainEnd(ended, { artefact: session.library, submission, limits: LIMITS_SCRIPT, sanitized: false }, where);
}

/** Ends the session; null unless something came to light that no script had to answer for: processes left behind. */
export async function closeSession(context: ScriptContext): Promise<Judgement | null> {
  const ended = await context.session.close();
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
  return { saw: worded(step, answer), expected: worded(step, plain(expected)) };
}

/** Bytes in the kata's own words, if it has any for them. */
function worded(step: Step, answer: unknown): string {
  const words = "words" in step ? step.words : undefined;
  return words && isHex(answer) ? words(answer.hex) : showAnswer(answer);
}

/** An answer that is not JSON did not come from guest.ts: it matches nothing. */
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
  if ("text" in answer!) return JSON.stringify(answer.text);
  if (isRef(answer)) return answer.ref;
  return isRefs(answer) ? (answer.refs.at(-1) ?? "a pointer to something else") : "something else";
}

const isHex = (value: unknown): value is { hex: string } =>
  typeof value === "object" && value !== null && typeof (value as { hex?: unknown }).hex === "string";
const isRef = (value: unknown): value is { ref: string } =>
  typeof value === "object" && value !== null && "ref" in value;
const isRefs = (value: unknown): value is { refs: string[] } =>
  typeof value === "object" && value !== null && Array.isArray((value as { refs?: unknown }).refs);
