// SPDX-License-Identifier: MIT
/** What 05-xfetch does on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import type { Origin } from "./model.ts";
import { begin, DOWN, HOUR, newCache, Story } from "./story.ts";

export * from "./rule.ts";
export { bitsOf } from "./story.ts";

/** In calls.c, script_two_worlds(): the clock of the second world stands where the first one's value has expired. */
const twoWorlds: Step = {
  call: "script_two_worlds",
  args: [],
  expect: { text: "first 100, second 200, first 100, second 200; loads 1 and 1" },
  show: "two caches, each with a world of its own, get(1) from each, twice",
};

/** A missing value is loaded, a live one served, an expired one loaded again. */
export const someValueArrives: ScriptCheck = {
  id: "some_value_arrives",
  points: 3,
  ...once,
  plan() {
    const story = new Story(4, 1);
    story.get(7n);
    story.get(7n);
    story.advance(30);
    story.get(7n);
    story.advance(100);
    story.get(7n);
    return [...story.free(), { call: "xfetch_free", args: [null], show: "free(NULL)" }, twoWorlds];
  },
  lookAt: "xfetch_get: missing, live, expired: what does each of the three do?",
};

const SIZES_OF_NODES = [24n, 32n, 40n, 48n, 56n, 64n, 72n, 80n, 96n, 112n, 128n, 256n];
const WORDS = 2n ** 64n;

/** Capacities that no memory can hold are refused, zero is, and one is not. What may be refused is tried all the same. */
export const refusesCapacities: ScriptCheck = {
  id: "refuses_capacities",
  points: 2,
  needs: "some_value_arrives",
  ...once,
  plan() {
    const refused = [0n, WORDS - 1n, WORDS / 2n, WORDS / 8n + 1n, WORDS / 16n + 1n];
    const one = new Story(1, 1);
    one.get(1n);
    one.get(1n);
    one.use(2n); // it may take the place of the other or not be kept
    one.heldAtMost(1, 4);
    return [...refused.flatMap((capacity) => [begin(), newCache(capacity, 1, null)]), ...one.free()];
  },
  lookAt: "xfetch_new: what is the capacity multiplied with, and can the product be smaller than it?",
};

/** A product that wraps around to a few nodes is found by using the cache: then memory beyond them is touched. */
export const largeCapacities: ScriptCheck = {
  id: "large_capacities",
  points: 2,
  needs: "some_value_arrives",
  ...once,
  plan: () =>
    SIZES_OF_NODES.flatMap((size): Step[] => {
      const capacity = WORDS / size + 1n;
      const use: Step = {
        call: "script_try",
        args: [capacity],
        expect: true,
        show: `c = new(${capacity}), and if that is not NULL, 200 values go in and come out`,
      };
      return [begin(), use];
    }),
  lookAt: "xfetch_new: NULL, or a cache that has the room it was asked for; can the number of bytes wrap around?",
};

type Command =
  | { get: number }
  | { advance_s: number }
  | { until: number; before_s: number; draw: number }
  | { draw: number }
  | { origin: Origin };

const KEYS = [1n, 0n, 2n ** 64n - 1n, 2n ** 32n + 1n, 17n];
const DRAWS = [0.999, 0.9, 0.5, 0.25, 0.1, 0.01, 1e-6];
const DAY_S = 86_400;
const quarters = (most: number) => fc.integer({ min: 0, max: 4 * most }).map((n) => n / 4);

/** The draw goes with it: what is due a moment before its expiry is what may expire during its refresh. */
const nearExpiry = fc.record({
  until: fc.nat(KEYS.length - 1),
  before_s: fc.constantFrom(0, 0, 0.5, 1),
  draw: fc.constantFrom(0.999, 1e-6, 1e-6),
});

/** A cache of one beta, and what is done to it. */
interface Tale {
  beta: number;
  commands: Command[];
}

const BETAS = [1, 0.5, 2, 8, 0];

