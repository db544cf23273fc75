// SPDX-License-Identifier: MIT
/** The checks of 05-xfetch on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import type { Cost } from "../../harness/src/judge/costs.ts";
import * as checks from "../../katas/05-xfetch/grader/checks.ts";
import type { CrowdEvidence, EarlyEvidence, HerdEvidence, HourEvidence } from "../../katas/05-xfetch/grader/checks.ts";
import { type Policy, probability, type Run, SETTING, simulate } from "../../katas/05-xfetch/grader/lab.ts";
import { due, isDoubtful, Model } from "../../katas/05-xfetch/grader/model.ts";
import { bitsOf, failingOrigin, keepsCapacity, matchesModel } from "../../katas/05-xfetch/grader/scripts.ts";

const early = { seed: 7, params: { beta_thousandths: 1_000, refreshes: 20_000 } };

/** As a perfect sample has them: the quantiles of Exp(`rate`), as far as 10. */
const quantiles = (n: number, rate = 1) =>
  Array.from({ length: n }, (_, i) => -Math.log(1 - ((i + 0.5) / n) * (1 - Math.exp(-10 * rate))) / rate);
const punctual: EarlyEvidence = {
  ahead: quantiles(20_000),
  near: 200_000,
  far: 20_000,
  far_refreshes: 0,
  draws_most: 1,
};

const apart = { most: 48, wrong: 0, asked: 9, mistaken: 0, alike: [] };
const hour = { seed: 7, params: { clients: 1_000, period_ms: 4_000, load_ms: 100, ttl_ms: 6_000, seconds: 3_600 } };
/** 0.1 s * (ln 25 + 0.577). */
const calm: HourEvidence = {
  gets: 900_000,
  loads: 640,
  late_loads: 0,
  ahead_us: Array.from({ length: 639 }, () => 379_600),
  longest_wait_us: 0,
};

const herd = { seed: 7, params: { threads: 2, few: 2, rounds: 8 } };
/** Rounds 3 and 7 without an origin; with round 7 the key is a new one. */
const together: HerdEvidence = {
  loads: [1, 1, 1, 1, 1, 1, 1, 1],
  answers: [1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 0, 0].map((version, at) => ({
    result: [0, 0, 0, 1, 0, 0, 0, 2][at >> 1]!,
    version,
  })),
};
const answered = (at: number, odd: Partial<HerdEvidence["answers"][number]>): HerdEvidence => ({
  ...together,
  answers: together.answers.map((answer, i) => (i === at ? { ...answer, ...odd } : answer)),
});

const crowd = { seed: 7, params: { threads: 4, gets: 1_000, keys: 24, capacity: 8 } };
const orderly: CrowdEvidence = {
  fresh: 3_500,
  stale: 200,
  failed: 300,
  loads: 2_000,
  strangers: 0,
  touched: 0,
  most_loads: 1,
  most_draws: 1,
  held: 8,
};
const hits = { seed: 7, params: { few: 500, many: 8_000 } };
const cost = (phase: number, size: number, steps: number, part: Partial<Cost> = {}): Cost => ({
  ...{ phase, size, calls: 1, steps, allocations: 0, wrong: 0, overran: 0 },
  ...part,
});
const among = (few: number, many: number) => [cost(0, 500, few), cost(0, 8_000, many)];
const cheap = { costs: among(14.12, 14.3), loads: 0 };
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const get = { situation: 0, nth: 2, alone: 1, answer: 0, wrong: 0, again: 1, kept: 0 };
const careful: checks.NoMemoryEvidence = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  lives: 100,
  left_behind: 0,
  gets: [get, { ...get, answer: 2 }],
  more_live: 0,
  more_bytes: 0,
};
const abreast = { seed: 7, params: { threads: 48, rounds: 8, capacity: 4 } };

