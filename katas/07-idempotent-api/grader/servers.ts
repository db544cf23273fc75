// SPDX-License-Identifier: MIT
/**
 * Two server processes with one database file, clients that retry, and a plan by which the servers are
 * killed: from outside, after so many answers; or from inside, at so many calls of SQLite. Afterwards the
 * tables are read from the database itself.
 */
import { Database } from "bun:sqlite";
import { join } from "node:path";
import type { Play, Process, Stage } from "@c10kata/harness/stage";

export const ACCOUNTS = ["ann", "ben", "cleo", "dan", "eve"];
export const FUNDS = 1_000;
const NOW_MS = 1_700_000_000_000;
/** A retry that was told 409 comes so much later, by its own clock. */
const LATER_MS = 20_000;
/** Answers that are not final, after which a client gives up. */
export const ATTEMPTS_MAX = 60;
const BACKOFF_MS = 2;
const ANSWER_MS_MAX = 15_000;
/** Said by server.ts once it serves; anything else is why it does not. */
const LISTENS = "listens";

export interface Answer {
  status: number;
  replayed: boolean;
  body: string;
}

/** What became of one key. */
export interface Payment {
  key: string;
  from: string;
  to: string;
  amount: number;
  /** Final answers: to the clients that sent it at the same time, then to one more retry at the end. */
  answers: Answer[];
  /** Clients that gave up. */
  stuck: number;
}

export interface ServersEvidence {
  /** What kept the servers from starting. */
  refused?: string;
  kills: { inside: number; outside: number };
  /** Statuses that no retry should see, with what the answer said, and how often. */
  odd: Record<string, number>;
  /** Answers of each status. */
  seen: Record<string, number>;
  payments: Payment[];
  tables: {
    accounts: Record<string, number>;
    transfers: { key: string; source: string; target: string; amount: number }[];
    integrity: string;
  };
  /** GET /accounts/NAME, the first number of the body. */
  balances: Record<string, string>;
}

/** splitmix32: the plan follows from the run's seed. */
function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) % below;
  };
}

/** One of the two servers: its process, which is started again after each death. */
class Server {
  running: Process | undefined;
  /** Where it listens: another place in each life. */
  socket = "";
  /** Answers left until it is killed from outside. */
  answersLeft = Number.POSITIVE_INFINITY;
}

class Cluster {
  readonly servers = [new Server(), new Server()];
  readonly kills = { inside: 0, outside: 0 };
  refused: string | undefined;
  readonly #random: (below: number) => number;
  #killsLeft: number;
  #lives = 0;
  #turns = 0;
  #open: (() => void)[] = [];
  #turn = Promise.resolve();

  constructor(
    readonly stage: Stage,
    random: (below: number) => number,
  ) {
    this.#random = random;
    this.#killsLeft = stage.params.kills!;
  }

  /** Starts a server, one after the other. */
  launch(server: Server): Promise<void> {
    return (this.#turn = this.#turn.then(() => this.#start(server)));
  }

  /** The server's death is planned, for as long as deaths are left. */
  async #start(server: Server): Promise<void> {
    const inside = this.#killsLeft > 0 && this.#random(3) > 0;
    const outside = this.#killsLeft > 0 && !inside;
    if (inside || outside) this.#killsLeft--;
    server.answersLeft = outside ? 1 + this.#random(8) : Number.POSITIVE_INFINITY;
    const dieAt = inside ? 1 + this.#random(60) : 0;
    const socket = `${++this.#lives}.sock`;
    const running = this.stage.start("server.ts", ["bank.db", socket, String(dieAt)], { mortal: inside });
    const said = await running.heard();
    if (said !== null && said !== LISTENS) this.refused = said;
    if (said === null || this.refused !== undefined) return this.#died(server, inside);
    server.running = running;
    server.socket = socket;
    this.#wake();
    void running.gone.then(() => this.#died(server, inside));
  }

  #died(server: Server, inside: boolean): void {
    server.running = undefined;
    if (inside) this.kills.inside++;
    if (this.refused === undefined)
      this.launch(server).catch(() => {}); // the scenario is over
    else this.#wake();
  }

  #wake(): void {
    for (const go of this.#open.splice(0)) go();
  }