function talesWith(origins: fc.Arbitrary<Origin>): fc.Arbitrary<Tale[]> {
  const command: fc.Arbitrary<Command> = fc.oneof(
    { weight: 6, arbitrary: fc.record({ get: fc.nat(KEYS.length - 1) }) },
    { weight: 4, arbitrary: fc.record({ advance_s: quarters(8) }) },
    { weight: 1, arbitrary: fc.constant({ advance_s: DAY_S }) },
    { weight: 2, arbitrary: nearExpiry },
    { weight: 3, arbitrary: fc.record({ draw: fc.constantFrom(...DRAWS) }) },
    { weight: 2, arbitrary: fc.record({ origin: origins }) },
  );
  const commands = fc.array(command, { maxLength: 60, size: "max" });
  return fc.record({ beta: fc.constantFrom(...BETAS), commands }).map((tale) => [tale]);
}

const ordinary = fc.record({
  load_s: fc.constantFrom(0.25, 1, 1, 4),
  ttl_s: fc.constantFrom(4, 10, 20),
  fails: fc.constant(false),
});

function planTale([tale]: Tale[], begin_s?: number): Step[] {
  const { beta, commands } = tale!;
  const story = new Story(KEYS.length, beta, begin_s);
  for (const command of commands) {
    if ("get" in command) story.get(KEYS[command.get]!);
    else if ("advance_s" in command) story.advance(command.advance_s);
    else if ("until" in command) story.advanceTowardsExpiry(KEYS[command.until]!, command);
    else if ("draw" in command) story.draw(command.draw);
    else story.origin(command.origin);
  }
  return story.free();
}

/** Each of these lists with each beta. */
const withEachBeta = (...lists: Command[][]): Tale[][] =>
  lists.flatMap((commands) => BETAS.map((beta) => [{ beta, commands }]));

const brings = (ttl_s: number, load_s = 1): Command => ({ origin: { load_s, ttl_s, fails: false } });
const fails = (ttl_s: number, load_s = 1): Command => ({ origin: { load_s, ttl_s, fails: true } });
const LATE_DRAW = { draw: 0.999 };
const EARLY_DRAW = { draw: 1e-6 };
/** The key's value has so long to live; a draw that a beta of 1 follows, and more so a greater one. */
const shortlyBefore = (get: number, before_s: number): Command[] => [
  { until: get, before_s, draw: LATE_DRAW.draw },
  EARLY_DRAW,
];

/** On one thread a cache answers as the model does, whatever passes and is drawn; one draw at most per get. */
export const matchesModel: ScriptCheck<Tale> = {
  id: "matches_model",
  points: 7,
  needs: "some_value_arrives",
  runs: 80,
  commands: talesWith(ordinary),
  /** A draw that every beta but 0 follows. */
  always: withEachBeta([{ get: 0 }, { until: 0, before_s: 1, draw: 1e-6 }, LATE_DRAW, { get: 0 }]),
  plan: (tales) => planTale(tales),
  lookAt:
    "for each of these calls write down expiry and delta: when does a load begin, when does it end, and which time does each of them use?",
};

const failing = fc.record({
  load_s: fc.constantFrom(0.25, 1, 4, 12),
  ttl_s: fc.constantFrom(4, 10, 20),
  fails: fc.boolean(),
});

/** A value that is live when its refresh begins, and live or expired when that has failed; then what is left of its life. */
const refreshFails = (before_s: number, load_s: number): Command[] => [
  ...[brings(60), { get: 0 }],
  ...[...shortlyBefore(0, before_s), fails(20, load_s), { get: 0 }],
  ...[LATE_DRAW, { get: 0 }, EARLY_DRAW, { get: 0 }], // it is tried again
  ...[LATE_DRAW, { advance_s: 1 }, { get: 0 }, { until: 0, before_s: 0, draw: 0.999 }],
  ...[brings(20), { get: 0 }, { get: 0 }],
];

