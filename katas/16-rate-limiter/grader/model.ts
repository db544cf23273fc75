// SPDX-License-Identifier: MIT
/** What limiter.h promises on one thread, in integers of any size. */
export const NS = 1_000_000_000n;
export const MOST = 2n ** 64n - 1n;
const SLOTS = 64n;

/** The nearest moment that 64 bits hold. */
export const clamped = (now: bigint) => (now < 0n ? 0n : now > MOST ? MOST : now);

const max = (a: bigint, b: bigint) => (a > b ? a : b);
const first = (moments: bigint[]) => moments.toSorted((a, b) => (a < b ? -1 : 1))[0]!;
const refused = (wait_ns: bigint) => (wait_ns >= MOST ? "refused for ever" : `refused, retry after ${wait_ns} ns`);

/** Of each key the moment at which it is full, in units of which a nanosecond has `rate` and a token 10^9. */
export class Buckets {
  readonly #fullAt = new Map<bigint, bigint>();

  constructor(
    readonly rate: bigint,
    readonly burst: bigint,
    readonly keysMax: number,
  ) {}

  allow(key: bigint, cost: bigint, now_ns: bigint): string {
    if (cost === 0n) return "allowed";
    if (cost > this.burst) return refused(MOST);
    const now = now_ns * this.rate;
    const before = this.#fullAt.get(key) ?? 0n;
    const after = max(before, now) + cost * NS;
    const lacks = after - now - this.burst * NS;
    if (lacks > 0n) return refused(this.#waitFor(lacks));
    const others = [...this.#fullAt].filter(([other, full]) => other !== key && full > now).map(([, full]) => full);
    if (others.length >= this.keysMax) return refused(this.#waitFor(first(others) - now));
    this.#fullAt.set(key, after);
    return "allowed";
  }

  #waitFor = (units: bigint) => (units + this.rate - 1n) / this.rate;
}

/** Of each key the slots of its calls. */
export class Windows {
  readonly #slots = new Map<bigint, bigint[]>();
  #latest_ns = 0n;

  constructor(
    readonly limit: bigint,
    readonly window_ns: bigint,
    readonly keysMax: number,
  ) {}

  allow(key: bigint, now_ns: bigint): string {
    this.#latest_ns = max(this.#latest_ns, now_ns);
    const slot = this.#latest_ns / this.#slot_ns;
    for (const [one, slots] of this.#slots) {
      const left = slots.filter((its) => its + SLOTS >= slot);
      if (left.length > 0) this.#slots.set(one, left);
      else this.#slots.delete(one);
    }
    const own = this.#slots.get(key);
    if (own === undefined && this.#slots.size >= this.keysMax) {
      const ends = [...this.#slots.values()].map((slots) => slots.at(-1)!);
      return this.#refused(first(ends), now_ns);
    }
    const calls = own ?? [];
    if (BigInt(calls.length) >= this.limit) return this.#refused(calls[calls.length - Number(this.limit)]!, now_ns);
    this.#slots.set(key, [...calls, slot]);
    return "allowed";
  }

  /** So many calls at one moment, for a key that has room: how many are allowed. */
  allowAll(key: bigint, now_ns: bigint, calls: number): bigint {
    if (this.allow(key, now_ns) !== "allowed") return 0n;
    const slots = this.#slots.get(key)!;
    const more = Math.min(calls - 1, Number(this.limit) - slots.length);
    this.#slots.set(key, slots.concat(Array.from({ length: more }, () => slots.at(-1)!)));
    return BigInt(1 + more);
  }

  get #slot_ns() {
    return this.window_ns / SLOTS;
  }

  /** Until the calls of that slot count no more. */
  #refused(slot: bigint, now_ns: bigint): string {
    return refused((slot + SLOTS + 1n) * this.#slot_ns - now_ns);
  }
}
