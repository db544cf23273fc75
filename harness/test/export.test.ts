// SPDX-License-Identifier: MIT
/** One result in every format: what it reads like, what its platform takes, and what a hostile text cannot do there. */
import { describe, expect, test } from "bun:test";
import { parse } from "csv-parse/sync";
import { annotations } from "../src/report/exports/annotations.ts";
import { classroom50 } from "../src/report/exports/classroom50.ts";
import { csv, table } from "../src/report/exports/csv.ts";
import { exercism } from "../src/report/exports/exercism.ts";
import { gradescope } from "../src/report/exports/gradescope.ts";
import { junit } from "../src/report/exports/junit.ts";
import type { Graded } from "../src/report/exports/scored.ts";
import { summary } from "../src/report/exports/summary.ts";
import type { CheckResult } from "../src/judge/score.ts";
import { checkOf, everyVerdict, resultOf } from "./example.ts";
import { classroom50Schema, exercismSchema, expectJunit, gradescopeSchema } from "./export-formats.ts";
import { golden } from "./golden.ts";

const CLASSROOM = {
  CLASSROOM: "systems",
  ASSIGNMENT: "katas",
  ASSIGNMENT_TYPE: "individual" as const,
  OWNER: "learner",
  SUBMISSION_TAG: "submit/2026-06-01T14-32-05Z-a1b2c3d",
  COMMIT_URL: "https://example.org/commit/a1b2c3d",
  RELEASE_URL: "https://example.org/releases/1",
};
const AT = new Date("2026-06-01T14:33:11.250Z");

const FORMATS: Record<string, (graded: Graded) => string> = {
  annotations,
  classroom50: (graded) => classroom50(graded, CLASSROOM, AT),
  csv,
  exercism,
  gradescope,
  junit,
  summary,
};

const label = "katas/98-example/example.c";
const resultWith = (checks: CheckResult[]) => {
  const result = resultOf(checks);
  return { ...result, submission: { ...result.submission, label } };
};
const one = (...checks: CheckResult[]): Graded => ({ katas: [{ kata: "98-example", result: resultWith(checks) }] });
const fork: Graded = {
  source: "https://example.org/learner/c10kata",
  commit: "0123456789abcdef0123456789abcdef01234567",
  katas: [
    ...one(...everyVerdict()).katas,
    { kata: "97-other", refused: "katas/97-other/other.c is a symbolic link; it has to be a regular file" },
    { kata: "96-passed", result: resultOf([checkOf("pass", 90), checkOf("not_measurable", 10)]) },
  ],
};

describe.each(Object.entries(FORMATS))("%s", (name, format) => {
  test("a fork with every verdict, a refused file and a kata that passed", () => {
    const text = format(fork).replaceAll("\r\n", "\n"); // git keeps no other line ends
    expect(text).toBe(golden(`export-${name}`, text));
  });

  test("nothing is printed without an end", () => {
    const long = "x".repeat(1 << 20);
    expect(format(one({ ...checkOf("wrong", 100), saw: long, detail: long })).length).toBeLessThan(30_000);
  });
});

const SEVERAL = [fork, one(checkOf("pass", 100)), one(checkOf("build_error", 100)), { katas: [] }];

test.each(SEVERAL)("each platform takes it", (graded) => {
  classroom50Schema.parse(JSON.parse(classroom50(graded, CLASSROOM, AT)));
  gradescopeSchema.parse(JSON.parse(gradescope(graded)));
  exercismSchema.parse(JSON.parse(exercism(graded)));
  expectJunit(junit(graded));
});

/** What learner code could print, name or compile to, if it wanted to be more than text. */
const EVIL = [
  "::error file=other.c::forged",
  "::stop-commands::token",
  "##[error]forged",
  "%0A::add-mask::x",
  "\r\n::set-output name=score::100",
  "</failure></testcase><testcase name='forged'/>",
  "]]>&amp;&lt;<!--",
  "\u0000\u0001\u001b[31m\ufffe\ud800",
  "```\n# forged heading\n@everyone <img src=x onerror=alert(1)> | a | cell |",
  "=cmd|' /C calc'!A0",
  '"quoted, and\nbroken"',
].join("\n");

const evil: Graded = {
  source: `=1+1|\`${EVIL}`,
  commit: "+2",
  katas: [
    ...one({
      ...checkOf("wrong", 100),
      saw: EVIL,
      expected: EVIL,
      look_at: EVIL,
      detail: EVIL,
      printed: { left_out: 1, lines: EVIL.split("\n") },
    }).katas,
    { kata: "97-other", refused: EVIL },
  ],
};

