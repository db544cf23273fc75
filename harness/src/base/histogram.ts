// SPDX-License-Identifier: MIT
/** Durations in nanoseconds, counted in the bins of native/include/histogram.h: 32 for each power of two. Pure. */

const FINE = 5;
/** Of the bins so many become one bucket: four for each power of two. */
const COARSE = 8;
/** As many as 64 bits have. */
export const BUCKETS_MAX = 240;

/** How long things took, as a result keeps it. */
export interface Latency {
  count: number;
  p50_us: number;
  p99_us: number;
  p999_us: number;
  /** The upper end of the last bin that counts something. */
  max_us: number;
  /** Those that are not empty, the shortest first: from, to, how many. `to` is the next one's `from`, and not in it. */
  buckets: [from_us: number, to_us: number, count: number][];
}

/** The smallest duration of a bin, which is behind the largest of the bin before it. */
function lowOf(bin: number): number {
  if (bin < 2 << FINE) return bin;
  const above = (bin >> FINE) - 1;
  return (bin - (above << FINE)) * 2 ** above;
}

/** Several histograms of the same thing as one; null where none of them counts anything. */
export function latencyOf(histograms: ArrayLike<number | bigint>[]): Latency | null {
  const bins = Array.from({ length: Math.max(0, ...histograms.map(({ length }) => length)) }, (_, bin) =>
    histograms.reduce((sum, counts) => sum + Number(counts[bin] ?? 0), 0),
  );
  const count = bins.reduce((sum, one) => sum + one, 0);
  if (count === 0) return null;
  const reaches = (share: number) => upToShare(bins, share * count) / 1000;
  return {
    count,
    p50_us: reaches(0.5),
    p99_us: reaches(0.99),
    p999_us: reaches(0.999),
    max_us: reaches(1),
    buckets: buckets(bins),
  };
}

/** The largest duration of the bin in which so many are reached. */
function upToShare(bins: number[], wanted: number): number {
  let seen = 0;
  const bin = bins.findIndex((count) => (seen += count) >= wanted && seen > 0);
  return lowOf(bin + 1) - 1;
}

function buckets(bins: number[]): Latency["buckets"] {
  const found: Latency["buckets"] = [];
  for (let from = 0; from < bins.length; from += COARSE) {
    const count = bins.slice(from, from + COARSE).reduce((sum, one) => sum + one, 0);
    if (count > 0) found.push([lowOf(from) / 1000, lowOf(from + COARSE) / 1000, count]);
  }
  return found;
}

/** Three digits, in the unit that needs no more: 81.3 µs, 1.25 ms, 20 ms. */
export function durationText(us: number): string {
  const [divisor, unit] = us < 999.5 ? [1, "µs"] : us < 999_500 ? [1e3, "ms"] : [1e6, "s"];
  return `${Number((us / divisor).toPrecision(3))} ${unit}`;
}
