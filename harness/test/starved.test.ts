// SPDX-License-Identifier: MIT
/** Deadlines on a machine that has no CPU for the guest: all guests here are idle by class, beside one that never rests. */
import { afterAll, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Guest, LIMITS, newNonce } from "../src/guest/guest.ts";
import { familyOf, Stretch, usageOf } from "../src/guest/usage.ts";
import { confinement } from "../src/build/confinement.ts";
import { explainEnd } from "../src/play/explain.ts";
import { playRuns } from "../src/play/runs.ts";
import { notMeasurable, pass } from "../src/judge/check.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import { ownProcesses, until } from "./machine.ts";
import kata from "../fixtures/01-answer/grader/kata.ts";

const TIMEOUT_MS = 60_000;
const cpu = /^Cpus_allowed_list:.*?(\d+)$/m.exec(readFileSync("/proc/self/status", "utf8"))![1]!;
const rival = Bun.spawn(["taskset", "-c", cpu, "prlimit", "--cpu=60", "sh", "-c", "while :; do :; done"]);
afterAll(() => rival.kill());

/** Idle by class; where sessions are scheduled before threads (sched(7), autogroup), so is the guest's. */
const IDLE = `echo 19 > /proc/self/autogroup; exec taskset -c ${cpu} chrt --idle 0 "$@"`;

async function judged(name: string, scenario: string, deadline_ms: number) {
  const submission = readSubmission(kata, join(kata.folder, "submissions", `${name}.c`));
  const artefact = await new Workpiece(kata, submission).guest("stress");
  const nonce = newNonce();
  const limits = { ...LIMITS, deadline_ms };
  const argv = ["/bin/sh", "-c", IDLE, "idle", artefact, scenario, "7", "3", "calls=4"];
  const ended = await Guest.start(argv, nonce, limits, { box: await confinement() }).ended;
  return await explainEnd(ended, { artefact, submission, limits, sanitized: false }, "in its scenario");
}

test(
  "a program that spins and gets no CPU cannot be judged",
  async () => {
    expect(await judged("loops", "alone", 1_000)).toMatchObject({
      verdict: "not_measurable",
      saw: expect.stringMatching(/^0\.\d s of CPU time within [1-9]\.\d s in its scenario$/),
    });
  },
  TIMEOUT_MS,
);

test(
  "a deadlock is one all the same",
  async () => {
    expect(await judged("deadlocks", "together", 5_000)).toMatchObject({
      verdict: "deadlock",
      saw: expect.stringMatching(/^every thread is asleep: no progress for \d+\.\d s/),
    });
  },
  TIMEOUT_MS,
);

test("a run that was starved costs no check of its scenario a point", async () => {
  const checks = [
    { id: "first", points: 1, run: () => pass() },
    { id: "second", points: 1, needs: "first", run: () => pass() },
  ];
  const starved = () => Promise.resolve(notMeasurable("0.0 s of CPU time within 6.0 s in scenario crowd"));
  const judgements = await playRuns({ id: "crowd", runs: 3 }, checks, 7, starved);
  expect([...judgements.values()].map(({ verdict }) => verdict)).toEqual(["not_measurable", "not_measurable"]);
});

test("who wants a CPU most of the time, and gets less than a quarter of the limit, is starved", () => {
  const fared = (samples: boolean[], used_s: number) => {
    const stretch = new Stretch(2);
    samples.forEach((running) => stretch.sample(running));
    return stretch.starved(2 + used_s, 10_000);
  };
  expect(fared([true, true, false], 2.4)).toBe(true);
  expect(fared([true, true, false], 2.5)).toBe(false);
  expect(fared([false, true, false], 0)).toBe(false);
  expect(fared([], 0)).toBe(true);
});

test("children count, those that are over too", async () => {
  const spins = "n=0; while [ $n -lt 40000 ]; do n=$((n+1)); done";
  const shell = Bun.spawn(["/bin/sh", "-c", `sh -c '${spins}'; sh -c 'while :; do :; done' & wait`]);
  await until(() => familyOf(shell.pid).running && familyOf(shell.pid).cpu_s > 0.3, "a child runs");
  expect(usageOf(shell.pid)!.cpu_s).toBeLessThan(familyOf(shell.pid).cpu_s);
  ownProcesses(shell.pid).forEach((pid) => process.kill(pid, "SIGKILL"));
  await shell.exited;
  expect([usageOf(shell.pid), familyOf(shell.pid)]).toEqual([null, { cpu_s: 0, running: false }]);
}, 60_000);