describe("a hostile text is a text", () => {
  test("to the platforms", () => {
    const classroom = classroom50Schema.parse(JSON.parse(classroom50(evil, CLASSROOM, AT)));
    expect(classroom.tests).toHaveLength(2);
    expect(gradescopeSchema.parse(JSON.parse(gradescope(evil))).output_format).toBe("text");
    expect(exercismSchema.parse(JSON.parse(exercism(evil))).status).toBe("fail");
  });

  test("in XML: no element of its own, no character that XML has not", () => {
    const document = expectJunit(junit(evil));
    expect(document.find("//testcase")).toHaveLength(2);
    expect(document.find("//failure")).toHaveLength(2);
    expect(document.get("//failure")!.content).toContain("</failure></testcase><testcase name='forged'/>");
  });

  test("to GitHub's runner: a line of ours for each failure, and no other command", () => {
    const lines = annotations(evil).trimEnd().split("\n");
    expect(lines).toHaveLength(2);
    for (const line of lines) expect(line).toMatch(/^::error [^\r\n]*$/);
    const [, properties = ""] = /^::error (.*?)::/.exec(lines[0]!) ?? [];
    expect(properties).toBe("file=katas/98-example/example.c,line=1,title=98-example ends_wrong%3A wrong");
  });

  test("in Markdown: inside one code block, which nothing in it ends", () => {
    const text = summary(evil);
    const [, fence = "?"] = /^(`{3,})text\n/m.exec(text) ?? [];
    expect(fence.length).toBeGreaterThan(3);
    expect(text.match(new RegExp(`^${fence}(text)?$`, "gm"))).toHaveLength(4);
    const outside = text.replace(new RegExp(`^${fence}text\n[^]*?^${fence}$`, "gm"), "");
    expect(outside.replace(/(`+) .*? \1/g, "")).not.toMatch(/forged|everyone|onerror|::/);
  });

  test("to a spreadsheet: no cell is a formula, and all cells come back", () => {
    const rows: Record<string, string>[] = parse(csv(evil), { columns: true, record_delimiter: "\r\n" });
    expect(rows).toHaveLength(2);
    for (const cell of rows.flatMap((row) => Object.values(row))) expect(cell).not.toMatch(/^[=+\-@\t\r]/);
    expect(parse(table([{ cell: '"a", b\r\nc' }]), { columns: true })).toEqual([{ cell: '"a", b\r\nc' }]);
  });
});

describe("annotations", () => {
  const placed = (check: Partial<CheckResult>) =>
    /file=([^,]*),line=(\d+)/
      .exec(annotations(one({ ...checkOf("crash", 100), look_at: "", saw: "", detail: "", ...check })))
      ?.slice(1);

  test("stand beside the learner's line that the failure names first", () => {
    expect(placed({ saw: "a race: crowd.c:9 and example.c:57" })).toEqual([label, "57"]);
    expect(placed({ look_at: "push (example.c:12)", saw: "example.c:57" })).toEqual([label, "12"]);
    expect(placed({ saw: "nothing names a line", detail: "crowd.c:3" })).toEqual([label, "1"]);
    expect(placed({ saw: "another_example.c:3 and not-example.c:4" })).toEqual([label, "1"]);
  });

  test("are ten at most, the nearest cause first; the rest is counted", () => {
    const checks = Array.from({ length: 13 }, (_, at) => checkOf("wrong", 7, `check_${at}`));
    const result = { ...resultWith(checks), first: "check_12" };
    const lines = annotations({ katas: [{ kata: "98-example", result }] })
      .trimEnd()
      .split("\n");
    expect(lines).toHaveLength(11);
    expect(lines[0]).toContain("check_12");
    expect(lines[10]).toBe("::notice::3 more checks failed; the summary lists them");
  });

  test("have no room for a trace, and are placed by it", () => {
    const step = { thread: 0, who: "T0", function: "f", source: "", what: "writes", note: "", times: 1 };
    const trace = [3, 57].map((line) => ({ ...step, file: "example.c", line, marked: line === 57 }));
    const check = { ...checkOf("race", 100), saw: "", look_at: "", detail: "", trace };
    const text = annotations(one(check));
    expect(text).toContain("line=57,");
    expect(text).not.toContain("writes");
  });

  test("name the file of several that a check tries", () => {
    const result = resultWith([{ ...checkOf("crash", 100), file: "b.c", saw: "a.c:3, then b.c:4" }]);
    const files = ["a.c", "b.c"].map((name) => ({ name, sha256: "" }));
    const submission = { label: "katas/98-example/a.c, b.c", files };
    const text = annotations({ katas: [{ kata: "98-example", result: { ...result, submission } }] });
    expect(text).toStartWith("::error file=katas/98-example/b.c,line=4,");
  });
});

test("of several files, a check's own stands before its name", () => {
  const graded: Graded = {
    katas: [{ kata: "98-example", result: resultWith([{ ...checkOf("crash", 100), file: "b.c" }]) }],
  };
  expect(gradescope(graded)).toContain('"name": "b.c ends_crash"');
  expect(junit(graded)).toContain('classname="98-example.b.c" name="ends_crash"');
});

test("of a failure that is too long the end is kept, as the beginning is", () => {
  const check = { ...checkOf("crash", 100), detail: `${"a step\n".repeat(2_000)}the last step` };
  const text = exercism({ katas: [{ kata: "98-example", result: resultWith([check]) }] });
  expect(text).toContain("FAIL  ends_crash");
  expect(text).toMatch(/\\n\.\.\. \d+ characters \.\.\.\\n/);
  expect(text).toContain('the last step"');
  expect(text.length).toBeLessThan(11_000);
});
