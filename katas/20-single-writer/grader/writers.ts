// SPDX-License-Identifier: MIT
/**
 * Two writers and a store, each a process, and a real Redis: writers are paused beyond their leases and killed, and Redis is
 * killed, started again empty, and paused. What they answer is the evidence.
 */
import { join } from "node:path";
import type { Play, Process, Stage } from "@c10kata/harness/stage";

const KEY = "the writer";
const SHORT_MS = 400;
const LONG_MS = 600_000;
const PATIENCE_MS = 15_000;
const BETWEEN_MS = 20;
const BUSY = -16;
const TOO_LATE = -110;

export interface Answer {
  status: number;
  token: number;
}

export interface Round {
  /** What became of the first writer, or of Redis, while it had the lease. */
  what: "paused" | "killed" | "Redis empty";
  /** The first one's lease, and its write with it. */
  first: Answer;
  wrote: number;
  /** The second one's. */
  second: Answer;
  second_wrote: number;
  /** Of the first one afterwards, if it is still there. */
  stale: { wrote: number; renewed: number; released: number } | null;
  /** The key's value before and after that, and in the end. */
  kept: boolean;
  second_renewed: number;
  second_released: number;
  left: boolean;
}

export interface WritersEvidence {
  refused?: string;
  rounds: Round[];
  /** How often a server that ran has not answered in time. */
  late: number;
  /** Answers of acquire while Redis was gone, and while it was silent. */
  gone: number;
  silent: number;
  /** Then the lease can be had again. */
  again: number;
}

class Writer {
  #process: Process | undefined;
  #socket = "";
  #lives = 0;
  /** Of its present life, and of those before. */
  #late = 0;
  #late_before = 0;

  constructor(
    readonly stage: Stage,
    readonly name: string,
  ) {}

  async start(): Promise<string | undefined> {
    const socket = `${this.name}-${++this.#lives}.sock`;
    this.#late_before += this.#late;
    this.#late = 0;
    const process = this.stage.start("writer.ts", [socket, this.stage.redis.socket, "store.sock"]);
    const said = await process.heard();
    [this.#process, this.#socket] = [process, socket];
    return said === "listens" ? undefined : (said ?? "a writer ended before it listened");
  }

  async ask(path: string): Promise<Answer> {
    const unix = join(this.stage.folder, this.#socket);
    const response = await fetch(`http://writer/${path}`, { unix, keepalive: false });
    const { status, token, late } = (await response.json()) as { status: number; token: string; late: number };
    this.#late = late;
    return { status, token: Number(token) };
  }

  /** Until it is neither busy nor too late, as on a machine that others use. */
  async acquire(ttl_ms: number): Promise<Answer> {
    const until = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.ask(`acquire/${ttl_ms}`);
      if ((answer.status !== BUSY && answer.status !== TOO_LATE) || performance.now() > until) return answer;
      await Bun.sleep(BETWEEN_MS);
    }
  }

  get late(): number {
    return this.#late_before + this.#late;
  }

  get process(): Process {
    return this.#process!;
  }
}

async function playRound(what: Round["what"], [a, b]: [Writer, Writer], { redis }: Stage): Promise<Round> {
  const first = await a.acquire(what === "Redis empty" ? LONG_MS : SHORT_MS);
  const { status: wrote } = await a.ask("write");
  // Of one that is paused the next write is on its way.
  let writing: Promise<Answer> | undefined;
  if (what === "paused") {
    await a.process.pause();
    writing = a.ask("write");
  } else if (what === "killed") await a.process.kill();
  else {
    await redis.kill();
    await redis.start({ keeps: false });
  }
  const second = await b.acquire(LONG_MS);
  const second_wrote = (await b.ask("write")).status;
  const before = await redis.ask("GET", KEY);
  if (what === "paused") a.process.resume();
  const stale =
    what === "killed"
      ? null
      : {
          wrote: (await (writing ?? a.ask("write"))).status,
          renewed: (await a.ask("renew")).status,
          released: (await a.ask("release")).status,
        };
  const kept = before !== null && before === (await redis.ask("GET", KEY));
  const second_renewed = (await b.ask("renew")).status;
  const second_released = (await b.ask("release")).status;
  const left = (await redis.ask("GET", KEY)) !== null;
  return { what, first, wrote, second, second_wrote, stale, kept, second_renewed, second_released, left };
}

/** Redis is killed, and paused: what acquire answers then, and afterwards. */
async function playSilence(writer: Writer, { redis }: Stage) {
  await redis.kill();
  const gone = (await writer.ask(`acquire/${SHORT_MS}`)).status;
  await redis.start({ keeps: false });
  await redis.pause();
  const silent = (await writer.ask(`acquire/${SHORT_MS}`)).status;
  redis.resume();
  const silence = writer.late;
  const again = (await writer.acquire(SHORT_MS)).status;
  return { gone, silent, again, late: writer.late - silence };
}

export const playWriters: Play<WritersEvidence> = async (stage) => {
  const keeper = stage.start("keeper.ts", ["store.sock"]);
  await stage.redis.start({ keeps: false });
  const writers: [Writer, Writer] = [new Writer(stage, "a"), new Writer(stage, "b")];
  const said = [await keeper.heard().then((line) => (line === "listens" ? undefined : (line ?? "the store ended")))];
  for (const writer of writers) said.push(await writer.start());
  const refused = said.find(Boolean);
  if (refused) return { refused, rounds: [], late: 0, gone: 0, silent: 0, again: 0 };
  const rounds: Round[] = [];
  const turns = ["paused", "Redis empty", "killed", "paused", "Redis empty", "paused"] as const;
  for (const [i, what] of turns.entries()) {
    const [a, b] = i % 2 ? ([writers[1], writers[0]] as const) : ([writers[0], writers[1]] as const);
    rounds.push(await playRound(what, [a, b], stage));
    if (what === "killed") await a.start();
  }
  const late = writers[0].late + writers[1].late;
  const silence = await playSilence(writers[0], stage);
  return { rounds, ...silence, late: late + silence.late };
};
