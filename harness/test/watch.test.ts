// SPDX-License-Identifier: MIT
/** `bun kata watch` in a terminal: graded at every save, keys answered, nothing left afterwards. */
import { afterAll, expect, test } from "bun:test";
import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { glanceText, screenText } from "../src/report/glance.ts";
import { plainStyle, waitingText, type Style } from "../src/report/terminal.ts";
import { FIXTURES, kataCommand, newShelf } from "./child.ts";
import { checkOf, everyVerdict } from "./example.ts";
import { golden, withoutAccidents } from "./golden.ts";
import { ownProcesses, until } from "./machine.ts";
import { Terminal } from "./terminal.ts";

const TIMEOUT_MS = 90_000;
const { home, katas } = newShelf();
afterAll(() => rmSync(home, { recursive: true }));
cpSync(join(FIXTURES, "01-answer"), join(katas, "01-answer"), { recursive: true });
const own = join(katas, "01-answer", "answer.c");
const submission = (name: string) => readFileSync(join(FIXTURES, "01-answer", "submissions", `${name}.c`), "utf8");
const stub = readFileSync(own, "utf8");

function watching(cols: number, rows: number): Terminal {
  writeFileSync(own, stub);
  return new Terminal(kataCommand("watch", "01"), { cols, rows, env: { C10KATA_SHELF: katas } });
}