/** [check, evidence, request, what `saw` must contain; null: it must pass] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, object, string | null];

const table: Row[] = [
  [checks.earlyRefreshes, punctual, early, null],
  [checks.earlyRefreshes, { ...punctual, near: 21_000 }, early, "95.2 % of 21,000 gets"],
  [checks.earlyRefreshes, { ...punctual, ahead: [] }, early, "0.0 % of 200,000 gets"],
  [checks.earlyRefreshes, { ...punctual, ahead: quantiles(20_000, 1.1) }, early, "of 20,000 early refreshes"],
  [checks.earlyRefreshes, { ...punctual, ahead: quantiles(20_000, 1.02) }, early, null],
  [checks.neverFar, punctual, early, null],
  [checks.neverFar, { ...punctual, far_refreshes: 1 }, early, "1 refreshed in 20,000 gets with 40 to 60"],
  [checks.neverFar, { ...punctual, far: 0 }, early, "no get met a value with 40 to 60"],
  [checks.earlyRefreshes, { ...punctual, near: 0, ahead: [] }, early, "no get met a value with less than 10"],

  [checks.loadsPerExpiry, calm, hour, null],
  [checks.loadsPerExpiry, { ...calm, late_loads: 3, longest_wait_us: 99_000 }, hour, "3 loads of 640 began when"],
  [checks.loadsPerExpiry, { ...calm, loads: 900 }, hour, "1.50 loads per ttl"],
  [checks.loadsPerExpiry, { ...calm, ahead_us: [600_000, 600_000] }, hour, "loads began 600 ms before expiry"],

  [checks.oneLoad, together, herd, null],
  [checks.oneLoad, { ...together, loads: [1, 2, 1, 1, 1, 1, 1, 1] }, herd, "2 threads met one expiry: 2 loads"],
  [checks.oneLoad, { ...together, loads: [1, 1, 1, 2, 1, 1, 1, 1] }, herd, null],
  [checks.oneLoad, { ...together, loads: [0, 1, 1, 1, 1, 1, 1, 1] }, herd, "1 load; 5 loads for 6 expiries"],
  [checks.oneLoad, answered(3, { version: 1 }), herd, "with the value of load 1"],
  [checks.oneLoad, answered(0, { result: 1 }), herd, "one of 2 threads got XFETCH_STALE"],
  [checks.sharedFailure, together, herd, null],
  [checks.sharedFailure, { ...together, loads: [1, 1, 1, 2, 1, 1, 1, 2] }, herd, "2 loads in the median round"],
  [checks.sharedFailure, answered(6, { result: 2 }), herd, "round 3, the origin down"],
  [checks.sharedFailure, answered(15, { result: 0 }), herd, "no value of this key"],

  [checks.rightValues, orderly, crowd, null],
  [checks.rightValues, { ...orderly, held: 3 }, crowd, null],
  [checks.rightValues, { ...orderly, strangers: 2 }, crowd, "2 answers of 4,000 gets"],
  [checks.rightValues, { ...orderly, touched: 1 }, crowd, "overwritten by 1 get"],
  [checks.rightValues, { ...orderly, most_loads: 2 }, crowd, "2 loads of one key"],
  [checks.rightValues, { ...orderly, most_draws: 2 }, crowd, "2 draws in one get"],
  [checks.rightValues, { ...orderly, held: 9 }, crowd, "9 values were kept"],
  [checks.rightValues, { ...orderly, fresh: 3_499 }, crowd, "3,999 answers to 4,000 gets"],
  [checks.memoryClean, orderly, crowd, null],
  [checks.memoryClean, { ...orderly, fresh: 0, failed: 3_800 }, crowd, "0 of them fresh"],
  [checks.raceFree, orderly, crowd, null],
  [checks.raceFree, { ...orderly, loads: 0 }, crowd, "0 loads"],

  [checks.hitCost, cheap, hits, null],
  [checks.hitCost, { costs: among(14.12, 35), loads: 0 }, hits, null],
  [checks.hitCost, { costs: among(14.12, 500), loads: 0 }, hits, "14.1 steps a call with 500 values, 500 with 8,000"],
  [checks.hitCost, { ...cheap, loads: 4 }, hits, "4 loads in 2,000 gets"],
  [checks.hitCost, { costs: [cost(0, 500, 20_000, { overran: 1 })] }, hits, "over 20,000 steps"],
  [checks.hitCost, { costs: [cost(1, 500, 2e6, { overran: 1 })] }, hits, "a first get of a key: over 2,000,000 steps"],

  [checks.manyFlights, { ...apart, most: 48 }, abreast, null],
  [checks.manyFlights, { ...apart, most: 16 }, abreast, "48 threads asked for 48 keys: 16 loads began"],
  [checks.manyFlights, { ...apart, most: 48, wrong: 1 }, abreast, "1 answer of 384 not XFETCH_FRESH"],
  [checks.manyFlights, { ...apart, asked: 0 }, abreast, "no two keys were tried"],
  [
    checks.manyFlights,
    { ...apart, mistaken: 1, alike: [1n, 2n ** 32n + 1n] },
    abreast,
    "key 0x1 was being loaded, xfetch_get(0x100000001) neither",
  ],
  [
    checks.manyFlights,
    { ...apart, mistaken: 2, alike: [1n, 2n] },
    abreast,
    "xfetch_get(0x2) did not answer XFETCH_FRESH",
  ],
  [checks.manyFlights, { ...apart, mistaken: 3, alike: [1n, 2n] }, abreast, "with the value of its own key"],
  [checks.manyFlights, { ...apart, mistaken: 4, alike: [1n, 2n] }, abreast, "one of them did not return"],
  [checks.noMemory, careful, {}, null],
  [checks.noMemory, { ...careful, more_live: -3 }, {}, null],
  [checks.noMemory, { ...careful, more_live: 20_000 }, {}, "20,000 allocations more held"],
  [checks.noMemory, { ...careful, more_bytes: 320_000 }, {}, "320,000 bytes more held"],
  [checks.noMemory, { ...careful, attempts: [made, { ...made, alone: 1 }] }, {}, "no memory at all"],
  [
    checks.noMemory,
    { ...careful, attempts: [{ ...refusal, kept: 1 }] },
    {},
    "1 allocation still held after xfetch_new answered NULL",
  ],
  [checks.noMemory, { ...careful, gets: [{ ...get, wrong: 1 }] }, {}, "answered XFETCH_FRESH with a value"],
  [checks.noMemory, { ...careful, gets: [{ ...get, answer: 2, wrong: 1 }] }, {}, "was overwritten"],
  [checks.noMemory, { ...careful, gets: [{ ...get, answer: 3 }] }, {}, "answered 3"],
  [
    checks.noMemory,
    { ...careful, gets: [{ ...get, alone: 0, again: 0 }] },
    {},
    "2 and all later ones refused; the next",
  ],
  [checks.noMemory, { ...careful, gets: [{ ...get, kept: 2 }] }, {}, "alone refused; 2 allocations still held"],
  [checks.noMemory, { ...careful, gets: [{ ...get, kept: 2 ** 64 }] }, {}, "more freed than allocated"],
];

describe("judgements", () => {
  for (const [check, evidence, request, saw] of table) {
    test(`${check.id}: ${saw ?? "spares it"}`, () => {
      const judgement = check.run(evidence, request);
      expect(judgement.verdict).toBe(saw === null ? "pass" : "wrong");
      if (saw !== null) expect(judgement.saw).toContain(saw);
    });
  }

  test("every check that reads evidence is in the table, with a pass and a refusal", () => {
    const all = Object.values(checks).flatMap((value) =>
      typeof value === "object" && "run" in value ? [value.id] : [],
    );
    for (const spared of [true, false]) {
      const tried = new Set(table.filter(([, , , saw]) => (saw === null) === spared).map(([check]) => check.id));
      expect([...tried].sort()).toEqual(all.sort());
    }
  });

  test("a bench sample counts only with right, fresh values and the usual number of loads", () => {
    const request = { seed: 1, params: { gets: 12_000_000, threads: 1 } };
    const right = { loads: 3, wrong_values: 0, not_fresh: 0 };
    expect(checks.benchSample(right, request).verdict).toBe("pass");
    expect(checks.benchSample({ ...right, wrong_values: 1 }, request).verdict).toBe("wrong");
    expect(checks.benchSample({ ...right, not_fresh: 1 }, request).verdict).toBe("wrong");
    expect(checks.benchSample({ ...right, loads: 12_000_000 }, request).verdict).toBe("wrong");
    expect(checks.benchSample({ ...right, loads: 0 }, request).verdict).toBe("wrong");
  });
});

describe("the model", () => {
  test("follows the rule, and says where it is in doubt", () => {
    const at = { now_s: 99, expiry_s: 100, delta_s: 1, beta: 1, uniform: Math.exp(-1) };
    expect(isDoubtful(at)).toBeTrue();
    expect(isDoubtful({ ...at, uniform: 0.3678 })).toBeFalse();
    expect(due({ ...at, uniform: 0.3678 })).toBeTrue();
    expect(due({ ...at, uniform: 0.368 })).toBeFalse();
    expect(due({ ...at, delta_s: 0, uniform: 0 })).toBeTrue();
    expect(due({ ...at, delta_s: -1, beta: -1, uniform: 0 })).toBeFalse();
    expect(due({ ...at, now_s: 100, delta_s: NaN })).toBeTrue();
  });

  test("loads, serves, refreshes and falls back", () => {
    const model = new Model(1);
    expect(model.get(1n)).toBe("FRESH v1, 1 load");
    expect(model.get(1n)).toBe("FRESH v1");
    model.now_s += 58;
    model.uniform = 0.1; // 2.3 s ahead, 2 s left
    model.origin = { load_s: 1, ttl_s: NaN, fails: true };
    expect(model.get(1n)).toBe("FRESH v1, 1 load");
    model.origin = { load_s: 1, ttl_s: NaN, fails: true };
    expect(model.get(1n)).toBe("STALE v1, 1 load");
    model.origin = { load_s: 1, ttl_s: NaN, fails: false };
    expect(model.get(1n)).toBe("FRESH v4, 1 load");
    model.origin = { load_s: 1, ttl_s: 5, fails: true };
    expect(model.get(1n)).toBe("STALE v4, 1 load");
    expect(model.get(2n)).toBe("FAILED, 1 load");
  });

  test("scripts say what they expect", () => {
    const shows = (steps: object[]) => steps.map((step) => ("show" in step ? step.show : "")).join("; ");
    const story = matchesModel.plan([
      { beta: 1, commands: [{ get: 0 }, { draw: 1e-6 }, { advance_s: 50 }, { get: 0 }] },
    ]);
    expect(shows(story)).toContain("get(1); draws are 0.000001; 50 s pass; get(1); free(c)");
    expect(
      shows(failingOrigin.plan([{ beta: 1, commands: [{ origin: { load_s: 4, ttl_s: 1, fails: true } }] }])),
    ).toContain("4 s and fail");
    expect(shows(keepsCapacity.plan([{ capacity: 2, order: [5] }]))).toContain("values beyond 2");
    expect(bitsOf(1)).toBe(0x3ff0000000000000n);
  });
});

describe("the lab", () => {
  test("counts loads as theory has them", () => {
    const seconds = 240;
    const of = (policy: Policy) => simulate(policy, { ...SETTING, seconds });
    const perTtl = ({ loads }: Run) => loads.length / (seconds / SETTING.ttl_s);
    expect(perTtl(of("none"))).toBeWithin(85, 110);
    expect(perTtl(of("flight"))).toBeLessThan(1);
    expect(perTtl(of("xfetch"))).toBeWithin(1, 1.15);
    expect(of("xfetch").peak).toBe(1);
    expect(of("stale").waits).toEqual([]);
    expect(of("stale").stale / of("stale").reads).toBeGreaterThan(0.01);
    expect(perTtl(of("ttlForDeltaAlone"))).toBeGreaterThan(2_000);
  });

  test("a burst without single flight is e^(1/beta)", () => {
    const bursts = (beta: number) => {
      const run = simulate("xfetchAlone", { ...SETTING, beta, seconds: 1_500 });
      const begins = run.loads.filter((at, i) => i === 0 || at - run.loads[i - 1]! > 2);
      return run.loads.length / begins.length;
    };
    expect(bursts(1)).toBeWithin(2.2, 3.3);
    expect(bursts(2)).toBeWithin(1.4, 1.9);
    expect(probability(0.1, 1, 0.1)).toBeCloseTo(0.3679, 4);
  });
});
