// SPDX-License-Identifier: MIT
/** defineKata() refuses each kind of broken definition, and says where. */
import { expect, test } from "bun:test";
import { join, relative } from "node:path";
import { ROOT, withTemporary } from "../src/base/cache.ts";
import { BrokenKata, defineKata } from "../src/kata/define.ts";
import { driversOf, type Part } from "../src/kata/drivers.ts";
import { allChecks, needsOf } from "../src/kata/kata.ts";
import { loadKata } from "../src/kata/shelf.ts";
import fixture, { benchKata } from "../fixtures/01-answer/grader/kata.ts";

type Definition = Parameters<typeof defineKata>[0];
const whole: Definition = fixture;
const [alone, together] = whole.scenarios as [Definition["scenarios"][number], Definition["scenarios"][number]];
const [first, more] = whole.scripts as [Definition["scripts"][number], Definition["scripts"][number]];
const bench = benchKata.throughput!;

test("a whole definition is taken, with its defaults", () => {
  expect(defineKata(whole)).toMatchObject({ id: "01-answer", scenarios: [{ runs: 1 }, { runs: 2 }] });
  expect(allChecks(fixture).map(({ id }) => id)).toEqual(
    "compiles allowed_calls first_answer more_answers right_alone right_together".split(" "),
  );
});

test.each<[string, Partial<Definition>, string]>([
  ["an id without digits", { id: "answer" }, "→ at id"],
  ["an id that is not the folder's name", { id: "02-answer" }, "the folder is called '01-answer'"],
  ["no title", { title: "" }, "→ at title"],
  ["no files to edit", { edits: [] }, "→ at edits"],
  ["a baseline that is not there", { baseline: "nowhere.c" }, "no file 'nowhere.c'"],
  [
    "an exploration without a driver",
    { explored: { checks: [{ id: "x", points: 0, scenario: "x", executions: 1 }] } },
    "no file 'grader/explore*.c'",
  ],
  ["no exports", { exports: [] }, "→ at exports"],
  [
    "an unknown type",
    { functions: { answer: { args: ["int" as "i32"], returns: "i32" } } },
    "→ at functions.answer.args[0]",
  ],
  ["two hints", { hints: whole.hints.slice(1) }, "→ at hints"],
  ["a hint of a word", { hints: ["think", ...whole.hints.slice(1)] }, "→ at hints[0]"],
  ["points that do not add up", { scripts: [{ ...first, points: 11 }, more] }, "points add up to 101, not 100"],
  ["points below zero", { scripts: [{ ...first, points: -1 }, more] }, "→ at scripts[0].points"],
  ["a check twice", { scripts: [first, { ...more, id: "right_alone" }] }, "check 'right_alone' is defined twice"],
  ["a check called as a gate", { scripts: [{ ...first, id: "compiles" }, more] }, "check 'compiles' is defined twice"],
  ["an id with a hyphen", { scripts: [{ ...first, id: "first-answer" }, more] }, "snake_case, starting with a letter"],
  ["a need that is no check", { scripts: [first, { ...more, needs: "nothing" }] }, "no check 'nothing'"],
  [
    "a check that needs itself",
    { scripts: [{ ...first, needs: "first_answer" }, more] },
    "'first_answer' needs itself in the end",
  ],
  [
    "two checks that need each other",
    { scripts: [{ ...first, needs: "more_answers" }, more] },
    "needs itself in the end",
  ],
  [
    "a script before what it waits for",
    {
      scripts: [{ ...first, needs: "right_alone" }, more],
      scenarios: [{ ...alone, checks: [{ ...alone.checks[0]!, needs: "more_answers" }] }, together],
    },
    "needs itself in the end",
  ],
  [
    "two scenarios that wait for each other",
    {
      scenarios: [
        { ...alone, checks: [{ ...alone.checks[0]!, needs: "right_together" }] },
        { ...together, checks: [{ ...together.checks[0]!, needs: "right_alone" }] },
      ],
    },
    "needs itself in the end",
  ],
  [
    "checks of one scenario in a circle",
    {
      scenarios: [
        {
          ...alone,
          checks: [
            { ...alone.checks[0]!, needs: "b" },
            { ...alone.checks[0]!, id: "b", points: 0, needs: "right_alone" },
          ],
        },
        together,
      ],
    },
    "needs itself in the end",
  ],
  ["a plan that is no function", { scripts: [{ ...first, plan: "answer(1)" as never }, more] }, "→ at scripts[0].plan"],
  ["commands of nobody's making", { scripts: [{ ...first, commands: [] as never }, more] }, "a fast-check arbitrary"],
  ["an unknown build", { scenarios: [{ ...alone, build: "fast" as "stress" }, together] }, "→ at scenarios[0].build"],
  ["no checks in a scenario", { scenarios: [{ ...alone, checks: [] }, together] }, "→ at scenarios[0].checks"],
  ["no schema", { scenarios: [{ ...alone, evidence: {} as never }, together] }, "a zod schema"],
  ["a deadline of nothing", { scenarios: [{ ...alone, deadline_ms: 0 }, together] }, "→ at scenarios[0].deadline_ms"],
  ["a word nobody knows", { colour: "red" } as never, 'Unrecognized key: "colour"'],
  [
    "tiers out of order",
    {
      throughput: { ...bench, points: 0, metrics: [{ ...bench.metrics[0]!, tiers: { pass: 2, silver: 1, gold: 3 } }] },
    },
    "pass < silver < gold",
  ],
  ["a file in a kata with one", { scripts: [{ ...first, file: "answer.c" }, more] }, "the kata edits one file only"],
  ["a file without a stub", { edits: ["answer.c", "other.c"] }, "no file 'grader/stub/other.c'"],
  [
    "a file that is not edited",
    { edits: ["answer.c", "other.c"], scripts: [{ ...first, file: "x.c" }, more] },
    "the kata edits no 'x.c'",
  ],
  [
    "a scenario of two files",
    {
      edits: ["answer.c", "other.c"],
      scenarios: [
        { ...alone, checks: [alone.checks[0]!, { ...alone.checks[0]!, id: "b", points: 0, file: "other.c" }] },
        together,
      ],
    },
    "the checks of 'alone' try different files",
  ],
  ["no gated metric", { throughput: { ...bench, points: 0 } }, "0 metrics have tiers, not 1"],
])("%s", (_, change, words) => {
  const define = () => defineKata({ ...whole, ...change });
  expect(define).toThrow(BrokenKata);
  expect(define).toThrow("katas/01-answer/grader/kata.ts is not a valid kata");
  expect(define).toThrow(words);
});