test.each([
  [40, 24],
  [80, 24],
  [160, 50],
])(
  "%d columns, %d rows: the failure is what is seen, and the keys stand below it",
  async (cols, rows) => {
    const terminal = watching(cols, rows);
    await terminal.shows("0/100 points");
    const seen = withoutAccidents(terminal.screen)
      .replace(/\d+\.\d s/, "N s")
      .replace(/(?<=--seed( \\\s+| ))\w+/, "SEED");
    terminal.type("q");
    expect(await terminal.exited).toBe(1);
    expect(`${seen}\n`).toBe(golden(`watch-${cols}x${rows}`, `${seen}\n`));
    for (const line of seen.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(cols);
    expect(seen.split("\n").length).toBeLessThanOrEqual(rows);
  },
  TIMEOUT_MS,
);

test(
  "a save grades again: the check that failed alone, then all; and a pass is exit 0",
  async () => {
    const terminal = watching(80, 24);
    await terminal.shows("0/100 points");
    writeFileSync(own, submission("wrong"));
    await terminal.shows(/10\/100 points[^]*FAIL {2}more_answers/);
    writeFileSync(own, submission("passes"));
    await terminal.shows("more_answers again, alone");
    await terminal.shows(/100\/100 points[^]*6 of 6 checks passed/);
    terminal.type("a");
    await terminal.shows("passed: 100/100 points");
    terminal.type("q");
    expect(await terminal.exited).toBe(0);
  },
  TIMEOUT_MS,
);

test(
  "keys: a hint, a replay, and back",
  async () => {
    const terminal = watching(80, 24);
    await terminal.shows("0/100 points");
    terminal.type("h");
    await terminal.shows(/hint 1 of 3[^]*any key goes back/);
    terminal.type(" ");
    await terminal.shows("0/100 points");
    terminal.type("r");
    await terminal.shows(/bun kata replay 01 first_answer --seed \w+[^]*FAIL {2}first_answer[^]*any key goes back/);
    terminal.type(" ?");
    await terminal.shows("a lists every check");
    terminal.type("q");
    await terminal.exited;
  },
  TIMEOUT_MS,
);

test(
  "a save calls off what is under way; whatever is typed or sent, no process stays",
  async () => {
    const before = new Set(ownProcesses());
    const strangers = () => ownProcesses().filter((pid) => !before.has(pid));
    const terminal = watching(80, 24);
    await terminal.shows("0/100 points");
    writeFileSync(own, submission("deadlocks"));
    await terminal.shows("again, alone");
    writeFileSync(own, submission("passes"));
    await terminal.shows("100/100 points");
    writeFileSync(own, submission("deadlocks"));
    await terminal.shows("grading");
    terminal.end();
    await terminal.exited;
    await until(
      () => strangers().length === 0,
      () => `nothing is left, not ${strangers()}`,
    );
  },
  TIMEOUT_MS,
);

test(
  "a file that is gone ends no watch",
  async () => {
    const terminal = watching(80, 24);
    await terminal.shows("0/100 points");
    rmSync(own);
    await terminal.shows("answer.c is missing");
    writeFileSync(own, submission("passes"));
    await terminal.shows("100/100 points");
    terminal.type("\x03");
    expect(await terminal.exited).toBe(0);
  },
  TIMEOUT_MS,
);

test("at a glance: numbers for what passed and waits, names for what failed", () => {
  const waiting = [
    { ...checkOf("not_reached", 5, "b"), waits_for: "a" },
    { ...checkOf("not_reached", 5, "c"), waits_for: "b" },
  ];
  expect(waitingText(waiting)).toBe("wait for a");
  expect(waitingText([checkOf("not_reached")])).toBe("not reached");
  const text = glanceText({ all: 20, checks: everyVerdict(), failure: checkOf("crash") }, plainStyle);
  expect(text).toStartWith("  ✓ 1 of 20 checks passed\n  ✗ ends_wrong, ends_crash, ends_race, ");
  expect(text).toContain("\n\nFAIL  ends_crash ");
});

test("a failure that needs the room has it: of the others, numbers stay", () => {
  const failure = { ...checkOf("crash"), saw: "word ".repeat(200) };
  const text = glanceText({ all: 20, checks: everyVerdict(), failure }, { ...plainStyle, width: 80, rows: 20 });
  expect(text).toStartWith("  ✓ 1 of 20 checks passed   ✗ 10 failed\n\nFAIL  ends_crash ");
});

test("names that have no room on one line are counted", () => {
  const text = glanceText({ all: 20, checks: everyVerdict() }, { ...plainStyle, width: 40 });
  expect(text).toContain("\n  ✗ ends_wrong, ends_crash and 8 more\n");
});

test("of a picture that is too long for the screen the end stays", () => {
  const step = { thread: 0, who: "server", function: "f", file: "a.c", line: 7, source: "f();", note: "", times: 1 };
  const trace = Array.from({ length: 60 }, (_, at) => ({ ...step, what: `step ${at}`, marked: at === 59 }));
  const failure = { ...checkOf("crash"), detail: undefined, trace };
  const body = (style: Style) => glanceText({ all: 20, checks: [failure], failure }, style);
  const shown = screenText({ title: "t", body, keys: [["q", "quit"]], rows: 24 }, { ...plainStyle, width: 80 });
  expect(shown.split("\n")).toHaveLength(24);
  expect(shown).toMatch(
    /\n {5}… 5\d steps, which the replay shows\n {5}a\.c:7 {2}f\(\);\n[^]*=> {3}step 59\n\nq quit$/,
  );
});

test("a failure that is too long for the screen is cut, and the screen says how to see it", () => {
  const body = Array.from({ length: 60 }, (_, at) => `line ${at}`).join("\n");
  const shown = screenText(
    { title: "t", body: () => body, keys: [["q", "quit"]], rows: 24 },
    { ...plainStyle, width: 80 },
  );
  expect(shown.split("\n")).toHaveLength(24);
  expect(shown).toContain("line 18\n  … r shows all of it\n\nq quit");
});

test(
  "grade in a terminal: the first failure is there at once, and stands last when all is known",
  async () => {
    writeFileSync(own, stub);
    const env = { C10KATA_SHELF: katas };
    const terminal = new Terminal(kataCommand("grade", "01"), { cols: 80, rows: 24, env });
    expect(await terminal.exited).toBe(1);
    const [early, late] = terminal.screen.split(/\n01-answer {2}/);
    expect(early).toMatch(/FAIL {2}\w+ +0\/\d+\n/);
    expect(late).toMatch(/not passed: 0\/100 points[^]*FAIL {2}first_answer [^]*stuck\? bun kata hint 01\n$/);
  },
  TIMEOUT_MS,
);
