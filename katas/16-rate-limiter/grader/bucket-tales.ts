// SPDX-License-Identifier: MIT
/** Lives of buckets: those that are always tried, by what they show, and how others are drawn. */
import fc from "fast-check";
import { MOST, NS } from "./model.ts";

export interface Call {
  key: bigint;
  cost: bigint;
  /** Nanoseconds since the call before; negative: its time is older. */
  step: bigint;
  /** More than the interval bound leaves, whichever bucket has left: it is refused. The last call of its tale. */
  beyond?: true;
}
export interface Tale {
  rate: bigint;
  burst: bigint;
  keysMax: number;
  start: bigint;
  calls: Call[];
}

export const bucketCall = (key: bigint, cost: bigint, step = 0n): Call => ({ key, cost, step });
export const times = (count: number, call: Call): Call[] => Array.from({ length: count }, () => call);

const RATES = [1n, 3n, 7n, 10n, 1_000n, 333_333_333n, 999_999_937n, NS, 1_500_000_000n, 10n ** 18n];
export const KEYS = [0n, 1n, 2n ** 32n, MOST];
const STARTS = [0n, 1n, 1_764_000_000_000_000_000n, 2n ** 63n - 5n, MOST - 3n * NS, MOST];

const callOf = (rate: bigint, burst: bigint, steps: bigint[], keys: bigint[]) =>
  fc.record({
    key: fc.constantFrom(...keys),
    cost: fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom(1n, 1n, 2n, 3n) },
      {
        weight: 2,
        arbitrary: fc.constantFrom(0n, burst, burst > 1n ? burst - 1n : 1n, burst + (burst < MOST ? 1n : 0n), MOST),
      },
      { weight: 2, arbitrary: fc.bigInt({ min: 1n, max: burst }) },
    ),
    step: fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...steps) },
      { weight: 2, arbitrary: fc.bigInt({ min: 0n, max: (2n * NS) / rate + 3n }) },
    ),
  });

export const tale = (keysMax: number, keys: bigint[], older: bigint[]): fc.Arbitrary<Tale> =>
  fc
    .record({
      rate: fc.constantFrom(...RATES),
      burst: fc.constantFrom(1n, 2n, 5n, 1_000n, 2n ** 32n + 1n, MOST),
      start: fc.constantFrom(...STARTS),
    })
    .chain(({ rate, burst, start }) => {
      const each = NS / rate;
      const steps = [0n, 0n, 1n, each, each + 1n, each > 0n ? each - 1n : 0n, NS, ...older];
      return fc
        .array(callOf(rate, burst, steps, keys), { minLength: 1, maxLength: 25 })
        .map((calls) => ({ rate, burst, keysMax, start, calls }));
    });

const EPOCH = 1_764_000_000_123_456_789n;
const one: Tale = { rate: 3n, burst: 2n, keysMax: 4, start: EPOCH, calls: [] };

/** What a contract names, and what a number of 32 bits, a double or a rounded interval would answer otherwise. */
export const exactTales: Tale[] = [
  // a third of a second is no whole number of nanoseconds: three tokens are a second
  {
    ...one,
    calls: [
      bucketCall(0n, 2n),
      bucketCall(0n, 1n, 333_333_333n),
      bucketCall(0n, 1n, 1n),
      bucketCall(0n, 1n, 333_333_332n),
      bucketCall(0n, 1n, 1n),
      bucketCall(0n, 1n, 333_333_332n),
      bucketCall(0n, 1n, 1n),
    ],
  },
  { ...one, calls: [...times(2, bucketCall(5n, 1n)), ...times(40, bucketCall(5n, 1n, 333_333_334n))] },
  // tokens come faster than nanoseconds, and not in whole numbers
  { ...one, rate: 1_500_000_000n, burst: 1n, calls: times(9, bucketCall(1n, 1n, 1n)) },
  { ...one, rate: 999_999_937n, burst: 1n, calls: times(12, bucketCall(1n, 1n, 1n)) },
  {
    ...one,
    rate: 10n ** 18n,
    burst: MOST,
    start: MOST - 1n,
    calls: [bucketCall(MOST, MOST), bucketCall(MOST, 1n), bucketCall(MOST, 1_000_000_000n, 1n), bucketCall(MOST, 1n)],
  },
  { ...one, rate: 10n ** 18n, burst: NS, start: 18n, calls: times(3, bucketCall(1n, NS, 1n)) },
  // costs and bursts at the ends of their range
  {
    ...one,
    rate: 1n,
    burst: MOST,
    start: 0n,
    calls: [
      bucketCall(0n, MOST),
      bucketCall(0n, 1n),
      bucketCall(0n, MOST),
      bucketCall(0n, 0n),
      bucketCall(0n, 20_000_000_000n),
    ],
  },
  { ...one, burst: MOST - 1n, calls: [bucketCall(1n, MOST), bucketCall(1n, MOST - 1n), bucketCall(1n, 1n)] },
  { ...one, burst: 2n ** 32n, calls: [bucketCall(1n, 2n ** 32n), bucketCall(1n, 2n ** 32n)] },
  // a bucket never holds more than it can
  {
    ...one,
    calls: [bucketCall(1n, 2n), bucketCall(1n, 2n, 100n * NS), bucketCall(1n, 1n), bucketCall(1n, 3n, 100n * NS)],
  },
  // what is refused takes nothing
  {
    ...one,
    rate: 1n,
    calls: [bucketCall(1n, 1n), bucketCall(1n, 2n), bucketCall(1n, 2n), bucketCall(1n, 1n), bucketCall(1n, 1n, NS)],
  },
  // clocks that go back: nothing comes twice, and nothing before its time
  {
    ...one,
    rate: 1n,
    calls: [
      bucketCall(1n, 2n),
      bucketCall(1n, 1n, NS),
      bucketCall(1n, 1n, -NS),
      bucketCall(1n, 1n, NS),
      bucketCall(1n, 1n, NS),
      bucketCall(1n, 1n, -2n * NS),
      bucketCall(1n, 1n, 2n * NS),
    ],
  },
  {
    ...one,
    rate: 1n,
    start: 10n * NS,
    calls: [
      bucketCall(1n, 2n),
      bucketCall(1n, 1n, -10n * NS),
      bucketCall(1n, 2n, 11n * NS),
      bucketCall(1n, 1n),
      bucketCall(1n, 1n, NS),
      bucketCall(1n, 1n, -3n * NS),
      bucketCall(1n, 1n, 3n * NS),
    ],
  },
  {
    ...one,
    rate: 1n,
    start: 0n,
    calls: [
      bucketCall(1n, 1n, 5n * NS),
      bucketCall(1n, 1n, -5n * NS),
      bucketCall(1n, 1n, 4n * NS),
      bucketCall(1n, 1n, 2n * NS),
    ],
  },
  // the first and the last moment
  { ...one, start: 0n, calls: [bucketCall(1n, 2n), bucketCall(1n, 1n), bucketCall(1n, 1n, MOST)] },
  {
    ...one,
    start: MOST,
    calls: [bucketCall(1n, 2n), bucketCall(1n, 1n), bucketCall(2n ** 32n, 1n), bucketCall(0n, 1n)],
  },
];

