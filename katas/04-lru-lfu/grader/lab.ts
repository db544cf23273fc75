// SPDX-License-Identifier: MIT
/**
 * Hit rates of four policies over capacity, on traffic of five kinds. Pure TypeScript: it compares the policies, not the
 * code under test. Everything follows from one seed.
 *
 * Keys are Zipf: rank k with a probability proportional to 1 / k^s, drawn by inverting the exact cumulative sum.
 */
import type { Plot } from "@c10kata/harness/plot";

const KEYS = 100_000;
const REQUESTS = 300_000;
const CAPACITIES = [100, 200, 500, 1_000, 2_000, 5_000, 10_000];
const SEED = 4;

/** splitmix64's small sibling: uniform in [0, 1). */
function uniform(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return ((z ^ (z >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** Draws ranks from 1 to `n`. */
export function zipf(n: number, s: number, random: () => number): () => number {
  const upTo = new Float64Array(n);
  let sum = 0;
  for (let k = 1; k <= n; k++) upTo[k - 1] = sum += k ** -s;
  return () => {
    const mark = random() * sum;
    let [low, high] = [0, n - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (upTo[middle]! > mark) high = middle;
      else low = middle + 1;
    }
    return low + 1;
  };
}

export type Traffic = number[];

/** Zipf, and after every 1,000 requests a scan of 500 keys that are never asked for again. */
function scanned(s: number, random: () => number): Traffic {
  const draw = zipf(KEYS, s, random);
  let next = KEYS;
  return Array.from({ length: REQUESTS }, (_, at) => (at % 1_500 < 1_000 ? draw() : ++next));
}

/** Zipf whose ranks belong to other keys after every tenth of the requests: the hot set moves. */
function moving(s: number, random: () => number): Traffic {
  const draw = zipf(KEYS, s, random);
  const stage = REQUESTS / 10;
  return Array.from({ length: REQUESTS }, (_, at) => draw() + Math.floor(at / stage) * 1_000);
}

export function traffics(): Record<string, Traffic> {
  const random = uniform(SEED);
  const plain = (s: number) => {
    const draw = zipf(KEYS, s, random);
    return Array.from({ length: REQUESTS }, draw);
  };
  return {
    "Zipf 0.8": plain(0.8),
    "Zipf 0.99": plain(0.99),
    "Zipf 1.2": plain(1.2),
    "Zipf 0.99, scans": scanned(0.99, random),
    "Zipf 0.99, moving": moving(0.99, random),
  };
}

/** Share of requests that found their key. */
type Policy = (traffic: Traffic, capacity: number) => number;

const fifo: Policy = (traffic, capacity) => ordered(traffic, capacity, false);
const lru: Policy = (traffic, capacity) => ordered(traffic, capacity, true);

/** A Set keeps the order in which its members came. */
function ordered(traffic: Traffic, capacity: number, moves: boolean): number {
  const held = new Set<number>();
  let hits = 0;
  for (const key of traffic) {
    const hit = held.has(key);
    hits += Number(hit);
    if (hit && !moves) continue;
    held.delete(key);
    held.add(key);
    if (held.size > capacity) held.delete(held.values().next().value!);
  }
  return hits / traffic.length;
}

/** As the contract says: ties to the least recently used, and what leaves loses its count. */
const lfu: Policy = (traffic, capacity) => {
  const uses = new Map<number, number>();
  const groups = new Map<number, Set<number>>();
  let [hits, fewest] = [0, 1];
  const join = (key: number, count: number) => {
    uses.set(key, count);
    if (!groups.has(count)) groups.set(count, new Set());
    groups.get(count)!.add(key);
  };
  for (const key of traffic) {
    const count = uses.get(key);
    if (count !== undefined) {
      hits++;
      groups.get(count)!.delete(key);
      if (count === fewest && groups.get(count)!.size === 0) fewest++;
      join(key, count + 1);
      continue;
    }
    if (uses.size === capacity) {
      const [victim] = groups.get(fewest)!;
      groups.get(fewest)!.delete(victim!);
      uses.delete(victim!);
    }
    join(key, 1);
    fewest = 1;
  }
  return hits / traffic.length;
};

/** The optimum, which knows the future (Belady, 1966): of all keys the one leaves that is asked for last, or never. */
export const belady: Policy = (traffic, capacity) => {
  const next = nextRequests(traffic);
  const due = new Map<number, number>(); // when a key that is held is asked for again
  const heap = new LatestFirst();
  let hits = 0;
  for (const [at, key] of traffic.entries()) {
    if (due.has(key)) hits++;
    else if (due.size === capacity) due.delete(latest(heap, due));
    due.set(key, next[at]!);
    heap.push(next[at]!, key);
  }
  return hits / traffic.length;
};

/** Entries of the heap whose key has been asked for since are out of date. */
function latest(heap: LatestFirst, due: Map<number, number>): number {
  for (;;) {
    const { when, key } = heap.pop();
    if (due.get(key) === when) return key;
  }
}

function nextRequests(traffic: Traffic): number[] {
  const last = new Map<number, number>();
  const next = new Array<number>(traffic.length);
  for (let at = traffic.length - 1; at >= 0; at--) {
    const key = traffic[at]!;
    next[at] = last.get(key) ?? traffic.length + key; // never again, and unlike any other
    last.set(key, at);
  }
  return next;
}

interface Due {
  when: number;
  key: number;
}

class LatestFirst {
  readonly #items: Due[] = [];

  push(when: number, key: number): void {
    const items = this.#items;
    let at = items.length;
    for (; at > 0; at = (at - 1) >> 1) {
      const above = items[(at - 1) >> 1]!;
      if (above.when >= when) break;
      items[at] = above;
    }
    items[at] = { when, key };
  }

  pop(): Due {
    const items = this.#items;
    const [first, last] = [items[0]!, items.pop()!];
    if (items.length === 0) return first;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && items[child + 1]!.when > items[child]!.when) child++;
      if (items[child]!.when <= last.when) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = last;
    return first;
  }
}

export const POLICIES: Record<string, Policy> = { FIFO: fifo, LRU: lru, LFU: lfu, optimum: belady };

/** Every policy on every traffic at every capacity. */
export async function lab(): Promise<Plot[]> {
  return Object.entries(traffics()).map(([name, traffic]) => ({
    title: `Hit rate: ${name}`,
    x: { title: "capacity (entries)", scale: "log" },
    y: { title: "hit rate (%)" },
    series: Object.entries(POLICIES).map(([policy, hitRate]) => ({
      name: policy,
      points: CAPACITIES.map((capacity): [number, number] => [capacity, 100 * hitRate(traffic, capacity)]),
    })),
  }));
}
