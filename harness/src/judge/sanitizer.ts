// SPDX-License-Identifier: MIT
/** Reads what the sanitizers print. Their silence proves nothing; canary.ts sees to that. Pure. */
import { leadsTo } from "../base/path.ts";
import type { Verdict } from "../kata/kata.ts";

export interface SanitizerReport {
  verdict: Extract<Verdict, "race" | "memory" | "crash">;
  /** "data race: write in mpsc_push (mpsc_queue.c:30), previous read in mpsc_pop (mpsc_queue.c:41)" */
  headline: string;
  expected: string;
  /** The innermost of the learner's frames of each stack, as "mpsc_push (mpsc_queue.c:30)"; or else one question. */
  lookAt: string | undefined;
  /** The report itself, shortened: nothing that differs in every run, no frames of the C library's own. */
  text: string;
}

/** The exit code that scenario.ts has the sanitizers use: no report counts without it. */
export const SANITIZER_EXIT = 66;

const LINES_MAX = 40;
const REPORT = /(WARNING: ThreadSanitizer: |ERROR: (?:Address|Leak|Thread)Sanitizer: |: runtime error: )(.*)/;
const FRAME = /^(\s+#\d+ )(?:0x[0-9a-f]+ (?:in )?)?(\S+) ([^:]+):(\d+)/;

/** `shown`: the submitted files as debug information names them. */
export function readSanitizer(output: string, shown: string[]): SanitizerReport | undefined {
  const start = REPORT.exec(output);
  if (!start) return undefined;
  const from = output.lastIndexOf("\n", start.index) + 1;
  const lines = output.slice(from).split("\n");
  const undefinedBehaviour = start[1]!.includes("runtime error");
  const kind = undefinedBehaviour ? start[2]!.replace(/ 0x[0-9a-f]+/g, "") : kindOf(start[2]!);
  const verdict = verdictOf(kind, start[1]!.includes("Thread"));
  const own = stacksOf(lines, (path) => shown.find((name) => leadsTo(path, name)));
  const handedOver = kind === "data race" && own.length === 0;
  const stacks = handedOver ? stacksOf(lines, inRepository) : own;
  return {
    verdict,
    headline: headline(handedOver ? HANDED_OVER : kind, stacks, undefinedBehaviour || verdict === "crash"),
    expected: undefinedBehaviour ? "no undefined behaviour" : expectedOf(kind, verdict),
    lookAt: handedOver
      ? ORDER_QUESTION
      : [...new Set(stacks.map(({ shown }) => shown))].slice(0, 2).join(" and ") || undefined,
    text: shortened(lines),
  };
}

/** A race in which both accesses are the caller's own: the code under test let them meet. */
const HANDED_OVER = "data race: one thread reads what another wrote, and the program orders nothing in between";
/** Where to look when no line of the program itself is to blame. */
export const ORDER_QUESTION =
  "what one thread writes before its call must be visible to another after its own call: which two operations ensure that?";

/** Frames of ours: the driver's. Those of the C library and the sanitizer have absolute paths, or climb. */
const inRepository = (path: string) => (/^\/|\.\.\//.test(path) ? undefined : path);

/** "heap-use-after-free on address 0x602000000010 at pc ..." -> "heap-use-after-free" */
function kindOf(text: string): string {
  const kind = text.replace(/ on (unknown )?address.*| on 0x.*| \((pid|potential).*|:? \(.*$/, "").trim();
  if (kind === "detected memory leaks") return "memory leak";
  if (kind === "attempting free") return "free of a pointer that no allocation returned";
  return kind.replace(/^attempting /, "");
}

function verdictOf(kind: string, threads: boolean): SanitizerReport["verdict"] {
  if (/^(SEGV|FPE|BUS|ILL|ABRT|stack-overflow)/.test(kind)) return "crash";
  return threads && !/heap-use-after-free/.test(kind) ? "race" : "memory";
}

function expectedOf(kind: string, verdict: SanitizerReport["verdict"]): string {
  if (verdict === "crash") return "the call returns";
  if (kind === "memory leak") return "everything allocated is freed";
  if (kind.startsWith("lock-order")) return "every thread takes the same locks in the same order";
  if (verdict === "race") return "an atomic operation or a lock orders conflicting accesses";
  return "every access is inside live memory, and everything is freed once";
}

interface TopFrame {
  /** "write", "previous read", "freed", ... */
  action: string;
  shown: string;
}

const ACTION = /(previous )?(?:atomic )?(read|write) of size|(freed|allocated) (?:by|from)|(created) /i;

/** For each stack in the report, the innermost frame whose file `known` recognises. */
function stacksOf(lines: string[], known: (path: string) => string | undefined): TopFrame[] {
  const stacks: TopFrame[] = [];
  let action = "";
  let open = true; // the report's first stack may follow its first line
  for (const line of lines.slice(0, 200)) {
    const frame = FRAME.exec(line);
    if (!frame) {
      const found = ACTION.exec(line);
      if (found) action = [found[1], found[2] ?? found[3] ?? found[4]].join("").toLowerCase();
      open ||= found !== null;
      continue;
    }
    const file = known(frame[3]!);
    if (!open || !file || action === "created") continue;
    stacks.push({ action, shown: `${frame[2]} (${file.split("/").at(-1)}:${frame[4]})` });
    open = false;
  }
  return stacks;
}

function headline(kind: string, stacks: TopFrame[], onePlace: boolean): string {
  if (stacks.length === 0) return kind;
  if (onePlace) return `${kind}${kind.includes(" ") ? "," : ""} in ${stacks[0]!.shown}`;
  const places = stacks.slice(0, 2).map(({ action, shown }) => `${action ? `${action} ` : ""}in ${shown}`);
  return `${kind}: ${places.join(", ")}`;
}

/** Keeps what a reader can use: functions, files and lines of the submission, the driver and the guest. */
function shortened(lines: string[]): string {
  const end = lines.findIndex((line) => /^SUMMARY: |^Shadow bytes |ABORTING$/.test(line));
  const kept = lines
    .slice(0, end < 0 ? undefined : end)
    .flatMap((line) => (/^\s+#\d+ /.test(line) ? shortenedFrame(line) : [line.replace(/ at pc 0x.*$/, "")]));
  return withoutAccidents(withoutEchoes(kept).slice(0, LINES_MAX).join("\n").trim());
}

/** Of the low ones, which are small offsets from a null pointer, a reader wants to know. */
const ADDRESS = "0x0*[1-9a-f][0-9a-f]{4,}";
/** What another run of the same program would say otherwise, and tells a reader nothing. */
const ACCIDENTS: [RegExp, string][] = [
  [/^==\d+==/gm, ""],
  [/ \((?:pc 0x[^()]*|pid=\d+|0x[0-9a-f]+|[^\s()]+\+0x[0-9a-f]+)\)/g, ""],
  [/\btid=\d+, /g, ""],
  [new RegExp(` \\[${ADDRESS},\\s?${ADDRESS}\\)`, "g"), ""],
  [new RegExp(`(?: on(?: unknown)? address| on| at|:) ${ADDRESS}`, "g"), ""],
  [new RegExp(`^(?:Address )?${ADDRESS} is located`, "gm"), "the address is located"],
];

/** Threads and mutexes are numbered in the order in which the report names them; T0 is the main thread. */
function withoutAccidents(text: string): string {
  const numbers = new Map<string, number>();
  const bare = ACCIDENTS.reduce((sofar, [accident, word]) => sofar.replace(accident, word), text);
  return bare.replace(/\b([TM])([1-9]\d*)\b/g, (name, kind: string) => {
    if (!numbers.has(name)) numbers.set(name, [...numbers.keys()].filter((known) => known.startsWith(kind)).length + 1);
    return `${kind}${numbers.get(name)}`;
  });
}

/**
 * "    #1 answer katas/02-mpsc-queue/mpsc_queue.c:8"; only the name of what the C library or a sanitizer calls, and nothing
 * of the guest, which is behind every thread.
 */
function shortenedFrame(line: string): string[] {
  const [number, name = ""] = /^\s+#\d+ (?:0x[0-9a-f]+ (?:in )?)?([^\s(]*)/.exec(line) as unknown as [string, string];
  if (/^(_start|__libc_start.*|start_thread|clone3?|__clone.*|)$/.test(name)) return [];
  const frame = FRAME.exec(line);
  const ours = frame && !/^\/|\.\.\//.test(frame[3]!);
  if (ours && /native\/guest\/\w+\.c$/.test(frame[3]!)) return [];
  const place = ours ? ` ${frame[3]!.replace(/^\.\//, "")}:${frame[4]}` : "";
  return [`${/^\s+#\d+ /.exec(number)![0]}${name.replace(/^__interceptor_/, "")}${place}`];
}

/** Recursion is shown once. */
function withoutEchoes(lines: string[]): string[] {
  const bare = (line: string | undefined) => line?.replace(/#\d+ /, "");
  return lines.filter((line, at) => !/^\s+#/.test(line) || bare(line) !== bare(lines[at - 1]));
}
