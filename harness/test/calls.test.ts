// SPDX-License-Identifier: MIT
/** The groups of calls that katas allow: each call in one group, and known to the schedule explorer. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { calls, GROUP_NAMES, PROCESSOR_CALLS } from "../src/kata/calls.ts";

test("a call is in one group", () => {
  const all = calls(...GROUP_NAMES);
  expect(all.filter((name, at) => all.indexOf(name) !== at)).toEqual([]);
  expect(calls("clocks", "memory")).toEqual([...calls("clocks"), ...calls("memory")]);
});

test("the schedule explorer answers every call of every group", () => {
  const models = readFileSync(join(ROOT, "native/explorer/src/models.c"), "utf8");
  expect(calls(...GROUP_NAMES).filter((name) => !models.includes(`"${name}"`))).toEqual([]);
});

test("the stress build answers what a thread may ask of its processors", () => {
  const answered = readFileSync(join(ROOT, "native/guest/processors.c"), "utf8");
  expect(PROCESSOR_CALLS.filter((name) => !answered.includes(`kernel_${name}(`))).toEqual([]);
});
