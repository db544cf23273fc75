// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import type { Cost } from "../../harness/src/judge/costs.ts";
import * as checks from "../../katas/06-hash-ring/grader/checks.ts";
import type {
  CountsEvidence,
  MovementEvidence,
  NoMemoryEvidence,
  RingsEvidence,
} from "../../katas/06-hash-ring/grader/checks.ts";
import { arcShares, jumpHash, moved, spreadOf } from "../../katas/06-hash-ring/grader/lab.ts";
import { fnv1a64, labelOf, Ring, ringHash } from "../../katas/06-hash-ring/grader/ring.ts";
import {
  HIGH_TWINS,
  matchesModel,
  NEAR,
  refusesBadNames,
  TOUCHING,
  TWINS,
  WIDE,
  WIDE_OWNERS,
} from "../../katas/06-hash-ring/grader/scripts.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const moves = { seed: 1, params: { vnodes: 150, nodes: 2, keys: 20_000 } };
const calm: MovementEvidence = {
  changes: [
    { nodes: 1, node: 1, moved: 9_800, strayed: 0, stuck: 0 },
    { nodes: 2, node: 0, moved: 10_200, strayed: 0, stuck: 0 },
  ],
};
const withChange = (part: Partial<MovementEvidence["changes"][number]>) => ({
  changes: [calm.changes[0]!, { ...calm.changes[1]!, ...part }],
});

const spread = { seed: 1, params: { rings: 1, vnodes: 150, nodes: 4, keys: 20_000 } };

const read = { seed: 7, params: { vnodes: 3, threads: 1, keys: 4, rounds: 1 } };
const readRing = new Ring(
  3,
  [0, 1, 2, 3, 4].map((node) => `set-7.node-${node}`),
);
const numberOf = (name: string) => BigInt(name.at(-1)!);
const ownersOf = (key: number, n: number) => readRing.nodes(checks.keyBytes(7, key), n).map(numberOf);
const owners = BigUint64Array.from([0, 1, 2, 3].flatMap((key) => [ownersOf(key, 1)[0]!, ownersOf(key, 1)[0]!]));
const trios = BigUint64Array.of(ownersOf(0, 3).reduceRight((code, node) => (code << 16n) | node, 0n));
const oddOwners = (value: bigint) => owners.map((owner, at) => (at === 5 ? value : owner));

const nobodyAsked = new BigUint64Array(0);
const cost = (phase: number, size: number, steps: number, part: Partial<Cost> = {}): Cost => ({
  ...{ phase, size, calls: 1, steps, allocations: 0, wrong: 0, overran: 0 },
  ...part,
});
const ADDS = [cost(0, 0, 6.771), cost(0, 1, 6.114), cost(0, 2, 6.966)];
const REMOVES = [cost(1, 0, 3.352), cost(1, 1, 3.334), cost(1, 2, 2.985)];
const GETS = [cost(2, 256, 26), cost(2, 8_192, 31), cost(2, 262_144, 36)];
const cheap: CountsEvidence = {
  costs: [...ADDS, ...REMOVES, ...GETS],
  owners_256: nobodyAsked,
  owners_8192: nobodyAsked,
  owners_262144: BigUint64Array.from(checks.ownersAmong(8, 32_768, 5)),
};
/** The same, except for some rows; a row that overran is the last. */
const dear = (...odd: Cost[]): CountsEvidence => ({
  ...cheap,
  costs: cheap.costs.map((row) => odd.find(({ phase, size }) => phase === row.phase && size === row.size) ?? row),
});
const stopped = (phase: number) => ({ costs: [cost(phase, 0, 1, { overran: 1 })] });
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const refusedAdd = { nth: 1, alone: 0, refused: 1, answer: 12, changed: 0 };
const careful: NoMemoryEvidence = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  lives: 100,
  left_behind: 0,
  adds: [refusedAdd, { ...refusedAdd, nth: 2, refused: 0, answer: 0 }],
  remove_answer: [0],
  differs: 0,
  kept: [0, 0],
};
const churned = { seed: 1, params: { changes: 400 } };
const tidy = { lookups: 9_000, strangers: 0, stale: 0 };