const many = (keys: number, cost: bigint, step: bigint): Call[] =>
  Array.from({ length: keys }, (_, key) => bucketCall(BigInt(key), cost, step));

export const fullTales: Tale[] = [
  // all owe: the next one waits for the first that will be full
  {
    ...one,
    rate: 1n,
    calls: [
      ...many(4, 1n, 10n),
      bucketCall(9n, 1n),
      bucketCall(9n, 0n),
      bucketCall(9n, 3n),
      bucketCall(9n, 1n, NS - 41n),
      bucketCall(9n, 1n, 1n),
      ...times(2, bucketCall(9n, 1n, 10n)),
    ],
  },
  // the first one that is full again is not the one that came first, nor the last
  ...[
    [2n, 1n, 3n],
    [1n, 2n, 3n],
    [3n, 2n, 1n],
  ].map(
    (costs): Tale => ({
      ...{ ...one, rate: 1n, burst: 3n, keysMax: 3 },
      calls: [...costs.map((cost, key) => bucketCall(BigInt(key), cost)), bucketCall(9n, 1n), bucketCall(9n, 1n, NS)],
    }),
  ),
  // an owing bucket is not given up for a new one, however long ago it was used
  {
    ...one,
    rate: 1n,
    keysMax: 2,
    calls: [
      bucketCall(1n, 2n),
      bucketCall(2n, 1n),
      bucketCall(3n, 1n, NS),
      bucketCall(1n, 2n),
      bucketCall(3n, 2n),
      bucketCall(2n, 1n),
      bucketCall(1n, 1n),
      bucketCall(2n, 1n, NS),
      bucketCall(1n, 1n),
    ],
  },
  // who has left and comes back is full again, and nothing else
  {
    ...one,
    rate: 1n,
    keysMax: 1,
    calls: [
      bucketCall(1n, 2n),
      bucketCall(2n, 1n),
      bucketCall(2n, 1n, 2n * NS),
      bucketCall(1n, 2n),
      bucketCall(1n, 2n, NS),
      bucketCall(1n, 1n),
      bucketCall(2n, 1n),
    ],
  },
  // keys come and go, more than there is room for at once
  { ...one, rate: 1_000n, keysMax: 3, calls: [...many(30, 1n, 500_000n), ...many(30, 2n, 1_000_000n)] },
  { ...one, rate: 7n, burst: 1n, keysMax: 8, calls: many(20, 1n, 0n) },
];

/**
 * A key takes its burst, is full again and may be the one that leaves; then a thread comes with a time at which it was
 * not full, while another key was. Who comes first, and who is asked, are all there are: which one leaves is not said.
 */
export const leftTales: Tale[] = [
  [1n, 2n, 3n],
  [1n, 3n, 2n],
  [2n, 1n, 3n],
  [2n, 3n, 1n],
  [3n, 1n, 2n],
  [3n, 2n, 1n],
].flatMap((costs) =>
  [2n, 3n].map((cost) => ({
    ...{ ...one, rate: 1n, burst: 3n, keysMax: 3 },
    calls: [
      ...costs.map((own) => bucketCall(own, own)),
      bucketCall(9n, 1n, 3n * NS),
      { ...bucketCall(cost, 3n, (cost - 4n) * NS), beyond: true as const },
    ],
  })),
);
