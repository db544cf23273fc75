// SPDX-License-Identifier: MIT
/** What the schedule explorer says (native/explorer/README.md, "The result document"), and how it is judged. Pure. */
import { z } from "zod";
import { leadsTo } from "../base/path.ts";
import { harnessError, notMeasurable } from "./check.ts";
import type { Judgement, Verdict } from "../kata/kata.ts";
import { orderedBefore } from "./order.ts";
import { ORDER_QUESTION } from "./sanitizer.ts";

const source = { file: z.string(), line: z.int(), function: z.string() };
const place = { thread: z.int(), ...source, what: z.string() };
const access = {
  ...place,
  /** How the thread had come there, the nearest first: functions that it had come back from, and calls that it was in. */
  way: z.array(z.object({ ...source, returned: z.boolean() })).default([]),
};

export const explorationSchema = z.object({
  format: z.literal(1),
  verdict: z.string(),
  /** A limit that the program itself passes: no scenario needs so much, and it would else be passed unexplored. */
  asked_too_much: z.boolean().default(false),
  message: z.string(),
  expected: z.string(),
  /** A question of the rule's own; without one, the marked places. */
  look_at: z.string().optional(),
  executions: z.int(),
  /** Of all executions. */
  steps: z.int().default(0),
  /** By verdict: in how many executions it was met. */
  failures: z.record(z.string(), z.int()).default({}),
  /** Fewer than asked for, since the time was over. */
  out_of_time: z.boolean().default(false),
  /** By number; "" for a thread without one. */
  thread_names: z.array(z.string()).default([]),
  schedules: z.object({ covered: z.int(), max_preemptions: z.int(), complete: z.boolean() }).optional(),
  printed: z.object({ text: z.string(), lines: z.int() }).optional(),
  accesses: z.array(z.object(access)),
  /** Steps that came before those of the trace. */
  omitted: z.int().default(0),
  trace: z.array(
    z.object({
      ...place,
      note: z.string(),
      times: z.int(),
      marked: z.boolean(),
      /** The vector clock of the step's thread, a number for each thread; without one, nobody knows what is ordered. */
      knows: z.array(z.int()).optional(),
    }),
  ),
});
export type Exploration = z.infer<typeof explorationSchema>;

type Broken = Exclude<Verdict, "pass" | "not_reached" | "not_measurable">;

/** The explorer's verdicts in our words. */
const VERDICT_OF: Record<string, Broken> = {
  race: "race",
  use_after_free: "memory",
  use_after_return: "memory",
  uninitialized_read: "memory",
  double_free: "memory",
  bad_free: "memory",
  out_of_bounds: "memory",
  leak: "memory",
  thread_leak: "memory",
  deadlock: "deadlock",
  all_asleep: "deadlock",
  livelock: "timeout",
  floods: "timeout",
  blocked_by_parked_thread: "wrong",
  property: "wrong",
  assertion: "wrong",
  not_linearizable: "wrong",
  misuse: "wrong",
  crash: "crash",
};

const WITHIN_BOUNDS = "a program that fits the explorer: 32 MiB of heap, 1 MiB of stack, 15 threads, 20,000 steps";

/** Of a search that its time has ended: scenarios take some hundreds, and a program that takes so many asks for too much. */
const MEAN_STEPS_MAX = 8_000;

/** Verdicts whose message is a sentence, complete without their name. */
const PROPERTIES = new Set(["property", "assertion", "floods"]);

/** Verdicts about threads that wait: what they had done before does not matter. */
const WAITING = new Set(["deadlock", "all_asleep"]);

/** What the explorer and the simulated kernel call what they try, and those who take steps. */
interface Engine {
  tried: string;
  who(thread: number, name: string): string;
}

export const EXPLORER: Engine = { tried: "schedules", who: (thread, name) => `T${thread} ${name}`.trimEnd() };
export const SIMULATION: Engine = {
  tried: "lives of a server",
  who: (thread) => (thread === 0 ? "server" : `client ${thread}`),
};

/** The text of a line, "" where it is not known. */
export type SourceOf = (file: string, line: number) => string;

/**
 * `asked`: what earns the points. A machine that had no time for so many cannot tell, however good it looks: points must not
 * depend on speed. `shown`: the submitted files.
 */
export function judgeExploration(
  found: Exploration,
  asked: number,
  { tried, who }: Engine,
  shown: string[],
  sourceOf: SourceOf,
): Judgement {
  if (found.verdict === "pass") {
    if (!found.schedules && !found.out_of_time && found.executions < asked)
      return harnessError(`${found.executions} of ${asked} ${tried} tried, and the search says that it is over`);
    if (!found.out_of_time) return { verdict: "pass", note: coverage(found, tried) };
    const mean = Math.round(found.steps / Math.max(1, found.executions));
    if (mean > MEAN_STEPS_MAX) {
      const saw = `${mean.toLocaleString("en")} steps in an execution, on average`;
      return { verdict: "forbidden", saw, expected: WITHIN_BOUNDS };
    }
    const [done, all] = [found.executions, asked].map((count) => count.toLocaleString("en"));
    return notMeasurable(`${done} of ${all} ${tried} tried when the time was over`, "time for all of them");
  }
  if (found.verdict === "not_deterministic") return notMeasurable(found.message, "choices that lead to the same place");
  if (found.verdict === "limit")
    return found.asked_too_much
      ? { verdict: "forbidden", saw: found.message, expected: WITHIN_BOUNDS }
      : notMeasurable(found.message, WITHIN_BOUNDS);
  const verdict = VERDICT_OF[found.verdict];
  if (!verdict) return harnessError(`the explorer says ${found.verdict}: ${found.message}`);
  const meant = meantPlaces(found, shown);
  const places = [...new Set(meant.map(({ text }) => text))].slice(0, 2).join(" and ");
  const lookAt = asking(places, found.look_at ?? "") || (verdict === "race" ? ORDER_QUESTION : "");
  return {
    verdict,
    saw: `${PROPERTIES.has(found.verdict) ? "" : `${found.verdict.replaceAll("_", " ")}: `}${found.message}${saidOf(found, meant)}`,
    expected: found.expected || "the property holds under every schedule",
    ...(lookAt && { lookAt }),
    ...detailOf(found, tried),
    ...(found.printed && found.printed.lines > 0 && { printed: found.printed }),
    trace: found.trace.map(({ knows, ...step }, at) => ({
      ...step,
      ...(knows && { after: orderedBefore(found.trace, at) }),
      who: who(step.thread, found.thread_names[step.thread] ?? ""),
      source: sourceOf(step.file, step.line),
    })),
  };
}

