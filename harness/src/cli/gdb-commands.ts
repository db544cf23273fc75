// SPDX-License-Identifier: MIT
/** What gdb is told: how a run is started again, where it stops, and what is shown there. Pure. */
import type { Launch } from "../play/launch.ts";

/** Absolute paths. */
export interface Kept {
  launch: Launch;
  /** Holds the files as they were compiled, under the names that debug information has. */
  sources: string;
  /** The submitted files' names there. */
  files: string[];
  /** An empty working directory, made anew for every run. */
  work: string;
}

/** Everything that comes before the run: an editor's debugger wants no more. */
export function commandsFor(kept: Kept): string {
  const { launch, work } = kept;
  return lines(
    "# How the run is started: with its words, and nothing of your environment.",
    "set confirm off",
    "unset environment",
    ...Object.entries(environmentOf(launch)).map(([name, value]) => `set environment ${name} ${value}`),
    `set args ${launch.words.map(shellWord).join(" ")}`,
    `set cwd ${work}`,
    "define hook-run",
    `shell rm -rf ${shellWord(work)} && mkdir ${shellWord(work)}`,
    "end",
    stopsFor(kept),
  );
}

/** LeakSanitizer works through ptrace, which the debugger has taken. */
function environmentOf({ env }: Launch): Record<string, string> {
  const asan = env.ASAN_OPTIONS;
  return asan === undefined ? env : { ...env, ASAN_OPTIONS: `${asan}:detect_leaks=0` };
}

/** Sources and breakpoints: also for a recorded run, which has been started already. */
export function stopsFor({ launch, sources }: Kept): string {
  return lines(
    "set pagination off",
    "set breakpoint pending on",
    `directory ${sources}`,
    ...STOPS[launch.engine],
    ...((launch.env.ASAN_OPTIONS ?? launch.env.TSAN_OPTIONS) ? REPORTED : []),
  );
}

/** A sanitizer ends the program when its report is written. */
const REPORTED = ["# A sanitizer has reported.", "break __sanitizer::Die"];
const SIGNALS = "SIGSEGV SIGBUS SIGFPE SIGILL SIGABRT";

const STOPS: Record<Launch["engine"], string[]> = {
  guest: [
    "# The traffic cannot go on; or the process ends. A crash stops by itself.",
    "break evidence_broken_off",
    "catch syscall exit_group",
    "handle SIGUSR2 nostop noprint pass",
  ],
  explorer: [
    "# The search fails many times until its failure is a short one. That one is told with a trace, and stops here.",
    `handle ${SIGNALS} nostop noprint pass`,
    "break violate if 'trace.c'::tracing",
    "break verdict_note if 'trace.c'::tracing",
    "define from_start",
    "disable",
    "tbreak execute if 'trace.c'::tracing",
    "run",
    "enable",
    "end",
  ],
  simulation: [
    "# The search fails many times until its failure is a short one. That one is told with a trace, and stops here.",
    `handle ${SIGNALS} nostop noprint pass`,
    "break end_life if 'trace.c'::tracing",
    "define from_start",
    "disable",
    "tbreak life_play if 'trace.c'::tracing",
    "run",
    "enable",
    "end",
  ],
};

/** Goes to the failure and shows the learner's own line there. `go`: how the program is set going. */
export function startFor({ launch, files }: Kept, go: "run" | "continue"): string {
  const hint = launch.engine === "guest" ? "" : "; from_start goes to the beginning of the schedule that fails";
  return lines(
    `echo \\nCtrl-C stops a run that hangs; then: thread apply all backtrace${hint}\\n\\n`,
    go,
    "backtrace -frame-info short-location 16",
    "# Last, since a gdb without Python stops reading here.",
    "python",
    `OWN = ${JSON.stringify(files)}`,
    "def newest(names):",
    "    frame = gdb.newest_frame() if gdb.selected_thread() else None",
    "    while frame:",
    "        table = frame.find_sal().symtab",
    "        if table is not None and any(name in table.filename for name in names):",
    "            return frame",
    "        frame = frame.older()",
    "# What a driver finds wrong is found after the learner's function has returned.",
    'frame = newest(OWN) or newest(["/grader/"])',
    "if frame:",
    "    frame.select()",
    '    gdb.execute("frame")',
    "end",
  );
}

const lines = (...all: string[]) => `${all.join("\n")}\n`.replace(/\n+$/, "\n");

/** gdb starts a program through a shell. */
const shellWord = (word: string) => (/^[\w./=:,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
