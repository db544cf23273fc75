// SPDX-License-Identifier: MIT
/** Medians, bootstrap intervals and a seeded generator. Pure. */

/** Uniform in [0, 1), from a 32-bit seed: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let z = state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export interface Interval {
  ratio: number;
  /** The bounds of the 90 % bootstrap interval. */
  low: number;
  high: number;
}

/**
 * Ratio of medians above : below over paired rounds, with a percentile bootstrap interval (Efron 1979): whole rounds
 * are drawn with replacement, so that what disturbed a round disturbs both of its sides.
 */
export function ratioOfMedians(above: number[], below: number[], random: () => number, draws = 1000): Interval {
  const ratios = Array.from({ length: draws }, () => {
    const rounds = above.map(() => Math.floor(random() * above.length));
    return median(rounds.map((at) => above[at]!)) / median(rounds.map((at) => below[at]!));
  }).sort((a, b) => a - b);
  const at = (share: number) => ratios[Math.min(draws - 1, Math.floor(share * draws))]!;
  return { ratio: median(above) / median(below), low: at(0.05), high: at(0.95) };
}

/** A new order of the same items. */
export function shuffled<T>(items: T[], random: () => number): T[] {
  return items
    .map((item) => ({ item, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item);
}
