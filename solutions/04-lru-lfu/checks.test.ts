// SPDX-License-Identifier: MIT
/** The checks of 04-lru-lfu on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/04-lru-lfu/grader/checks.ts";
import type {
  CapacitiesEvidence,
  CountsEvidence,
  CrowdEvidence,
  PatternsEvidence,
} from "../../katas/04-lru-lfu/grader/checks.ts";
import type { Cost } from "../../harness/src/judge/costs.ts";
import type { Refusals } from "../../harness/src/judge/refusals.ts";
import { belady, POLICIES, zipf } from "../../katas/04-lru-lfu/grader/lab.ts";
import { Model } from "../../katas/04-lru-lfu/grader/model.ts";
import { lfuMatchesModel, lruKeepsOne, lruMatchesModel, type Command } from "../../katas/04-lru-lfu/grader/scripts.ts";

const lru = { seed: 1, params: { kind: 0, threads: 2, items: 2, capacity: 2 } };
const lfu = { seed: 1, params: { ...lru.params, kind: 1 } };
const items = (...codes: bigint[]) => BigUint64Array.from(codes);
const item = (thread: number, seq: number) => (BigInt(thread) << 32n) | BigInt(seq);

const crowd: CrowdEvidence = {
  evicted: items(item(0, 0)),
  removed: items(item(1, 0)),
  inside: items(item(0, 1), item(1, 1)),
  odd: [],
  size_max: 2,
  size_end: 2,
};
const odd = (what: number, ...cells: bigint[]) => checks.crowdEvidence.shape.odd.parse(items(BigInt(what), ...cells));
const value = (key: bigint) => BigInt.asUintN(64, ~key * 3n);
const own = (thread: number, version: number) => (1n << 62n) | item(thread, version);
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful: Refusals = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  lives: 100,
  left_behind: 0,
};
const refused = { answered: 0, put: 0, evicted: 0, found: 0, size: 0 };
/** Capacities, each with what differs from a refusal. */
const trials = (...all: [bigint, Partial<typeof refused>?][]): CapacitiesEvidence => ({
  capacity: items(...all.map(([capacity]) => capacity)),
  tried: all.map(([, changes]) => ({ ...refused, ...changes })),
});
const holds = trials(
  [0n],
  [2n, { answered: 1, put: 3, evicted: 1, found: 2, size: 2 }],
  [2n ** 24n, { answered: 1, put: 100, found: 100, size: 100 }],
  [2n ** 64n - 1n],
);
const left = (key: number): CountsEvidence => ({ pairs: [{ first: 260, second: 250, left: key }] });
const cost = (phase: number, size: number, steps: number, part: Partial<Cost> = {}): Cost => ({
  ...{ phase, size, calls: 1, steps, allocations: 0, wrong: 0, overran: 0 },
  ...part,
});
const flat = [cost(3, 1_000, 20), cost(3, 1_000_000, 22), cost(16, 0, 20), cost(16, 10, 45)];
const logarithmic = [cost(1, 1_000, 80), cost(1, 32_000, 120), cost(1, 1_000_000, 160)];
const even = [cost(0, 20_000, 20), cost(1, 20_000, 60)];
const keys = (costs: Cost[]): PatternsEvidence => ({ costs, pairs: 9, mixed_up: 0, alike: items() });

/** [check, evidence, what `saw` must contain; null: it must pass] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, string | null];

/** Both kinds keep the same promises; only the names in the message differ. */
const both = (pair: { lru: Row[0]; lfu: Row[0] }, rows: [object, string | null][]): Row[] =>
  rows.flatMap(([evidence, saw]): Row[] => [
    [pair.lru, evidence, saw],
    [pair.lfu, evidence, saw?.replaceAll("lru", "lfu") ?? null],
  ]);

const traffic: [object, string | null][] = [
  [crowd, null],
  [{ ...crowd, evicted: [] }, "0 entries were evicted"],
];