/** The places, then the question; a function that both begin with is named once. */
function asking(places: string, question: string): string {
  const [named = ""] = /^\w+: /.exec(question) ?? [];
  const rest = named !== "" && places.startsWith(named.replace(": ", " (")) ? question.slice(named.length) : question;
  return [places, rest].filter(Boolean).join(": ");
}

/** What else went wrong in this search, and how much of the trace is left out. */
function detailOf({ verdict, failures, executions, omitted }: Exploration, tried: string): { detail?: string } {
  const others = Object.entries(failures).filter(([kind]) => kind !== verdict);
  const said = others.map(([kind, count]) => `${kind.replaceAll("_", " ")} in ${count.toLocaleString("en")}`);
  const lines = [
    ...(said.length > 0 ? [`of ${executions.toLocaleString("en")} ${tried} also ${said.join(", ")}`] : []),
    ...(omitted > 0 ? [`after ${omitted.toLocaleString("en")} steps:`] : []),
  ];
  return lines.length > 0 ? { detail: lines.join("\n") } : {};
}

/** Of schedules that differ only in the order of independent steps an exhaustive search walks one. */
function coverage({ executions, schedules }: Exploration, tried: string): string {
  if (!schedules) return `${executions.toLocaleString("en")} ${tried} tried`;
  const which = `schedules with at most ${schedules.max_preemptions} preemptions`;
  if (!schedules.complete) return `the first ${executions.toLocaleString("en")} ${which}`;
  return `all ${schedules.covered.toLocaleString("en")} ${which}, up to the order of independent steps`;
}

type Access = Exploration["accesses"][number];
type Source = Pick<Access, "file" | "line" | "function">;

/** A place of the learner's own that a failure is about. */
interface Meant {
  text: string;
  /** What the access in the driver has to do with it; "" where the access itself is the learner's. */
  relation: string;
}

/** "mpsc_push (mpsc_queue.c:42)". */
const showPlace = ({ function: name, file, line }: Source) =>
  `${name} (${file.split("/").at(-1)}${line > 0 ? `:${line}` : ""})`;

/**
 * The learner's own lines. An access in the driver stands for the learner's line that called it, or for the call that the
 * thread had just come back from: what the driver may do there is what the learner's code has to see to. Of a race's first
 * access it is the call that the thread went on to: that one hands over what was written.
 */
function meantPlaces(found: Exploration, shown: string[]): Meant[] {
  const { verdict, accesses, trace } = found;
  // debug information names files relative to the place of the compilation: ./mpsc_queue.c
  const own: Own = ({ file }) => shown.some((name) => leadsTo(name, file.replace(/^\.\//, "")));
  const told = accesses.filter((access) => own(access) || accesses.length === 1 || !isOrigin(access, verdict));
  const meant = told.flatMap((access): Meant[] => {
    if (own(access)) return [{ text: showPlace(access), relation: "" }];
    const near = access.way.find((step) => own(step) && !(step.returned && WAITING.has(verdict)));
    const handing = verdict === "race" && access === accesses[0] && near?.returned !== false;
    const next = handing ? handedOverBy(access, trace, own) : undefined;
    if (next) return [{ text: showPlace(next), relation: `T${access.thread} went on to ${next.function}` }];
    if (!near) return [];
    const relation = near.returned ? `had come back from ${near.function}` : `was called from ${showPlace(near)}`;
    return [{ text: showPlace(near), relation: `T${access.thread} ${relation}` }];
  });
  const marked = trace.filter((step) => step.marked && own(step));
  return meant.length > 0 ? meant : marked.map((step) => ({ text: showPlace(step), relation: "" }));
}

type Own = (at: Source) => boolean;

/** Where a block comes from is told in the message; nobody has to look there for what became of it. */
const isOrigin = ({ what }: Access, verdict: string) => what === "allocates" && verdict !== "race";

/** The last of the learner's steps that the thread took next after this access in the driver. */
function handedOverBy(access: Access, trace: Exploration["trace"], own: Own): Source | undefined {
  const at = trace.findIndex(({ marked, thread, line }) => marked && thread === access.thread && line === access.line);
  const later = at < 0 ? [] : trace.slice(at + 1).filter(({ thread }) => thread === access.thread);
  const end = later.findIndex((step) => !own(step));
  return later.slice(0, end < 0 ? undefined : end).at(-1);
}

/** Which calls of the learner's led to what is seen in the driver; what a driver says of its own is enough. */
function saidOf({ verdict }: Exploration, meant: Meant[]): string {
  const relations = meant.map(({ relation }) => relation).filter(Boolean);
  return PROPERTIES.has(verdict) || verdict === "not_linearizable" || relations.length === 0
    ? ""
    : ` (${relations.join("; ")})`;
}
