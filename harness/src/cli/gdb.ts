// SPDX-License-Identifier: MIT
/** `replay --gdb` and `--rr`: a failing run, kept where a debugger finds it, started again up to its failure. */
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { Unusable } from "../base/command.ts";
import type { Submission } from "../build/submission.ts";
import type { CheckResult } from "../judge/score.ts";
import type { Grading } from "../play/grade.ts";
import type { Launch } from "../play/launch.ts";
import { recordWithRr, startDebugger } from "./debugger.ts";
import type { Kata } from "../kata/kata.ts";
import { commandsFor, startFor, stopsFor, type Kept } from "./gdb-commands.ts";
import { KEPT } from "./scores.ts";

/** .vscode/launch.json names these too. */
const FOLDER = join(KEPT, "gdb");
const PROGRAM = join(FOLDER, "program");
const COMMANDS = join(FOLDER, "commands");
const START = join(FOLDER, "start");
/** Of rr. */
const RECORDING = join(FOLDER, "recording");
const REPLAY = join(FOLDER, "replay");

/**
 * After a grading of `check`: keeps its run, and starts the debugger where the run has a place to stop at and a person is
 * there to use it; else says why not, and the command. Throws Unusable where no debugger can start such a run.
 */
export async function debug(
  grading: Grading,
  check: CheckResult,
  tool: "gdb" | "rr",
  print: (text: string) => void,
): Promise<void> {
  rmSync(FOLDER, { recursive: true, force: true });
  const { workpiece } = grading;
  const launch = grading.launchOf(check.id);
  if (!launch) throw new Unusable(`${check.id}: ${withoutDebugger(workpiece.kata, check.id)}`);
  const gdb = keepForGdb(launch, workpiece.submission);
  const why = whyNoStop(check, launch);
  if (why) print(why);
  const argv = tool === "rr" ? await record(launch) : gdb;
  if (why || !process.stdin.isTTY || !process.stdout.isTTY) print(argv.join(" "));
  else await startDebugger(argv);
}

/** Of a run that no debugger can start. */
function withoutDebugger(kata: Kata, id: string): string {
  if (kata.scripts.some((script) => script.id === id))
    return "Bun makes its calls. Make those that the report shows in a main() of your own, compile it with -g and your files, and debug that";
  if (kata.staged.some(({ checks }) => checks.some((one) => one.id === id)))
    return "the grader directs several processes here. The report says what each of them did";
  if (kata.scenarios.some(({ build, checks }) => build === "mingw" && checks.some((one) => one.id === id)))
    return "Wine runs it, and gdb would stop in Wine's own code. The report has function and line of a crash";
  if (kata.throughput?.id === id) return "it is timed, and fails nowhere. perf record, or bun kata bench, shows more";
  return "it is judged before anything runs";
}

/** Why a debugger does not stop at the failure by itself; null where it does. */
function whyNoStop({ id, verdict, saw = "" }: CheckResult, { judged }: Launch): string | null {
  const instead = "Set breakpoints of your own: the same run can be followed with";
  if (verdict === "pass") return `${id} passed: there is no failure to stop at. ${instead}`;
  if (saw.startsWith("memory leak")) return `A leak is seen when the program has ended. ${instead}`;
  if (judged === "inside") return null;
  return `The grader judges ${id} when the run is over, by what it reported: no place in the program is where it fails. ${instead}`;
}

/** Keeps the program with its inputs, in place of what was kept before. The command that debugs it. */
function keepForGdb(launch: Launch, { files }: Submission): string[] {
  const [sources, work] = [join(FOLDER, "sources"), join(FOLDER, "work")];
  for (const { shown, text } of files) {
    mkdirSync(dirname(join(sources, shown)), { recursive: true });
    writeFileSync(join(sources, shown), text);
  }
  mkdirSync(work);
  const own = withCopies(launch);
  const kept: Kept = { launch: own, sources, work, files: files.map(({ shown }) => shown) };
  writeFileSync(COMMANDS, commandsFor(kept));
  writeFileSync(START, startFor(kept, "run"));
  writeFileSync(REPLAY, `${stopsFor(kept)}${startFor(kept, "continue")}`);
  return ["gdb", "-q", ...[COMMANDS, START].flatMap((path) => ["-x", shown(path)]), shown(PROGRAM)];
}

/** The same program out of the cache, which may be emptied. */
function withCopies(launch: Launch): Launch {
  copyFileSync(launch.program, PROGRAM);
  const { library } = launch;
  if (library === undefined) return { ...launch, program: PROGRAM };
  const copy = join(FOLDER, basename(library));
  copyFileSync(library, copy);
  return { ...launch, program: PROGRAM, library: copy, words: launch.words.map((w) => (w === library ? copy : w)) };
}

/** Records the program as keepForGdb() has kept it. The command that goes through the recording. */
async function record(launch: Launch): Promise<string[]> {
  const { words, env } = withCopies(launch);
  await recordWithRr([PROGRAM, ...words], { recording: RECORDING, cwd: join(FOLDER, "work"), env });
  return ["rr", "replay", "-x", shown(REPLAY), shown(RECORDING)];
}

const shown = (path: string) => relative(process.cwd(), path) || ".";