const table: Row[] = [
  ...both(checks.nothingLost, [
    [crowd, null],
    [
      { ...crowd, odd: odd(1, 20n, value(20n), value(21n)) },
      "lru_get of key 4 of thread 1 answered the value of another",
    ],
    [{ ...crowd, odd: odd(1, 5n, own(1, 7), own(1, 5)) }, "an older value: that of its put number 5, and put number 7"],
    [{ ...crowd, odd: odd(1, 2n, value(2n), own(3, 5)) }, "the value of another key (thread 4's own key)"],
    [{ ...crowd, odd: odd(1, 2n, value(2n), 77n) }, "lru_get of key 2 answered the value 77, which no thread had put"],
    [
      { ...crowd, odd: odd(2, 1n, value(1n), value(2n)) },
      "lru_put evicted key 1 with the value of another key (key 2)",
    ],
    [{ ...crowd, odd: odd(3, 3n, 0n, 1n) }, "lru_put(3) evicted key 1 although there was room (an early eviction"],
    [{ ...crowd, odd: odd(4, 9n, 5n, 0n) }, "lru_put(9) evicted nothing although the cache was full"],
    [{ ...crowd, odd: odd(5, 9n, 5n, 7n) }, "lru_put(9) evicted key 7, in a cache of 4"],
    [{ ...crowd, size_max: 3 }, "lru_size answered 3, with a capacity of 2"],
    [{ ...crowd, removed: [item(0, 0)] }, "entry 0 of thread 1 was evicted, and removed too"],
    [{ ...crowd, evicted: [item(0, 0), item(0, 0)] }, "evicted, and evicted again"],
    [{ ...crowd, evicted: [item(0, 1)] }, "entry 1 of thread 1 was evicted, and inside at the end too"],
    [{ ...crowd, evicted: [2n ** 64n - 1n] }, "an entry was evicted that no thread had put"],
    [{ ...crowd, evicted: [] }, "4 entries were put, and 3 of them were evicted, removed or inside"],
    [{ ...crowd, size_end: 1 }, "lru_size answered 1 at the end, with 2 entries inside"],
  ]),
  ...both(checks.waitsPolitely, [
    [{ parked: 9, impatient_call: 0 }, null],
    [{ parked: 9, impatient_call: 4 }, "held up in lru_put, lru_size took 50,000 steps"],
    [{ parked: 0, impatient_call: 0 }, "lru_put took no step"],
  ]),
  ...both(checks.raceFree, traffic),
  ...both(checks.memoryClean, traffic),
  ...both(checks.noMemory, [
    [careful, null],
    [{ ...careful, attempts: [{ ...refusal, kept: 1 }] }, "1 allocation still held after lru_new answered NULL"],
    [{ ...careful, attempts: [{ ...made, kept: 2 }] }, "2 allocations still held after lru_free"],
    [{ ...careful, attempts: [refusal] }, "lru_new never succeeds"],
    [{ ...careful, attempts: [{ ...made, works: 0 }] }, "lru_new answered a cache that loses its first entry"],
    [{ ...careful, left_behind: 7 }, "7 allocations still held after 100 caches"],
  ]),
  ...both(checks.capacities, [
    [holds, null],
    [trials([0n, { answered: 1 }]), "lru_new(0) answered a cache"],
    [trials([2n ** 24n]), "lru_new(16777216) -> NULL"],
    [
      trials([2n, { answered: 1, put: 3, evicted: 2, found: 1, size: 1 }]),
      "of 3 keys put, 2 evicted another and 1 were found",
    ],
    [
      trials([2n ** 32n + 1n, { answered: 1, put: 100, evicted: 99, found: 1, size: 1 }]),
      "lru_new(4294967297): of 100 keys",
    ],
    [trials(), "no capacity was tried"],
  ]),
  [checks.countsOn.lfu, left(2), null],
  [
    checks.countsOn.lfu,
    left(1),
    "used 260 times in all, the other 250 times; then a put of a third key made the first one",
  ],
  [checks.countsOn.lfu, left(0), "made neither of them leave"],
  [checks.countsOn.lfu, { pairs: [] }, "no uses were compared"],
  [checks.countsOn.lru, left(1), null],
  [
    checks.countsOn.lru,
    left(2),
    "used 260 times and then the other 250 times; then a put of a third key made the other",
  ],
  [checks.countsOn.lru, { pairs: [] }, "no uses were compared"],
  ...both(checks.constantCost, [
    [{ costs: flat }, null],
    [{ costs: [] }, "no call was counted"],
    [{ costs: logarithmic }, "as a heap or a balanced tree does"],
    [{ costs: [cost(3, 1_000, 20, { wrong: 7 })] }, "put of a new key, when full: 7 wrong answers with 1,000"],
    [
      { costs: [cost(3, 1_000, 900), cost(3, 32_000, 2_000, { overran: 1 })] },
      "900 steps a call with 1,000 entries, over 2,000 with 32,000 entries; it grows in proportion",
    ],
    [{ costs: [cost(5, 50, 50), cost(5, 1_000, 700)] }, "it grows in proportion"],
    [
      { costs: [cost(16, 0, 20), cost(16, 10, 90)] },
      "20.0 steps a call at first, 90.0 within 1,000,000 calls; the calls",
    ],
    [
      { costs: [cost(16, 0, 20), cost(16, 1, 500, { overran: 1 })] },
      "over 500 within 100,000 calls; the calls cost more",
    ],
  ]),
  ...both(checks.noAllocation, [
    [{ costs: flat }, null],
    [{ costs: [] }, "no call was counted"],
    [
      { costs: [cost(3, 1_000, 20, { allocations: 1_000 })] },
      "lru: put of a new key, when full: memory was asked for 1,000 times",
    ],
  ]),
  ...both(checks.anyKeys, [
    [keys(even), null],
    [keys([]), "no call was counted"],
    [{ ...keys(even), pairs: 0 }, "no two keys were tried"],
    [{ ...keys(even), mixed_up: 1, alike: items(10n, 2n ** 63n) }, "lru_put(0xa), lru_get(0x8000000000000000) -> true"],
    [{ ...keys([]), mixed_up: 4, alike: items(1n, 2n) }, "lru_put(0x1), lru_put(0x2), lru_remove(0x1) -> false"],
    [
      keys([even[0]!, cost(5, 20_000, 1_000, { overran: 1 })]),
      "over 1,000 steps a call with multiples of the capacity; 20.0 with random keys",
    ],
    [keys([cost(0, 20_000, 1_000, { overran: 1 })]), "over 1,000 steps a call with"],
    [keys([even[0]!, cost(3, 20_000, 200)]), "200 steps a call with multiples of 2^32"],
  ]),
];

