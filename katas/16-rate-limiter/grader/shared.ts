// SPDX-License-Identifier: MIT
/** The plays of a real Redis: what one process hears of it, whatever befalls the server; then several at once. */
import { constants } from "node:os";
import { join } from "node:path";
import type { Play, Process, Stage } from "@c10kata/harness/stage";
import { EDGE, EDGE_CALLS, EDGES, PAIRS, type Timed } from "./edge.ts";
import type { Answer, Order } from "./orders.ts";
import { type Moment, Relay } from "./relay.ts";
import { Witness } from "./witness.ts";

/** Long enough for any machine, and so short that a paused server is noticed soon. */
const PATIENT_MS = 8_000;
export const IMPATIENT_MS = 200;
/** A server that runs may still be slower than that now and then. */
const ATTEMPTS_MAX = 25;
export const BURST = 10;

/** A call that has used up its time, however much that was. */
const isSlow = ({ answer, from_ms, to_ms }: Answer, timeout_ms: number) =>
  answer === -constants.errno.ETIMEDOUT && to_ms - from_ms >= timeout_ms - 1;

/** A process that calls shared_allow. */
class Client {
  /** Calls with much time that have used it up, while the server let others wait, too. */
  slow = 0;

  private constructor(
    readonly process: Process,
    readonly unix: string,
    readonly witness: Witness,
  ) {}

  static async start(stage: Stage, socket: string): Promise<Client> {
    const process = stage.start("client.ts", [socket]);
    await process.heard();
    return new Client(process, join(stage.folder, socket), new Witness(stage));
  }

  /** The deadline is for one order: how long they all take is the machine's affair. */
  async ask(order: Order | "free"): Promise<unknown> {
    this.process.resume();
    const response = await fetch("http://client/", {
      ...{ unix: this.unix, method: "POST", body: JSON.stringify(order), keepalive: false },
      headers: { connection: "close" },
    });
    return await response.json();
  }

  async all(order: Partial<Order> & { path: string; key: string }): Promise<Answer[]> {
    const whole = { rate: 1, burst: BURST, timeout_ms: PATIENT_MS, cost: 1, ...order };
    if (whole.timeout_ms < PATIENT_MS) return (await this.ask(whole)) as Answer[]; // of a server that may be paused
    const { answers, slow } = await this.timed(whole);
    this.slow += slow;
    return answers!;
  }

  /**
   * Of a server that runs, or is not there. `slow`: how many of the calls have used up their time through no fault of the
   * program's. `answers` null: it has died.
   */
  async timed(order: Order, mayDie = false): Promise<{ answers: Answer[] | null; slow: number }> {
    const asked = this.ask(order) as Promise<Answer[] | null>;
    const heard = this.witness.during(mayDie ? asked.catch(() => null) : asked, order.timeout_ms);
    const { told: answers, slows } = await heard;
    return { answers, slow: slows ? (answers ?? []).filter((one) => isSlow(one, order.timeout_ms)).length : 0 };
  }

  async one(order: Partial<Order> & { path: string; key: string }): Promise<Answer> {
    return (await this.all(order))[0]!;
  }
}

export interface Asked extends Answer {
  cost: number;
  burst: number;
  rate: number;
}

export interface Expiry {
  /** Milliseconds until the bucket is full, at least and at most. */
  least_ms: number;
  most_ms: number;
  keys: { name: string; ttl_ms: number }[];
}

export interface AloneEvidence {
  /** One key, call after call, beginning with a full bucket. */
  counted: Asked[];
  /** Another key, of which all was taken: after at least 50 ms, at 1,000 tokens a second. */
  refilled: number | null;
  /** Keys with unusual bytes, each once; then one that is too long. */
  odd: { key: string; answer: number | null; again: number | null }[];
  long: number | null;
  expiry: Expiry[];
  trips: { first: number; calls: number; trips: number; allowed: number };
  /** All of one bucket, twice, with another time-out; then all of others with the same key, or with names that begin alike. */
  apart: (number | null)[];
  /** After SCRIPT FLUSH: all of a bucket, then one more; and the round trips of both. */
  flushed: (number | null)[];
  flushed_trips: number;
  lost: { answer: number | null; left: number; refill: number };
  /** Of each bucket all was taken, and then what it may just hold; up to a call without an answer. */
  edges: Timed[][];
  /** Of each bucket two processes took a half, and a little more, at once. */
  pairs: Timed[][];
  /** To TURNS. */
  turned: (number | null)[];
  /** While it is paused twice, and how long the shorter one took; then of a full bucket after that, until it is not negative. */
  paused: (number | null)[];
  paused_ms: number;
  late: (number | null)[];
  /** While there is no server, then twice with a new one. */
  dead: (number | null)[];
  restarted: (number | null)[];
  descriptors: { before: number; after: number };
  /** Calls to a server that ran whose time-out was over: the machine has been too slow. */
  slow: number;
}

