// SPDX-License-Identifier: MIT
/** Scripted calls on caches of one kind, each with the answer that the model gives. */
import type { Step } from "@c10kata/harness/check";
import { Model, type Kind } from "./model.ts";

/** Where get and put leave what they found. Before each call it is filled with a byte that must outlast a miss. */
const OUT = { value: 8, evicted: 16 };
const UNTOUCHED = 0xa5;

const untouched = (size: number) => UNTOUCHED.toString(16).repeat(size);

/** As the guest reads them: 64 bits each, the lowest byte first. */
function hexOf(...numbers: bigint[]): string {
  const bytes = Buffer.alloc(8 * numbers.length);
  numbers.forEach((number, at) => bytes.writeBigUInt64LE(number, 8 * at));
  return bytes.toString("hex");
}

function numbersIn(hex: string): bigint[] {
  const bytes = Buffer.from(hex, "hex");
  return Array.from({ length: bytes.length / 8 }, (_, at) => bytes.readBigUInt64LE(8 * at));
}

const inWords = {
  value: (hex: string) => (hex === untouched(8) ? "value untouched" : `value ${numbersIn(hex)[0]}`),
  evicted(hex: string) {
    if (hex === untouched(16)) return "evicted untouched";
    const [key, value] = numbersIn(hex);
    return `key ${key} left, with value ${value}`;
  },
};

export class Story {
  readonly steps: Step[] = Object.entries(OUT).map(([alloc, size]) => ({ alloc, size }));
  readonly #models: Model[] = [];

  constructor(
    readonly kind: Kind,
    readonly names: string[],
    capacity: number,
  ) {
    // The second one is larger: whatever the two share, its size may not be.
    for (const [at, as] of names.entries()) {
      const show = `${as} = ${kind}_new(${capacity + at})`;
      this.steps.push({ call: `${kind}_new`, args: [BigInt(capacity + at)], as, expect: "not NULL", show });
      this.#models.push(new Model(kind, capacity + at));
    }
  }

  /** `wants`: does the caller give memory for the value, or NULL? */
  get(cache: number, key: bigint, wants = true): void {
    const value = this.#models[cache]!.get(key);
    this.#callWithOut("get", cache, [key], value !== undefined, wants && "value", value === undefined ? [] : [value]);
  }

  put(cache: number, key: bigint, value: bigint, wants = true): void {
    const left = this.#models[cache]!.put(key, value);
    const numbers = left === undefined ? [] : [left.key, left.value];
    this.#callWithOut("put", cache, [key, value], left !== undefined, wants && "evicted", numbers);
  }

  remove(cache: number, key: bigint): void {
    this.#call("remove", cache, [key], this.#models[cache]!.remove(key));
  }

  size(cache: number): void {
    this.#call("size", cache, [], BigInt(this.#models[cache]!.size));
  }

  /** Ends the story. */
  free(): Step[] {
    const call = `${this.kind}_free`;
    return [
      ...this.steps,
      ...this.names.map((ref): Step => ({ call, args: [{ ref }], show: `free(${ref})` })),
      { call, args: [null], show: "free(NULL)" },
    ];
  }

  #call(what: string, cache: number, numbers: bigint[], expect: boolean | bigint, out?: { ref: string } | null): void {
    const ref = this.names[cache]!;
    const shown = [ref, ...numbers, ...(out === null ? ["NULL"] : [])].join(", ");
    const args = [{ ref }, ...numbers, ...(out === undefined ? [] : [out])];
    this.steps.push({ call: `${this.kind}_${what}`, args, expect, show: `${what}(${shown})` });
  }

  /** `numbers`: what the call must write to the memory that it is given; none: nothing. */
  #callWithOut(
    what: string,
    cache: number,
    args: bigint[],
    expect: boolean,
    out: keyof typeof OUT | false,
    numbers: bigint[],
  ): void {
    if (out === false) {
      this.#call(what, cache, args, expect, null);
      return;
    }
    const size = OUT[out];
    this.steps.push({ fill: out, size, byte: UNTOUCHED });
    this.#call(what, cache, args, expect, { ref: out });
    const hex = numbers.length > 0 ? hexOf(...numbers) : untouched(size);
    this.steps.push({ read: out, size, expect: { hex }, show: "", words: inWords[out] });
  }
}
