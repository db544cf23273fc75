// SPDX-License-Identifier: MIT
/** `bun kata replay --gdb` and `--rr` in a terminal: the debugger stops where the program fails. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { FIXTURES, kata, kataCommand, newShelf, start } from "./child.ts";
import { Terminal } from "./terminal.ts";

const TIMEOUT_MS = 120_000;
const { home, katas } = newShelf();
const tools = mkdtempSync(join(tmpdir(), "c10kata-gdb-"));
const shelf = { C10KATA_SHELF: katas };

beforeAll(() => {
  cpSync(join(FIXTURES, "01-answer"), join(katas, "01-answer"), { recursive: true });
  for (const id of ["02-mpsc-queue", "03-epoll-echo"])
    for (const room of ["katas", "solutions"]) cpSync(join(ROOT, room, id), join(home, room, id), { recursive: true });
});
afterAll(() => [home, tools].forEach((folder) => rmSync(folder, { recursive: true })));

const submission = (name: string) => join(FIXTURES, "01-answer", "submissions", `${name}.c`);
const mutant = (id: string, name: string) => join(home, "solutions", id, "mutants", `${name}.patch`);
const replay = (...words: string[]) => ["replay", ...words, "--seed", "7"];

/** What has to be compiled is there before a screen is waited for. */
async function inTerminal(words: string[], tool: string, env: Record<string, string> = {}): Promise<Terminal> {
  expect((await kata(words, shelf)).code).toBe(1);
  // A gdb of this machine's owner may ask or show things of its own.
  return new Terminal(kataCommand(...words, tool), { cols: 160, rows: 50, env: { ...shelf, HOME: tools, ...env } });
}

const QUEUE = mutant("02-mpsc-queue", "two_preemptions--acquire_where_release");
/** In the program, or in the driver that has called it. */
const EXPLORED = /(violate|verdict_note) \(kind=[^]*\)\s+at \S*(mpsc_queue|explore)\.c:\d+\n\d+\t +\S/;
const inGdb = test.skipIf(!Bun.which("gdb"));

inGdb.each<[string, string[], RegExp]>([
  [
    "a crash on real threads",
    ["01", "right_together", "--from", submission("segfaults")],
    /received signal SIGSEGV[^]* answer \([^]*\)\s+at \S*segfaults\.c:6\n6\t/,
  ],
  ["the explorer's failure", ["02", "two_preemptions", "--from", QUEUE], EXPLORED],
  [
    "the simulated kernel's",
    ["03", "every_byte_in_order", "--from", mutant("03-epoll-echo", "every_byte_in_order--dropped_on_eagain")],
    /end_life \([^]*\)\s+at \S*epoll_echo\.c:\d+\n\d+\t +\S/,
  ],
  [
    "a sanitizer's report in it",
    ["03", "memory_clean", "--from", mutant("03-epoll-echo", "memory_clean--used_after_close")],
    /heap-use-after-free[^]*__sanitizer::Die[^]* turn \([^]*\)\s+at \S*epoll_echo\.c:178\n178\t/,
  ],
  [
    "a sanitizer's report on real threads",
    ["02", "race_free", "--from", mutant("02-mpsc-queue", "race_free--plain_tail")],
    /data race[^]*__sanitizer::Die[^]* mpsc_push \([^]*\)\s+at \S*mpsc_queue\.c:3\d\n3\d\t/,
  ],
])(
  "gdb stops at %s, in the learner's own line",
  async (_, words, stop) => {
    const terminal = await inTerminal(replay(...words), "--gdb");
    await terminal.shows(stop);
    terminal.type("quit\n");
    expect(await terminal.exited).toBe(0);
  },
  TIMEOUT_MS,
);

