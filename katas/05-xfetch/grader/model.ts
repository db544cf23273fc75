// SPDX-License-Identifier: MIT
/** What the contract says, for one thread: the rule, and a cache in which no call ever has to wait. Pure. */

/** When the rule's answer is certain: beyond this, rounding and the order of the operations do not matter. */
const CERTAIN = 1e-9;
/** In units of beta * delta: with more life left, no value is refreshed. */
export const LOOK_AHEAD_MAX = 40;

export interface Rule {
  now_s: number;
  expiry_s: number;
  delta_s: number;
  beta: number;
  uniform: number;
}

/** xfetch_due. */
export function due({ now_s, expiry_s, delta_s, beta, uniform }: Rule): boolean {
  if (now_s >= expiry_s) return true;
  if (!(now_s < expiry_s && delta_s >= 0 && beta >= 0 && uniform >= 0)) return false;
  return uniform === 0 || now_s - delta_s * beta * Math.log(uniform) >= expiry_s;
}

/** Could another right way to compute it come to another answer? */
export function isDoubtful({ now_s, expiry_s, delta_s, beta, uniform }: Rule): boolean {
  const lookAhead_s = -delta_s * beta * Math.log(uniform);
  if (expiry_s === Infinity) return !Number.isFinite(lookAhead_s); // never due, unless that is NaN
  const scale = Math.max(now_s, expiry_s, lookAhead_s, 1);
  return now_s < expiry_s && uniform > 0 && Math.abs(now_s + lookAhead_s - expiry_s) <= CERTAIN * scale;
}

export interface Origin {
  load_s: number;
  ttl_s: number;
  fails: boolean;
}

interface Entry {
  version: number;
  expiry_s: number;
  delta_s: number;
}

/** Where the clock of a new world stands. */
export const USUAL_BEGIN_S = 1_000;

/** One cache in its world. What xfetch_get answers, as calls.c puts it into words. */
export class Model {
  uniform = 0.999;
  origin: Origin = { load_s: 1, ttl_s: 60, fails: false };
  #entries = new Map<bigint, Entry>();
  #loads = new Map<bigint, number>();

  constructor(
    readonly beta: number,
    public now_s = USUAL_BEGIN_S,
  ) {}

  #rule({ expiry_s, delta_s }: Entry): Rule {
    return { now_s: this.now_s, expiry_s, delta_s, beta: this.beta, uniform: this.uniform };
  }

  /** Is a get of this key one that right programs may answer differently? */
  doubtful(key: bigint): boolean {
    const entry = this.#entries.get(key);
    if (!entry) return false;
    const far = entry.expiry_s - this.now_s >= LOOK_AHEAD_MAX * this.beta * entry.delta_s;
    return isDoubtful(this.#rule(entry)) || (far && due(this.#rule(entry)) && this.now_s < entry.expiry_s);
  }

  /** What is left of the life of the key's value; not positive: none, or it has expired. */
  left_s(key: bigint): number {
    return (this.#entries.get(key)?.expiry_s ?? 0) - this.now_s;
  }

  get(key: bigint): string {
    const entry = this.#entries.get(key);
    const refreshes = !entry || due(this.#rule(entry));
    return refreshes ? `${this.#load(key, entry)}, 1 load` : `FRESH v${entry.version}`;
  }

  #load(key: bigint, old: Entry | undefined): string {
    const version = (this.#loads.get(key) ?? 0) + 1;
    this.#loads.set(key, version);
    const { load_s, ttl_s, fails } = this.origin;
    this.now_s += load_s;
    if (fails) return old ? `${this.now_s < old.expiry_s ? "FRESH" : "STALE"} v${old.version}` : "FAILED";
    const expiry_s = ttl_s > 0 ? this.now_s + ttl_s : this.now_s;
    this.#entries.set(key, { version, expiry_s, delta_s: load_s });
    return `FRESH v${version}`;
  }
}