const answerOf = ({ answer }: Answer) => answer;

async function countTokens(client: Client, path: string): Promise<Asked[]> {
  const asked: Asked[] = [];
  for (const cost of [3, 7, 1, 5, BURST, 0, BURST + 1, 2 ** 32, 1]) {
    const order = { path, key: "one", cost, rate: 1, burst: BURST };
    await Bun.sleep(5); // some time is to pass between two calls, so that the waits that they tell differ
    asked.push({ ...(await client.one(order)), ...order });
  }
  return asked;
}

async function refill(client: Client, path: string): Promise<number | null> {
  const order = { path, key: "two", rate: 1_000, cost: BURST };
  await client.one(order);
  await Bun.sleep(50); // the time that is to pass, in which 50 tokens come
  return answerOf(await client.one(order));
}

const ODD_KEYS = ["", " ", "a b", "%s%n", "{a}:b", "'\"\\", "*", "\r\n", "$5\r\n", "zäh", "k".repeat(256)];

/** Twice, and far longer until it is full again than a busy machine takes between the two. */
const ALL_OF_MANY = { burst: 1_000_000, cost: 1_000_000, times: 2 };

async function oddKeys(client: Client, path: string): Promise<AloneEvidence["odd"]> {
  const odd: AloneEvidence["odd"] = [];
  for (const key of ODD_KEYS) {
    const [answer, again] = (await client.all({ path, key, ...ALL_OF_MANY })).map(answerOf);
    odd.push({ key, answer: answer!, again: again! });
  }
  return odd;
}

/** Rate, burst and key of buckets that are not the first one's, and whose numbers and key make its name when they run together. */
const OTHERS: [rate: number, burst: number, key: string][] = [
  [1, 24, "x"],
  [2, 23, "x"],
  [12, 3, "x"],
  [1, 2, "3x"],
  [23, 1, "x"],
  [3, 1, "x2"],
];

async function takeApart(client: Client, path: string): Promise<(number | null)[]> {
  const all: typeof OTHERS = [[1, 23, "x"], [1, 23, "x"], ...OTHERS];
  const answers: (number | null)[] = [];
  for (const [at, [rate, burst, key]] of all.entries())
    answers.push(answerOf(await client.one({ path, rate, burst, cost: burst, key, timeout_ms: PATIENT_MS + at })));
  return answers;
}

/** The connection is there already, and the script known. */
async function forgetScript(client: Client, relay: Relay, { redis }: Stage) {
  const order = { path: relay.path, ...ALL_OF_MANY };
  await client.all({ ...order, key: "known" });
  await redis.ask("SCRIPT", "FLUSH");
  relay.trips = 0;
  const flushed = (await client.all({ ...order, key: "flushed" })).map(answerOf);
  return { flushed, flushed_trips: relay.trips };
}

/** What is left in Redis of one call. */
async function expiryOf(client: Client, stage: Stage, cost: number, burst: number): Promise<Expiry> {
  await stage.redis.ask("FLUSHALL");
  const before_ms = performance.now();
  await client.one({ path: stage.redis.socket, key: "three", cost, burst });
  const names = (await stage.redis.ask("KEYS", "*")) as string[];
  const keys = [];
  for (const name of names) keys.push({ name, ttl_ms: Number(await stage.redis.ask("PTTL", name)) });
  const passed_ms = performance.now() - before_ms;
  return { least_ms: cost * 1_000 - passed_ms, most_ms: cost * 1_000, keys };
}