  /** One that runs, when there is one; undefined when there will be none. */
  async open(): Promise<Server | undefined> {
    while (this.refused === undefined) {
      const running = this.servers.filter((server) => server.running !== undefined);
      if (running.length > 0) return running[this.#turns++ % running.length];
      await new Promise<void>((go) => this.#open.push(go));
    }
  }

  /** An answer has come: some servers have answered often enough. */
  answered(): void {
    for (const server of this.servers) {
      if (server.running === undefined || --server.answersLeft > 0) continue;
      server.answersLeft = Number.POSITIVE_INFINITY;
      this.kills.outside++;
      void server.running.kill();
    }
  }

  get calm(): boolean {
    const waiting = this.servers.some(({ answersLeft }) => Number.isFinite(answersLeft));
    return this.#killsLeft === 0 && !waiting && this.kills.inside + this.kills.outside >= this.stage.params.kills!;
  }
}

/** A client: sends a request until it has an answer that is final, whatever dies meanwhile. */
class Client {
  constructor(
    readonly cluster: Cluster,
    readonly evidence: ServersEvidence,
  ) {}

  /** The answer, or null when it gave up. */
  async pay({ key, from, to, amount }: Payment): Promise<Answer | null> {
    const body = `from=${from}&to=${to}&amount=${amount}`;
    for (let refused = 0, now_ms = NOW_MS; refused < ATTEMPTS_MAX; ) {
      const answer = await this.send("/transfers", { method: "POST", body }, { "idempotency-key": key }, now_ms);
      if (answer?.status === 201 || answer?.status === 402) return answer;
      if (this.cluster.refused !== undefined) return null;
      if (answer === null) {
        await Bun.sleep(BACKOFF_MS); // a client's manners; nothing is waited for
        continue;
      }
      refused++;
      if (answer.status === 409) now_ms += LATER_MS;
      else if (answer.status !== 503) this.#odd(answer);
    }
    return null;
  }

  #odd({ status, body }: Answer): void {
    const what = `${status} ${body.slice(0, 80)}`;
    this.evidence.odd[what] = (this.evidence.odd[what] ?? 0) + 1;
  }

  /** One request; null: no answer came, or not whole. */
  async send(
    path: string,
    init: { method: string; body?: string },
    own: Record<string, string>,
    now_ms: number,
  ): Promise<Answer | null> {
    const server = await this.cluster.open();
    if (server === undefined) return null;
    const headers = { ...own, connection: "close", "x-now-ms": String(now_ms) };
    try {
      const signal = AbortSignal.timeout(ANSWER_MS_MAX);
      const unix = join(this.cluster.stage.folder, server.socket);
      const response = await fetch(`http://bank${path}`, { ...init, unix, headers, keepalive: false, signal });
      const body = Buffer.from(await response.arrayBuffer()).toString("latin1");
      const replayed = response.headers.get("idempotency-replayed") === "true";
      this.evidence.seen[response.status] = (this.evidence.seen[response.status] ?? 0) + 1;
      this.cluster.answered();
      return { status: response.status, replayed, body };
    } catch {
      return null; // killed before it answered, or while it did
    }
  }
}

/** Sends new transfers, some by several clients at once, until the plan is through; then each key once more. */
export const playServers: Play<ServersEvidence> = async (stage) => {
  const random = seeded(stage.seed);
  const cluster = new Cluster(stage, random);
  const evidence: ServersEvidence = {
    kills: cluster.kills,
    odd: {},
    seen: {},
    payments: [],
    tables: { accounts: {}, transfers: [], integrity: "" },
    balances: {},
  };
  await createBank(stage, evidence);
  if (evidence.refused !== undefined) return evidence;
  await cluster.launch(cluster.servers[0]!);
  await cluster.launch(cluster.servers[1]!);
  const client = new Client(cluster, evidence);
  const payAgainAndAgain = async () => {
    while (!cluster.calm && cluster.refused === undefined)
      await payAtOnce(newPayment(evidence.payments, random), client, random);
  };
  await Promise.all(Array.from({ length: stage.params.clients! }, payAgainAndAgain));
  for (const payment of evidence.payments) note(payment, await client.pay(payment));
  for (const name of ACCOUNTS) {
    const answer = await client.send(`/accounts/${name}`, { method: "GET" }, {}, NOW_MS);
    evidence.balances[name] = /-?\d+/.exec(answer?.body ?? "")?.[0] ?? `status ${answer?.status}`;
  }
  if (cluster.refused !== undefined) evidence.refused = cluster.refused;
  readTables(stage, evidence);
  return evidence;
};

/** A server creates the schema; those that are started later find accounts in it. */
async function createBank(stage: Stage, evidence: ServersEvidence): Promise<void> {
  const first = stage.start("server.ts", ["bank.db", "first.sock", "0"]);
  const said = await first.heard();
  if (said !== LISTENS) {
    evidence.refused = said ?? "the server ended before it listened";
    return;
  }
  const database = new Database(join(stage.folder, "bank.db"));
  try {
    for (const name of ACCOUNTS) database.run("INSERT INTO accounts (name, balance) VALUES (?, ?)", [name, FUNDS]);
  } catch (error) {
    evidence.refused = `INSERT INTO accounts (name, balance): ${(error as Error).message}`;
  } finally {
    database.close();
    await first.kill();
  }
}

function newPayment(payments: Payment[], random: (below: number) => number): Payment {
  const from = random(ACCOUNTS.length);
  const to = (from + 1 + random(ACCOUNTS.length - 1)) % ACCOUNTS.length;
  const payment = {
    key: `key-${payments.length}`,
    from: ACCOUNTS[from]!,
    to: ACCOUNTS[to]!,
    amount: 1 + random(random(4) === 0 ? 2_000 : 100),
    answers: [],
    stuck: 0,
  };
  payments.push(payment);
  return payment;
}

async function payAtOnce(payment: Payment, client: Client, random: (below: number) => number): Promise<void> {
  const copies = 1 + random(3);
  const answers = await Promise.all(Array.from({ length: copies }, () => client.pay(payment)));
  for (const answer of answers) note(payment, answer);
}

function note(payment: Payment, answer: Answer | null): void {
  if (answer) payment.answers.push(answer);
  else payment.stuck++;
}

/** The database is the learner's: nothing is asked of it but its plain tables. */
function readTables({ folder }: Stage, { tables }: ServersEvidence): void {
  const database = new Database(join(folder, "bank.db"), { readonly: true });
  try {
    const plain = database
      .query(
        "SELECT count(*) AS n FROM sqlite_schema WHERE type = 'table' AND name IN ('accounts', 'transfers') AND sql LIKE 'CREATE TABLE%'",
      )
      .get() as { n: number };
    if (plain.n !== 2) {
      tables.integrity = "accounts and transfers are not two plain tables";
      return;
    }
    tables.integrity = Object.values(database.query("PRAGMA integrity_check(1)").get() as object).join();
    const accounts = database.query("SELECT name, balance FROM accounts").all() as { name: string; balance: number }[];
    tables.accounts = Object.fromEntries(accounts.map(({ name, balance }) => [name, balance]));
    tables.transfers = database.query("SELECT key, source, target, amount FROM transfers").all() as never;
  } catch (error) {
    tables.integrity = (error as Error).message;
  } finally {
    database.close();
  }
}
