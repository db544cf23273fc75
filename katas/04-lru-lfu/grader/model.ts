// SPDX-License-Identifier: MIT
/** The two caches as the contract describes them: what every answer is compared with. */

export const KINDS = ["lru", "lfu"] as const;
export type Kind = (typeof KINDS)[number];

export interface Entry {
  key: bigint;
  value: bigint;
}

interface Held extends Entry {
  uses: number;
}

/** One cache, on one thread. */
export class Model {
  /** In order of last use, oldest first: a Map keeps the order in which its keys were set. */
  readonly #held = new Map<bigint, Held>();

  constructor(
    readonly kind: Kind,
    readonly capacity: number,
  ) {}

  get size(): number {
    return this.#held.size;
  }

  get(key: bigint): bigint | undefined {
    const held = this.#held.get(key);
    if (held) this.#use(held);
    return held?.value;
  }

  /** The entry that left to make room. */
  put(key: bigint, value: bigint): Entry | undefined {
    const held = this.#held.get(key);
    if (held) {
      held.value = value;
      this.#use(held);
      return undefined;
    }
    const left = this.size === this.capacity ? this.#nextToLeave() : undefined;
    if (left) this.#held.delete(left.key);
    this.#held.set(key, { key, value, uses: 1 });
    return left && { key: left.key, value: left.value };
  }

  remove(key: bigint): boolean {
    return this.#held.delete(key);
  }

  #use(held: Held): void {
    held.uses++;
    this.#held.delete(held.key);
    this.#held.set(held.key, held);
  }

  #nextToLeave(): Held {
    const oldestFirst = [...this.#held.values()];
    if (this.kind === "lru") return oldestFirst[0]!;
    return oldestFirst.reduce((least, held) => (held.uses < least.uses ? held : least));
  }
}
