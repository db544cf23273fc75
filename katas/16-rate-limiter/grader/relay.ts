// SPDX-License-Identifier: MIT
/**
 * Between processes and their Redis: counts round trips, and loses an answer, holds some, has them timed, or lets two
 * requests go together, on demand.
 */
import { chmodSync, mkdtempSync, renameSync, rmdirSync } from "node:fs";
import { join } from "node:path";
import type { Socket } from "bun";

const NAME = "relay.sock";
const TIME = "*1\r\n$4\r\nTIME\r\n";
/** Seconds of today have ten digits: so has no part of an answer of two strings. */
const MOMENT = String.raw`\*2\r\n\$10\r\n(\d{10})\r\n\$\d\r\n(\d{1,6})\r\n`;
const BETWEEN_MOMENTS = new RegExp(`^${MOMENT}([^]+)${MOMENT}$`);
/** Between two requests that go together the server's clock is asked so often: they are some microseconds apart. */
const APART = 30;
const OTHER_MOMENTS = `(?:${MOMENT.replaceAll(/\((?=\\d)/g, "(?:")}){${APART - 2}}`;
const TOGETHER = new RegExp(`^${MOMENT}([^]+?)${MOMENT}${OTHER_MOMENTS}${MOMENT}([^]+?)${MOMENT}$`);

export interface Moment {
  from_us: number;
  to_us: number;
}

interface Line {
  server: Socket<unknown> | undefined;
  waiting: Uint8Array[];
  /** Who has spoken last. */
  asked: boolean;
  /** What the server has said so far of an answer that is timed. */
  said: string;
}

interface Request {
  client: Socket<Line>;
  bytes: Uint8Array;
}

export class Relay implements Disposable {
  /** As the processes call it. */
  readonly path = NAME;
  trips = 0;
  /** The next answer is taken from the server, and the process is cut off instead. */
  loses = false;
  /** Each request goes to the server between two for its clock; what that said, in microseconds, is noted here. */
  moments: Moment[] | undefined;
  /** Requests wait for another client's; then both go to the server as one, with its clock before and after each. */
  pairs: Moment[] | undefined;
  readonly #waiting: Request[] = [];
  /** Whose requests went together, in their order; the first one's line has the answers. */
  #together: Socket<Line>[] = [];
  /** Answers that are held until so many are there. */
  #holds = 0;
  readonly #held: [Socket<Line>, Uint8Array][] = [];
  readonly #listener: { stop(close: boolean): void };
  /** Where the server's socket is. */
  #place: string;

  constructor(
    readonly folder: string,
    readonly redis: string,
  ) {
    this.#place = folder;
    this.#listener = Bun.listen<Line>({
      unix: join(folder, NAME),
      socket: {
        open: (client) => this.#open(client),
        data: (client, bytes) => (this.pairs ? this.#join(client, bytes) : this.#ask(client.data, bytes)),
        close: ({ data }) => void data.server?.end(),
      },
    });
    chmodSync(join(folder, NAME), 0o777); // the processes may be another user's
  }

  /** Meanwhile it is the only way to the server for processes that begin: its socket is in a folder that is not theirs. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    const place = mkdtempSync(`${this.folder}-`);
    this.#moveServer(place);
    try {
      return await work();
    } finally {
      this.#moveServer(this.folder);
      rmdirSync(place);
    }
  }

  #moveServer(place: string): void {
    renameSync(join(this.#place, this.redis), join(place, this.redis));
    this.#place = place;
  }

  /** The next answers go on together, when all of them have come. */
  hold(answers: number): void {
    this.#holds = answers;
  }

  /** Its listener would keep the grader alive. */
  [Symbol.dispose](): void {
    this.#listener.stop(true);
  }

  #open(client: Socket<Line>): void {
    const line: Line = { server: undefined, waiting: [], asked: false, said: "" };
    client.data = line;
    void Bun.connect({
      unix: join(this.#place, this.redis),
      socket: {
        open: (server) => {
          line.server = server;
          for (const bytes of line.waiting.splice(0)) server.write(bytes);
        },
        data: (_, bytes) => this.#answer(client, bytes),
        close: () => void client.end(),
      },
    }).catch(() => client.end());
  }

  #ask(line: Line, bytes: Uint8Array): void {
    if (!line.asked) this.trips++;
    line.asked = true;
    // hiredis writes a request as one, and so it comes
    const whole = this.moments ? Buffer.concat([Buffer.from(TIME), bytes, Buffer.from(TIME)]) : Uint8Array.from(bytes);
    if (line.server) line.server.write(whole);
    else line.waiting.push(whole);
  }

  #join(client: Socket<Line>, bytes: Uint8Array): void {
    this.#waiting.push({ client, bytes: Uint8Array.from(bytes) });
    if (this.#waiting.length < 2) return;
    const [one, other] = this.#waiting.splice(0) as [Request, Request];
    this.#together = [one.client, other.client];
    const clock = Buffer.from(TIME);
    const between = Array<Buffer>(APART).fill(clock);
    one.client.data.server?.write(Buffer.concat([clock, one.bytes, ...between, other.bytes, clock]));
  }

  #answer(client: Socket<Line>, bytes: Uint8Array): void {
    if (this.pairs) {
      this.#part(client.data, this.pairs, bytes);
      return;
    }
    if (this.moments) {
      this.#time(client, this.moments, bytes);
      return;
    }
    client.data.asked = false;
    if (this.#holds > 0) {
      this.#keep(client, bytes);
      return;
    }
    if (!this.loses) client.write(bytes);
    else client.end();
    this.loses = false;
  }

  #part(line: Line, pairs: Moment[], bytes: Uint8Array): void {
    line.said += Buffer.from(bytes).toString("latin1");
    const found = TOGETHER.exec(line.said);
    if (!found) return;
    line.said = "";
    const us = (at: number) => Number(found[at]) * 1e6 + Number(found[at + 1]);
    pairs.push({ from_us: us(1), to_us: us(4) }, { from_us: us(6), to_us: us(9) });
    for (const [at, answer] of [found[3]!, found[8]!].entries())
      this.#together[at]!.write(Buffer.from(answer, "latin1"));
  }

  #time(client: Socket<Line>, moments: Moment[], bytes: Uint8Array): void {
    const line = client.data;
    line.said += Buffer.from(bytes).toString("latin1");
    const [, from_s, from, answer, to_s, to] = BETWEEN_MOMENTS.exec(line.said) ?? [];
    if (answer === undefined) return;
    line.said = "";
    line.asked = false;
    moments.push({ from_us: Number(from_s) * 1e6 + Number(from), to_us: Number(to_s) * 1e6 + Number(to) });
    client.write(Buffer.from(answer, "latin1"));
  }

  #keep(client: Socket<Line>, bytes: Uint8Array): void {
    this.#held.push([client, Uint8Array.from(bytes)]);
    if (new Set(this.#held.map(([one]) => one)).size < this.#holds) return;
    this.#holds = 0;
    for (const [one, answer] of this.#held.splice(0)) one.write(answer);
  }
}
