// SPDX-License-Identifier: MIT
/** A synthetic result with every verdict, as a terminal and as a file show it. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Unusable } from "../src/base/command.ts";
import { writeWhole } from "../src/report/file.ts";
import { resultJsonSchema, resultsJson } from "../src/report/json.ts";
import { failureBlock, plainStyle, scorecard, shortFailure, summaryTable } from "../src/report/terminal.ts";
import { wholeReport } from "../src/report/told.ts";
import { checkOf, everyVerdict, resultOf } from "./example.ts";
import { golden } from "./golden.ts";

const folder = mkdtempSync(join(tmpdir(), "c10kata-report-"));
afterAll(() => rmSync(folder, { recursive: true }));

const result = resultOf(everyVerdict());
const passed = resultOf([checkOf("pass", 90), checkOf("not_measurable", 10)]);
const ours = checkOf("harness_error");

test("everything a terminal shows", () => {
  const text = [
    failureBlock(checkOf("crash"), plainStyle),
    failureBlock(checkOf("wrong", 100, "an_id_that_is_wider_than_its_column"), plainStyle),
    failureBlock(ours, plainStyle),
    shortFailure(checkOf("race")),
    scorecard(result, plainStyle),
    scorecard(passed, plainStyle),
    summaryTable([result, passed], plainStyle),
  ].join("\n\n");
  expect(text).toBe(golden("terminal", text));
  expect(text).not.toContain("\x1b");
});

test("a pass names the next kata, a failure comes last and says where help is", () => {
  const told = wholeReport(passed, plainStyle, { next: "99-next" });
  expect(told).toEndWith("beside the reference: bun kata diff 98   next: 99-next, bun kata next");
  expect(wholeReport(passed, plainStyle)).not.toContain("next:");
  const failed = wholeReport(resultOf([checkOf("wrong")]), plainStyle, { next: "99-next", asked: "other" });
  expect(failed).toMatch(
    /not passed[^]*\nother was not reached: ends_wrong did not pass\nFAIL {2}ends_wrong[^]*\n\nstuck\? bun kata hint 98$/,
  );
  const warned = wholeReport({ ...result, warnings: "a.c:1: warning: unused" }, plainStyle);
  expect(warned).toContain("the compiler warns:\na.c:1: warning: unused\n\nFAIL ");
});

test("a sentence of the scorecard is broken at words, and stays in its column", () => {
  const card = scorecard(resultOf([{ ...checkOf("pass"), note: "all schedules ".repeat(6) }]), {
    ...plainStyle,
    width: 60,
  });
  expect(card).toContain("10/10  all schedules all\n                                  schedules all schedules\n");
});

test("a command that is longer than the terminal is wrapped as a shell takes it", () => {
  const check = {
    ...checkOf("wrong"),
    replay: "bun kata replay 98 ends_wrong --seed 0000002a --from some/where/example.c",
  };
  expect(failureBlock(check, { ...plainStyle, width: 64 })).toContain(
    "  replay    bun kata replay 98 ends_wrong --seed 0000002a \\\n            --from some/where/example.c\n",
  );
});

test("in a terminal a kata's files are told by their names, elsewhere with their folders", () => {
  const saw =
    "T1 writes at katas/98-example/grader/explore.c:75, T0 in katas/98-example/example.c:9, in katas/98-example";
  const check = { ...checkOf("race"), saw };
  expect(failureBlock(check, { ...plainStyle, width: 120 })).toContain(
    "saw       T1 writes at explore.c:75, T0 in example.c:9, in katas/98-example\n",
  );
  expect(failureBlock(check, plainStyle)).toContain(saw);
});

test("a word that the sentence begins with is not said twice", () => {
  const race = { ...checkOf("race"), saw: "race: T1 writes at queue.c:9" };
  expect(shortFailure(race)).toBe("race: T1 writes at queue.c:9");
  expect(shortFailure({ ...race, saw: "data race: write in push" })).toBe("race: data race: write in push");
});

test("a fault of ours is never called a failure of the program", () => {
  expect(failureBlock(ours, plainStyle)).toStartWith("harness error, not your code");
  expect(failureBlock(ours, plainStyle)).not.toContain("FAIL");
});

test("one result is an object, several are a list; nothing half-written stays", () => {
  const path = join(folder, "r.json");
  writeWhole("--json", path, resultsJson([result]));
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual(result);
  writeWhole("--json", path, resultsJson([result, passed]));
  expect(JSON.parse(readFileSync(path, "utf8"))).toEqual([result, passed]);
  expect(readdirSync(folder)).toEqual(["r.json"]);
});

test("a place that cannot be written is a sentence", () => {
  expect(() => writeWhole("--json", join(folder, "no", "r.json"), "")).toThrow(Unusable);
  expect(() => writeWhole("--json", "/proc/r.json", "")).toThrow("--json /proc/r.json: ");
});

test("the published schema is the one that results are checked with", () => {
  const published = readFileSync(join(import.meta.dir, "../result.schema.json"), "utf8");
  expect(JSON.parse(published)).toEqual(JSON.parse(resultJsonSchema()));
});
