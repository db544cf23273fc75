// SPDX-License-Identifier: MIT
/**
 * A trace as a picture: one column for each thread if they fit, else one list. A step takes two rows: the source line, then
 * what it did. Consecutive steps of one thread at one line share the first. "=>" marks what the verdict is about. Where there
 * is no room for all of it, the last steps and the marked ones stay. Pure.
 */
import { plural } from "../judge/words.ts";
import type { TraceStep } from "../kata/kata.ts";

const COLUMN_MIN = 34;
const COLUMN_MAX = 72;
const GUTTER = 3;
/** Before a row's text: "=>" and a space. */
const MARK = 3;

interface Head {
  thread: number;
  who: string;
}

/** A step, and how many before it are left out. */
type Shown = TraceStep & { out?: number };

/** In at most `width` characters per line, and `rows` lines if the last step and the marked ones fit. */
export function traceText(trace: TraceStep[], width: number, rows = Infinity): string {
  const steps = gathered(trace);
  let lines = picture(steps, width);
  for (let from = 1; lines.length > rows && from < steps.length; from++) lines = picture(since(steps, from), width);
  return lines.map((line) => line.trimEnd()).join("\n");
}

/** A loop that does so many times the same to one place after another is told by its first and last. */
const LOOP_MIN = 4;

/** Such loops as one step each. */
function gathered(trace: TraceStep[]): TraceStep[] {
  const isSame = (a: TraceStep, b: TraceStep | undefined) =>
    !a.marked && !b?.marked && a.thread === b?.thread && a.file === b.file && a.line === b.line && a.what === b.what;
  const steps: TraceStep[] = [];
  for (let at = 0, end = 0; at < trace.length; at = end) {
    const first = trace[at]!;
    for (end = at + 1; isSame(first, trace[end]); ) end++;
    const run = trace.slice(at, end);
    const times = run.reduce((sum, step) => sum + step.times, 0);
    if (run.length < LOOP_MIN) steps.push(...run);
    else steps.push({ ...first, note: `${first.note} … ${run.at(-1)!.note}`, times });
  }
  return steps;
}

/** The steps from the `from`th on, and the marked ones before it. */
function since(trace: TraceStep[], from: number): Shown[] {
  let out = 0;
  return trace.flatMap((step, at) => {
    if (at < from && !step.marked) {
      out += 1;
      return [];
    }
    const shown = { ...step, out };
    out = 0;
    return shown;
  });
}

function picture(trace: Shown[], width: number): string[] {
  const heads: Head[] = [...new Map(trace.map(({ thread, who }) => [thread, { thread, who }])).values()];
  heads.sort((a, b) => a.thread - b.thread);
  const wanted = heads.map(({ thread, who }) => {
    const rows = trace.flatMap((step, at) => (step.thread === thread ? rowsAt(trace, at, Infinity) : []));
    return Math.max(MARK + who.length, ...rows.map((row) => row.length));
  });
  const widths = columnWidths(wanted, width);
  return widths ? columns(trace, heads, widths) : list(trace, width);
}

function columns(trace: Shown[], heads: Head[], widths: number[]): string[] {
  const lefts = widths.map((_, at) => " ".repeat(widths.slice(0, at).reduce((sum, width) => sum + width + GUTTER, 0)));
  const top = heads.map(({ who }, at) => (" ".repeat(MARK) + who).padEnd(widths[at]! + GUTTER)).join("");
  const rows = trace.flatMap((step, at) => {
    const column = heads.findIndex(({ thread }) => thread === step.thread);
    return [...leftOut(step), ...rowsAt(trace, at, widths[column]! - MARK).map((row) => lefts[column]! + row)];
  });
  return [top, ...rows];
}

/** Says so, and how to see them. */
function leftOut({ out }: Shown): string[] {
  return out ? [`   … ${plural(out, "step")}, which the replay shows`] : [];
}

function list(trace: Shown[], width: number): string[] {
  return trace.flatMap((step, at) => [
    ...leftOut(step),
    ...(trace[at - 1]?.thread === step.thread ? [] : [step.who]),
    ...rowsAt(trace, at, width - MARK),
  ]);
}

/** Each column as wide as its texts, or an equal share of what narrower ones leave. None where a share is too small. */
function columnWidths(wanted: number[], width: number): number[] | undefined {
  const widths = [...wanted];
  const narrowFirst = [...wanted.keys()].sort((a, b) => wanted[a]! - wanted[b]!);
  let left = width + GUTTER;
  narrowFirst.forEach((column, done) => {
    const share = Math.floor(left / (wanted.length - done)) - GUTTER;
    widths[column] = Math.min(wanted[column]!, COLUMN_MAX, share);
    left -= widths[column] + GUTTER;
  });
  return widths.every((given, column) => given >= Math.min(wanted[column]!, COLUMN_MIN)) ? widths : undefined;
}

/** The place where it is new: a thread that resumes says where it is. Then what the step did. */
function rowsAt(trace: Shown[], at: number, room: number): string[] {
  const { thread, file, line, source, what, note, times, marked, out } = trace[at]!;
  const before = trace[at - 1]?.thread === thread && !out ? trace[at - 1] : undefined;
  const same = before?.file === file;
  const isNew = line > 0 && !(same && before.line === line);
  const place = `${same ? "" : `${baseName(file)}:`}${line}  ${source}`;
  const did = `  ${what}${note && `: ${note}`}${times > 1 ? ` (${times} times)` : ""}`;
  const [first, ...rest] = [...(isNew ? [place] : []), did].flatMap((text) => pieces(text, room));
  return [`${marked ? "=> " : "   "}${first}`, ...rest.map((row) => `   ${row}`)];
}

const baseName = (path: string) => path.slice(path.lastIndexOf("/") + 1);

/** A text in as many rows as it takes; those after the first are indented by two more. */
function pieces(text: string, room: number): string[] {
  const indent = " ".repeat(text.length - text.trimStart().length + 2);
  const rows: string[] = [];
  for (let left = text; left !== ""; ) {
    const length = fitting(left, room);
    rows.push(left.slice(0, length));
    const rest = left.slice(length).trimStart();
    left = rest && indent + rest;
  }
  return rows;
}

/** How much of the text fits: up to a space in the second half, or else to where one name ends; a longer name is cut. */
function fitting(text: string, room: number): number {
  if (text.length <= room) return text.length;
  const space = text.lastIndexOf(" ", room);
  if (space > room / 2) return space;
  const begun = text.length - text.trimStart().length;
  const ends = [...text.slice(0, room + 1).matchAll(/(?<=[\s,;(])|(?=->|[&[]|\.[a-z_])/g)].map(({ index }) => index);
  return ends.findLast((end) => end > begun && end <= room) ?? room;
}