inGdb(
  "from_start goes to where the failing schedule begins; Ctrl-C is gdb's own",
  async () => {
    const terminal = await inTerminal(replay("02", "two_preemptions", "--from", QUEUE), "--gdb");
    await terminal.shows(EXPLORED);
    terminal.type("from_start\n");
    await terminal.shows(/Temporary breakpoint \d+, execute \([^]*\n\(gdb\) /);
    terminal.type("\x03echo not gone\\n\n");
    await terminal.shows(/\rnot gone\n/);
    terminal.type("continue\n");
    await terminal.shows(/execute \([^]*(violate|verdict_note) \(kind=/);
    terminal.type("quit\n");
    expect(await terminal.exited).toBe(0);
  },
  TIMEOUT_MS,
);

test.each<[string, string[], number, RegExp]>([
  [
    "what the grader judges afterwards",
    ["right_together", "--from", submission("wrong")],
    0,
    /The grader judges right_together when the run is over, .*: no place in the program is where it fails\. .*\ngdb -q -x/,
  ],
  [
    "what passed",
    ["right_alone", "--from", submission("passes")],
    0,
    /right_alone passed: .*\ngdb -q -x .*\/program\n/,
  ],
  ["calls that Bun makes", ["first_answer"], 2, /first_answer: Bun makes its calls\..* main\(\) of your own/],
  ["what never ran", ["compiles", "--from", submission("does_not_compile")], 2, /compiles: it is judged before/],
])(
  "--gdb says why it does not stop at %s, and what to do instead",
  async (_, words, code, said) => {
    const outcome = await kata([...replay("01", ...words), "--gdb"], shelf);
    expect(outcome.stdout + outcome.stderr).toMatch(said);
    expect(outcome.code).toBe(code);
  },
  TIMEOUT_MS,
);

test(
  "without a terminal the program, its words and its text are kept, and run as they are",
  async () => {
    const { code, stdout } = await kata(
      [...replay("01", "right_alone", "--from", submission("passes")), "--gdb"],
      shelf,
    );
    expect(code).toBe(0);
    const [, commands, program] = /^gdb -q -x (\S+) -x \S+ (\S+)$/m.exec(stdout)!;
    const [, given] = /^set args (.*)$/m.exec(readFileSync(join(ROOT, commands!), "utf8"))!;
    const guest = await start([join(ROOT, program!), ...given!.split(" ")]).outcome;
    expect(guest).toEqual({ code: 0, stdout: "", stderr: "" });
    const source = join(home, ".kata/gdb/sources/harness/fixtures/01-answer/submissions/passes.c");
    expect(readFileSync(source, "utf8")).toBe(readFileSync(submission("passes"), "utf8"));
  },
  TIMEOUT_MS,
);

/** A stand-in for rr, which needs hardware counters: `record` makes a recording if `able`, `replay` is gdb on a new run. */
function pathWithRr(able: boolean): string {
  const script = `#!/bin/sh
set -eu
if [ "$1" = record ]; then
  ${able ? "" : "echo '[FATAL ./src/PerfCounters.cc:306] Unable to open performance counter' >&2; exit 1"}
  folder=$3
  mkdir "$folder"
  shift 3
  "$@" || true
  touch "$folder/version"
else
  kept=$(dirname "$3")
  exec gdb -q -x "$kept/commands" -ex starti -x "$3" "$kept/program"
fi
`;
  const folder = mkdtempSync(join(tools, "rr-"));
  writeFileSync(join(folder, "rr"), script);
  chmodSync(join(folder, "rr"), 0o755);
  return `${folder}:${process.env.PATH}`;
}

inGdb(
  "--rr records the run, and its replay stops where the program fails",
  async () => {
    const words = replay("01", "right_together", "--from", submission("segfaults"));
    const terminal = await inTerminal(words, "--rr", { PATH: pathWithRr(true) });
    await terminal.shows(/received signal SIGSEGV[^]* answer \([^]*\)\s+at \S*segfaults\.c:6\n6\t/);
    terminal.type("quit\n");
    expect(await terminal.exited).toBe(0);
    expect(existsSync(join(home, ".kata/gdb/recording/version"))).toBe(true);
  },
  TIMEOUT_MS,
);

test(
  "--rr says in rr's own words that it cannot record",
  async () => {
    const words = [...replay("01", "right_together", "--from", submission("segfaults")), "--rr"];
    const { code, stderr } = await kata(words, { ...shelf, PATH: pathWithRr(false) });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^rr cannot record here: .*Unable to open performance counter\nbun kata doctor says/m);
  },
  TIMEOUT_MS,
);