/** A missing value, then an expired one, that cannot be loaded: each get tries again. */
const loadFails: Command[] = [
  ...[fails(20), { get: 1 }, { get: 1 }],
  ...[brings(20), { get: 1 }, { advance_s: 20 }],
  ...[fails(20), { get: 1 }, { get: 1 }, { advance_s: DAY_S }, { get: 1 }],
  ...[brings(20), { get: 1 }, { get: 1 }],
];

/** A failure replaces nothing and is not remembered; the answer says what it is worth at the time after the load. */
export const failingOrigin: ScriptCheck<Tale> = {
  id: "failing_origin",
  points: 4,
  needs: "some_value_arrives",
  runs: 80,
  commands: talesWith(failing),
  always: withEachBeta(refreshFails(5, 1), refreshFails(5, 4), refreshFails(5, 5), refreshFails(5, 12), loadFails),
  plan: (tales) => planTale(tales),
  lookAt:
    "after a failed load: which value is there, is it live at the time after the load, and what does the next get do?",
};

const NO_LIFE = [0, -0, -1, -Infinity, NaN];
const LONG_LIFE = [Infinity, 1e300];
const odd = fc.record({
  load_s: fc.constantFrom(0, 0.25, 1, 4),
  ttl_s: fc.constantFrom(...NO_LIFE, ...LONG_LIFE, 10),
  fails: fc.constantFrom(false, false, true),
});

/** What expires at 0 s, when the clock begins; little life, and much, of what took no time to load. */
const loadAtOnce: Command[] = [
  ...[brings(0, 0), { get: 2 }, fails(0, 0), { get: 2 }],
  ...[brings(1e-4, 0), { get: 0 }, { get: 0 }],
  ...[brings(Infinity, 0), { get: 1 }, { get: 1 }],
  ...[{ advance_s: 1e9 }, { get: 0 }, { get: 1 }],
];

/** A value without a life, loaded first, or in the place of an expired one, or of a live one; after each a failed load. */
const lifeless = (ttl_s: number): Command[] => [
  ...[fails(ttl_s), { get: 0 }, brings(ttl_s), { get: 0 }, { get: 0 }, fails(ttl_s), { get: 0 }, { get: 0 }],
  ...[brings(60), { get: 0 }, { get: 0 }, { advance_s: 60 }, brings(ttl_s), { get: 0 }, fails(ttl_s), { get: 0 }],
  ...[brings(60), { get: 0 }, ...shortlyBefore(0, 5), brings(ttl_s), { get: 0 }, LATE_DRAW, { get: 0 }],
  ...[fails(ttl_s), { get: 0 }, { advance_s: DAY_S }, { get: 0 }],
  ...[brings(60), { get: 0 }, ...shortlyBefore(0, 5), fails(ttl_s), { get: 0 }, LATE_DRAW, { get: 0 }],
];

/** A value that lives on, loaded first, or in the place of an expired one, or of a live one. */
const longLived = (ttl_s: number): Command[] => [
  ...[fails(ttl_s), { get: 0 }, brings(ttl_s), { get: 0 }, { advance_s: DAY_S }, { get: 0 }],
  ...[brings(0), { get: 1 }, brings(ttl_s), { get: 1 }, fails(ttl_s), { advance_s: DAY_S }, { get: 1 }],
  ...[brings(60), { get: 3 }, ...shortlyBefore(3, 5), brings(ttl_s), { get: 3 }, LATE_DRAW],
  ...[{ advance_s: DAY_S }, fails(ttl_s), { get: 3 }, { get: 0 }],
  ...[brings(60), { get: 4 }, ...shortlyBefore(4, 5), fails(ttl_s), { get: 4 }, LATE_DRAW, { get: 4 }],
  ...[{ advance_s: 60 }, { get: 4 }],
];