/** Of a process that has never had another way to the server. */
async function countAll(stage: Stage, relay: Relay) {
  const client = await Client.start(stage, "counted.sock");
  const trips = await countTrips(client, relay);
  return { trips, ...(await forgetScript(client, relay, stage)), slow: client.slow };
}

async function countTrips(client: Client, relay: Relay): Promise<AloneEvidence["trips"]> {
  const order = { path: relay.path, key: "four", rate: 1, burst: 30 };
  relay.trips = 0;
  await client.one(order);
  const first = relay.trips;
  relay.trips = 0;
  const answers = await client.all({ ...order, times: 40 });
  return {
    first,
    calls: answers.length,
    trips: relay.trips,
    allowed: answers.filter(({ answer }) => answer === 1).length,
  };
}

async function loseAnswer(client: Client, relay: Relay, path: string): Promise<AloneEvidence["lost"]> {
  await client.one({ path: relay.path, key: "five", cost: 1 });
  const from_ms = performance.now();
  relay.loses = true;
  const answer = answerOf(await client.one({ path: relay.path, key: "five", cost: 4 }));
  relay.loses = false;
  const left = (await client.all({ path, key: "five", times: 2 * BURST })).filter((one) => one.answer === 1).length;
  return { answer, left, refill: (performance.now() - from_ms) / 1_000 };
}

/** Between two calls of one order, half of the time. */
function usualGap(timed: Timed[]): number {
  const gaps = timed.slice(1).map(({ from_us }, at) => from_us - timed[at]!.from_us);
  return gaps.toSorted((a, b) => a - b)[gaps.length >> 1] ?? 1;
}

/** A request that the relay did not see, or two in one call, leave nothing to be judged. */
async function askAtTheEdge(client: Client, relay: Relay): Promise<Timed[][]> {
  const order = { path: relay.path, ...EDGE };
  await client.one({ ...order, key: "known" });
  const edges: Timed[][] = [];
  for (let gap_us = 150; edges.length < EDGES; gap_us = usualGap(edges.at(-1)!)) {
    const costs = Array.from({ length: EDGE_CALLS }, (_, at) => (at === 0 ? EDGE.burst : gap_us));
    const moments: Moment[] = (relay.moments = []);
    const answers = (await client.all({ ...order, key: `edge ${edges.length}`, costs })).map(answerOf);
    if (moments.length !== EDGE_CALLS || answers.some((answer) => (answer ?? -1) < 0)) break;
    edges.push(moments.map((moment, at) => ({ cost: costs[at]!, answer: answers[at]!, ...moment })));
  }
  relay.moments = undefined;
  return edges;
}

/** What came between most pairs, in tokens: a quarter of them were closer. */
function closePair(pairs: Timed[][]): number {
  const gaps = pairs.map(([one, other]) => other!.from_us - one!.to_us);
  return Math.max(2, (gaps.toSorted((a, b) => a - b)[gaps.length >> 2] ?? 10) - 4);
}

/**
 * One of two that ask for the same finds the bucket full: if one of them is refused, it is the later one. Who makes two
 * requests in a call would wait for the other one's second: nothing is judged then.
 */
async function askInPairs(stage: Stage, client: Client, relay: Relay): Promise<Timed[][]> {
  const other = await Client.start(stage, "other.sock");
  const order = { path: relay.path, ...EDGE };
  for (const [at, one] of [client, other].entries()) await one.one({ ...order, key: `known ${at}` });
  const pairs: Timed[][] = [];
  relay.trips = 0;
  await client.one({ ...order, key: "alone" });
  if (relay.trips !== 1) return pairs;
  while (pairs.length < PAIRS) {
    const cost = Math.ceil((EDGE.burst + closePair(pairs)) / 2);
    const moments: Moment[] = (relay.pairs = []);
    const asked = [client, other].map((one) => one.one({ ...order, cost, key: `pair ${pairs.length}` }));
    const answers = (await Promise.all(asked)).map(answerOf).toSorted((a, b) => (b ?? -1) - (a ?? -1));
    if (moments.length !== 2 || answers.some((answer) => (answer ?? -1) < 0)) break;
    pairs.push(moments.map((moment, at) => ({ cost, answer: answers[at]!, ...moment })));
  }
  relay.pairs = undefined;
  client.slow += other.slow;
  return pairs;
}

