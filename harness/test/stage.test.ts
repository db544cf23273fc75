// SPDX-License-Identifier: MIT
/** Staged scenarios: processes that are heard, killed, or end badly; nothing of them is left. */
import { expect, setDefaultTimeout, spyOn, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail, pass } from "../src/judge/check.ts";
import type { Staged } from "../src/kata/kata.ts";
import { StagePlayer, type Play, type Stage } from "../src/play/stage.ts";
import { readSubmission } from "../src/build/submission.ts";
import { Workpiece } from "../src/play/workpiece.ts";
import kata from "../fixtures/01-answer/grader/kata.ts";
import { ownProcesses, until } from "./machine.ts";
import { hasRedis } from "./redis-server.ts";

setDefaultTimeout(60_000); // guests are compiled in the first test that needs them, perhaps on a busy machine

/** Plays one run with a submission of the fixture; what the checks `heard_right` and `other` said. */
async function played(name: string, play: Play<unknown>, deadline_ms = 10_000, redis = false) {
  const submission = readSubmission(kata, join(kata.folder, "submissions", `${name}.c`));
  const checks: Staged["checks"] = [
    {
      id: "heard_right",
      points: 1,
      run: (heard: unknown) =>
        Bun.deepEquals(heard, ["2", "3"]) ? pass() : fail({ saw: String(heard), expected: "2,3" }),
    },
    { id: "other", points: 1, run: () => pass() },
  ];
  const staged: Staged = { id: "two", params: {}, runs: 1, deadline_ms, redis, play, checks };
  const judged = await new StagePlayer(new Workpiece(kata, submission), staged, 7).play(checks);
  return Object.fromEntries(judged);
}

const stateOf = (pid: number) => /\) (.)/.exec(readFileSync(`/proc/${pid}/stat`, "latin1"))![1];

const two: Play<unknown> = async ({ start }) => {
  const [first, second] = [start("process.ts", ["1"]), start("process.ts", ["2"])];
  return [await first.heard(), await second.heard()];
};

test("two processes are heard, and a check judges what they said", async () => {
  expect(await played("passes", two)).toMatchObject({ heard_right: { verdict: "pass" }, other: { verdict: "pass" } });
  expect(ownProcesses()).toEqual([]);
});

test("a wrong answer is the check's to find", async () => {
  const play: Play<unknown> = async ({ start }) => [await start("process.ts", ["7"]).heard()];
  expect(await played("passes", play)).toMatchObject({ heard_right: { verdict: "wrong", saw: "8" } });
});

test("processes share a folder that is gone afterwards", async () => {
  let folder = "";
  await played("passes", async (stage: Stage) => {
    folder = stage.folder;
    writeFileSync(join(folder, "left"), "behind");
    expect(readdirSync(folder)).toEqual(["left"]);
  });
  expect(existsSync(folder)).toBe(false);
});

test("who is killed, or kills itself as planned, is gone and spoils nothing", async () => {
  const play: Play<unknown> = async ({ start }) => {
    const killed = start("process.ts", ["1"]);
    const mortal = start("process.ts", ["2", "die"], { mortal: true });
    const heard = [await killed.heard(), await mortal.heard()];
    await Promise.all([killed.kill(), mortal.gone]);
    expect([await killed.heard(), await mortal.heard()]).toEqual([null, null]);
    return heard;
  };
  expect(await played("passes", play)).toMatchObject({ heard_right: { verdict: "pass" } });
});

test("an end of its own is judged once, though the play waits for ever", async () => {
  const play: Play<unknown> = async ({ start }) => {
    start("process.ts", ["1", "die"]);
    await new Promise(() => {});
  };
  expect(await played("passes", play)).toMatchObject({
    heard_right: { verdict: "crash", saw: "SIGKILL, in scenario two" },
    other: { verdict: "not_reached" },
  });
});

test("a crash is named with its place, though the play stumbles over it", async () => {
  const play: Play<unknown> = async ({ start }) => {
    if ((await start("process.ts", ["2"]).heard()) === null) throw new Error("no answer came");
  };
  const { heard_right } = await played("aborts", play);
  expect(heard_right).toMatchObject({ verdict: "crash", saw: expect.stringContaining("SIGABRT in answer") });
});

test("a play that fails by itself is our fault, and leaves nobody", async () => {
  const play: Play<unknown> = async ({ start }) => {
    await start("process.ts", ["1"]).heard();
    throw new Error("a fault of the play");
  };
  expect(played("passes", play)).rejects.toThrow("a fault of the play");
  await until(() => ownProcesses().length === 0, "the process is gone");
});

