// SPDX-License-Identifier: MIT
/** What the contract says of clients, one Redis and time: exactly. Pure. */

export const STEPS = ["take", "change", "number"] as const;
export type StepName = (typeof STEPS)[number];
export const EVENTS = ["nothing", "somebody takes the lease if it is free", "Redis restarts"] as const;
export const FAULTS = ["none", "request lost", "reply lost", "error", "late", "odd"] as const;
export type Fault = (typeof FAULTS)[number];

/** At one step of a call: a pause, then an event; the command is carried out or not; then both again, then the reply. */
export interface Plan {
  pause_us: number;
  event: number;
  fault: Fault;
  pause_after_us: number;
  event_after: number;
}
export type Plans = Partial<Record<StepName, Plan>>;

const SOMEBODY_LIVES_US = 60_000_000;

interface Lease {
  client: number;
  name: number;
  ttl_ms: number;
  /** On the client's clock; 0: lost. */
  until_ns: bigint;
  /** Its place among all that were drawn; null: it was not got. */
  token: number | null;
}

interface Key {
  holder: number | "somebody";
  ends_us: number;
}

export interface Clock {
  offset_ns: bigint;
  ppm: number;
}

/** What a validity is, in ns. */
export const validNs = (ttl_ms: number) => BigInt(ttl_ms) * 990_000n - 2_000_000n;
const valid = (ttl_ms: number) => `0, valid for ${validNs(ttl_ms)} ns from the call on`;

export class Model {
  now_us = 0;
  readonly leases: Lease[] = [];
  #keys = new Map<number, Key>();
  /** A request that has not arrived yet. */
  late: (() => void) | undefined;
  #drawn = 0;
  #written: { token: number; lease: number } | undefined;

  constructor(readonly clocks: Clock[]) {}

  now(client: number): bigint {
    const { offset_ns, ppm } = this.clocks[client]!;
    return BigInt.asUintN(64, offset_ns + (BigInt(this.now_us) * BigInt(1_000_000 + ppm)) / 1000n);
  }

  #key(name: number): Key | undefined {
    const key = this.#keys.get(name);
    return key && key.ends_us > this.now_us ? key : undefined;
  }

  restart(): void {
    this.#keys.clear();
  }

  #happens(pause_us: number, event: number, name: number): void {
    this.now_us += pause_us;
    if (event === 2) this.restart();
    if (event !== 1 || this.#key(name)) return;
    this.#keys.set(name, { holder: "somebody", ends_us: this.now_us + SOMEBODY_LIVES_US });
    this.#drawn++;
  }

  /** One planned step: what the command answers, "error", or null for no reply. */
  #step<T>(plan: Plan | undefined, name: number, does: () => T): T | "error" | "odd" | null {
    if (!plan) return does();
    const { fault } = plan;
    this.#happens(plan.pause_us, plan.event, name);
    if (fault === "late") this.late = does;
    const answer = fault === "none" || fault === "reply lost" || fault === "odd" ? does() : null;
    this.#happens(plan.pause_after_us, plan.event_after, name);
    if (fault === "error" || fault === "odd") return fault;
    return fault === "none" ? answer : null;
  }

  #take(number: number): boolean {
    const { name, ttl_ms } = this.leases[number]!;
    if (this.#key(name)) return false;
    this.#keys.set(name, { holder: number, ends_us: this.now_us + ttl_ms * 1000 });
    return true;
  }

  #delete(number: number): boolean {
    const { name } = this.leases[number]!;
    if (this.#key(name)?.holder !== number) return false;
    return this.#keys.delete(name);
  }

  #extend(number: number): boolean {
    const { name, ttl_ms } = this.leases[number]!;
    const key = this.#key(name);
    if (key?.holder !== number) return false;
    key.ends_us = this.now_us + ttl_ms * 1000;
    return true;
  }

  acquire(client: number, name: number, ttl_ms: number, plans: Plans): string {
    const until_ns = this.now(client) + validNs(ttl_ms);
    const lease: Lease = { client, name, ttl_ms, until_ns: 0n, token: null };
    const number = this.leases.push(lease) - 1;
    const undo = (why: string) => {
      this.#step(plans.change, name, () => this.#delete(number));
      return why;
    };
    const took = this.#step(plans.take, name, () => this.#take(number));
    if (took === false) return "-EBUSY";
    if (took === "error") return "-EIO";
    if (took !== true) return undo("-EIO");
    // Whoever sees already that it is too late need not draw.
    if (this.now(client) >= until_ns) return undo("-ETIMEDOUT");
    const drawn = this.#step(plans.number, name, () => ++this.#drawn);
    if (typeof drawn !== "number") return undo("-EIO");
    if (this.now(client) >= until_ns) return undo("-ETIMEDOUT");
    lease.until_ns = until_ns;
    lease.token = drawn;
    return valid(ttl_ms);
  }

  renew(number: number, plans: Plans): string {
    const lease = this.leases[number]!;
    const before = this.now(lease.client);
    if (before >= lease.until_ns) {
      lease.until_ns = 0n;
      return "-ESTALE, nothing asked";
    }
    const extended = this.#step(plans.change, lease.name, () => this.#extend(number));
    if (extended === false) {
      lease.until_ns = 0n;
      return "-ESTALE";
    }
    if (extended !== true) return "-EIO";
    const until_ns = before + validNs(lease.ttl_ms);
    if (this.now(lease.client) >= until_ns) return "-ETIMEDOUT";
    lease.until_ns = until_ns;
    return valid(lease.ttl_ms);
  }

  release(number: number, plans: Plans): string {
    const deleted = this.#step(plans.change, this.leases[number]!.name, () => this.#delete(number));
    if (typeof deleted !== "boolean") return "-EIO";
    return deleted ? "0" : "-ESTALE";
  }

  key(name: number): string {
    const key = this.#key(name);
    if (!key) return "the key is nobody's";
    const whose = key.holder === "somebody" ? "another's" : `lease ${key.holder}'s`;
    return `the key is ${whose}, for ${key.ends_us - this.now_us} us`;
  }

  write(number: number): boolean {
    const token = this.leases[number]!.token!;
    if (this.#written && this.#written.token > token) return false;
    this.#written = { token, lease: number };
    return true;
  }

  get stored(): string {
    return this.#written ? `the store has lease ${this.#written.lease}'s, with its token` : "the store is empty";
  }
}
