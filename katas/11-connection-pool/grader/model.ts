// SPDX-License-Identifier: MIT
/** What the contract says, for one thread and without the passing of time. Pure. */

export interface Limits {
  size: number;
  idleMin: number;
  waitersMax: number;
  /** Waits for nothing: the timeout is 0. */
  impatient: boolean;
}

const NOTHING = "opens and closes nothing";

/** One pool and its database; each call answers what calls.c puts into words. */
export class Model {
  #idle: number[] = [];
  #dead = new Set<number>();
  #opened = 0;
  #told: string[] = [];
  out: number[] = [];
  failing = 0;
  closed = false;

  constructor(readonly limits: Limits) {}

  get idle(): readonly number[] {
    return this.#idle;
  }

  get full(): boolean {
    return this.#idle.length + this.out.length >= this.limits.size;
  }

  /** Would the pool open one? With a timeout of 0, right programs differ in whether they try. */
  get opens(): boolean {
    return !this.closed && this.#idle.every((number) => this.#dead.has(number)) && this.out.length < this.limits.size;
  }

  kill(number: number): void {
    this.#dead.add(number);
  }

  #open(): number | undefined {
    if (this.failing > 0) {
      this.failing--;
      this.#told.push("an open fails");
      return undefined;
    }
    this.#told.push(`opens c${++this.#opened}`);
    return this.#opened;
  }

  #tell(answer?: string): string {
    const told = answer === undefined ? this.#told : [...this.#told, answer];
    this.#told = [];
    return told.join(", ") || NOTHING;
  }

  #refusal(): string {
    return this.limits.waitersMax === 0 ? "CONN_BUSY" : "CONN_TIMEOUT";
  }

  #lend(number: number): string {
    this.out.push(number);
    return `CONN_OK c${number}`;
  }

  acquire(): string {
    if (this.closed) return "CONN_CLOSED";
    for (let number = this.#idle.pop(); number !== undefined; number = this.#idle.pop()) {
      if (!this.#dead.has(number)) return this.#tell(this.#lend(number));
      this.#told.push(`closes c${number}`);
    }
    if (this.full) return this.#tell(this.#refusal());
    const number = this.#open();
    return this.#tell(number === undefined ? "CONN_FAILED" : this.#lend(number));
  }

  release(number: number, broken: boolean): string {
    this.out = this.out.filter((other) => other !== number);
    if (broken) this.#told.push(`closes c${number}`);
    else this.#idle.push(number);
    return this.#tell();
  }

  tend(): string {
    while (!this.closed && this.#idle.length < this.limits.idleMin && !this.full) {
      const number = this.#open();
      if (number === undefined) break;
      this.#idle.push(number);
    }
    return this.#tell();
  }

  /** How many it closes. Nothing is out. */
  close(): number {
    const closes = this.#idle.length;
    this.closed = true;
    this.#idle = [];
    return closes;
  }

  stats(): string {
    const [idle, out] = [this.#idle.length, this.out.length];
    return `open ${idle + out}, idle ${idle}, in use ${out}, opening 0, waiting 0`;
  }
}
