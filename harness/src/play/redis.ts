// SPDX-License-Identifier: MIT
/**
 * A Redis of one run's own beside the learner's processes. It listens at a socket in the run's folder, which is all that
 * they share: its box has a network of its own, as each of theirs has.
 */
import { closeSync, constants, fchmodSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Redis } from "ioredis";
import type { Box } from "../base/box.ts";
import { Unusable } from "../base/command.ts";
import { linkRedisClock } from "../build/link.ts";
import { Guest, LIMITS, newNonce } from "../guest/guest.ts";
import { NotMeasurable } from "./measure.ts";

/** In the folder in which the processes run, too. */
const SOCKET = "redis.sock";
/** On a crowded machine it may start that slowly. */
const ANSWER_MS_MAX = 60_000;
export const WITH_REDIS = "scripts/setup --with redis";

/** Undefined: there is one. */
export const whyNoRedis = () => (Bun.which("redis-server") ? undefined : "redis-server: not found on the PATH");

export class RedisServer implements AsyncDisposable {
  readonly socket = SOCKET;
  #guest: Guest | undefined;
  #client: Redis | undefined;
  /** Holds how many seconds its time of day is ahead of the machine's; beside the folder, out of the processes' reach. */
  readonly #clock: string;

  constructor(
    readonly folder: string,
    readonly box: Box,
  ) {
    this.#clock = `${folder}.clock`;
  }

  /** From now on, and in later lives: the server's time of day is the machine's and so much more. */
  setClock(ahead_s: number): void {
    const file = openSync(this.#clock, constants.O_WRONLY | constants.O_CREAT); // the server has it in its memory: it keeps its size
    writeSync(file, new BigInt64Array([BigInt(ahead_s)]));
    fchmodSync(file, 0o644); // the server may be another user's
    closeSync(file);
  }

  /**
   * Settles when it answers. `keeps`: every write is on disk before it is answered, so that the next life begins with what
   * the last one kept; otherwise a life begins empty, and leaves nothing. Throws Unusable; NotMeasurable where it is too
   * late in its first life, of which no program under test knows.
   */
  async start({ keeps = true } = {}): Promise<void> {
    const { folder, box } = this;
    const kept = keeps ? ["--appendonly", "yes", "--appendfsync", "always"] : ["--appendonly", "no"];
    const argv = [Bun.which("redis-server")!, "--port", "0", "--unixsocket", join(folder, SOCKET), "--dir", folder];
    argv.push("--databases", "1", "--save", "", "--loglevel", "warning", ...kept); // so that KEYS tells of all keys
    const first = this.#guest === undefined;
    if (first) this.setClock(0);
    const env = { LD_PRELOAD: await linkRedisClock(), C10KATA_CLOCK: this.#clock };
    const guest = Guest.start(argv, newNonce(), LIMITS, { box, env, cwd: folder, shares: [folder] });
    guest.rest(); // it serves until it is killed
    this.#guest = guest;
    const retryStrategy = () => 5;
    const patience = { maxRetriesPerRequest: null, retryStrategy, commandTimeout: ANSWER_MS_MAX };
    const client = new Redis(join(folder, SOCKET), patience);
    client.on("error", () => {}); // not there yet, or not any more
    this.#client = client;
    const late = `redis-server did not answer within ${ANSWER_MS_MAX / 1000} s of its start`;
    const answered = client.ping().then(
      () => null,
      () => Promise.reject(first ? new NotMeasurable(late) : new Error(late)),
    );
    const ended = await Promise.race([answered, guest.ended]);
    if (ended) throw new Unusable(`redis-server does not start: ${ended.output.trim()}`);
  }

  /** What it answers to the grader. Rejects with its error, or when it does not answer. */
  async ask(...words: string[]): Promise<unknown> {
    const [command, ...args] = words as [string, ...string[]];
    return await this.#client!.call(command, ...args);
  }

  /** SIGKILL; settles when it is gone. It may be started again. */
  async kill(): Promise<void> {
    this.#client?.disconnect();
    this.#guest?.close();
    await this.#guest?.ended;
  }

  /** SIGSTOP; settles when it stands still. Its socket goes on taking connections, which nobody answers. */
  async pause(): Promise<void> {
    await this.#guest?.pause();
  }

  resume(): void {
    this.#guest?.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    rmSync(this.#clock, { force: true });
  }
}
