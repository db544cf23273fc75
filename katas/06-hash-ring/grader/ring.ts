// SPDX-License-Identifier: MIT
/** The model: a hash ring in TypeScript, as hash_ring.h describes it. Slow, plain, and never asked to be fast. */

const MASK = (1n << 64n) - 1n;
const bytesOf = (text: string) => new TextEncoder().encode(text);

/** FNV-1a on two 32-bit halves: the prime is 2^40 + 0x1b3, so nothing exceeds what a double holds exactly. */
export function fnv1a64(bytes: Uint8Array): bigint {
  let low = 0x84222325;
  let high = 0xcbf29ce4;
  for (const byte of bytes) {
    const mixed = (low ^ byte) >>> 0;
    const product = mixed * 0x1b3;
    low = product % 2 ** 32;
    high = (high * 0x1b3 + Math.floor(product / 2 ** 32) + mixed * 0x100) % 2 ** 32;
  }
  return (BigInt(high) << 32n) | BigInt(low);
}

/** The 64-bit finalizer of MurmurHash3. */
export function finalizer(hash: bigint): bigint {
  let h = hash;
  h = ((h ^ (h >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  h = ((h ^ (h >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return h ^ (h >> 33n);
}

export const ringHash = (bytes: Uint8Array) => finalizer(fnv1a64(bytes));

/** The text whose hash is a node's point. */
export const labelOf = (name: string, vnode: number) => `${name}_vnode_${vnode}`;

interface Point {
  hash: bigint;
  name: string;
}

const pointsOnce = new Map<string, Point[]>();

function pointsOf(name: string, vnodes: number): Point[] {
  const key = `${vnodes} ${name}`;
  const known = pointsOnce.get(key);
  if (known) return known;
  const points = Array.from({ length: vnodes }, (_, i) => ({ hash: ringHash(bytesOf(labelOf(name, i))), name }));
  pointsOnce.set(key, points);
  return points;
}

/** Negative when the first comes first: by place, then by name, byte for byte. */
function inOrder(a: Point, b: Point): number {
  if (a.hash !== b.hash) return a.hash < b.hash ? -1 : 1;
  return Buffer.compare(bytesOf(a.name), bytesOf(b.name));
}

export class Ring {
  #names = new Set<string>();
  #points: Point[] | undefined;

  constructor(
    readonly vnodes: number,
    names: string[] = [],
  ) {
    for (const name of names) this.add(name);
  }

  /** False: it was there already. */
  add(name: string): boolean {
    if (this.#names.has(name)) return false;
    this.#points = undefined;
    this.#names.add(name);
    return true;
  }

  /** False: there is no such node. */
  remove(name: string): boolean {
    this.#points = undefined;
    return this.#names.delete(name);
  }

  /** The first `n` distinct nodes clockwise from the key, or as many as there are. */
  nodes(key: Uint8Array, n: number): string[] {
    const points = (this.#points ??= [...this.#names].flatMap((name) => pointsOf(name, this.vnodes)).sort(inOrder));
    const found = new Set<string>();
    for (let i = successor(points, ringHash(key)), seen = 0; found.size < n && seen < points.length; i++, seen++) {
      found.add(points[i % points.length]!.name);
    }
    return [...found];
  }

  /** The owner of a key. */
  node(key: Uint8Array): string | undefined {
    return this.nodes(key, 1)[0];
  }
}

/** The index of the first point at or after `hash`; the number of points if there is none. */
function successor(points: Point[], hash: bigint): number {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (points[middle]!.hash < hash) low = middle + 1;
    else high = middle;
  }
  return low;
}
