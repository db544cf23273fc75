// SPDX-License-Identifier: MIT
/**
 * The engine for many machines: a BullMQ queue in Redis or Valkey. The coordinator adds references and takes scores away;
 * workers on any machine do the work. What a killed worker had begun, another one takes up; what Redis forgot is added again.
 */
import { Queue, Worker, type Job as Queued } from "bullmq";
import { Redis } from "ioredis";
import { z } from "zod";
import { Unusable } from "../base/command.ts";
import { forkScoreSchema, type ForkScore } from "../judge/fork.ts";
import { ATTEMPTS_MAX, BACKOFF_MS, unique, type Engine, type Job, type Outcome, type Work } from "./engine.ts";

/** All that a worker has to know beside the reference. */
export const ordersSchema = z.strictObject({
  katas: z.array(z.string()),
  /** Of the ledger that the scores are for: all seeds follow from it. */
  salt: z.string(),
  untimed: z.boolean(),
});
export type Orders = z.infer<typeof ordersSchema>;
const taskSchema = z.strictObject({ source: z.string(), commit: z.string(), orders: ordersSchema });
type Task = z.infer<typeof taskSchema>;

/** A worker says at least so often that it lives; a job of one that does not is given to another. */
const ALIVE_MS = 10_000;
/** The coordinator looks so often for scores. */
const LOOK_MS = 250;

export class RedisEngine implements Engine, AsyncDisposable {
  readonly #queue: Queue<Task>;

  /** `queue`: a worker of another version of the grader listens to another one. Throws Unusable where there is no Redis. */
  static async at(address: string, queue: string, orders: Orders, backoff_ms = BACKOFF_MS): Promise<RedisEngine> {
    return new RedisEngine(await connected(address), queue, orders, backoff_ms);
  }

  private constructor(
    readonly connection: Redis,
    queue: string,
    readonly orders: Orders,
    readonly backoff_ms: number,
  ) {
    this.#queue = new Queue<Task>(queue, { connection });
    this.#queue.on("error", () => {});
  }

  /** Workers that listen just now. */
  workers = async (): Promise<number> => (await this.#queue.getWorkers()).length;

  async run(jobs: Job[], onOutcome: (outcome: Outcome) => void): Promise<void> {
    const open = unique(jobs);
    await this.#forgetEnded(open);
    while (open.size > 0) {
      await this.#addMissing(open);
      for (const outcome of await this.#take(open)) onOutcome(outcome);
      if (open.size > 0) await Bun.sleep(LOOK_MS);
    }
  }

  /** A job that is in the queue, in whatever state, is not added again. */
  async #addMissing(open: Map<string, Job>): Promise<void> {
    const counts = await this.#queue.getJobCounts();
    const known = Object.values(counts).reduce((sum, count) => sum + count, 0);
    if (known >= open.size) return;
    const backoff = { type: "exponential", delay: this.backoff_ms };
    const tasks = [...open].map(([jobId, job]) => ({
      name: "score",
      data: { ...job, orders: this.orders },
      opts: { jobId, attempts: ATTEMPTS_MAX, backoff },
    }));
    await this.#queue.addBulk(tasks);
  }

  /** Of a run that was killed: the fork may have moved on since; and what failed then begins anew. */
  async #forgetEnded(open: Map<string, Job>): Promise<void> {
    for (const ended of await this.#queue.getJobs(["completed", "failed"]))
      if (open.has(ended.id!)) await ended.remove();
  }

  /** What has ended is taken out of Redis and out of `open`; the rest is another coordinator's. */
  async #take(open: Map<string, Job>): Promise<Outcome[]> {
    const outcomes: Outcome[] = [];
    const take = async (ended: Queued, outcome: ReturnType<typeof answerOf>) => {
      const job = open.get(ended.id!);
      if (!job) return;
      outcomes.push({ job, ...outcome });
      open.delete(ended.id!);
      await ended.remove();
    };
    for (const ended of await this.#queue.getCompleted()) await take(ended, answerOf(ended));
    for (const ended of await this.#queue.getFailed()) await take(ended, { fault: ended.failedReason });
    return outcomes;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#queue.close();
    this.connection.disconnect();
  }
}

/** What comes back from a worker is checked like everything else that comes from outside. */
function answerOf({ returnvalue }: Queued): { fault: string } | { score: ForkScore } {
  const score = forkScoreSchema.safeParse(returnvalue);
  return score.success ? { score: score.data } : { fault: "a worker answered with what is no score" };
}

/** Works on what the queue holds until it is closed, one job at a time. Throws Unusable where there is no Redis. */
export async function startWorker(address: string, queue: string, workFor: (orders: Orders) => Work) {
  const connection = await connected(address);
  const take = async ({ data }: Queued) => {
    const { orders, ...job } = taskSchema.parse(data);
    return await workFor(orders)(job);
  };
  const timing = { lockDuration: ALIVE_MS, stalledInterval: ALIVE_MS / 2, maxStalledCount: ATTEMPTS_MAX - 1 };
  const worker = new Worker(queue, take, { connection, ...timing });
  worker.on("error", () => {});
  return worker;
}

/** `redis://...`, `rediss://...`, or the path of a socket. */
async function connected(address: string): Promise<Redis> {
  const once = new Redis(address, { lazyConnect: true, retryStrategy: () => null });
  once.on("error", () => {}); // connect() throws it
  try {
    await once.connect();
  } catch (error) {
    throw new Unusable(`--redis ${address}: ${(error as Error).message}`);
  } finally {
    once.disconnect();
  }
  const connection = new Redis(address, { maxRetriesPerRequest: null });
  connection.on("error", () => {}); // Redis is away: it connects again, and commands wait
  return connection;
}