/** Seconds by which the server's clock is moved: so long that what the machine takes meanwhile is nothing beside it. */
export const FORTH_S = 5_000;
export const BACK_S = 1_000;
/**
 * What is asked of a bucket when the clock is there, a token a second, and what that is to answer: the same, whether a bucket
 * has known no later moment or takes its latest one for now.
 */
export const TURNS: { ahead_s: number; cost: number; due: 0 | 1 }[] = [
  { ahead_s: 0, cost: 1_000_000, due: 1 },
  { ahead_s: FORTH_S, cost: 100, due: 1 },
  { ahead_s: BACK_S, cost: 6_000, due: 0 },
  { ahead_s: BACK_S, cost: 500, due: 1 },
  { ahead_s: FORTH_S, cost: 6_000, due: 0 },
  { ahead_s: FORTH_S, cost: 4_000, due: 1 },
];

/** The server's clock goes forth, back, and forth again. */
async function turnClock(client: Client, { redis }: Stage): Promise<AloneEvidence["turned"]> {
  const turned: AloneEvidence["turned"] = [];
  for (const { ahead_s, cost } of TURNS) {
    redis.setClock(ahead_s);
    turned.push(answerOf(await client.one({ path: redis.socket, key: "turned", burst: 1_000_000, cost })));
  }
  redis.setClock(0);
  return turned;
}

/** Of a server that answers again: negative as often as it is late, and then what? */
async function untilAnswered(client: Client, order: Parameters<Client["one"]>[0]): Promise<(number | null)[]> {
  const answers: (number | null)[] = [];
  let slow = 0;
  while (answers.length < ATTEMPTS_MAX && (answers.at(-1) ?? -1) < 0) {
    const whole = { rate: 1, burst: BURST, timeout_ms: IMPATIENT_MS, cost: 1, ...order };
    const heard = await client.timed({ ...whole, key: `${order.key} ${answers.length}` });
    slow += heard.slow;
    answers.push(answerOf(heard.answers![0]!));
  }
  if (slow === ATTEMPTS_MAX) client.slow++;
  return answers;
}

/** A call that is refused, too late: the answer comes when nobody waits for it any more. */
async function pauseServer(
  client: Client,
  { redis }: Stage,
): Promise<Pick<AloneEvidence, "paused" | "paused_ms" | "late">> {
  const order = { path: redis.socket, timeout_ms: IMPATIENT_MS, cost: BURST };
  await client.one({ ...order, key: "six", timeout_ms: PATIENT_MS });
  await untilAnswered(client, { ...order, key: "warm" });
  await redis.pause();
  const asked = await client.all({ ...order, key: "six", times: 2 });
  redis.resume();
  await redis.ask("PING");
  const [paused, paused_ms] = [asked.map(answerOf), Math.min(...asked.map(({ from_ms, to_ms }) => to_ms - from_ms))];
  return { paused, paused_ms, late: await untilAnswered(client, { ...order, key: "seven" }) };
}

async function killServer(client: Client, { redis }: Stage): Promise<Pick<AloneEvidence, "dead" | "restarted">> {
  const order = { path: redis.socket, key: "eight", cost: BURST };
  await client.one(order);
  await redis.kill();
  const dead = [];
  for (let i = 0; i < 2; i++) dead.push(answerOf(await client.one(order)));
  await redis.start({ keeps: false });
  const restarted = [answerOf(await client.one(order)), answerOf(await client.one({ ...order, key: "nine" }))];
  await redis.kill();
  await redis.start({ keeps: false });
  restarted.push(answerOf(await client.one(order)), answerOf(await client.one({ ...order, key: "ten" })));
  return { dead, restarted };
}