/** A value whose ttl is not positive, or NaN, serves once; one without end never expires. */
export const oddTtls: ScriptCheck<Tale> = {
  id: "odd_ttls",
  points: 3,
  needs: "some_value_arrives",
  runs: 80,
  commands: talesWith(odd),
  always: withEachBeta(loadAtOnce, ...NO_LIFE.map(lifeless), ...LONG_LIFE.map(longLived)),
  plan: (tales) => planTale(tales, 0),
  lookAt: "a comparison with NaN is false: which way round is yours, and what does false mean there?",
};

/** Time that passes inside xfetch_get but outside of the load is not the origin's. */
export const deltaOfLoad: ScriptCheck = {
  id: "delta_of_load",
  points: 3,
  needs: "some_value_arrives",
  ...once,
  plan() {
    const story = new Story(4, 1);
    story.origin(HOUR);
    story.getExpecting(1n, "FRESH v1, 1 load");
    story.advance(3_590);
    story.draw(1e-6, 3); // 13.8 s ahead, with 10 s left; the draw itself takes 3 s
    story.getExpecting(1n, "FRESH v2, 1 load");
    story.draw(0.05); // 3.0 s ahead if delta is 1 s, 12 s if it is 4 s
    story.advance(3_594);
    story.getExpecting(1n, "FRESH v2");
    story.advance(4); // 2 s left
    story.getExpecting(1n, "FRESH v3, 1 load");
    story.origin({ ...DOWN, load_s: 8 });
    story.advance(3_580);
    story.draw(1e-9); // 20.7 s ahead, with 20 s left; it takes 8 s, in vain
    story.getExpecting(1n, "FRESH v3, 1 load");
    story.draw(0.05); // 3.0 s ahead if delta is still 1 s, 24 s if it is 8 s
    story.getExpecting(1n, "FRESH v3");
    story.origin({ ...HOUR, load_s: 100 });
    story.getExpecting(2n, "FRESH v1, 1 load");
    story.advance(3_520); // 80 s left
    story.draw(0.5); // 69 s ahead
    story.getExpecting(2n, "FRESH v1");
    story.advance(20);
    story.getExpecting(2n, "FRESH v2, 1 load");
    story.origin(HOUR);
    story.getExpecting(3n, "FRESH v1, 1 load");
    story.advance(3_570); // 30 s left
    story.draw(1e-15); // 34.5 s ahead
    story.getExpecting(3n, "FRESH v2, 1 load");
    story.draw(0.5);
    story.origin({ load_s: 100, ttl_s: 20, fails: false });
    story.getExpecting(4n, "FRESH v1, 1 load");
    story.advance(1); // 19 s left; 69 s ahead if delta is 100 s, 14 s if it is cut at the ttl
    story.getExpecting(4n, "FRESH v2, 1 load");
    return story.free();
  },
  lookAt: "delta is between which two looks at the clock? What else happens between them?",
};

interface Crowded {
  capacity: number;
  order: number[];
}

/** No more than `capacity` values stay, and as long as there are no more keys than that, all of them do. */
export const keepsCapacity: ScriptCheck<Crowded> = {
  id: "keeps_capacity",
  points: 4,
  needs: "some_value_arrives",
  runs: 40,
  commands: fc
    .record({ capacity: fc.integer({ min: 1, max: 9 }), order: fc.array(fc.nat(19), { minLength: 1, maxLength: 40 }) })
    .map((crowded) => [crowded]),
  plan: ([crowded]) => planCrowd(crowded!),
  lookAt: "which key leaves, when, and for which? Does one leave for a load that brings nothing?",
};

function planCrowd({ capacity, order }: Crowded): Step[] {
  const story = new Story(capacity, 1);
  story.origin(HOUR);
  const inUse = [...Array(capacity).keys()].map(BigInt);
  for (const key of inUse) story.getExpecting(key, "FRESH v1, 1 load");
  story.origin(DOWN);
  for (const key of [70n, 71n]) story.getExpecting(key, "FAILED, 1 load");
  for (const key of inUse) story.getExpecting(key, "FRESH v1");
  story.origin(HOUR);
  for (const key of order) story.use(BigInt(key));
  story.heldAtMost(capacity, 20);
  return story.free();
}
