// SPDX-License-Identifier: MIT
import { expect, test } from "bun:test";
import { nearestFailure } from "../src/judge/nearest.ts";
import type { CheckResult } from "../src/judge/score.ts";
import type { Verdict } from "../src/kata/kata.ts";

const failed = (id: string, verdict: Verdict, saw: string, more: Partial<CheckResult> = {}): CheckResult => ({
  id,
  verdict,
  points: 0,
  points_max: 5,
  saw,
  expected: "something else",
  seconds: 0,
  ...more,
});
/** No script, and one file. */
const NONE = { scripts: [], files: [] };
const passes: CheckResult = { id: "passes", verdict: "pass", points: 5, points_max: 5, seconds: 0 };

const compiles = failed("compiles", "build_error", "the compiler refuses the file");
const overflow = failed("memory_clean", "memory", "heap-buffer-overflow: write in push (queue.c:9), in scenario crowd");
const freed = failed("every_schedule", "memory", "use after free: T1 reads a freed block", {
  look_at: "pop (queue.c:30)",
  trace: [],
});
const driversOwn = failed("hands_over", "memory", "use after free: T1 reads in retire (explore.c:127)", { trace: [] });
const segfault = failed("some_arrive", "crash", "SIGSEGV in pop (queue.c:12), during pop(q)");
const libc = failed("crowd", "crash", "SIGABRT, in scenario crowd");
const script = failed("matches_fifo", "wrong", "push(q, a); pop(q) -> NULL");
const stuckScript = failed("scripted", "deadlock", "every thread is asleep: no progress for 5.0 s during pop(q)");
const explored = failed("two_preemptions", "wrong", "producer 0: item 1 came out, item 0 is missing", { trace: [] });
const exploredRace = failed("schedules", "race", "race: T1 writes and T2 reads", { trace: [] });
const allAsleep = failed("no_timers", "deadlock", "all asleep: no thread can run", { trace: [] });
const raced = failed("race_free", "race", "data race: write in push (queue.c:9), read in pop (queue.c:12)");
const stress = failed("nothing_lost", "wrong", "3 of 4,000 nodes never came out");
const leak = failed("leaks", "memory", "memory leak: allocated in push (queue.c:8), in scenario crowd");
const exploredLeak = failed("ends", "memory", "leak: block 4 was never freed", {
  trace: [],
  look_at: "push (queue.c:8)",
});
const fat = failed("fat", "memory", "the program used 2048 MiB of memory in scenario crowd");
const asleep = failed("sleeps", "deadlock", "every thread is asleep: no progress for 10.0 s in scenario idle");
const endless = failed("ends_soon", "timeout", "the run had not ended after 10.0 s");
const slow = failed("throughput", "slow", "0.50 times the baseline's speed");
const ours = failed("odd", "harness_error", "the guest could not run");

test.each<[string, CheckResult[]]>([
  ["what does not compile, before all", [compiles, overflow]],
  ["a memory error with a line, before what it brings about", [overflow, segfault, script, explored, stress]],
  ["a trace of it, if there is one", [freed, overflow]],
  ["a crash with a line, before its consequences", [segfault, script, explored, raced, stress]],
  ["calls on one thread, before schedules", [script, exploredRace, raced, stress]],
  ["calls on one thread, before a trace that names lines of the driver only", [script, driversOwn, stress]],
  ["the explorer, before stress", [explored, raced, stress, libc]],
  ["a deadlock that was traced, before threads asleep", [allAsleep, raced, stuckScript, asleep]],
  ["a race with its lines, before what came out wrong", [raced, stress]],
  ["what came out wrong, before a leak or a crash without a line", [stress, exploredLeak, leak, libc, fat]],
  ["a deadlock, before a run that goes on", [asleep, endless]],
  ["a promise, before the speed", [endless, slow]],
  ["anything of the program's, before a fault of ours", [slow, ours]],
])("%s", (_, [nearest, ...others]) => {
  for (const checks of [
    [passes, nearest!, ...others],
    [...others, nearest!],
  ])
    expect(nearestFailure(checks, { scripts: ["matches_fifo", "scripted", "some_arrive"], files: [] })).toBe(nearest);
});

test("among equals, the first of the list", () => {
  const again = { ...stress, id: "another" };
  expect(nearestFailure([stress, again], NONE)).toBe(stress);
  expect(nearestFailure([again, stress], NONE)).toBe(again);
});

test("nothing to tell: all passed, or cannot be measured here", () => {
  expect(nearestFailure([passes, failed("throughput", "not_measurable", "a busy machine")], NONE)).toBeUndefined();
});

test("what was asked for alone is told itself, unless something that it needs failed", () => {
  expect(nearestFailure([segfault, stress], NONE, "nothing_lost")).toBe(stress);
  const unmeasured = failed("throughput", "not_measurable", "a busy machine");
  expect(nearestFailure([passes, unmeasured], NONE, "throughput")).toBe(unmeasured);
  const unreached = failed("nothing_lost", "not_reached", "some_arrive did not pass");
  expect(nearestFailure([segfault, unreached], NONE, "nothing_lost")).toBe(segfault);
  expect(nearestFailure([passes], NONE, "passes")).toBeUndefined();
});