test("a driver's name says what it is for", async () => {
  await withTemporary(async (temporary) => {
    const folder = join(temporary, "01-answer");
    const names = (part: Part) => driversOf({ folder }, part).map((path) => relative(join(folder, "grader"), path));
    for (const name of ["baseline.c", "grader/b.c", "grader/a.c", "grader/simple.c"])
      await Bun.write(join(folder, name), "");
    expect(names("scenarios")).toEqual(["a.c", "b.c", "simple.c"]);
    expect(() => defineKata({ ...whole, folder })).not.toThrow();
    for (const name of ["explore_b.c", "explored.c", "sim_rules.c"]) await Bun.write(join(folder, "grader", name), "");
    expect(names("scenarios")).toEqual(["a.c", "b.c", "simple.c"]);
    expect(names("explored")).toEqual(["explore_b.c", "explored.c"]);
    expect(() => defineKata({ ...whole, folder })).toThrow("nothing plays 'grader/explore_b.c'");
    expect(() => defineKata({ ...whole, folder })).toThrow("nothing plays 'grader/sim_rules.c'");
  });
});

test("drivers are shared, and one of the kata's own stands for another of its name", async () => {
  await withTemporary(async (temporary) => {
    const folder = join(temporary, "01-answer");
    for (const name of ["01-answer/grader/b.c", "shared/a.c", "shared/b.c", "shared/sim_a.c"])
      await Bun.write(join(temporary, name), "");
    const drivers = [relative(ROOT, join(temporary, "shared"))];
    const names = (part: Part) => driversOf({ folder, drivers }, part).map((path) => relative(temporary, path));
    expect(names("scenarios")).toEqual(["shared/a.c", "01-answer/grader/b.c"]);
    expect(names("simulated")).toEqual(["shared/sim_a.c"]);
  });
});

test.each<[string, string, RegExp]>([
  [
    "what does not parse, each mistake with its line",
    "export default {\n  a: 1,,\n};\n",
    /grader\/kata\.ts cannot be loaded\n\.cache\/.*\/kata\.ts:2: Expected identifier but found ","\n.*kata\.ts:3: /,
  ],
  [
    "what throws, with the line where it does",
    "\nconst nothing: any = undefined;\nexport default nothing.at;\n",
    /loaded\n\.cache\/.*\/kata\.ts:2: undefined is not an object/,
  ],
  ["an import of what is not there", 'import "./nowhere.ts";\n', /loaded\nCannot find module '\.\/nowhere\.ts'/],
])("%s", async (_, text, words) => {
  await withTemporary(async (folder) => {
    await Bun.write(join(folder, "grader", "kata.ts"), text);
    await expect(loadKata(folder)).rejects.toThrow(words);
  });
});

test("several problems are told at once", () => {
  const define = () => defineKata({ ...whole, title: "", hints: [] });
  expect(define).toThrow("at title");
  expect(define).toThrow("at hints");
});

test("something that is no definition at all", () => {
  expect(() => defineKata(undefined as never)).toThrow(BrokenKata);
  expect(() => defineKata({} as never)).toThrow("katas/?/grader/kata.ts is not a valid kata");
});

test("needs are none, one or many", () => {
  expect([undefined, "a", ["a", "b"]].map((needs) => needsOf({ id: "x", points: 0, needs }))).toEqual([
    [],
    ["a"],
    ["a", "b"],
  ]);
});