test("a play that does not end, ends at the deadline", async () => {
  const play: Play<unknown> = async ({ start }) => {
    start("process.ts", ["1"]);
    await new Promise(() => {});
  };
  expect(await played("passes", play, 500)).toMatchObject({ heard_right: { verdict: "deadlock" } });
});

test("a process that is paused says nothing, and no deadline passes until it is resumed", async () => {
  const play: Play<unknown> = async ({ start }) => {
    const [paused, other] = [start("process.ts", ["1", "2"]), start("process.ts", ["2"])];
    const heard = [await paused.heard()];
    await paused.pause();
    expect(ownProcesses().map(stateOf)).toContain("T");
    await Bun.sleep(1_500); // longer than the deadline
    paused.resume();
    expect(ownProcesses().map(stateOf)).not.toContain("T");
    await Promise.all([paused.heard(), other.kill()]);
    return [...heard, "3"];
  };
  expect(await played("passes", play, 1_000)).toMatchObject({ heard_right: { verdict: "pass" } });
});

test("a process that is left paused ends with the play", async () => {
  const play: Play<unknown> = async ({ start }) => {
    const paused = start("process.ts", ["1", "2"]);
    const heard = [await paused.heard(), await paused.heard()];
    await paused.pause();
    return heard;
  };
  expect(await played("passes", play)).toMatchObject({ heard_right: { verdict: "pass" } });
  expect(ownProcesses()).toEqual([]);
});

/** A guest's process asks Redis through the socket in its folder, from a box of its own. */
const askedFromABox = (words: string): Play<unknown> => {
  return async ({ start, redis }) => {
    await redis.start();
    return [await start("redis.ts", [redis.socket, words]).heard(), "3"];
  };
};

const withRedis = (title: string, play: Play<unknown>) =>
  test.skipIf(!hasRedis)(title, async () => {
    const { heard_right } = await played("passes", play, 10_000, true);
    expect(heard_right).toEqual({ verdict: "pass" });
    expect(ownProcesses()).toEqual([]);
  });

withRedis("a process asks the run's own Redis", askedFromABox("ECHO 2"));

withRedis("a Redis that is killed keeps what it is to keep, and forgets the rest", async ({ redis }) => {
  const heard: unknown[] = [];
  for (const keeps of [true, false]) {
    await redis.start({ keeps });
    await redis.ask("SET", "a", String(2 + heard.length));
    await redis.kill();
    await redis.start({ keeps });
    heard.push(await redis.ask("GET", "a"));
    await redis.kill();
  }
  expect(heard).toEqual(["2", null]);
  return ["2", "3"];
});

withRedis("a Redis' clock is set while it runs, and stays so in its next life", async ({ redis }) => {
  const ahead = async () => Math.round(Number(((await redis.ask("TIME")) as string[])[0]) - Date.now() / 1_000);
  const heard: number[] = [];
  await redis.start({ keeps: false });
  heard.push(await ahead());
  redis.setClock(86_400);
  heard.push(await ahead());
  await redis.kill();
  await redis.start({ keeps: false });
  heard.push(await ahead());
  redis.setClock(-3_600);
  heard.push(await ahead());
  const near = (seconds: number, wanted: number) => Math.abs(seconds - wanted) < 60;
  expect(heard.map((seconds, at) => near(seconds, [0, 86_400, 86_400, -3_600][at]!))).toEqual([true, true, true, true]);
  return ["2", "3"];
});

withRedis("a Redis that is paused takes a connection and is silent until it is resumed", async ({ redis, folder }) => {
  await redis.start();
  await redis.pause();
  const answer = Promise.withResolvers<string>();
  const socket = await Bun.connect({
    unix: join(folder, redis.socket),
    socket: { data: (_, bytes) => answer.resolve(bytes.toString()) },
  });
  socket.write("ECHO 2\r\n");
  expect(await Promise.race([answer.promise, Bun.sleep(200)])).toBeUndefined();
  redis.resume();
  expect(await answer.promise).toBe("$1\r\n2\r\n");
  socket.end();
  return ["2", "3"];
});

test("where there is no redis-server, nothing of it is measurable", async () => {
  const path = spyOn(Bun, "which").mockReturnValue(null);
  const play: Play<unknown> = async () => expect.unreachable();
  try {
    const { heard_right, other } = await played("passes", play, 10_000, true);
    expect(heard_right).toEqual(other!);
    expect(other).toMatchObject({ verdict: "not_measurable", expected: "scripts/setup --with redis" });
  } finally {
    path.mockRestore();
  }
});