/** One process. */
export const playAlone: Play<AloneEvidence> = async (stage) => {
  const { redis, folder } = stage;
  const path = redis.socket;
  await redis.start({ keeps: false });
  const client = await Client.start(stage, "client.sock");
  const before = Number(await client.ask("free"));
  using relay = new Relay(folder, path);
  const counted = await countTokens(client, path);
  const refilled = await refill(client, path);
  const odd = await oddKeys(client, path);
  const long = answerOf(await client.one({ path, key: "k".repeat(257) }));
  const apart = await takeApart(client, path);
  // soon full; and only after a time beside which the machine's own is nothing
  const expiry = [await expiryOf(client, stage, 1, BURST), await expiryOf(client, stage, 1_000, 1_000)];
  const trips = await relay.alone(() => countAll(stage, relay));
  const lost = await loseAnswer(client, relay, path);
  const edges = await askAtTheEdge(client, relay);
  const pairs = await askInPairs(stage, client, relay);
  const turned = await turnClock(client, stage);
  const pauses = await pauseServer(client, stage);
  const kills = await killServer(client, stage);
  const after = Number(await client.ask("free"));
  const descriptors = { before, after };
  const told = { counted, refilled, odd, long, apart, expiry, ...trips, lost, edges, pairs, turned };
  return { ...told, ...pauses, ...kills, descriptors, slow: client.slow + trips.slow };
};

export interface CrowdEvidence {
  /** Tokens that calls got which were heard of, and calls that were cut off by a kill. */
  got: number;
  cut: number;
  kills: number;
  burst: number;
  /** What has come meanwhile, at most. */
  refill: number;
  /** Calls without an answer, and those among them that have used up all their time. */
  negative: number;
  slow: number;
  /** Two processes that asked for a whole bucket, and had their answers when both had been given: calls that were allowed. */
  together: number;
}

const BATCH = 20;

/** Asks until a batch brings nothing; is killed now and then, and started again. */
async function askAndDie(stage: Stage, number: number, evidence: CrowdEvidence, order: Order): Promise<void> {
  for (let life = 0, over = false; !over; life++) {
    const client = await Client.start(stage, `client-${number}-${life}.sock`);
    for (let batch = 0; !over; batch++) {
      const asked = client.timed({ ...order, times: BATCH }, true);
      const dies = life < stage.params.kills! && batch === 1 + number;
      if (dies) await Promise.all([client.process.kill(), evidence.kills++]);
      const { answers, slow } = await asked;
      if (answers === null) {
        evidence.cut += BATCH;
        break;
      }
      evidence.got += answers.filter(({ answer }) => answer === 1).length;
      evidence.negative += answers.filter(({ answer }) => (answer ?? -1) < 0).length;
      evidence.slow += slow;
      over = answers.every(({ answer }) => answer !== 1);
      if (dies) break;
    }
  }
}

/** Both have asked before either has an answer: who reads, and then writes, finds what the other one has not written yet. */
async function askTogether(stage: Stage, evidence: CrowdEvidence): Promise<void> {
  using relay = new Relay(stage.folder, stage.redis.socket);
  const clients = [await Client.start(stage, "first.sock"), await Client.start(stage, "second.sock")];
  const order = { path: relay.path, ...ALL_OF_MANY, times: 1 };
  // A connection, a script that is known: from now on a call is one request.
  for (const [at, client] of clients.entries()) await client.one({ ...order, key: `alone ${at}` });
  relay.hold(clients.length);
  const asked = await Promise.all(clients.map((client) => client.one({ ...order, key: "together" })));
  evidence.together = asked.filter(({ answer }) => answer === 1).length;
  evidence.negative += asked.filter(({ answer }) => (answer ?? -1) < 0).length;
  evidence.slow += clients[0]!.slow + clients[1]!.slow;
}

/** Several processes, one key. */
export const playCrowd: Play<CrowdEvidence> = async (stage) => {
  const { redis, params } = stage;
  const burst = params.burst!;
  await redis.start({ keeps: false });
  const order = { path: redis.socket, key: "crowd", rate: 1, burst, cost: 1, timeout_ms: PATIENT_MS };
  const evidence = { got: 0, cut: 0, kills: 0, burst, refill: 0, negative: 0, slow: 0, together: 0 };
  const from_ms = performance.now();
  await Promise.all(
    Array.from({ length: params.processes! }, (_, number) => askAndDie(stage, number, evidence, order)),
  );
  evidence.refill = (performance.now() - from_ms) / 1_000;
  await askTogether(stage, evidence);
  return evidence;
};