const apart = { seed: 7, params: { vnodes: 3 } };
const answersOf = (first: number) => {
  const ring = new Ring(
    3,
    [0, 1, 2].map((node) => `set-7.node-${first + node}`),
  );
  return [0, 1, 2].map((key) => ({
    ...{ story: 0, first, key },
    owner: Number(ring.node(checks.keyBytes(7, key))!.split("-")[2]),
  }));
};
const whole: RingsEvidence = {
  answers: [...answersOf(100), ...answersOf(103)],
  huge: [{ call: 0, size: 2 ** 31 + 8, read_on: 1 }],
};
const stale = whole.answers.with(3, { ...whole.answers[3]!, owner: whole.answers[0]!.owner });

/** [check, evidence, request, what `saw` must contain; null: it must pass] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, object, string | null];

const table: Row[] = [
  [checks.minimalMovement, calm, moves, null],
  [checks.minimalMovement, { changes: [] }, moves, "no node came or went"],
  [checks.minimalMovement, withChange({ strayed: 1 }), moves, "moved 1 key of 20,000 between nodes that stayed"],
  [checks.minimalMovement, withChange({ stuck: 41 }), moves, "41 keys still belonged to it"],
  [checks.minimalMovement, withChange({ moved: 0 }), moves, "removing node 0, 2 before it, moved 0 keys of 20,000"],
  [checks.minimalMovement, withChange({ moved: 18_000 }), moves, "moved 18,000 keys"],

  [checks.balance, { owned: [5_200, 4_800, 5_300, 4_700] }, spread, null],
  [checks.balance, { owned: [9_000, 3_000, 4_000, 4_000] }, spread, "shares differ by 47 % of their mean"],
  [checks.balance, { owned: [5_000, 5_000, 5_000, 0] }, spread, "shares differ by 50 %"],
  [
    checks.balance,
    { owned: [...Array<number>(60).fill(5_000), 8_000] },
    { ...spread, params: { ...spread.params, rings: 15.25 } },
    "a node of 4 owns 8,000 of 20,000 keys",
  ],

  [checks.readersAgree, { owners, trios }, read, null],
  [checks.readersAgree, { owners: oddOwners((owners[5]! + 1n) % 5n), trios }, read, "thread 0, while others"],
  [
    checks.readersAgree,
    { owners: oddOwners(2n ** 64n - 1n), trios },
    read,
    "key 2 -> NULL, or a name that no node was given",
  ],
  [checks.readersAgree, { owners, trios: trios.map((code) => code ^ 1n) }, read, "key 0 -> node"],
  [checks.readersAgree, { owners: owners.slice(1), trios }, read, "7 lookups"],

  [checks.raceFree, { owners, trios }, read, null],
  [checks.raceFree, { owners: owners.map(() => 2n ** 64n - 1n), trios }, read, "0 of 8 lookups"],
  [checks.memoryClean, tidy, churned, null],
  [checks.memoryClean, { ...tidy, lookups: 0 }, churned, "0 lookups"],
  [checks.memoryClean, { ...tidy, strangers: 3 }, churned, "3 of 9000 answers were not the name"],
  [checks.memoryClean, { ...tidy, stale: 2 }, churned, "read differently 2 times"],

  [checks.noAllocation, cheap, {}, null],
  [checks.noAllocation, dear(cost(2, 256, 26, { allocations: 1 })), {}, "ring_get_node: memory was asked for once"],
  [
    checks.noAllocation,
    { costs: [cost(3, 256, 9, { allocations: 400 })] },
    {},
    "ring_get_nodes: memory was asked for 400",
  ],
  [checks.lookupCost, cheap, {}, null],
  [checks.lookupCost, dear(cost(2, 8_192, 4_000)), {}, "26 steps among 256 points and 4000 among 8,192"],
  [checks.lookupCost, dear(cost(2, 262_144, 520)), {}, "520 among 262,144"],
  [
    checks.lookupCost,
    { ...cheap, owners_262144: cheap.owners_262144!.map((owner, key) => (key === 3 ? 2n ** 64n - 1n : owner)) },
    {},
    "among 262,144 points (8 nodes of 32,768) key 3 -> NULL, or a name that no node was given",
  ],
  [checks.lookupCost, stopped(2), {}, "20,000 steps"],
  [checks.lookupCost, stopped(3), {}, "ring_get_nodes had not ended after 20,000 steps"],
  [checks.changeCost, cheap, {}, null],
  [checks.changeCost, dear(cost(0, 0, 0.5), cost(0, 1, 0.09), cost(0, 2, 3)), {}, null],
  [checks.changeCost, dear(cost(0, 1, 10.4)), {}, "ring_add_node takes 6.8 steps per point"],
  [checks.changeCost, dear(cost(0, 2, 120)), {}, "120.0 with about 50 nodes of 256"],
  [checks.changeCost, dear(cost(1, 2, 120)), {}, "ring_remove_node takes 3.4"],
  [checks.changeCost, stopped(1), {}, "ring_remove_node had not ended"],

  [checks.separateRings, whole, apart, null],
  [
    checks.separateRings,
    { ...whole, answers: stale },
    apart,
    "a ring made after another with other nodes had been freed",
  ],
  [checks.separateRings, { ...whole, answers: [] }, apart, "no lookup"],
  [checks.hugeKeys, whole, apart, null],
  [
    checks.hugeKeys,
    { ...whole, huge: [...whole.huge, { call: 3, size: 2 ** 32 + 8, read_on: 0 }] },
    apart,
    "ring_get_nodes, with a key of 4,294,967,304 bytes",
  ],

  [checks.noMemory, careful, {}, null],
  [
    checks.noMemory,
    { ...careful, attempts: [{ ...refusal, kept: 1 }] },
    {},
    "1 allocation still held after ring_new answered",
  ],
  [
    checks.noMemory,
    { ...careful, adds: [{ ...refusedAdd, alone: 1, answer: 17 }] },
    {},
    "ring_add_node answered -17: allocation 1, in @<1>, was refused, and no other",
  ],
  [
    checks.noMemory,
    { ...careful, adds: [refusedAdd, { ...refusedAdd, nth: 2, refused: 0, answer: 17 }] },
    {},
    "ring_add_node answered -17: a call before it had been refused memory",
  ],
  [checks.noMemory, { ...careful, adds: [{ ...refusedAdd, changed: 5 }] }, {}, "5 of 64 keys had another owner"],
  [checks.noMemory, { ...careful, adds: [refusedAdd] }, {}, "also when there was memory"],
  [
    checks.noMemory,
    { ...careful, adds: [{ ...refusedAdd, refused: 0 }, ...careful.adds] },
    {},
    "also when there was memory",
  ],
  [
    checks.noMemory,
    { ...careful, remove_answer: [0, 12] },
    {},
    "ring_remove_node, without memory to be had, answered -12",
  ],
  [checks.noMemory, { ...careful, differs: 4 }, {}, "4 keys had another owner than in a ring of the same nodes"],
  [checks.noMemory, { ...careful, kept: [2, 0] }, {}, "2 allocations still held after ring_free"],
  [
    checks.noMemory,
    { ...careful, kept: [0, 1] },
    {},
    "of a ring whose additions had been refused one allocation alone",
  ],
  [checks.noMemory, { ...careful, kept: [0, 2 ** 64] }, {}, "more freed than allocated"],
  [checks.noMemory, { ...careful, left_behind: 100 }, {}, "100 allocations still held after 100 rings"],
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

  test("a bench sample counts only with the right owners", () => {
    const request = { seed: 1, params: { nodes: 1, lookups: 8_192 } };
    const sum = 8_192 * Buffer.from("0000").readUInt32LE();
    expect(checks.bench.sample({ sum, nobody: 0 }, request).verdict).toBe("pass");
    expect(checks.bench.sample({ sum: sum - 1, nobody: 0 }, request).verdict).toBe("wrong");
    expect(checks.bench.sample({ sum, nobody: 1 }, request).verdict).toBe("wrong");
  });

  test("the deviation that is allowed is that of random points: 8 % for 10 nodes of 150", () => {
    expect(checks.shareDeviation(10, 150, 1e9)).toBeCloseTo(0.0774, 3);
  });
});

describe("schemas read what the driver sends", () => {
  test("a name that nobody knows is refused", () => {
    expect(checks.churnEvidence.safeParse({ ...tidy, score: 100 }).success).toBe(false);
  });

  test("keys are what the driver makes: the set above 16 bits, little-endian", () => {
    expect([...checks.keyBytes(0x0102, 3)]).toEqual([3, 0, 2, 1, 0, 0, 0, 0]);
  });
});

describe("the model", () => {
  test("published hashes", () => {
    expect(fnv1a64(bytes(""))).toBe(0xcbf29ce484222325n);
    expect(fnv1a64(bytes("foobar"))).toBe(0x85944171f73967e8n);
    expect(ringHash(bytes("a"))).toBe(0x82a2a958a9bece5bn);
  });

  test("the owners among many points are a ring's", () => {
    const ring = new Ring(
      16,
      Array.from({ length: 16 }, (_, node) => `set-6.node-${node}`),
    );
    const owners = Array.from({ length: 50 }, (_, key) => ring.node(checks.keyBytes(6, key))!);
    expect(checks.ownersAmong(16, 16, 50)).toEqual(owners.map((name) => BigInt(name.split("-")[2]!)));
  });

  test("the data for equal points are equal points", () => {
    expect(fnv1a64(bytes(TWINS[0]!))).toBe(fnv1a64(bytes(TWINS[1]!)));
    expect(fnv1a64(bytes(HIGH_TWINS[0]!))).toBe(fnv1a64(bytes(HIGH_TWINS[1]!)));
    const at = (name: string, vnode: number) => ringHash(bytes(labelOf(name, vnode)));
    expect(at(TOUCHING[0]!, 2)).toBe(at(TOUCHING[1]!, 1));
    expect(at(TOUCHING[2]!, 1)).toBe(at(TOUCHING[3]!, 0));
  });

  test("the data for near points are near points", () => {
    const places = NEAR.map((name) => ringHash(bytes(labelOf(name, 0))));
    expect([places[1]! - places[0]!, places[3]! - places[2]!]).toEqual([2n, 28n]);
    for (const at of [0, 2]) expect(Number(places[at])).toBe(Number(places[at + 1]));
  });

  test("of equal points the smaller name owns the place, whatever came first", () => {
    for (const names of [TWINS, TWINS.toReversed()]) {
      const ring = new Ring(5, names);
      expect(ring.nodes(bytes("k"), 3)).toEqual([TWINS[0]!, TWINS[1]!]);
      ring.remove(TWINS[0]!);
      expect(ring.node(bytes("k"))).toBe(TWINS[1]!);
    }
  });

  test("a key on a point belongs to it; an empty ring has no owner", () => {
    const ring = new Ring(3, ["a", "b"]);
    for (const name of ["a", "b"])
      for (const vnode of [0, 1, 2]) expect(ring.node(bytes(labelOf(name, vnode)))).toBe(name);
    expect(new Ring(3).node(bytes("k"))).toBeUndefined();
  });

  test("answers that a script expects", () => {
    const answers = (steps: object[]) => steps.flatMap((step) => ("expect" in step ? [step.expect] : []));
    const key = bytes("k");
    const plan = matchesModel.plan([
      { ring: 1, add: "a" },
      { ring: 1, add: "a" },
      { ring: 1, key },
      { ring: 1, key, n: 2 },
      { ring: 1, remove: "a" },
      { ring: 1, remove: "a" },
      { ring: 1, key },
    ]);
    expect(answers(plan)).toEqual(["not NULL", 0, -17, { text: "a" }, { text: "1\na" }, 0, -2, null]);
    expect(answers(refusesBadNames.plan([])).filter((answer) => answer === -22)).toHaveLength(3);
  });
});

describe("the lab", () => {
  test("shares are parts of the whole ring, and the finalizer evens them out", () => {
    const shares = arcShares(["a", "b", "c"], 10, ringHash);
    expect(shares.reduce((sum, share) => sum + share)).toBeCloseTo(1, 12);
    expect(spreadOf(5, 10, 50, ringHash).deviation).toBeLessThan(0.2);
    expect(spreadOf(5, 10, 50, fnv1a64).deviation).toBeGreaterThan(0.3);
  });

  test("jump hash: a bucket in range, and a new one takes keys without moving others", () => {
    for (let key = 1n; key < 500n; key++) {
      const [before, after] = [jumpHash(key * 0x9e3779b97f4a7c15n, 10), jumpHash(key * 0x9e3779b97f4a7c15n, 11)];
      expect(before).toBeWithin(0, 10);
      expect([before, 10]).toContain(after);
    }
  });

  test("what moves is what has another owner", () => {
    const first = (_: bigint, nodes: string[]) => nodes[0]!;
    expect(moved(first, [1n, 2n], ["a", "b"], ["a"])).toBe(0);
    expect(moved(first, [1n, 2n], ["a", "b"], ["b"])).toBe(1);
  });
});

test("the owners in a ring of wide nodes are the model's", () => {
  const ring = new Ring(WIDE, ["a", "b"]);
  const owners = [...WIDE_OWNERS].map((_, i) => ring.node(Buffer.from(`key ${i}`)));
  expect(owners.join("")).toBe(WIDE_OWNERS);
}, 30_000); // 262,146 points: a second, on a machine with nothing else to do
