// SPDX-License-Identifier: MIT
/** One contract for both engines: each fork has one outcome, whatever fails on the way. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ForkScore } from "../src/judge/fork.ts";
import type { Engine, Job, Outcome, Work } from "../src/score/engine.ts";
import { Pool } from "../src/score/pool.ts";
import { RedisEngine, startWorker } from "../src/score/redis.ts";
import { resultOf } from "./example.ts";
import { hasRedis, RedisServer } from "./redis-server.ts";

const TIMEOUT_MS = 60_000;
const BACKOFF_MS = 1;
const ORDERS = { katas: ["98-example"], salt: "salt", untimed: true };
const redis = new RedisServer();
beforeAll(async () => void (hasRedis && (await redis.start())));
afterAll(() => redis[Symbol.asyncDispose]());

const jobs = (...sources: string[]): Job[] => sources.map((source) => ({ source, commit: "HEAD" }));
const scoreOf = ({ source, commit }: Job): ForkScore => ({
  schema: "c10kata/score/v1",
  source,
  commit,
  salt: "salt",
  katas: [{ kata: "98-example", bundle: "b", grader: "g", result: resultOf([]) }],
});

type With = (work: Work, use: (engine: Engine) => Promise<void>) => Promise<void>;

const ENGINES: [string, With][] = [["pool", (work, use) => use(new Pool(work, 4, BACKOFF_MS))]];

/** With two workers, and a queue for each test. */
const withRedis: With = async (work, use) => {
  const queue = `test-${crypto.randomUUID()}`;
  const workers = [1, 2].map(() => startWorker(redis.address, queue, () => work));
  await using engine = await RedisEngine.at(redis.address, queue, ORDERS, BACKOFF_MS);
  await use(engine);
  for (const worker of workers) await (await worker).close();
};
if (hasRedis) ENGINES.push(["bullmq", withRedis]);
else console.log("no redis-server here, and bullmq is not tried: scripts/setup --with redis");

/** What each job came to, in the order of their sources, and how often each was worked on. */
async function outcomes(engineOf: With, asked: Job[], work: Work) {
  const seen: Outcome[] = [];
  const times: Record<string, number> = {};
  const counted: Work = (job) => {
    times[job.source] = (times[job.source] ?? 0) + 1;
    return work(job);
  };
  await engineOf(counted, (engine) => engine.run(asked, (outcome) => seen.push(outcome)));
  seen.sort((a, b) => a.job.source.localeCompare(b.job.source));
  return { seen, times };
}

const CONTRACT: Record<string, (engineOf: With) => Promise<void>> = {
  async "each fork has one outcome, once, whoever asks twice"(engineOf) {
    const { seen, times } = await outcomes(engineOf, jobs("a", "b", "a", "c"), async (job) => scoreOf(job));
    expect(seen).toEqual(jobs("a", "b", "c").map((job) => ({ job, score: scoreOf(job) })));
    expect(times).toEqual({ a: 1, b: 1, c: 1 });
  },

  async "the same fork at two commits is two jobs"(engineOf) {
    const both = [..."12"].map((digit) => ({ source: "a", commit: digit.repeat(40) }));
    const { seen } = await outcomes(engineOf, both, async (job) => scoreOf(job));
    expect(new Set(seen.map(({ job }) => job.commit)).size).toBe(2);
  },

  async "a fault is tried again, and forgotten when that works"(engineOf) {
    let faults = 2;
    const { seen, times } = await outcomes(engineOf, jobs("a", "b"), async (job) => {
      if (job.source === "a" && faults-- > 0) throw new Error("the network is away");
      return scoreOf(job);
    });
    expect(seen).toEqual(jobs("a", "b").map((job) => ({ job, score: scoreOf(job) })));
    expect(times).toEqual({ a: 3, b: 1 });
  },

  async "after three faults a fork is set aside with the reason; the others are scored"(engineOf) {
    const { seen, times } = await outcomes(engineOf, jobs("a", "b"), async (job) => {
      if (job.source === "a") throw new Error("no such repository");
      return scoreOf(job);
    });
    expect(seen).toEqual([
      { job: jobs("a")[0]!, fault: "no such repository" },
      { job: jobs("b")[0]!, score: scoreOf(jobs("b")[0]!) },
    ]);
    expect(times).toEqual({ a: 3, b: 1 });
  },

  async "what was set aside begins anew in the next run"(engineOf) {
    let away = true;
    const work: Work = async (job) => {
      if (away) throw new Error("no such repository");
      return scoreOf(job);
    };
    await engineOf(work, async (engine) => {
      const seen: Outcome[] = [];
      await engine.run(jobs("a"), (outcome) => seen.push(outcome));
      away = false;
      await engine.run(jobs("a"), (outcome) => seen.push(outcome));
      expect(seen.map((outcome) => "score" in outcome)).toEqual([false, true]);
    });
  },

  async "nobody to score is no work"(engineOf) {
    expect(await outcomes(engineOf, [], async (job) => scoreOf(job))).toEqual({ seen: [], times: {} });
  },
};

describe.each(ENGINES)("%s", (_, engineOf) => {
  test.each(Object.entries(CONTRACT))("%s", (_, holds) => holds(engineOf), TIMEOUT_MS);
});

describe.if(hasRedis)("bullmq alone", () => {
  test(
    "a Redis that was killed, and then has forgotten everything: every fork is scored, once",
    async () => {
      await using own = await new RedisServer().start();
      const sources = Array.from({ length: 20 }, (_, at) => `fork-${String(at).padStart(2, "0")}`);
      const [restarted, emptied] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      await using engine = await RedisEngine.at(own.address, "q", ORDERS, BACKOFF_MS);
      const worker = await startWorker(own.address, "q", () => async (job) => {
        if (job.source >= "fork-05") await restarted.promise;
        if (job.source >= "fork-12") await emptied.promise;
        return scoreOf(job);
      });
      const seen: string[] = [];
      await engine.run(jobs(...sources), ({ job }) => {
        seen.push(job.source);
        if (seen.length === 5) void own.kill().then(() => own.start().then(() => restarted.resolve()));
        if (seen.length === 12) void engine.connection.flushall().then(() => emptied.resolve());
      });
      expect(seen.sort()).toEqual(sources);
      await worker.close(true);
    },
    TIMEOUT_MS,
  );

  test("a job holds references, and nothing of the code or the score", async () => {
    await using engine = await RedisEngine.at(redis.address, "references", ORDERS);
    void engine.run(jobs("https://example.org/a"), () => {}).catch(() => {});
    const held = async (): Promise<string> => {
      const keys = await engine.connection.keys("bull:references:*");
      const job = keys.find((key) => /:[0-9a-f]{32}$/.test(key));
      return job ? ((await engine.connection.hget(job, "data")) ?? (await held())) : await held();
    };
    expect(JSON.parse(await held())).toEqual({ ...jobs("https://example.org/a")[0], orders: ORDERS });
  });

  test("what a worker answers is checked", async () => {
    const queue = "checked";
    const worker = await startWorker(redis.address, queue, () => async () => ({ points: 100 }) as never);
    await using engine = await RedisEngine.at(redis.address, queue, ORDERS, BACKOFF_MS);
    const seen: Outcome[] = [];
    await engine.run(jobs("a"), (outcome) => seen.push(outcome));
    expect(seen).toEqual([{ job: jobs("a")[0]!, fault: "a worker answered with what is no score" }]);
    await worker.close();
  });

  test("no Redis is a sentence", () => {
    expect(RedisEngine.at("/nowhere/redis.sock", "q", ORDERS)).rejects.toThrow("--redis /nowhere/redis.sock: ");
  });
});
