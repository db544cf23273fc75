// SPDX-License-Identifier: MIT
/** What buckets and windows answer on one thread: call lists, and the models that know the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { LOCAL } from "./files.ts";
import { Buckets, MOST, NS, Windows } from "./model.ts";

interface Call {
  key: bigint;
  cost: bigint;
  /** Nanoseconds since the call before; negative: its time is older. */
  step: bigint;
}
interface Tale {
  rate: bigint;
  burst: bigint;
  keysMax: number;
  start: bigint;
  calls: Call[];
}

const clamped = (now: bigint) => (now < 0n ? 0n : now > MOST ? MOST : now);

/** A limiter's life. */
function planBuckets({ rate, burst, keysMax, start, calls }: Tale): Step[] {
  const model = new Buckets(rate, burst, keysMax);
  const limiter = { ref: "limiter" };
  const show = `limiter_new(${rate}, ${burst}, ${keysMax})`;
  const steps: Step[] = [
    { call: "limiter_new", args: [rate, burst, keysMax], as: "limiter", expect: "not NULL", show },
  ];
  let now = start;
  for (const { key, cost, step } of calls) {
    now = clamped(now + step);
    const text = model.allow(key, cost, now);
    const told = `allow(key ${key}, cost ${cost}, now ${now})`;
    steps.push({ call: "script_allow", args: [limiter, key, cost, now], expect: { text }, show: told });
  }
  return [...steps, { call: "limiter_free", args: [limiter], show: "limiter_free()" }];
}

interface WindowTale {
  limit: bigint;
  window_ns: bigint;
  keysMax: number;
  start: bigint;
  /** `calls`: that many at once. */
  calls: (Omit<Call, "cost"> & { calls?: number })[];
}

function planWindows({ limit, window_ns, keysMax, start, calls }: WindowTale): Step[] {
  const model = new Windows(limit, window_ns, keysMax);
  const window = { ref: "window" };
  const show = `window_new(${limit}, ${window_ns}, ${keysMax})`;
  const made: Step = { call: "window_new", args: [limit, window_ns, keysMax], as: "window", expect: "not NULL", show };
  const steps: Step[] = [made];
  let now = start;
  for (const { key, step, calls: many } of calls) {
    now = clamped(now + step);
    const told = `allow(key ${key}, now ${now})`;
    if (many !== undefined) {
      const expect = model.allowAll(key, now, many);
      const show = `${many} times ${told}`;
      steps.push({ call: "script_count_all", args: [window, key, now, many], expect, show });
      continue;
    }
    const text = model.allow(key, now);
    steps.push({ call: "script_count", args: [window, key, now], expect: { text }, show: told });
  }
  return [...steps, { call: "window_free", args: [window], show: "window_free()" }];
}

const bucketCall = (key: bigint, cost: bigint, step = 0n): Call => ({ key, cost, step });
const times = (count: number, call: Call): Call[] => Array.from({ length: count }, () => call);

/** Five go on, the sixth comes again later, and is allowed then. */
export const bucketSomeTokens: ScriptCheck = {
  id: "bucket_some_tokens",
  file: LOCAL,
  points: 4,
  ...once,
  plan: () =>
    planBuckets({
      ...{ rate: 10n, burst: 5n, keysMax: 4, start: 1_000n },
      calls: [
        ...times(6, bucketCall(7n, 1n)),
        bucketCall(7n, 1n, NS / 10n - 1n),
        bucketCall(7n, 1n, 1n),
        bucketCall(8n, 5n),
        bucketCall(8n, 6n),
        bucketCall(8n, 0n),
      ],
    }),
  lookAt: "limiter_allow: how many tokens does the bucket hold at now_ns?",
};

const RATES = [1n, 3n, 7n, 10n, 1_000n, 333_333_333n, 999_999_937n, NS, 1_500_000_000n, 10n ** 18n];
const KEYS = [0n, 1n, 2n ** 32n, MOST];
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

