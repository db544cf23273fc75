// SPDX-License-Identifier: MIT
/**
 * Staged scenarios: several processes at once, directed by the kata's own TypeScript. A process is a bun child that loads
 * the learner's library, as child.ts does, and says lines; the play starts processes, talks to them (over HTTP, say),
 * pauses and kills them, and answers with evidence; a Redis can be among them. It runs in the grader's process, so it never loads the library itself.
 */
import { join } from "node:path";
import type { Ended } from "../kata/run.ts";
import { withWorkspace } from "../base/cache.ts";
import type { Box } from "../base/box.ts";
import { confinement } from "../build/confinement.ts";
import { explainEnd, functionsOf } from "./explain.ts";
import { graderOf, type Judgement, type RunRequest, type Staged } from "../kata/kata.ts";
import { fail, notMeasurable, withPrinted } from "../judge/check.ts";
import { Guest, LIMITS, newNonce } from "../guest/guest.ts";
import type { Run } from "./patience.ts";
import type { Judgements, Player } from "./player.ts";
import { judgeRun, playRuns, type Checks, type Judged } from "./runs.ts";
import { RedisServer, whyNoRedis, WITH_REDIS } from "./redis.ts";
import type { Workpiece } from "./workpiece.ts";

/** One process, from its start to its end. */
export interface Process {
  /** The next line it says, in order; null when it is gone and has said nothing more. */
  heard(): Promise<string | null>;
  /** Settles when it is gone, however it went. */
  gone: Promise<void>;
  /** SIGKILL; settles when it is gone. */
  kill(): Promise<void>;
  /** SIGSTOP; settles when all its threads stand still. No deadline passes until it is resumed. */
  pause(): Promise<void>;
  resume(): void;
}

export interface Stage extends RunRequest {
  /** An empty folder of the run's own, every process's working directory; gone when the play is over. */
  folder: string;
  /** Not started yet; a scenario that starts it says `redis: true`. */
  redis: RedisServer;
  /**
   * Starts `bun ENTRY LIBRARY ...words`; `entry` is a file of the kata's. A process that is to end by a SIGKILL
   * that it sends itself is `mortal`; every other end of its own ends the play, and is judged.
   */
  start(entry: string, words: string[], options?: { mortal?: boolean }): Process;
}

export type Play<E> = (stage: Stage) => Promise<E>;

/** One staged scenario, all of its runs. */
export class StagePlayer implements Player<Checks[number]> {
  readonly groups: Checks[];
  readonly beside = "CPUs";

  constructor(
    readonly workpiece: Workpiece,
    readonly staged: Staged,
    readonly seed: number,
  ) {
    this.groups = [staged.checks];
  }

  async play(checks: Checks): Promise<Judgements> {
    const { staged, workpiece } = this;
    const refused = staged.redis ? whyNoRedis() : undefined;
    if (refused) return new Map(checks.map(({ id }) => [id, notMeasurable(refused, WITH_REDIS)]));
    const library = await workpiece.guest("plain");
    const box = await confinement();
    return await playRuns(staged, checks, this.seed, async (seed, soFar) => {
      const run = (deadline_ms: number) =>
        withWorkspace(async (folder) => {
          const processes = new Processes({ ...staged, deadline_ms }, workpiece, library, folder, box);
          return await this.#run(processes, checks, seed, soFar);
        });
      return (await workpiece.patience.play(staged.deadline_ms, run))?.broken ?? null;
    });
  }

  /** One run; the answer is its bad end, or null. */
  async #run(processes: Processes, checks: Checks, seed: number, soFar: Judged): Promise<BadEnd | null> {
    const { staged } = this;
    const { folder, box } = processes;
    await using redis = new RedisServer(folder, box);
    const request = { seed, params: staged.params };
    const play = staged.play({ ...request, folder, redis, start: processes.start }) as Promise<unknown>;
    // A play may stumble over a process's bad end: the end is what counts then.
    const [outcome] = await Promise.allSettled([Promise.race([play, processes.broken])]);
    processes.close();
    play.catch(() => {}); // of a play that was broken off, nobody asks any more
    const end = await processes.badEnd();
    if (end) return end;
    if (outcome.status === "rejected") return occupied(outcome.reason);
    for (const [check, failure] of judgeRun(checks, outcome.value, request, soFar))
      soFar.failed.set(check, await processes.withPrinted(failure));
    return null;
  }
}

