// SPDX-License-Identifier: MIT
/**
 * Judgements: `pass()` and `fail()` for a kata's own checks, and what every kata shares: how a crash, a deadline, a
 * sanitizer report or an early end of the process is judged and worded. Pure.
 */
import type { BrokenOff, Ended, Printed } from "../kata/run.ts";
import type { Finding, Judgement } from "../kata/kata.ts";
import type { SanitizerReport } from "./sanitizer.ts";

export type { Check, Finding, Judgement, RunRequest, ScriptCheck, Step } from "../kata/kata.ts";

/** `note`: how much was tried, where that is worth saying. */
export function pass(note?: string): Judgement {
  return { verdict: "pass", ...(note !== undefined && { note }) };
}

/** The check's own finding: the program did something else than the contract says. */
export function fail(finding: Finding): Judgement {
  return { verdict: "wrong", ...finding };
}

/** The judgement of every check on traffic that could not go on. */
export function judgeBrokenOff({ call, did, expected, lookAt }: BrokenOff): Judgement {
  return fail({ saw: `${call} ${did}`, expected, lookAt });
}

/**
 * A place in the guest's code, in a check's words: `offset` as heap_refused_at() has it. The learner reads the function, file
 * and line; a player knows how to find them.
 */
export const codeAt = (offset: number) => `@<${offset}>`;
export const CODE_AT = /@<(\d+)>/g;

/** A check that could not be tried. */
export const notReached = (saw: string, expected: string): Judgement => ({ verdict: "not_reached", saw, expected });

/** A check that means nothing before another one passes. */
export function waitsFor(need: string): Judgement {
  return { verdict: "not_reached", waitsFor: need, saw: `${need} did not pass`, expected: `${need} passes first` };
}

/** A check that this machine cannot decide, now; `saw` is the reason. */
export function notMeasurable(saw: string, expected = "a quiet machine"): Judgement {
  return { verdict: "not_measurable", saw, expected };
}

/** A fault of the grader's own: costs no points and is never worded as the program's. */
export function harnessError(saw: string): Judgement {
  return {
    verdict: "harness_error",
    saw,
    expected: "a grader that works; bun kata doctor says what this machine lacks",
  };
}

/** What a kata's own author got wrong, in the words of what could not run; else a fault of ours. */
export function couldNotStart(what: string, said: string): Judgement {
  const wrong = /(?:kata\.ts names the|no) scenario .*; .*/.exec(said)?.[0];
  if (!wrong) return harnessError(`${what}: ${said}`);
  return { verdict: "harness_error", saw: wrong, expected: "a kata.ts and drivers that name the same scenarios" };
}

/** An ended run with the names and lines added that need tools to find. */
export interface Explained {
  ended: Ended;
  /** "during pop(q)", "in scenario crowd": completes "SIGSEGV in mpsc_pop (mpsc_queue.c:42), ...". */
  where: string;
  limits: { deadline_ms: number; resident_bytes: number };
  /** The signal's name and the learner's frames, innermost first, each as "mpsc_pop (mpsc_queue.c:42)"; was the stack full? */
  crash?: { signal: string; frames: string[]; overflowed?: boolean };
  /** One per thread that was inside the learner's code at the deadline; threads are numbered by age, from 1. */
  stacks: { thread: number; frames: string[] }[];
  sanitizer?: SanitizerReport;
  /** Where memory was asked for and refused before the crash, as "pool_new (thread_pool.c:70)". */
  refused?: string;
}

/** Exit codes that mean our own trouble; native/guest/frames.h names them. */
const EXIT_EVIDENCE_LOST = 97;
const EXIT_BAD_REQUEST = 98;
/** From here on: shells and the like could not start the program. */
const EXIT_NOT_STARTED = 126;

