// SPDX-License-Identifier: MIT
/**
 * 19-kqueue-echo has the checks of 03-epoll-echo, which that kata's tests try on evidence written by hand. Here: which
 * those are, and which drivers play them.
 */
import { expect, test } from "bun:test";
import { basename, dirname, relative } from "node:path";
import { ROOT } from "../../harness/src/base/cache.ts";
import { driversOf } from "../../harness/src/kata/drivers.ts";
import { allChecks } from "../../harness/src/kata/kata.ts";
import epoll from "../../katas/03-epoll-echo/grader/kata.ts";
import kqueue from "../../katas/19-kqueue-echo/grader/kata.ts";

const told = (kata: typeof kqueue) => allChecks(kata).map(({ id, points, needs }) => ({ id, points, needs }));

test("the checks are epoll-echo's, with two_filters in place of edge_triggered", () => {
  const others = told(epoll).map((check) => (check.id === "edge_triggered" ? { ...check, id: "two_filters" } : check));
  expect(told(kqueue)).toEqual(others);
});

test("the drivers are epoll-echo's, except what is kqueue's own", () => {
  const own = (part: "simulated" | "scenarios") =>
    driversOf(kqueue, part)
      .map((path) => relative(ROOT, path))
      .filter((path) => dirname(path) !== "katas/03-epoll-echo/grader");
  expect(own("simulated")).toEqual(["katas/19-kqueue-echo/grader/sim_interface.c"]);
  expect(own("scenarios").map((path) => basename(path))).toEqual(
    "changes.c entries.c events.c kevent.c network_kevent.c".split(" "),
  );
  expect(driversOf(kqueue, "simulated").length).toBe(driversOf(epoll, "simulated").length);
});
