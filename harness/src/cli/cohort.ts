// SPDX-License-Identifier: MIT
/** `bun kata score --roster` and `bun kata worker`: thousands of forks, on this machine or on many. */
import type { Command } from "commander";
import { cpus } from "node:os";
import { join } from "node:path";
import { hashOf } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { Sentence } from "../base/sentence.ts";
import type { StatusLine } from "../base/status-line.ts";
import { cohortExitCode, type Standing } from "../judge/cohort.ts";
import type { Kata } from "../kata/kata.ts";
import { findKata, soundKatas } from "../kata/shelf.ts";
import { cohortCsv, cohortText, standingLine } from "../report/cohort.ts";
import type { Style } from "../report/terminal.ts";
import { proveGrader } from "../score/canaries.ts";
import { scoreCohort } from "../score/cohort.ts";
import { graderDigest } from "../score/digest.ts";
import type { Engine } from "../score/engine.ts";
import { Ledger } from "../score/ledger.ts";
import { Pool } from "../score/pool.ts";
import type { Orders } from "../score/redis.ts";
import { readRoster } from "../score/roster.ts";
import { worker } from "../score/score.ts";
import type { Exports } from "./exports.ts";
import { KEPT } from "./scores.ts";

export interface CohortOptions {
  roster: string;
  engine: "pool" | "bullmq";
  redis?: string;
  untimed: boolean;
}

/** The answer is the exit code. */
export async function scoreRoster(
  katas: Kata[],
  ledger: Ledger,
  options: CohortOptions,
  exports: Exports,
  status: StatusLine,
  style: Style,
): Promise<number> {
  exports.onlyCsv("a roster");
  const learners = readRoster(options.roster);
  let settled = 0;
  const tell = (standing: Standing) => {
    settled++;
    const line = standingLine(standing, katas.length, 0, style);
    if (process.stderr.isTTY)
      status.show(`${settled} of ${learners.length} forks; last: ${standing.name}; Ctrl-C ends it`);
    else process.stderr.write(`${settled} of ${learners.length}  ${line}\n`);
  };
  status.show(`0 of ${learners.length} forks; Ctrl-C ends it, and the same command goes on`);
  await using engine = await engineFor(katas, ledger, options);
  const standings = await scoreCohort(learners, engine, ledger, tell);
  status.clear();
  exports.write(() => cohortCsv(standings), true);
  exports.tell(cohortText(standings, katas.length, style));
  return cohortExitCode(standings);
}

type Closable = Engine & AsyncDisposable;

async function engineFor(katas: Kata[], ledger: Ledger, { engine, redis, untimed }: CohortOptions): Promise<Closable> {
  if (engine === "pool") {
    if (redis) throw new Unusable("--redis goes with --engine bullmq");
    await proveGrader(katas);
    // what is timed has the machine for itself
    const pool = new Pool(worker(katas, ledger, gradeOptions(untimed)), untimed ? cpus().length : 1);
    return Object.assign(pool, { [Symbol.asyncDispose]: async () => {} });
  }
  if (!redis) throw new Unusable("--engine bullmq: --redis names a Redis, as in redis://127.0.0.1:6379");
  const { RedisEngine } = await import("../score/redis.ts"); // half a second that nobody else shall wait
  const orders: Orders = { katas: katas.map(({ id }) => id), salt: ledger.salt, untimed };
  const queue = await RedisEngine.at(redis, await queueName(), orders);
  if ((await queue.workers()) === 0)
    process.stderr.write("no worker listens yet: bun kata worker --redis ..., of this very version and compiler\n");
  return queue;
}

export const gradeOptions = (untimed: boolean) => (untimed ? { untimed: "left out on request" } : {});

/** Of what judges: a worker of another version, or with another compiler, would score otherwise. */
async function queueName(): Promise<string> {
  const digests = await Promise.all((await soundKatas()).map((kata) => graderDigest(kata)));
  return `c10kata-${hashOf(...digests).slice(0, 12)}`;
}

/** Adds `worker` to `program`; `print` writes a line where reports go. */
export function addWorkerCommand(program: Command, print: (text: string) => void): void {
  program
    .command("worker")
    .description("score forks for bun kata score --engine bullmq, one at a time, until Ctrl-C")
    .requiredOption("--redis <address>", "redis://..., or a socket")
    .action(async ({ redis }: { redis: string }) => {
      const { startWorker } = await import("../score/redis.ts");
      const queue = await queueName();
      const works = new Map<string, ReturnType<typeof worker>>();
      const started = await startWorker(redis, queue, (orders) => async (job) => {
        const known = JSON.stringify(orders);
        if (!works.has(known)) works.set(known, await workFor(orders));
        print(`${job.source} at ${job.commit}`);
        return await works.get(known)!(job);
      });
      print(`waits for forks on ${queue}; Ctrl-C ends it`);
      await new Promise<void>((closed) => started.on("closed", () => closed()));
    });
}

/** What it grades is kept here, too, by the coordinator's salt: the same files are graded once by each worker. */
async function workFor({ katas, salt, untimed }: Orders) {
  const found = await Promise.all(katas.map((id) => findKata(id)));
  const ledger = new Ledger(join(KEPT, "worker", `${hashOf(salt).slice(0, 12)}.sqlite`), salt);
  if (ledger.salt !== salt) throw new Sentence("the worker's ledger is of another salt");
  await proveGrader(found);
  return worker(found, ledger, gradeOptions(untimed));
}