const tale = (keysMax: number, keys: bigint[], older: bigint[]): fc.Arbitrary<Tale> =>
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
const exactTales: Tale[] = [
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

/** Every answer of buckets that never leave, older times included. */
export const bucketMatchesModel: ScriptCheck<Tale> = {
  id: "bucket_matches_model",
  file: LOCAL,
  points: 8,
  needs: "bucket_some_tokens",
  runs: 300,
  commands: fc.tuple(tale(KEYS.length, KEYS, [-1n, -NS, -5n])) as unknown as fc.Arbitrary<Tale[]>,
  always: exactTales.map((told) => [told]),
  plan: (tales) => tales.flatMap(planBuckets),
  lookAt: "limiter_allow: which number is rounded, too small for its value, or moved by a call that was refused?",
};

const many = (keys: number, cost: bigint, step: bigint): Call[] =>
  Array.from({ length: keys }, (_, key) => bucketCall(BigInt(key), cost, step));

const fullTales: Tale[] = [
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

/** keys_max: full buckets leave, owing ones do not, and nobody is refused while one is full. */
export const bucketMakesRoom: ScriptCheck<Tale> = {
  id: "bucket_makes_room",
  file: LOCAL,
  points: 5,
  needs: "bucket_some_tokens",
  runs: 200,
  commands: fc.tuple(tale(3, [0n, 1n, 2n, 3n, 4n, MOST], [])) as unknown as fc.Arbitrary<Tale[]>,
  always: fullTales.map((told) => [told]),
  plan: (tales) => tales.flatMap(planBuckets),
  lookAt: "limiter_allow: which keys need room at now_ns, and which one gives its room to a new one?",
};

const WORDS = 2n ** 64n;
const TOO_MANY = [WORDS - 1n, 2n ** 60n, ...[16n, 24n, 32n, 40n, 48n, 64n].map((size) => WORDS / size + 1n)];

const refusedNew = (call: string, args: bigint[]): Step => ({
  call,
  args,
  expect: null,
  show: `${call}(${args.join(", ")})`,
});

/** Each with a bucket of one token for the same key. */
function twoOfEach(): Step[] {
  const two = (call: string, first: bigint[], second: bigint[]): Step[] =>
    [first, second].map((args, at) => ({
      ...{ call, args, as: "ab"[at]!, expect: "not NULL" as const },
      show: `${"ab"[at]} = ${call}(${args.join(", ")})`,
    }));
  const ask = (call: string, of: string, args: bigint[], text: string): Step => ({
    ...{ call, args: [{ ref: of }, ...args], expect: { text } },
    show: `allow(${[of, ...args].join(", ")})`,
  });
  const free = (call: string): Step[] => ["a", "b"].map((ref) => ({ call, args: [{ ref }], show: `${call}(${ref})` }));
  return [
    ...two("limiter_new", [1n, 1n, 2n], [1_000n, 2n, 1n]),
    ask("script_allow", "a", [7n, 1n, 0n], "allowed"),
    ask("script_allow", "b", [7n, 2n, 0n], "allowed"),
    ask("script_allow", "a", [7n, 1n, 0n], "refused, retry after 1000000000 ns"),
    ask("script_allow", "b", [7n, 1n, 0n], "refused, retry after 1000000 ns"),
    ...free("limiter_free"),
    ...two("window_new", [1n, 64n, 2n], [1n, 6_400n, 1n]),
    ask("script_count", "a", [7n, 0n], "allowed"),
    ask("script_count", "b", [7n, 0n], "allowed"),
    ask("script_count", "a", [7n, 0n], "refused, retry after 65 ns"),
    ask("script_count", "b", [7n, 0n], "refused, retry after 6500 ns"),
    ...free("window_free"),
  ];
}

/** Arguments that make no sense, and sizes that no memory could hold; and two of each share nothing. */
export const refusesNonsense: ScriptCheck = {
  id: "refuses_nonsense",
  file: LOCAL,
  points: 2,
  needs: "bucket_some_tokens",
  ...once,
  plan: () => [
    ...[
      [0n, 1n, 1n],
      [1n, 0n, 1n],
      [1n, 1n, 0n],
      [10n ** 18n + 1n, 1n, 1n],
    ].map((args) => refusedNew("limiter_new", args)),
    ...[
      [0n, 64n, 1n],
      [1n, 0n, 1n],
      [1n, 63n, 1n],
      [1n, 96n, 1n],
      [1n, 64n, 0n],
    ].map((args) => refusedNew("window_new", args)),
    ...TOO_MANY.flatMap((keys) => [
      refusedNew("limiter_new", [1n, 1n, keys]),
      refusedNew("window_new", [1n, 64n, keys]),
    ]),
    { call: "limiter_free", args: [null], show: "limiter_free(NULL)" },
    { call: "window_free", args: [null], show: "window_free(NULL)" },
    ...twoOfEach(),
  ],
  lookAt: "limiter_new, window_new: what is the product of keys_max and the size of what it counts?",
};

const tick = (key: bigint, step = 0n) => ({ key, step });
const ticks = (count: number, key: bigint, step = 0n) => Array.from({ length: count }, () => tick(key, step));
const second: WindowTale = { limit: 3n, window_ns: 6_400n, keysMax: 2, start: 1_000_000n, calls: [] };

const windowTales: WindowTale[] = [
  // at the end of its 64th slot a call counts still, and no longer after that
  { ...second, calls: [...ticks(4, 1n), tick(1n, 6_499n), tick(1n, 1n), ...ticks(3, 1n)] },
  { ...second, start: 1_000_050n, calls: [...ticks(4, 1n), tick(1n, 6_400n), tick(1n, 49n), tick(1n, 1n)] },
  // calls end one slot after the other, and not all at once
  {
    ...second,
    calls: [tick(1n), tick(1n, 100n), tick(1n, 3_000n), tick(1n), tick(1n, 3_400n), tick(1n), tick(1n, 100n), tick(1n)],
  },
  // a window's border is nowhere: twice the limit does not go through around one
  { ...second, start: 6_390n, calls: [...ticks(3, 1n), ...ticks(4, 1n, 10n)] },
  // long silence, and one of just the ring's length
  {
    ...second,
    calls: [
      ...ticks(3, 1n),
      tick(1n, 1_000_000n),
      ...ticks(3, 1n),
      tick(1n, 6_500n),
      tick(1n, 6_600n),
      tick(1n, 13_000n),
      ...ticks(3, 1n),
    ],
  },
  // older times count as the latest
  {
    ...second,
    calls: [
      tick(1n),
      tick(1n, -500_000n),
      tick(1n, -1n),
      tick(1n),
      tick(1n, 500_001n),
      tick(1n, 6_399n),
      tick(1n, 101n),
      ...ticks(3, 1n),
    ],
  },
  { ...second, calls: [tick(1n), tick(2n, 9_000n), tick(1n, -9_000n), tick(1n), tick(1n), tick(1n)] },
  // room
  {
    ...second,
    calls: [
      tick(1n),
      tick(2n, 200n),
      tick(3n),
      tick(1n, 3_000n),
      tick(3n),
      tick(3n, 3_499n),
      tick(3n, 1n),
      tick(2n),
      tick(1n),
      tick(2n, 6_500n),
    ],
  },
  { ...second, keysMax: 1, calls: [...ticks(3, 1n), tick(0n), tick(0n, 6_500n), tick(MOST), tick(1n)] },
  // so long a silence that the numbers of two slots agree in their last 8, 16 or 32 bits
  ...[8n, 16n, 32n].flatMap((bits): WindowTale[] => {
    const far = { ...second, window_ns: 64n, calls: [...ticks(3, 1n), tick(1n, 2n ** bits), ...ticks(3, 1n)] };
    return [far, { ...far, keysMax: 1, calls: [tick(1n), tick(2n, 2n ** bits), tick(1n), tick(2n, 2n ** bits + 3n)] }];
  }),
  // more calls in one slot than 16 bits can count
  {
    ...second,
    limit: 70_000n,
    calls: [
      { ...tick(1n), calls: 70_003 },
      tick(1n),
      { ...tick(1n, 6_500n), calls: 70_003 },
      tick(1n, 6_500n),
      tick(1n),
    ],
  },
  // the ends of all ranges
  { ...second, limit: MOST, calls: ticks(5, 1n) },
  { ...second, window_ns: MOST - 63n, start: 0n, calls: [...ticks(4, 1n), tick(1n, MOST), tick(1n)] },
  { ...second, window_ns: 64n, start: 0n, calls: [...ticks(4, 1n), tick(1n, 64n), ...ticks(4, 1n, 1n)] },
  { ...second, start: MOST, calls: [...ticks(4, 1n), tick(1n, -MOST), tick(0n, MOST)] },
];

const windowTale: fc.Arbitrary<WindowTale> = fc.record({
  limit: fc.constantFrom(1n, 2n, 3n, 7n),
  window_ns: fc.constantFrom(64n, 6_400n),
  keysMax: fc.constantFrom(1, 2, 4),
  start: fc.constantFrom(0n, 63n, 1_000_000n, MOST - 10_000n),
  calls: fc.array(
    fc.record({
      key: fc.constantFrom(0n, 1n, 2n, MOST),
      step: fc.oneof(
        fc.constantFrom(0n, 1n, -1n, 64n, 65n, 99n, 100n, 101n, 6_400n, 6_500n, -200n),
        fc.bigInt({ min: 0n, max: 7_000n }),
      ),
    }),
    { minLength: 1, maxLength: 40 },
  ),
});

/** Every answer of windows, with their room. */
export const windowMatchesModel: ScriptCheck<WindowTale> = {
  id: "window_matches_model",
  file: LOCAL,
  points: 7,
  runs: 200,
  commands: fc.tuple(windowTale) as unknown as fc.Arbitrary<WindowTale[]>,
  always: windowTales.map((told) => [told]),
  plan: (tales) => tales.flatMap(planWindows),
  lookAt: "window_allow: in which slots does a call count, and which calls count in the slot of now_ns?",
};
