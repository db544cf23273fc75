// SPDX-License-Identifier: MIT
/** Guests without the audit before them: what would happen if something got past it, and what the grader must survive. */
import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { boxed } from "../src/base/box.ts";
import type { Ended } from "../src/kata/run.ts";
import { confinement } from "../src/build/confinement.ts";
import { explainEnd } from "../src/play/explain.ts";
import type { Build } from "../src/kata/kata.ts";
import { Guest, LIMITS, newNonce, runOf } from "../src/guest/guest.ts";
import { runScriptCheck } from "../src/play/script.ts";
import { ScriptSession } from "../src/play/script-session.ts";
import { readSubmission, type Submission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import kata from "../fixtures/01-answer/grader/kata.ts";
import { commandOf, ownProcesses, processesWith, until } from "./machine.ts";

const box = await confinement();
setDefaultTimeout(60_000); // guests are compiled in the first test that needs them, perhaps on a busy machine

interface Built {
  submission: Submission;
  artefact: string;
}

async function built(name: string, build: Build): Promise<Built> {
  const submission = readSubmission(kata, join(kata.folder, "submissions", `${name}.c`));
  return { submission, artefact: await new Workpiece(kata, submission).guest(build) };
}

function start({ artefact }: Built, words = ["alone", "7"], nonce = newNonce()): Guest {
  return Guest.start([artefact, ...words, "3", "calls=4"], nonce, LIMITS, { box });
}

const explain = (ended: Ended, { artefact, submission }: Built) =>
  explainEnd(ended, { artefact, submission, limits: LIMITS, sanitized: false }, "in scenario alone");

test("exit(0) in a constructor, native door: no frame, no pass", async () => {
  const guest = await built("exits_early", "stress");
  const ended = await start(guest).ended;
  expect(ended).toMatchObject({ by: "itself", code: 0, collected: { hello: false, ended: false } });
  expect(await explain(ended, guest)).toMatchObject({
    verdict: "wrong",
    saw: "the program ended the process in scenario alone (exit code 0)",
  });
});

test("exit(0) in a constructor, scripted door: no answer, and no waiting for one", async () => {
  const guest = await built("exits_early", "plain");
  const session = new ScriptSession(guest.artefact, kata.functions);
  const { answers, ended } = await session.play([{ call: "answer", args: [1], show: "answer(1)" }]);
  expect(answers).toEqual([]);
  expect(await explain(ended!, guest)).toMatchObject({ verdict: "wrong" });
});

test("a right program's evidence, and its end", async () => {
  const guest = await built("passes", "stress");
  const ended = await start(guest).ended;
  expect(ended).toMatchObject({ by: "itself", code: 0, signal: null, survivors: 0, output: "" });
  expect(ended.collected).toMatchObject({ ended: true, evidence: { answers: BigUint64Array.of(1n, 2n, 3n, 4n) } });
  expect(await explain(ended, guest)).toBeNull();
});

test("a scenario that the driver does not have, or lacks a parameter, is our fault", async () => {
  const guest = await built("passes", "stress");
  expect(await explain(await start(guest, ["nowhere", "7"]).ended, guest)).toMatchObject({
    verdict: "harness_error",
    saw: "kata.ts names the scenario 'nowhere'; the drivers have alone together table cut written moved asleep in_vain bench",
  });
  const nonce = newNonce();
  const ended = await Guest.start([guest.artefact, "alone", "7", "3"], nonce, LIMITS, { box }).ended;
  expect(await explain(ended, guest)).toMatchObject({ verdict: "harness_error" });
});

test("a program that cannot be started is our fault", async () => {
  const guest = { ...(await built("passes", "stress")), artefact: "/nowhere/guest" };
  expect(await explain(await start(guest).ended, guest)).toMatchObject({ verdict: "harness_error" });
});

test("a guest whose grader was gone before it began ends itself", async () => {
  const { artefact } = await built("passes", "stress");
  const nonce = newNonce();
  const shell = ["/bin/sh", "-c", `'${artefact}' alone 7 3 calls=4; exit $?`]; // another parent than the grader
  expect(await Guest.start(shell, nonce, LIMITS, { box, sees: [artefact] }).ended).toMatchObject({
    code: 97,
    collected: { hello: false },
  });
});

test("a deadline is put off by progress", async () => {
  const nonce = newNonce();
  const late = ["/bin/sh", "-c", String.raw`sleep 1.2; printf '\1\0\0\0\1' >&3; sleep 1.2`];
  const ended = await Guest.start(late, nonce, { ...LIMITS, deadline_ms: 2_000 }, { box }).ended;
  expect(ended).toMatchObject({ by: "itself", code: 0, collected: { hello: true } });
});

test("close() ends a guest that would never end, and what it started", async () => {
  const guest = await built("sleeps", "stress");
  const nonce = newNonce();
  const running = start(guest, ["alone", "7"], nonce);
  await until(() => processesWith(runOf(nonce)).length === 1, "the guest runs");
  running.close();
  expect(await running.ended).toMatchObject({ by: "closed", signal: "SIGKILL" });
  expect(processesWith(runOf(nonce))).toEqual([]);
});

/** As hyperfine and a compiler run: nobody listens to native/box, which would else end with its listener. */
test(`what runs in a box ends with bubblewrap${box.made ? "" : `, but this machine has none: ${box.why}`}`, async () => {
  if (!box.made) return;
  const argv = boxed(box.made, ["sleep", "600"], { env: {}, cwd: "/tmp", address_bytes: null });
  const bwrap = Bun.spawn(argv, { env: {} });
  const within = () => ownProcesses(bwrap.pid);
  const started = () => within().find((pid) => commandOf(pid) === "sleep 600");
  await until(() => started() !== undefined, "the program runs");
  const all = within();
  bwrap.kill("SIGKILL");
  await until(() => all.every((pid) => commandOf(pid) === ""), "all of the box is over");
});

test("a guest has its run's nonce in no argument and no variable of its environment", async () => {
  const guest = await built("sleeps", "stress");
  const nonce = newNonce();
  const running = start(guest, ["alone", "7"], nonce);
  await until(() => processesWith(runOf(nonce)).length === 1, "the guest runs");
  const [pid] = processesWith(runOf(nonce));
  const told = ["cmdline", "environ"].map((name) => readFileSync(`/proc/${pid}/${name}`, "latin1")).join();
  running.close();
  expect(told).not.toContain(nonce);
  await running.ended;
});

test("one session plays many scripts, and starts anew after one that it does not survive", async () => {
  const guest = await built("segfaults", "plain");
  const session = new ScriptSession(guest.artefact, kata.functions);
  const ask = async (question: number) => {
    const { answers, ended } = await session.play([{ call: "answer", args: [question], show: "" }]);
    return [...answers, ended?.signal];
  };
  expect([await ask(1), await ask(2), await ask(3), await ask(4)]).toEqual([
    ["2", undefined],
    ["SIGSEGV"],
    ["4", undefined],
    ["5", undefined],
  ]);
  expect(await session.close()).toMatchObject({ code: 0, collected: { ended: true } });
});

test("of a long script the end is told, with what was answered", async () => {
  const guest = await built("passes", "plain");
  const session = new ScriptSession(guest.artefact, kata.functions);
  const asks = (question: number, expect: number) => ({
    call: "answer",
    args: [question],
    expect,
    show: `ask(${question})`,
  });
  const plan = () => [...Array.from({ length: 200 }, (_, question) => asks(question, question + 1)), asks(7, 9)];
  const check = { id: "long", points: 1, runs: 1, commands: fc.constant<unknown[]>([]), plan, lookAt: "the end" };
  const judged = await runScriptCheck(check, { session, submission: guest.submission }, 1);
  expect(judged).toMatchObject({ verdict: "wrong", expected: "ask(7) -> 9" });
  const { saw } = judged as { saw: string };
  expect(saw).toStartWith("...; ask(");
  expect(saw).toEndWith("; ask(198); ask(199); ask(7) -> 8");
  expect(saw.length).toBeLessThan(300);
  await session.close();
});

test("lists that every grading tries come before those that are drawn", async () => {
  const guest = await built("passes", "plain");
  const session = new ScriptSession(guest.artefact, kata.functions);
  const plan = (questions: number[]) =>
    questions.map((n) => ({ call: "answer", args: [n], expect: n === 77 ? 0 : n + 1, show: `ask(${n})` }));
  const never = { id: "never", points: 1, runs: 3, commands: fc.array(fc.nat(5)), plan, lookAt: "77" };
  const context = { session, submission: guest.submission };
  expect(await runScriptCheck(never, context, 1)).toEqual({ verdict: "pass" });
  const judged = await runScriptCheck({ ...never, always: [[1], [2, 77]] }, context, 1);
  expect(judged).toMatchObject({ verdict: "wrong", expected: "ask(77) -> 0" });
  await session.close();
});

test("scripts of one session that are asked for at once are played one after the other", async () => {
  const session = new ScriptSession((await built("passes", "plain")).artefact, kata.functions);
  const ask = (n: number) => session.play([{ call: "answer", args: [n], show: `answer(${n})` }]);
  const played = await Promise.all([ask(1), ask(2), ask(3)]);
  expect(played.map(({ answers }) => answers)).toEqual([["2"], ["3"], ["4"]]);
  expect(await session.close()).toMatchObject({ by: "itself", code: 0 });
});

test("between two scripts no deadline passes", async () => {
  class Hasty extends ScriptSession {
    override get limits() {
      return { ...super.limits, deadline_ms: 1_000 };
    }
  }
  const session = new Hasty((await built("passes", "plain")).artefact, kata.functions);
  const ask = (n: number) => session.play([{ call: "answer", args: [n], show: "" }]);
  expect(await ask(1)).toMatchObject({ answers: ["2"] });
  await Bun.sleep(2_500);
  expect(await ask(2)).toMatchObject({ answers: ["3"] });
  expect(await session.close()).toMatchObject({ by: "itself", code: 0 });
});

test("a script without steps is over at once", async () => {
  const session = new ScriptSession((await built("passes", "plain")).artefact, kata.functions);
  expect(await session.play([])).toEqual({ answers: [] });
  expect(await session.close()).toMatchObject({ by: "itself", code: 0 });
});

test("scripted memory: names, bytes, NULL, and an address that comes back under another name", async () => {
  const guest = await built("passes", "plain");
  const functions = {
    calloc: { args: ["usize", "usize"], returns: "pointer" },
    free: { args: ["pointer"], returns: "void" },
  } satisfies typeof kata.functions;
  const session = new ScriptSession(guest.artefact, functions);
  const { answers } = await session.play([
    { alloc: "a", size: 8 },
    { fill: "a", size: 8, byte: 0xa5 },
    { read: "a", size: 3, show: "" },
    { call: "calloc", args: [1, 48], as: "q", show: "" },
    { call: "free", args: [{ ref: "q" }], show: "" },
    { call: "calloc", args: [1, 48], as: "r", show: "" },
    { call: "free", args: [{ ref: "r" }], show: "" },
    { call: "calloc", args: [1, 2n ** 62n], as: "none", show: "" },
    { call: "free", args: [{ ref: "none" }], show: "" },
  ]);
  expect(answers.slice(0, 4)).toEqual(["null", "null", '{"hex":"a5a5a5"}', '{"refs":["q"]}']);
  expect(JSON.parse(answers[5]!).refs).toContain("r");
  expect(answers.slice(6)).toEqual(["null", "null", "null"]);
  await session.close();
});

test("scripted text: bytes written to memory come back as a string, and NULL is none", async () => {
  const guest = await built("passes", "plain");
  const functions = {
    strstr: { args: ["pointer", "pointer"], returns: "cstring" },
  } satisfies typeof kata.functions;
  const session = new ScriptSession(guest.artefact, functions);
  const { answers } = await session.play([
    { alloc: "hay", size: 8 },
    { write: "hay", hex: "6120c3a962" },
    { alloc: "needle", size: 3 },
    { write: "needle", hex: "c3a9" },
    { call: "strstr", args: [{ ref: "hay" }, { ref: "needle" }], show: "" },
    { fill: "needle", size: 2, byte: 0x7a },
    { call: "strstr", args: [{ ref: "hay" }, { ref: "needle" }], show: "" },
  ]);
  expect(answers.slice(4)).toEqual(['{"text":"éb"}', "null", "null"]);
  await session.close();
});

test("bytes that were not expected are put into the kata's own words", async () => {
  const guest = await built("passes", "plain");
  const session = new ScriptSession(guest.artefact, kata.functions);
  const check = {
    id: "bytes",
    points: 1,
    runs: 1,
    commands: fc.constant<never[]>([]),
    plan: () => [
      { alloc: "a", size: 2 },
      { fill: "a", size: 2, byte: 1 },
      { read: "a", size: 1, show: "look(a)" },
      { read: "a", size: 2, expect: { hex: "0102" }, show: "", words: (hex: string) => `the bytes <${hex}>` },
    ],
    lookAt: "the second byte",
  };
  expect(await runScriptCheck(check, { session, submission: guest.submission }, 1)).toMatchObject({
    verdict: "wrong",
    saw: "look(a) -> the bytes <0101>",
    expected: "look(a) -> the bytes <0102>",
  });
  await session.close();
});
