// SPDX-License-Identifier: MIT
/** The checks of 13-tiny-redis on evidence written by hand, and its model against what a real redis-server says. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as checks from "../../katas/13-tiny-redis/grader/checks.ts";
import { glob, Model, type Words } from "../../katas/13-tiny-redis/grader/model.ts";
import { score17 } from "../../katas/13-tiny-redis/grader/model-values.ts";
import { Connection, startRedis } from "../../katas/13-tiny-redis/grader/real-redis.ts";
import { visible } from "../../katas/13-tiny-redis/grader/story.ts";
import {
  answersOf,
  comparableAnswers,
  drawnLists,
  readRecorded,
  realClients,
  sameAsRedis,
  type WitnessEvidence,
} from "../../katas/13-tiny-redis/grader/witness.ts";

const request = { seed: 1, params: { rounds: 2 } };

function modelled(list: Words[]): string[] {
  const model = new Model();
  model.now = Date.now();
  return comparableAnswers(
    list,
    list.map((words) => model.answer(words)),
  );
}

describe("the model", () => {
  test("answers as redis-server 7.0.15 did when its answers were recorded", () => {
    const recorded = readRecorded();
    expect(recorded.length).toBeGreaterThan(60);
    for (const { list, answers } of recorded) expect(modelled(list)).toEqual(answers);
  });

  test("answers as the redis-server of this machine, where there is one", async () => {
    const folder = mkdtempSync(join(tmpdir(), "redis-"));
    const real = await startRedis(folder);
    if (!real) {
      console.log("no redis-server 7.0 here: the recorded answers alone judge the model");
      rmSync(folder, { recursive: true });
      return;
    }
    const connection = await Connection.open(real.socket);
    try {
      for (const list of drawnLists(300, 7)) expect(modelled(list)).toEqual(await answersOf(connection, list));
    } finally {
      connection.close();
      await real.stop();
      rmSync(folder, { recursive: true });
    }
  }, 60_000);

  test("writes scores as printf's %.17g does", () => {
    const written = [0.1, 3, 1e20, 1e17, 1e16, -2.5, 1e-5, 123456789.125, Infinity].map(score17);
    expect(written).toEqual([
      "0.10000000000000001",
      "3",
      "1e+20",
      "1e+17",
      "10000000000000000",
      "-2.5",
      "1.0000000000000001e-05",
      "123456789.125",
      "inf",
    ]);
  });

  test("knows Redis' globs", () => {
    expect(glob("a*b*c", "axxbyyc") && glob("[^a]?", "bc") && glob("\\*", "*") && glob("[c-a]", "b")).toBe(true);
    expect(glob("a*b", "a") || glob("[a", "b") || glob("?", "") || glob("[^a]", "a")).toBe(false);
  });
});

test("bytes are shown so that they can be told apart", () => {
  expect(visible("a\r\n\\\0é")).toBe("a\\r\\n\\x5c\\x00\\xe9");
});

describe("commands_without_memory", () => {
  const judged = (outcome: number) =>
    checks.withoutMemory.run(
      {
        attempts: [
          { command: 6, nth: 1, outcome: 1 },
          { command: 13, nth: 2, outcome },
        ],
      },
      request,
    );
  test("spares -OOM, a closed connection, and one that did without", () => {
    for (const outcome of [0, 1, 2]) expect(judged(outcome).verdict).toBe("pass");
  });
  test("refuses another answer, and a key that has changed", () => {
    expect(judged(3)).toMatchObject({ verdict: "wrong", saw: expect.stringContaining("HSET of 3 fields") });
    expect(judged(4)).toMatchObject({ verdict: "wrong", saw: expect.stringContaining("the keys are others") });
  });
});

describe("flat_cost", () => {
  const cost = (kind: number, size: number, each: number, most = each) => ({
    kind,
    size,
    calls: 100,
    steps: each * 100,
    most,
  });
  const judged = (...costs: ReturnType<typeof cost>[]) =>
    checks.flatCost.run({ costs, expiry: [], scattered: [] }, request);
  test("spares a table, and a tree", () => {
    expect(judged(cost(1, 1_000, 60), cost(1, 40_000, 62)).verdict).toBe("pass");
    expect(judged(cost(1, 1_000, 100), cost(1, 40_000, 140)).verdict).toBe("pass");
  });
  test("refuses long chains, one unlucky command, and no evidence", () => {
    expect(judged(cost(1, 1_000, 60), cost(1, 40_000, 400)).verdict).toBe("wrong");
    expect(judged(cost(0, 40_000, 60, 250_000))).toMatchObject({
      saw: expect.stringContaining("250,000 steps in one call"),
    });
    expect(judged().verdict).toBe("wrong");
  });
});

describe("expires_in_steps", () => {
  const judged = (most: number, ms: number, gone: number, scattered = [50, 24, 24, 0]) =>
    checks.expiresInSteps.run({ costs: [], expiry: [100_000, most, ms, gone], scattered }, request);
  test("spares small steps that are done in time", () => expect(judged(20_000, 200, 1).verdict).toBe("pass"));
  test("refuses a pause, slowness, and keys that stay", () => {
    expect(judged(5_000_000, 60, 1)).toMatchObject({ saw: expect.stringContaining("between two waits") });
    expect(judged(20_000, 1_500, 1).verdict).toBe("wrong");
    expect(judged(20_000, 60_000, 0)).toMatchObject({ saw: expect.stringContaining("still counted") });
    expect(judged(20_000, 200, 1, [7, 23, 24, 10_100])).toMatchObject({
      saw: expect.stringContaining("24 keys were counted, and 23 had not expired"),
    });
  });
});

test("commands_clean wants every answer, and a stop without an error", () => {
  expect(checks.commandsClean.run({ answers: 100, served: 1 }, request).verdict).toBe("pass");
  expect(checks.commandsClean.run({ answers: 99, served: 1 }, request).verdict).toBe("wrong");
  expect(checks.commandsClean.run({ answers: 100, served: 0 }, request).verdict).toBe("wrong");
});

test("nothing_shared wants every round of both servers, and both to answer 0", () => {
  expect(checks.nothingShared.run({ right: 4, served: 2 }, request).verdict).toBe("pass");
  expect(checks.nothingShared.run({ right: 3, served: 2 }, request)).toMatchObject({
    verdict: "wrong",
    saw: expect.stringContaining("3 rounds"),
  });
  expect(checks.nothingShared.run({ right: 4, served: 1 }, request).verdict).toBe("wrong");
});

describe("the witnesses", () => {
  const seen: WitnessEvidence = {
    oracle: "redis-server",
    lists: 120,
    installed: true,
    clients: [
      { name: "redis-cli", code: 0, said: "OK" },
      { name: "redis-cli", code: 0, said: "hello world" },
    ],
  };
  const difference = { list: ["GET a"], saw: "$-1\\r\\n", expected: "$1\\r\\n1\\r\\n" };
  test("same_as_redis says by whom it was judged", () => {
    expect(sameAsRedis.run(seen, request)).toMatchObject({
      verdict: "pass",
      note: expect.stringContaining("redis-server"),
    });
    const other = sameAsRedis.run({ ...seen, oracle: "recorded" }, request);
    expect(other).toMatchObject({ verdict: "pass", note: expect.stringContaining("recorded answers") });
  });
  test("same_as_redis refuses a difference, and a server that does not start", () => {
    expect(sameAsRedis.run({ ...seen, difference }, request)).toMatchObject({ saw: "GET a -> $-1\\r\\n" });
    expect(sameAsRedis.run({ ...seen, refused: "redis_listen -> -38" }, request).verdict).toBe("wrong");
  });
  test("real_clients refuses what they complain of", () => {
    expect(realClients.run(seen, request).verdict).toBe("pass");
    const bad = { name: "redis-benchmark", code: 1, said: "Error: Server closed the connection" };
    expect(realClients.run({ ...seen, clients: [...seen.clients, bad] }, request).verdict).toBe("wrong");
    const raw = { name: "redis-cli", code: 0, said: "hello" };
    expect(realClients.run({ ...seen, clients: [seen.clients[0]!, raw] }, request).verdict).toBe("wrong");
    expect(realClients.run({ ...seen, installed: false }, request).verdict).toBe("not_measurable");
    const late = (how: "alone" | "perhaps busy") => ({ ...bad, code: 143, said: "", late: how });
    expect(realClients.run({ ...seen, clients: [late("alone")] }, request).verdict).toBe("wrong");
    expect(realClients.run({ ...seen, clients: [late("perhaps busy")] }, request).verdict).toBe("not_measurable");
  });
});