type BadEnd = Run & { broken: Judgement };

const UNHURRIED = { by: "itself", sinceProgress: { cpu_s: 0, wall_s: 0, running: false, starved: false } } as const;

/** A server that does nothing but work on a script of somebody's, and has told the grader so. Throws any other reason. */
function occupied(reason: unknown): BadEnd {
  if (!(reason instanceof Error) || !reason.message.startsWith("BUSY ")) throw reason;
  const saw = `Redis answered nobody for seconds: ${reason.message}`;
  const broken = fail({
    saw,
    expected: "scripts that end",
    lookAt: "which script does the program have the server run?",
  });
  return { ended: UNHURRIED, functions: () => Promise.resolve([]), broken };
}

/** The processes of one run. */
class Processes {
  readonly broken: Promise<void>;
  readonly #guests: Guest[] = [];
  readonly #ends: Promise<BadEnd | null>[] = [];
  #break: () => void = () => {};
  #over = false;

  constructor(
    readonly staged: Staged,
    readonly workpiece: Workpiece,
    readonly library: string,
    readonly folder: string,
    readonly box: Box,
  ) {
    this.broken = new Promise((settle) => (this.#break = settle));
  }

  start: Stage["start"] = (entry, words, { mortal = false } = {}) => {
    if (this.#over) throw new Error("the play is over");
    const nonce = newNonce();
    const argv = [process.execPath, join(graderOf(this.workpiece.kata), entry), this.library, ...words];
    const lines = new Lines();
    const guest = Guest.start(argv, nonce, this.#limits, {
      box: this.box,
      cwd: this.folder,
      shares: [this.folder],
      onFrame: (frame) => frame.kind === "answer" && lines.push(frame.text),
    });
    this.#guests.push(guest);
    this.#ends.push(this.#judge(guest, mortal));
    const gone = guest.ended.then(() => lines.end());
    const kill = () => {
      guest.close();
      return gone;
    };
    const pause = () => {
      guest.rest();
      return guest.pause();
    };
    const resume = () => {
      guest.resume();
      guest.extendDeadline();
    };
    return { heard: () => lines.next(), gone, kill, pause, resume };
  };

  /** Tells the processes that are left that it is over. */
  close(): void {
    this.#over = true;
    for (const guest of this.#guests) {
      guest.finish();
      guest.resume(); // one that was left paused
      guest.extendDeadline();
    }
  }

  /** Of the first process that ended as it should not have, or null. */
  async badEnd(): Promise<BadEnd | null> {
    const all = await Promise.all(this.#ends);
    return all.find((end) => end !== null) ?? null;
  }

  /** What the processes printed that were not killed, one after the other. */
  async withPrinted(failure: Judgement): Promise<Judgement> {
    const all = await Promise.all(this.#guests.map((guest) => guest.ended));
    return all.reduce((sofar, ended) => withPrinted(sofar, ended), failure);
  }

  get #limits() {
    return { ...LIMITS, deadline_ms: this.staged.deadline_ms };
  }

  async #judge(guest: Guest, mortal: boolean): Promise<BadEnd | null> {
    const ended = await guest.ended;
    if (ended.by === "closed" || (mortal && diedByItself(ended))) return null;
    const { submission } = this.workpiece;
    const options = { artefact: this.library, submission, limits: this.#limits, sanitized: false };
    const broken = await explainEnd(ended, options, `in scenario ${this.staged.id}`);
    if (!broken) return null;
    this.#break();
    for (const other of this.#guests) other.close();
    return { ended, broken, functions: () => functionsOf(ended, options) };
  }
}

const diedByItself = ({ by, signal, collected }: Ended) =>
  by === "itself" && signal === "SIGKILL" && collected.malformed === undefined;

/** What was said and not heard yet, and who is listening. */
class Lines {
  #said: string[] = [];
  #listening: ((line: string | null) => void)[] = [];
  #ended = false;

  push(line: string): void {
    const listener = this.#listening.shift();
    if (listener) listener(line);
    else this.#said.push(line);
  }

  end(): void {
    this.#ended = true;
    for (const listener of this.#listening.splice(0)) listener(null);
  }

  next(): Promise<string | null> {
    const line = this.#said.shift();
    if (line !== undefined || this.#ended) return Promise.resolve(line ?? null);
    return new Promise((settle) => this.#listening.push(settle));
  }
}
