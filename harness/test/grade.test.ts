// SPDX-License-Identifier: MIT
/** What a grading does with its players: when they begin, what waits for what, and whose fault is whose. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { command } from "../src/base/command.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Grading } from "../src/play/grade.ts";
import { parted } from "../src/play/sooner.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import type { CheckResult } from "../src/judge/score.ts";
import kata, { answerKata } from "../fixtures/01-answer/grader/kata.ts";
import { everyAnswer } from "../fixtures/01-answer/grader/checks.ts";

const submitted = (name: string, of = kata) =>
  new Workpiece(of, readSubmission(kata, join(kata.folder, "submissions", `${name}.c`)));

const verdicts = (checks: CheckResult[]) => Object.fromEntries(checks.map(({ id, verdict }) => [id, verdict]));

/** The fixture, whose first scenario has a check with a fault of its own; `right_together` needs `needs`. */
function faulty(needs: string) {
  const [alone, together] = kata.scenarios;
  const throws = () => {
    throw new Error("a fault of the check's");
  };
  const scenarios = [
    { ...alone!, checks: [{ ...everyAnswer("right_alone", 30), run: throws }] },
    { ...together!, checks: [everyAnswer("right_together", 40, needs)] },
  ];
  return answerKata({ parts: { scripts: kata.scripts, scenarios } });
}

test("nothing begins before start()", async () => {
  const told: string[] = [];
  class Watched extends Workpiece {
    override compiled() {
      told.push("asked for");
      return super.compiled();
    }
  }
  const { submission } = submitted("passes");
  const onResult = ({ id }: CheckResult) => void told.push(id);
  const grading = new Grading(new Watched(kata, submission), { seed: 1, onResult });
  await new Promise(setImmediate);
  expect(told).toEqual([]);
  await grading.start().finished();
  expect(told.slice(0, 3)).toEqual(["asked for", "asked for", "compiles"]);
  expect(new Set(told.slice(2))).toEqual(new Set(grading.checks.map(({ id }) => id)));
});

test("a fault of ours is one group's: others keep their verdicts, and what needs it costs nothing", async () => {
  const { checks } = await new Grading(submitted("passes", faulty("right_alone")), { seed: 1 }).start().finished();
  expect(verdicts(checks)).toEqual({
    compiles: "pass",
    allowed_calls: "pass",
    first_answer: "pass",
    more_answers: "pass",
    right_alone: "harness_error",
    right_together: "harness_error",
  });
  expect(checks.map(({ saw }) => saw).slice(4)).toEqual(["a fault of the check's", "right_alone could not be tried"]);
});

test("what needs a check of its own group that cannot be reached is not played", async () => {
  const [alone] = kata.scenarios;
  const checks = [everyAnswer("right_alone", 30, "more_answers"), everyAnswer("right_together", 40, "right_alone")];
  const grouped = answerKata({ parts: { scripts: kata.scripts, scenarios: [{ ...alone!, checks }] } });
  const result = await new Grading(submitted("wrong", grouped), { seed: 1 }).start().finished();
  expect(verdicts(result.checks)).toMatchObject({ right_alone: "not_reached", right_together: "not_reached" });
});

test("what a check needs is tried and waited for, wherever it is played", async () => {
  const only = "right_together";
  const grading = new Grading(submitted("passes", faulty("more_answers")), { seed: 1, only });
  expect(verdicts((await grading.start().finished()).checks)).toEqual({
    compiles: "pass",
    allowed_calls: "pass",
    first_answer: "pass",
    more_answers: "pass",
    right_together: "pass",
  });
});

test("the check that comes first, and what it needs, is known before all else, and tried once", async () => {
  const told: string[] = [];
  const onResult = ({ id }: CheckResult) => void told.push(id);
  await new Grading(submitted("passes"), { seed: 1, first: "right_together", onResult }).start().finished();
  expect(told.slice(0, 3)).toEqual(["compiles", "allowed_calls", "right_together"]);
  expect(told.slice(3).toSorted()).toEqual(["first_answer", "more_answers", "right_alone"]);
});

test("a group is parted only where the rest of it needs what comes later", () => {
  const check = (id: string, ...needs: string[]) => ({ id, points: 1, needs });
  const [a, b, c, d] = [check("a"), check("b", "a"), check("c", "d"), check("d")];
  const one = { edits: ["x.c"] } as Parameters<typeof parted>[0];
  const ids = (groups: { id: string }[][]) => groups.map((group) => group.map(({ id }) => id).join(""));
  const of = (groups: Parameters<typeof parted>[1]) => {
    const { now, later } = parted(one, groups, new Set(["compiles", "allowed_calls", "a"]));
    return [ids(now), ids(later)];
  };
  expect(of([[d], [a, b]])).toEqual([["ab"], ["d"]]);
  expect(of([[a, b, c], [d]])).toEqual([["a"], ["bc", "d"]]);
  expect(parted(one, [[a], [d]], new Set()).now).toEqual([]);
});

test("a local table that nothing has set is no table of zeros", async () => {
  const only = "first_answer";
  const { checks } = await new Grading(submitted("trusts_the_stack"), { seed: 1, only }).start().finished();
  expect(checks.at(-1)).toMatchObject({ id: only, verdict: "wrong", saw: "answer(1) -> 1" });
});

test("names that only the file itself uses are local in every build", async () => {
  const piece = submitted("defines_helpers");
  expect((await piece.audited()).own.local).toEqual(["asked", "gate_pass", "scenarios", "stall_point"]);
  for (const build of ["bench", "stress", "explore"] as const) {
    const { stdout } = await command(["nm", "-g", "--defined-only", "-f", "posix", ...(await piece.objects(build))]);
    expect(stdout.split("\n").map((line) => line.split(" ")[0])).toEqual(["answer", ""]);
  }
});