describe("judgements", () => {
  for (const [check, evidence, saw] of table) {
    test(`${check.id}: ${saw ?? "spares it"}`, () => {
      const judgement = check.run(evidence, check.id.startsWith("lru") ? lru : lfu);
      expect(judgement.verdict).toBe(saw === null ? "pass" : "wrong");
      if (saw !== null) expect(judgement.saw).toContain(saw);
    });
  }

  test("every check that reads evidence is in the table, with a refusal", () => {
    const named = new Set(table.filter(([, , saw]) => saw !== null).map(([check]) => check.id));
    const all = Object.values(checks as Record<string, any>)
      .flatMap((value) => (value.lru ? [value.lru, value.lfu] : [value]))
      .flatMap(({ id, run }) => (run ? [id] : []));
    expect(all).toHaveLength(20);
    expect([...named].sort()).toEqual(all.sort());
  });

  test("a bench sample counts only when its answers were right", () => {
    const right = { gets: 100, hits: 60, wrong_values: 0, size: 2 };
    expect(checks.benchSample(right, lru).verdict).toBe("pass");
    for (const wrong of [{ hits: 39 }, { wrong_values: 1 }, { size: 1 }])
      expect(checks.benchSample({ ...right, ...wrong }, lru).verdict).toBe("wrong");
  });
});

describe("schemas read what the driver sends", () => {
  test("an unknown name is refused", () => {
    expect(checks.countsEvidence.safeParse({ score: 100 }).success).toBe(false);
  });
});

describe("the model", () => {
  const left = (kind: "lru" | "lfu", keys: bigint[]) => {
    const model = new Model(kind, 2);
    return keys.map((key) => model.put(key, key)?.key);
  };

  test("lru: the last use counts, overwriting is one", () => {
    expect(left("lru", [1n, 2n, 1n, 3n])).toEqual([undefined, undefined, undefined, 2n]);
  });

  test("lfu: the fewest uses, then the last one; what left has lost its count", () => {
    expect(left("lfu", [1n, 2n, 3n])).toEqual([undefined, undefined, 1n]);
    expect(left("lfu", [1n, 1n, 2n, 3n, 2n])).toEqual([undefined, undefined, undefined, 2n, 3n]);
  });

  const answers = (steps: object[]) => steps.flatMap((step) => ("expect" in step ? [step.expect] : []));

  test("a plan expects the model's answers, and bytes that are untouched where nothing is written", () => {
    const list: Command[] = [
      { capacity: 1, keys: [1n, 2n] },
      { put: 0, value: 10n, of: 0, wants: true },
      { put: 1, value: 20n, of: 0, wants: true },
      { get: 0, of: 0, wants: false },
    ];
    const gone = { hex: `01${"00".repeat(7)}0a${"00".repeat(7)}` };
    const expected = ["not NULL", false, { hex: "a5".repeat(16) }, true, gone, false, 1n];
    for (const check of [lruMatchesModel, lfuMatchesModel]) expect(answers(check.plan(list))).toEqual(expected);
    expect(answers(lruKeepsOne.plan([])).length).toBeGreaterThan(10);
  });
});

describe("the lab", () => {
  test("the sampler is Zipf: shares of the first ranks are as 1 to 1/2^s to 1/3^s", () => {
    let state = 0;
    const evenly = () => (state = (state + 0.6180339887498949) % 1);
    const draw = zipf(1_000, 0.99, evenly);
    const seen = new Array<number>(1_001).fill(0);
    for (let i = 0; i < 100_000; i++) seen[draw()]!++;
    expect(seen[1]! / seen[2]!).toBeCloseTo(2 ** 0.99, 1);
    expect(seen[1]! / seen[3]!).toBeCloseTo(3 ** 0.99, 1);
    expect(seen[1_000]).toBeGreaterThan(0);
  });

  test("policies by hand: 1 2 3 1 2 with two places", () => {
    const rates = Object.values(POLICIES).map((policy) => policy([1, 2, 3, 1, 2], 2));
    expect(rates).toEqual([0, 0, 0, 1 / 5]);
    expect(belady([1, 2, 1, 3, 1, 2], 2)).toBe(2 / 6);
  });
});
