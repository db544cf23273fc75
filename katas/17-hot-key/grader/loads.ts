// SPDX-License-Identifier: MIT
/** What each shard bears under Zipf's law, computed: no cache, no counting, only who is hot. Pure. */

const MASK = 2n ** 64n - 1n;

/** hot_shard(key, 0, shards) of hot_key.h. */
export function home(key: number, shards: number): number {
  let x = BigInt(key);
  x = ((x ^ (x >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  x = ((x ^ (x >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return Number((x ^ (x >> 33n)) % BigInt(shards));
}

/** The shares of all reads, the most read key first. */
export function zipf(keys: number, exponent: number): number[] {
  const weights = Array.from({ length: keys }, (_, rank) => (rank + 1) ** -exponent);
  const sum = weights.reduce((all, one) => all + one, 0);
  return weights.map((weight) => weight / sum);
}

/**
 * The busiest shard as a multiple of the mean, where keys with more than `hotShare` of all reads have a copy on every shard.
 * Keys lie where hashing puts them.
 */
export function busiest(shares: number[], shards: number, hotShare: number): number {
  const borne = new Array<number>(shards).fill(0);
  shares.forEach((share, key) => {
    if (share > hotShare) borne.forEach((_, shard) => (borne[shard]! += share / shards));
    else borne[home(key, shards)]! += share;
  });
  return Math.max(...borne) * shards;
}
