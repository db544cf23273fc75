// SPDX-License-Identifier: MIT
/** What the explorer says, judged: which places of the learner's own a failure points at. */
import { expect, test } from "bun:test";
import { EXPLORER, judgeExploration, SIMULATION, type Exploration } from "../src/judge/exploration.ts";
import { relationsTo } from "../src/page/client/order.ts";

const access = (file: string, line: number) => ({
  thread: 1,
  what: "writes",
  file,
  line,
  function: "push",
  way: [],
});
const noSource = () => "";
const race: Exploration = {
  format: 1,
  verdict: "race",
  message: "T1 writes and T2 reads",
  expected: "an order",
  asked_too_much: false,
  executions: 7,
  steps: 900,
  out_of_time: false,
  omitted: 0,
  failures: {},
  thread_names: ["", "producer 0"],
  accesses: [access("./katas/02/queue.c", 3), access("./katas/02/driver/explore.c", 9), access("katas/02/queue.c", 5)],
  trace: [],
};

test("a failure points at the submitted file's lines, however the compiler spelled its path", () => {
  const judgement = judgeExploration(race, 1, EXPLORER, ["katas/02/queue.c"], noSource);
  expect(judgement).toMatchObject({ verdict: "race", lookAt: "push (queue.c:3) and push (queue.c:5)" });
});

test("where an access is the driver's, the learner's call that led to it is named", () => {
  const called = (name: string, line: number) => ({ file: "katas/02/queue.c", line, function: name, returned: false });
  const returned = (name: string, line: number) => ({ ...called(name, line), returned: true });
  const driver = access("katas/02/grader/explore.c", 9);
  const inside = {
    ...driver,
    way: [{ ...called("run", 4), file: "explore.c" }, called("work", 49), returned("init", 1)],
  };
  const behind = { ...driver, thread: 0, way: [returned("wait_idle", 148), called("work", 49)] };
  const judged = (extra: object) =>
    judgeExploration({ ...race, ...extra }, 1, EXPLORER, ["katas/02/queue.c"], noSource);
  expect(judged({ accesses: [inside, behind] })).toMatchObject({
    saw: "race: T1 writes and T2 reads (T1 was called from work (queue.c:49); T0 had come back from wait_idle)",
    lookAt: "work (queue.c:49) and wait_idle (queue.c:148)",
  });
  expect(judged({ verdict: "deadlock", accesses: [behind] })).toMatchObject({ lookAt: "work (queue.c:49)" });
  expect(judged({ verdict: "property", message: "job 3 is lost", accesses: [behind] })).toMatchObject({
    saw: "job 3 is lost",
    lookAt: "wait_idle (queue.c:148)",
  });
});

test("of a race in the driver both ends are named: what handed over, and what took", () => {
  const own = { file: "katas/02/queue.c", line: 0, function: "queue_push" };
  const step = { what: "stores", note: "", times: 1, marked: false, thread: 1 };
  const writes = access("katas/02/grader/explore.c", 9);
  const way = [{ ...own, line: 61, function: "queue_pop", returned: true }];
  const reads = { ...access("katas/02/grader/explore.c", 30), thread: 0, what: "reads", way };
  const trace = [
    { ...writes, ...step, what: "writes", marked: true },
    { ...own, ...step, line: 41 },
    { ...own, ...step, line: 61, function: "queue_pop", thread: 0 },
    { ...own, ...step, line: 45 },
    { ...writes, ...step, line: 12 },
    { ...own, ...step, line: 41 },
  ];
  const judged = (more: object) =>
    judgeExploration({ ...race, trace, ...more }, 1, EXPLORER, ["katas/02/queue.c"], noSource);
  expect(judged({ accesses: [writes, reads] })).toMatchObject({
    saw: "race: T1 writes and T2 reads (T1 went on to queue_push; T0 had come back from queue_pop)",
    lookAt: "queue_push (queue.c:45) and queue_pop (queue.c:61)",
  });
  const allocates = { ...access("katas/02/grader/explore.c", 3), what: "allocates", way };
  expect(judged({ verdict: "use_after_free", accesses: [access("queue.c", 5), reads, allocates] })).toMatchObject({
    saw: "use after free: T1 writes and T2 reads (T0 had come back from queue_pop)",
  });
  expect(judged({ accesses: [{ ...access("katas/02/queue.c", 0) }] })).toMatchObject({ lookAt: "push (queue.c)" });
});

test("a pass says how much was tried", () => {
  const schedules = { covered: 5, max_preemptions: 2, complete: true };
  const note = (extra: object) => judgeExploration({ ...race, verdict: "pass", ...extra }, 1, EXPLORER, [], noSource);
  expect(note({})).toEqual({ verdict: "pass", note: "7 schedules tried" });
  expect(note({ schedules })).toMatchObject({
    note: "all 5 schedules with at most 2 preemptions, up to the order of independent steps",
  });
  expect(note({ schedules: { ...schedules, complete: false } })).toMatchObject({
    note: "the first 7 schedules with at most 2 preemptions",
  });
});

test("a program that asks for more than the explorer has is not passed unexplored; a slow schedule accuses nobody", () => {
  const judged = (asked_too_much: boolean) =>
    judgeExploration({ ...race, verdict: "limit", asked_too_much }, 9, EXPLORER, [], noSource);
  expect(judged(true)).toMatchObject({ verdict: "forbidden", expected: expect.stringContaining("32 MiB of heap") });
  expect(judged(false).verdict).toBe("not_measurable");
});

