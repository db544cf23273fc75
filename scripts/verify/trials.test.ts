// SPDX-License-Identifier: MIT
/** Which gradings are always made, and how the rest goes round. */
import { expect, test } from "bun:test";
import { bare } from "./solutions.ts";
import { drawn, trialsOf, type Program, type Trial } from "./trials.ts";

const CHECKS = ["order", "speed", "leaks"];
const program = (kind: Program["kind"], name: string, check?: string): Program => ({
  kind,
  kata: "01-a",
  name,
  path: name,
  ...(check && { check }),
});
const programs = [
  program("stub", "stub"),
  ...["reference", "ring", "list"].map((name) => program("right", name)),
  ...CHECKS.flatMap((check) => ["a", "b", "c", "d"].map((how) => program("mutant", `${check}--${how}`, check))),
  ...["e", "f"].map((how) => program("cheat", `order--${how}`, "order")),
];
const trials = trialsOf(programs);
const commits = Array.from({ length: 40 }, (_, at) => `commit ${at}`);
const shown = ({ program: { name }, run }: Trial) => `${name} ${run}`;

test("first the stub and the reference, then other right designs, cheats and a mutant of each check; none is lost or made twice", () => {
  const named = ({ program: { kind, check, name } }: Trial) => (kind === "mutant" ? check : name);
  for (const commit of commits) {
    const { must, soon, rest } = drawn(trials, commit);
    expect(must.map(named).sort()).toEqual(["reference", "stub"]);
    expect(soon.map(named).sort()).toEqual(["ring", "list", "order--e", "order--f", ...CHECKS].sort());
    expect([...must, ...soon, ...rest].map(shown).sort()).toEqual(trials.map(shown).sort());
  }
});

test("the order is the commit's own, and the same again", () => {
  const orders = commits.map((commit) => drawn(trials, commit).rest.map(shown).join());
  expect(new Set(orders).size).toBe(commits.length);
  expect(commits.map((commit) => drawn(trials.toReversed(), commit).rest.map(shown).join())).toEqual(orders);
});

test("in the course of some commits every mutant is a check's first, and every seed a right design's", () => {
  const firstsOf = (commit: string) => [...drawn(trials, commit).must, ...drawn(trials, commit).soon];
  const firsts = new Set(commits.flatMap((commit) => firstsOf(commit).map(shown)));
  expect([...firsts].sort()).toEqual(trials.map(shown).sort());
});

test("a number of gradings for each program", () => {
  expect(trialsOf(programs, 20)).toHaveLength(20 * programs.length);
});

test("a program without comments and white space", () => {
  const text = 'a = 1; /* "one" */ b = "/* two */ x"; // three\n  c = \'"\'; d();';
  expect(bare(text)).toBe(`a=1;b="/* two */ x";c='"';d();`);
});