/** How a run ended, judged; null when it ended well and its evidence may be read. */
export function judgeEnd(run: Explained): Judgement | null {
  const { ended, where } = run;
  if (ended.by === "deadline") return judgeDeadline(run);
  if (run.sanitizer) return judgeSanitizer(run.sanitizer, where);
  if (ended.collected.malformed !== undefined) return judgeForgery(run);
  if (ended.by === "resident") return judgeResident(run);
  if (run.crash ?? ended.signal) return judgeCrash(run);
  if (ended.code === EXIT_EVIDENCE_LOST) {
    return fail({
      saw: `the program closed a descriptor of the grader ${where}`,
      expected: "a program closes and writes to only those descriptors that it has opened",
    });
  }
  if (couldNotRun(ended)) return couldNotStart("the guest could not run", lastLines(ended.output, 3));
  if (!ended.collected.ended || ended.code !== 0) return judgeEarlyEnd(run);
  if (ended.survivors > 0) {
    return fail({
      saw: `the program left ${ended.survivors} process${ended.survivors === 1 ? "" : "es"} running ${where}`,
      expected: "nothing of the program runs after it has ended",
    });
  }
  return null;
}

/** Learner code may end with any exit code: ours count only with our words, and before the first frame. */
function couldNotRun({ code, output, collected }: Ended): boolean {
  if (code === EXIT_BAD_REQUEST) return /^guest: /m.test(output);
  return (code ?? 0) >= EXIT_NOT_STARTED && !collected.hello;
}

function judgeForgery({ ended, where }: Explained): Judgement {
  return fail({
    saw: `the program wrote to the grader's descriptor ${where}: ${ended.collected.malformed}`,
    expected: "a program closes and writes to only those descriptors that it has opened",
  });
}

function judgeSanitizer(report: SanitizerReport, where: string): Judgement {
  return {
    verdict: report.verdict,
    saw: `${report.headline}, ${where}`,
    expected: report.expected,
    ...(report.lookAt && { lookAt: report.lookAt }),
    detail: report.text,
  };
}