test("a search that is over before it has tried what was asked for is no search", () => {
  const pass = { ...race, verdict: "pass", executions: 6 };
  expect(judgeExploration(pass, 6, EXPLORER, [], noSource).verdict).toBe("pass");
  expect(judgeExploration(pass, 7, EXPLORER, [], noSource)).toMatchObject({
    verdict: "harness_error",
    saw: expect.stringContaining("6 of 7 schedules"),
  });
});

test("the time was over before all were tried: nobody can tell", () => {
  const pass = { ...race, verdict: "pass", executions: 1_234, out_of_time: true };
  expect(judgeExploration(pass, 60_000, EXPLORER, [], noSource)).toMatchObject({
    verdict: "not_measurable",
    saw: "1,234 of 60,000 schedules tried when the time was over",
  });
  expect(judgeExploration({ ...pass, steps: 1_234 * 9_000 }, 60_000, EXPLORER, [], noSource)).toMatchObject({
    verdict: "forbidden",
    saw: "9,000 steps in an execution, on average",
  });
  const schedules = { covered: 1_234, max_preemptions: 2, complete: true };
  const all = { ...pass, schedules, out_of_time: false };
  expect(judgeExploration(all, 60_000, EXPLORER, [], noSource).verdict).toBe("pass");
  expect(judgeExploration({ ...race, executions: 3 }, 60_000, EXPLORER, [], noSource).verdict).toBe("race");
});

test("a limit of the explorer's accuses nobody", () => {
  const large = { ...race, verdict: "limit", message: "more than 15 threads in one execution" };
  const judgement = judgeExploration(large, 1, EXPLORER, ["katas/02/queue.c"], noSource);
  expect(judgement).toMatchObject({ verdict: "not_measurable", saw: "more than 15 threads in one execution" });
});

test("other failures of the same search are counted below the one that is told", () => {
  const met = { ...race, failures: { race: 1, leak: 1_200, all_asleep: 3 }, executions: 1_300 };
  expect(judgeExploration(met, 1, EXPLORER, [], noSource)).toMatchObject({
    verdict: "race",
    detail: "of 1,300 schedules also leak in 1,200, all asleep in 3",
  });
});

test("a rule's own question follows the place", () => {
  const asked = { ...race, verdict: "property", accesses: [], look_at: "who closes it?" };
  expect(judgeExploration(asked, 1, SIMULATION, [], noSource)).toMatchObject({
    verdict: "wrong",
    lookAt: "who closes it?",
  });
  const marked = {
    thread: 0,
    function: "turn",
    file: "katas/03/a.c",
    line: 7,
    what: "close",
    note: "",
    times: 1,
    marked: true,
  };
  expect(judgeExploration({ ...asked, trace: [marked] }, 1, SIMULATION, ["katas/03/a.c"], noSource)).toMatchObject({
    lookAt: "turn (a.c:7): who closes it?",
  });
  const twice = { ...asked, look_at: "turn: who closes it?", trace: [marked] };
  expect(judgeExploration(twice, 1, SIMULATION, ["katas/03/a.c"], noSource)).toMatchObject({
    lookAt: "turn (a.c:7): who closes it?",
  });
});

test("each step says who took it, and has its line's text", () => {
  const step = { function: "push", file: "a.c", line: 7, what: "stores", note: "0", times: 2, marked: false };
  const trace = [
    { thread: 0, ...step },
    { thread: 1, ...step },
    { thread: 2, ...step },
  ];
  expect(judgeExploration({ ...race, trace, omitted: 1_200 }, 1, EXPLORER, [], noSource)).toMatchObject({
    detail: "after 1,200 steps:",
  });
  const said = (engine: typeof EXPLORER) => {
    const judgement = judgeExploration({ ...race, trace }, 1, engine, [], (file, line) => `${file}, line ${line}`);
    return judgement.verdict === "pass" ? [] : judgement.trace;
  };
  expect(said(EXPLORER)).toMatchObject([
    { who: "T0", source: "a.c, line 7", times: 2 },
    { who: "T1 producer 0" },
    { who: "T2" },
  ]);
  expect(said(SIMULATION)).toMatchObject([{ who: "server" }, { who: "client 1" }, { who: "client 2" }]);
});

test("of the vector clocks remains, for each other thread, the last step that happens before", () => {
  const step = { function: "push", file: "a.c", line: 7, what: "stores", note: "", times: 1, marked: false };
  const taken = (thread: number, ...knows: number[]) => ({ ...step, thread, knows });
  const trace = [
    taken(0, 1, 0, 0), // creates T1
    taken(0, 2, 0, 0), // creates T2
    taken(1, 1, 2, 0), // releases
    taken(1, 1, 3, 0),
    taken(2, 2, 2, 1), // acquires what T1 released
    taken(0, 3, 0, 0),
  ];
  const judgement = judgeExploration({ ...race, trace }, 1, EXPLORER, [], noSource);
  const told = judgement.verdict === "pass" ? [] : judgement.trace!;
  expect(told.map(({ after }) => after)).toEqual([[], [], [0], [0], [1, 2], []]);
  expect(told[0]).not.toHaveProperty("knows");
  expect(told.map((_, at) => relationsTo(told, at)[4])).toEqual([
    "after",
    "after",
    "after",
    "concurrent",
    null,
    "concurrent",
  ]);
  expect(relationsTo(told, 4)).toEqual(["before", "before", "before", "concurrent", null, "concurrent"]);
});

test("where nobody knows the order, none is told", () => {
  const step = { thread: 0, function: "push", file: "a.c", line: 7, what: "reads", note: "", times: 1, marked: false };
  const judgement = judgeExploration({ ...race, trace: [step] }, 1, SIMULATION, [], noSource);
  const told = judgement.verdict === "pass" ? [] : judgement.trace!;
  expect(told[0]).not.toHaveProperty("after");
  expect(relationsTo(told, 0)).toEqual([null]);
});
