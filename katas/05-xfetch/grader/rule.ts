// SPDX-License-Identifier: MIT
/** The rule of 05-xfetch, xfetch_due: at chosen points, at random ones, and where numbers leave the beaten track. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import fc from "fast-check";
import { due, isDoubtful, type Rule } from "./model.ts";
import { bitsOf } from "./story.ts";

const asked = ({ now_s, expiry_s, delta_s, beta, uniform }: Rule, expect: boolean): Step => ({
  call: "script_due",
  args: [now_s, expiry_s, delta_s, beta, uniform].map(bitsOf),
  expect,
  show: `due(now ${now_s}, expiry ${expiry_s}, delta ${delta_s}, beta ${beta}, uniform ${uniform})`,
});

const rule = (now_s: number, expiry_s: number, delta_s: number, beta: number, uniform: number): Rule => ({
  now_s,
  expiry_s,
  delta_s,
  beta,
  uniform,
});

/** Either side of the threshold: exp(-1) = 0.3679, exp(-2) = 0.1353, exp(-0.5) = 0.6065, exp(-10) = 0.0000454. */
type Point = [Rule, boolean];
const RULE_POINTS: Point[] = [
  [rule(99, 100, 1, 1, 0.3678), true],
  [rule(99, 100, 1, 1, 0.368), false],
  [rule(98, 100, 1, 1, 0.1353), true],
  [rule(98, 100, 1, 1, 0.1354), false],
  [rule(99, 100, 1, 2, 0.606), true],
  [rule(99, 100, 1, 2, 0.607), false],
  [rule(99, 100, 2, 1, 0.606), true],
  [rule(99, 100, 2, 1, 0.607), false],
  [rule(99.75, 100, 0.5, 0.5, 0.3678), true],
  [rule(99.75, 100, 0.5, 0.5, 0.368), false],
  [rule(90, 100, 1, 1, 0.0000453), true],
  [rule(90, 100, 1, 1, 0.0000455), false],
  [rule(99.999, 100, 0.001, 1, 0.3678), true],
  [rule(99.999, 100, 0.001, 1, 0.369), false],
  [rule(0, 3_600, 120, 1, 9.3e-14), true],
  [rule(0, 3_600, 120, 1, 9.5e-14), false],
  [rule(40, 100, 1, 1, 0.3), false],
  [rule(100, 100, 1, 1, 0.999), true],
  [rule(101, 100, 1, 1, 0.999), true],
];

const someRule: fc.Arbitrary<Rule> = fc
  .record({
    now_s: fc.integer({ min: 0, max: 4_000 }).map((n) => n / 4),
    left_s: fc.integer({ min: -40, max: 400 }).map((n) => n / 8),
    delta_s: fc.constantFrom(0.001, 0.125, 1, 1, 2.5, 7, 60),
    beta: fc.constantFrom(0.1, 0.5, 1, 1, 2, 5, 30),
    uniform: fc.oneof(
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.constantFrom(0, 1e-9, 0.5, 0.99),
    ),
  })
  .map(({ left_s, ...rest }) => ({ ...rest, expiry_s: rest.now_s + left_s }));

const somePoint: fc.Arbitrary<Point> = someRule.filter((at) => !isDoubtful(at)).map((at) => [at, due(at)]);

/** Of a table each run takes some, half of them on average, so that a failure shrinks to one: none is never taken. */
const SUBSETS = 40;

/** The rule's answer at chosen points, and at random ones that are not too near to the threshold. */
export const rulePoints: ScriptCheck<Point> = {
  id: "rule_points",
  points: 6,
  runs: SUBSETS,
  commands: fc.tuple(fc.subarray(RULE_POINTS), fc.array(somePoint, { maxLength: 20 })).map((both) => both.flat()),
  plan: (points) => points.map(([at, answer]) => asked(at, answer)),
  lookAt: "xfetch_due: which logarithm, of what, times what; and on which side of the clock does it go?",
};

const LIVE = rule(90, 100, 1, 1, 0.5);
const HUGE = 1e308;

/** What every right way to compute the rule says where its numbers leave the beaten track. */
const RULE_LIMITS: Point[] = [
  // A draw of zero looks ahead for ever: also with nothing to multiply it by, and with infinitely much.
  ...[0, 1, HUGE, Infinity].flatMap((delta_s) =>
    [0, 1, HUGE, Infinity].map((beta): Point => [{ ...LIVE, delta_s, beta, uniform: 0 }, true]),
  ),
  [{ ...LIVE, expiry_s: HUGE, uniform: 0 }, true],
  [{ ...LIVE, expiry_s: Infinity, uniform: 0 }, true],
  // Nothing to look ahead with.
  [{ ...LIVE, delta_s: 0 }, false],
  [{ ...LIVE, beta: 0 }, false],
  [{ ...LIVE, delta_s: 0, beta: 0, uniform: 5e-324 }, false],
  [{ ...LIVE, now_s: 99.999, delta_s: 0 }, false],
  // The smallest draw that is not zero looks 744.44 deltas ahead.
  [{ ...LIVE, expiry_s: 800, uniform: 5e-324 }, true],
  [{ ...LIVE, expiry_s: 900, uniform: 5e-324 }, false],
  [{ ...LIVE, delta_s: HUGE }, true],
  [{ ...LIVE, delta_s: HUGE, beta: HUGE }, true],
  [{ ...LIVE, delta_s: Infinity }, true],
  [{ ...LIVE, beta: Infinity }, true],
  [{ ...LIVE, expiry_s: Infinity }, false],
  [{ ...LIVE, expiry_s: HUGE }, false],
  // Negative: each alone, and two whose product is positive.
  [{ ...LIVE, delta_s: -100 }, false],
  [{ ...LIVE, beta: -100 }, false],
  [{ ...LIVE, delta_s: -100, beta: -1 }, false],
  [{ ...LIVE, delta_s: -Infinity, beta: -1 }, false],
  [{ ...LIVE, uniform: -0.5 }, false],
  [{ ...LIVE, delta_s: -1, uniform: 0 }, false],
  [{ ...LIVE, beta: -1, uniform: 0 }, false],
  [{ ...LIVE, delta_s: -100, uniform: 2 }, false],
  // Not a number.
  ...(["now_s", "expiry_s", "delta_s", "beta", "uniform"] as const).flatMap((name): Point[] => [
    [{ ...LIVE, [name]: NaN }, false],
    [{ ...LIVE, uniform: 0, [name]: NaN }, false],
  ]),
  // Expired is expired.
  ...[-1, 0, HUGE, Infinity, NaN].flatMap((odd): Point[] => [
    [{ ...LIVE, now_s: 100, delta_s: odd }, true],
    [{ ...LIVE, now_s: 101, beta: odd }, true],
    [{ ...LIVE, now_s: 100, uniform: odd }, true],
  ]),
  [{ ...LIVE, now_s: Infinity }, true],
  [{ ...LIVE, now_s: Infinity, expiry_s: Infinity }, true],
];

export const ruleLimits: ScriptCheck<Point> = {
  id: "rule_limits",
  points: 5,
  runs: SUBSETS,
  commands: fc.subarray(RULE_LIMITS),
  plan: (points) => points.map(([at, answer]) => asked(at, answer)),
  lookAt:
    "xfetch_due: ln(0), 0 * infinity, two negative factors, NaN in a comparison: what does each of them do there?",
};