function judgeCrash({ ended, where, crash, refused }: Explained): Judgement {
  const place = crash?.frames[0] ? ` in ${crash.frames[0]}` : "";
  const assertion = /Assertion `.*' failed/.exec(ended.collected.printed?.text ?? "")?.[0];
  const signal = crash?.signal ?? ended.signal;
  const aborted = assertion && signal === "SIGABRT" ? `${signal} (${assertion})` : signal;
  const what = crash?.overflowed ? "the stack overflowed" : aborted;
  const calls = folded(crash?.frames ?? []);
  const way = calls.length > 1 && `the calls that led there: ${calls.join(" < ")}`;
  const lookAt = way || questionOf(calls[0], what ?? undefined, refused);
  return {
    verdict: "crash",
    saw: `${what}${place}, ${where}${refused ? `, after the allocation in ${refused} was refused` : ""}`,
    expected: "the call returns",
    ...(lookAt && { lookAt }),
  };
}

const QUESTIONS: Record<string, string> = {
  SIGSEGV: "which pointer does that line follow, and what was it set to last?",
  SIGBUS: "which pointer does that line follow, and what was it set to last?",
  SIGFPE: "what does that line divide, and by what?",
  SIGABRT: "why does the program, or the C library, give up there?",
  SIGKILL: "who sent SIGKILL: the program itself, or the kernel, which had no memory left?",
};

/** Of a crash with one place, or with none. */
function questionOf(frame: string | undefined, what = "", refused?: string): string | undefined {
  const signal = what.split(" ")[0]!;
  if (!frame) return signal === "SIGKILL" ? QUESTIONS[signal] : undefined;
  if (frame.endsWith(OVER_AND_OVER)) return `${frame}: what ends it?`;
  const question = refused ? "what does it do once an allocation has answered NULL?" : QUESTIONS[signal];
  return question && `${frame}: ${question}`;
}

/**
 * Memory that was broken shows later and elsewhere: as a wrong answer, or as a crash, often in the C library. `again`: how the
 * same run ended under AddressSanitizer, which names the line that broke it. A null pointer or a division by zero is the
 * crash itself.
 */
export function nearerCause(failure: Judgement, again: Judgement | null): Judgement {
  const nearer = again?.verdict === "memory" && !/null pointer|division by zero/.test(again.saw);
  return nearer ? again : failure;
}

/** Recursion reads "deeper (a.c:7), 59 times"; what repeats in longer cycles stays as it is, up to a limit. */
function folded(frames: string[]): string[] {
  const runs: { frame: string; times: number }[] = [];
  for (const frame of frames) {
    const last = runs.at(-1);
    if (last?.frame === frame) last.times++;
    else runs.push({ frame, times: 1 });
  }
  const shown = runs.map(({ frame, times }) => (times > 1 ? frame + OVER_AND_OVER : frame));
  return shown.length > CALLS_MAX ? [...shown.slice(0, CALLS_MAX), "..."] : shown;
}
const CALLS_MAX = 8;
const OVER_AND_OVER = ", over and over";

/** Asleep means stuck: no thread wants a CPU, and less than a tenth of one was used since the last sign of progress. */
function judgeDeadline({ ended, where, stacks, limits }: Explained): Judgement {
  const { cpu_s, wall_s, running, starved } = ended.sinceProgress;
  if (starved) return notMeasurable(`${cpu_s.toFixed(1)} s of CPU time within ${wall_s.toFixed(1)} s ${where}`);
  const asleep = cpu_s < 0.1 * wall_s && !running;
  return {
    verdict: asleep ? "deadlock" : "timeout",
    saw: asleep
      ? `every thread is asleep: no progress for ${wall_s.toFixed(1)} s ${where}`
      : `the run had not ended after ${wall_s.toFixed(1)} s (${cpu_s.toFixed(1)} s of CPU time) ${where}`,
    expected: `the run ends within ${limits.deadline_ms / 1000} s`,
    ...(stacks[0]?.frames[0] && { lookAt: `${stacks[0].frames[0]}: what must happen for it to go on?` }),
    ...(ended.collected.stacks.length === 0 && { lookAt: NO_STACKS }),
    detail:
      stacks.map(({ thread, frames }) => `thread ${thread}: ${folded(frames).join(" < ")}`).join("\n") || undefined,
  };
}

const NO_STACKS =
  "no thread answered when it was asked for its stack: does the program stop itself, or block or catch signals?";

function judgeResident({ ended, where, limits }: Explained): Judgement {
  const mebibytes = (bytes: number) => `${Math.round(bytes / 2 ** 20)} MiB`;
  return {
    verdict: "memory",
    saw: `the program used ${mebibytes(ended.resident_peak_bytes)} of memory ${where}`,
    expected: `less than ${mebibytes(limits.resident_bytes)}`,
    lookAt: "what is allocated in a loop, and when is it freed?",
  };
}

function judgeEarlyEnd({ ended, where }: Explained): Judgement {
  return fail({
    saw: `the program ended the process ${where} (exit code ${ended.code})`,
    expected: "every call returns to its caller",
  });
}

/**
 * A failure with what the program printed in its run. `sanitized`: what went past the C library is the sanitizer's report; else it
 * is the program's own, or the C library's last words.
 */
export function withPrinted(failure: Judgement, { output, collected }: Ended, sanitized = false): Judgement {
  if (failure.verdict === "pass") return failure;
  const past = sanitized ? "" : lastLines(output, Infinity);
  const parts = [failure.printed, collected.printed, { text: past, lines: past === "" ? 0 : past.split("\n").length }];
  const said = parts.filter((part) => part !== undefined && part.lines > 0) as Printed[];
  if (said.length === 0) return failure;
  const text = said.map((part) => part.text.replace(/\n?$/, "\n")).join("");
  return { ...failure, printed: { text, lines: said.reduce((sum, { lines }) => sum + lines, 0) } };
}

/** The last lines that the program itself printed: not the banner with which bun blames itself for a crash in learner code. */
function lastLines(text: string, lines: number): string {
  const banner = text.search(/^(=+\s+)?Bun v\d|^.*(Bun has crashed|bun\.report)/m);
  const own = banner < 0 ? text : text.slice(0, banner);
  return own.trim().split("\n").slice(-lines).join("\n");
}
