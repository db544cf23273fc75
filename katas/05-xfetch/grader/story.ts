// SPDX-License-Identifier: MIT
/** A list of calls on one cache of 05-xfetch, as a script has them, with the answers of the model. */
import type { Step } from "@c10kata/harness/check";
import { Model, type Origin, USUAL_BEGIN_S } from "./model.ts";

const bytes = new DataView(new ArrayBuffer(8));

/** A double as calls.c takes it. */
export function bitsOf(value: number): bigint {
  bytes.setFloat64(0, value);
  return bytes.getBigUint64(0);
}

export const newCache = (capacity: number | bigint, beta: number, expect: null | "not NULL" = "not NULL"): Step => ({
  call: "script_new",
  args: [capacity, bitsOf(beta)],
  as: "c",
  expect,
  show: `c = new(${capacity}, beta ${beta})`,
});
export const freeCache: Step = { call: "xfetch_free", args: [{ ref: "c" }], show: "free(c)" };
/** The clock of a new world; what it shows is in the list only when it is not the usual. */
export const begin = (now_s = USUAL_BEGIN_S): Step => ({
  call: "script_begin",
  args: [bitsOf(now_s)],
  show: now_s === USUAL_BEGIN_S ? "" : `the clock begins at ${now_s} s`,
});

/** Beyond this, doubles are too coarse for seconds. */
const FORESEEABLE_S = 1e6;

/** A list of calls with the answers that the model gives; `free` ends it. */
export class Story {
  readonly model: Model;
  readonly #steps: Step[];

  constructor(capacity: number, beta: number, now_s?: number) {
    this.model = new Model(beta, now_s);
    this.#steps = [begin(now_s), newCache(capacity, beta)];
    this.draw(this.model.uniform);
    this.origin(this.model.origin);
  }

  origin(origin: Origin): void {
    const { load_s, ttl_s, fails } = origin;
    this.model.origin = origin;
    const show = fails ? `loads take ${load_s} s and fail` : `loads take ${load_s} s, ttl ${ttl_s} s`;
    this.#steps.push({ call: "script_origin", args: [bitsOf(load_s), bitsOf(ttl_s), fails ? 1 : 0], show });
  }

  /** `takes_s`: the clock moves on by so much during each draw, which the model does not know of. */
  draw(uniform: number, takes_s = 0): void {
    this.model.uniform = uniform;
    const show = `draws are ${uniform}${takes_s ? ` and take ${takes_s} s` : ""}`;
    this.#steps.push({ call: "script_draw", args: [bitsOf(uniform), bitsOf(takes_s)], show });
  }

  advance(seconds: number): void {
    this.model.now_s += seconds;
    this.#steps.push({ call: "script_advance", args: [bitsOf(seconds)], show: `${seconds} s pass` });
  }

  /** Time passes until just before the key's value expires, or until then; and it is asked for. */
  advanceTowardsExpiry(key: bigint, { before_s, draw }: { before_s: number; draw: number }): void {
    const left_s = this.model.left_s(key) - before_s;
    if (left_s < 0 || left_s > FORESEEABLE_S) return;
    this.draw(draw);
    this.advance(left_s);
    this.get(key);
  }

  get(key: bigint): void {
    if (this.model.doubtful(key)) return;
    this.getExpecting(key, this.model.get(key));
  }

  getExpecting(key: bigint, text: string): void {
    this.#steps.push({ call: "script_get", args: [{ ref: "c" }, key], expect: { text }, show: `get(${key})` });
  }

  /** Whatever it answers. */
  use(key: bigint): void {
    this.#steps.push({ call: "script_get", args: [{ ref: "c" }, key], show: `get(${key})` });
  }

  /** With the origin down, those of keys 0, 1, ... that do not answer FAILED are kept. */
  heldAtMost(capacity: number, keys: number): void {
    const show = `the origin fails, get of keys 0 to ${keys - 1}: values beyond ${capacity}`;
    this.#steps.push({ call: "script_excess", args: [{ ref: "c" }, keys, capacity], expect: 0n, show });
  }

  free(): Step[] {
    return [...this.#steps, freeCache];
  }
}

export const HOUR: Origin = { load_s: 1, ttl_s: 3_600, fails: false };
export const DOWN: Origin = { load_s: 1, ttl_s: 3_600, fails: true };
