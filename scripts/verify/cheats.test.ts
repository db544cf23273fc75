// SPDX-License-Identifier: MIT
/** What a cheat has to say of itself, and when it counts as refused. */
import { expect, test } from "bun:test";
import { findKata, kataIds } from "../../harness/src/kata/shelf.ts";
import { allChecks } from "../../harness/src/kata/kata.ts";
import { preambleOf, wrongWithCheat } from "./cheats.ts";
import { programsOf } from "./trials.ts";

const CHEATS_MIN = 3;
/** Attacks in the process, and on the build: those on what is graded and on the host are others' to try. */
const ATTACKS = [11, 12, 13, 14, 16, 17, 18, 19, 20].map((number) => `B ${number}`).concat(["C 21", "C 24"]);
const FIRST_KATAS = 7;
const katas = await Promise.all(
  kataIds()
    .slice(0, FIRST_KATAS)
    .map((id) => findKata(id)),
);

test.each(katas.map((kata) => [kata.id, kata] as const))("%s has cheats, each of which says what it is", (_, kata) => {
  const cheats = programsOf(kata).filter(({ kind }) => kind === "cheat");
  expect(cheats.length).toBeGreaterThanOrEqual(CHEATS_MIN);
  const ids = allChecks(kata).map(({ id }) => id);
  expect(cheats.filter(({ check }) => !ids.includes(check!))).toEqual([]);
  for (const { path } of cheats) expect(preambleOf(path, kata.edits).words.length).toBeGreaterThan(2);
});

test("every attack in the process is tried in one kata at least", () => {
  const tried = katas.flatMap((kata) =>
    programsOf(kata)
      .filter(({ kind }) => kind === "cheat")
      .map(({ path }) => preambleOf(path, kata.edits).attack),
  );
  expect([...new Set(tried)].sort()).toEqual(ATTACKS.sort());
});

const preamble = { attack: "B 13", words: "uses fork" };
test.each([
  ["refused, for its reason", { id: "a", verdict: "forbidden", saw: "x.c:3 uses fork" }, undefined],
  ["refused for another reason", { id: "a", verdict: "forbidden", saw: "uses exec" }, /not with 'uses fork'/],
  ["passed", { id: "a", verdict: "pass" }, /did not refuse it: pass/],
  ["never tried", { id: "a", verdict: "not_reached", saw: "uses fork" }, /did not refuse it: not_reached/],
  ["our own fault", { id: "a", verdict: "harness_error", saw: "uses fork" }, /did not refuse it: harness_error/],
] as const)("a cheat that is %s", (_, judged, wrong) => {
  const said = wrongWithCheat(preamble, judged);
  if (wrong) expect(said).toMatch(wrong);
  else expect(said).toBeUndefined();
});
