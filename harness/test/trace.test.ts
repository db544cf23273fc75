// SPDX-License-Identifier: MIT
/** A trace as a picture, and that the width of a terminal is no part of a result. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import type { TraceStep } from "../src/kata/kata.ts";
import { resultSchema, type Result } from "../src/judge/score.ts";
import { traceText } from "../src/report/trace.ts";
import { kataCommand } from "./child.ts";
import { golden } from "./golden.ts";

const folder = mkdtempSync(join(tmpdir(), "c10kata-trace-"));
afterAll(() => rmSync(folder, { recursive: true }));

const step = (thread: number, line: number, what: string, more: Partial<TraceStep> = {}): TraceStep => ({
  thread,
  who: thread === 0 ? "T0" : "T1 producer",
  function: "push",
  file: "katas/98-example/queue.c",
  line,
  source: `atomic_store_explicit(&node_${line}->next, NULL, memory_order_relaxed);`,
  what,
  note: "",
  times: 1,
  marked: false,
  ...more,
});
const trace = [
  step(0, 7, "stores", { note: "0" }),
  step(0, 7, "stores", { note: "1", times: 3 }),
  step(0, 9, "loads"),
  step(1, 0, "begins"),
  step(1, 9, "frees", { marked: true }),
];

test("columns where they fit, each as wide as its texts or an equal share; else a list", () => {
  const drawn = [150, 80, 64].map((width) => traceText(trace, width));
  for (const [at, width] of [150, 80, 64].entries()) {
    expect(Math.max(...drawn[at]!.split("\n").map((line) => line.length))).toBeLessThanOrEqual(width);
  }
  const names = (text: string) => new Set(text.match(/\w+/g));
  for (const narrow of [72, 64, 50, 40]) expect(names(traceText(trace, narrow))).toEqual(names(traceText(trace, 300))); // none is cut
  const text = `${drawn.join("\n\n")}\n`;
  expect(text).toBe(golden("trace", text));
});

test("where there is no room, the last steps and the marked ones stay, each in its column and with its place", () => {
  const between = [...trace, ...trace].map((one) => ({ ...one, marked: false }));
  const long = [step(1, 3, "frees", { marked: true }), ...between, step(0, 9, "reads", { marked: true })];
  const whole = traceText(long, 80);
  expect(traceText(long, 80, whole.split("\n").length)).toBe(whole);
  for (const rows of [24, 16, 11]) {
    const lines = traceText(long, 80, rows).split("\n");
    expect(lines.length).toBeLessThanOrEqual(rows);
    expect(lines.filter((line) => line.includes("=> "))).toHaveLength(2);
    expect(lines.join("\n")).toMatch(/frees\n {3}… \d+ steps?, which the replay shows\n[^]*queue\.c:9 [^]* reads$/);
  }
  expect(traceText(long, 80, 1)).toContain("reads");
});

test("a loop at one line is told by its first and last step; a marked one, another line and a short loop stay", () => {
  const stores = (count: number, line = 7) =>
    Array.from({ length: count }, (_, at) => step(0, line, "stores", { note: String(at) }));
  const rows = (steps: TraceStep[]) =>
    traceText(steps, 80)
      .match(/stores.*/g)
      ?.map(String);
  expect(rows([...stores(3), step(0, 8, "loads"), ...stores(5)])).toEqual([
    ...["stores: 0", "stores: 1", "stores: 2"],
    "stores: 0 … 4 (5 times)",
  ]);
  expect(rows([...stores(4), step(0, 7, "stores", { note: "9", marked: true })])).toEqual([
    "stores: 0 … 3 (4 times)",
    "stores: 9",
  ]);
  expect(rows([...stores(4, 7), ...stores(4, 8)])).toHaveLength(2);
});

/** What a terminal of so many columns shows, and the result that is written beside it. */
async function gradedAt(columns: number, words: string[]): Promise<{ shown: string; result: Result }> {
  const json = join(folder, `${columns}.json`);
  const { PATH = "", HOME = "", CC } = process.env;
  let shown = "";
  const child = Bun.spawn(kataCommand("grade", ...words, "--seed", "7", "--json", json), {
    cwd: ROOT,
    env: { PATH, HOME, NO_COLOR: "1", ...(CC && { CC }) },
    terminal: { cols: columns, rows: 24, data: (_, bytes) => void (shown += Buffer.from(bytes).toString()) },
  });
  expect(await child.exited).toBe(1);
  return { shown, result: resultSchema.parse(JSON.parse(readFileSync(json, "utf8"))) };
}

const timeless = ({ checks, ...result }: Result) => ({
  ...result,
  seconds: 0,
  checks: checks.map((check) => ({ ...check, seconds: 0 })),
});

test.each([
  ["in the explorer", "02", "every_schedule", "02-mpsc-queue", "every_schedule--claim_without_release"],
  ["in the simulated kernel", "03", "ends_properly", "03-epoll-echo", "ends_properly--closed_twice"],
])(
  "a failure %s is one result at 64 and at 150 columns, drawn for each",
  async (_, number, check, id, mutant) => {
    const path = join("solutions", id, "mutants", `${mutant}.patch`);
    const words = [number, "--check", check, "--from", path, "--no-timed"];
    const [narrow, wide] = [await gradedAt(64, words), await gradedAt(150, words)];
    expect(narrow.result.checks.find(({ id }) => id === check)?.trace?.length).toBeGreaterThan(5);
    expect(timeless(wide.result)).toEqual(timeless(narrow.result));
    const pictures = [narrow, wide].map(({ shown }) => pictureIn(shown));
    const widths = pictures.map((lines) => Math.max(...lines.map((line) => line.length)));
    expect(widths[0]).toBeGreaterThan(32);
    expect(widths[0]).toBeLessThanOrEqual(64);
    expect(widths[1]).toBeGreaterThan(64);
    expect(widths[1]).toBeLessThanOrEqual(150);
  },
  60_000,
);

/** Of the blocks below the failure's sentences the one with a marked step. */
function pictureIn(shown: string): string[] {
  const text = shown.replaceAll("\r", "");
  const blocks = text.slice(text.indexOf("  replay ")).split("\n\n");
  return blocks.find((block) => block.includes("=>"))?.split("\n") ?? [];
}
