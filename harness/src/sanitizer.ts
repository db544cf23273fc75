// SPDX-License-Identifier: MIT
/** Reads what the sanitizers print. Their silence proves nothing; canary.ts sees to that. Pure. */
import type { Verdict } from "./kata.ts";

export interface SanitizerReport {
  verdict: Extract<Verdict, "race" | "memory" | "crash">;
  /** "data race: write in mpsc_push (mpsc_queue.c:30), read in mpsc_pop (mpsc_queue.c:41)" */
  headline: string;
  expected: string;
  /** The innermost of the learner's frames of each stack, as "mpsc_push (mpsc_queue.c:30)". */
  frames: string[];
  /** The report itself, shortened. */
  text: string;
}

const EXPECTED: Record<SanitizerReport["verdict"], string> = {
  race: "conflicting accesses ordered by an atomic operation or a lock",
  memory: "every access inside live memory, everything allocated freed once",
  crash: "the call returns",
};
const LINES_MAX = 40;

/** `shown`: the submitted files as debug information names them. */
export function readSanitizer(output: string, shown: string[]): SanitizerReport | undefined {
  const start = /(WARNING: ThreadSanitizer: |ERROR: (Address|Leak)Sanitizer: |: runtime error: )(.*)/.exec(output);
  if (!start) return undefined;
  const from = output.lastIndexOf("\n", start.index) + 1;
  const text = output.slice(from).split("\n").slice(0, LINES_MAX).join("\n");
  const kind = start[3]!.replace(/ on (unknown )?address.*| \(pid=\d+\).*| \(.*$/, "").trim();
  const frames = stacksOf(text, shown);
  const verdict = start[1]!.includes("Thread") ? "race" : kind === "SEGV" ? "crash" : "memory";
  return {
    verdict: verdict === "race" && kind === "SEGV" ? "crash" : verdict,
    headline: headline(kind, frames),
    expected: EXPECTED[verdict],
    frames: [...new Set(frames.map((frame) => frame.shown))].slice(0, 2),
    text: text.trim(),
  };
}

interface TopFrame {
  /** "write of size 8", "previous read of size 8", "freed by thread T1", ... */
  action: string;
  shown: string;
}

/** For each stack in the report, the innermost frame in one of the learner's files. */
function stacksOf(text: string, shown: string[]): TopFrame[] {
  const stacks: TopFrame[] = [];
  let action = "";
  let open = false;
  for (const line of text.split("\n")) {
    const frame = /^\s+#\d+ (?:0x[0-9a-f]+ (?:in )?)?(\S+) (\S+?):(\d+)/.exec(line);
    if (!frame) {
      const header = /^\s*(.*?)(?: of size \d+)?(?: at 0x| by | thread T|:$)/.exec(line);
      if (header?.[1]) [action, open] = [header[1].toLowerCase(), true];
      continue;
    }
    const file = shown.find((name) => frame[2]!.endsWith(name));
    if (!open || !file) continue;
    stacks.push({ action, shown: `${frame[1]} (${file.split("/").at(-1)}:${frame[3]})` });
    open = false;
  }
  return stacks;
}

function headline(kind: string, frames: TopFrame[]): string {
  const places = frames
    .slice(0, 2)
    .map(({ action, shown }) => (kind === "data race" ? `${action} in ${shown}` : shown));
  return places.length === 0 ? kind : `${kind}: ${places.join(kind === "data race" ? ", " : ", then ")}`;
}
