// SPDX-License-Identifier: MIT
/** The checks of 12-load-balancer on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/12-load-balancer/grader/checks.ts";
import type { CrowdEvidence } from "../../katas/12-load-balancer/grader/checks.ts";
import { Model, type Policy } from "../../katas/12-load-balancer/grader/model.ts";
import * as scripts from "../../katas/12-load-balancer/grader/scripts.ts";

const request = { seed: 1, params: { backends: 10, clients: 4, rounds: 60 } };
const rests = [10, 10, 10, 1, 8, 6].map((different, policy) => ({ policy, different }));
const whole: CrowdEvidence = { picks: 4_000, nobody: 12, strangers: 0, allocations: 0, rests };
const rest = (policy: number, different: number) => ({
  ...whole,
  rests: rests.map((row) => (row.policy === policy ? { policy, different } : row)),
});

const cost = { phase: 0, size: 16, calls: 256, steps: 256 * 40, allocations: 0, wrong: 0, overran: 0 };
const many = { ...cost, size: 4_096, steps: 256 * 300 };
/** Of LB_CONSISTENT: steps a backend with few and with many. */
const newRows = (few: number, most: number, overran = 0) => [
  { ...cost, phase: 16, calls: 16, steps: 16 * few },
  { ...many, phase: 16, calls: 4_096, steps: 4_096 * most, overran },
];
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  ...{ lives: 100, left_behind: 0 },
};

const death = { joined: 4, ended: 4, others: 8, whole: 8, wrong: 0, asked: 12, fresh: 12 };
const killed = {
  ...{ first: 12, half_closed: 9, ends: 9, served: 0 },
  deaths: [death, death, { ...death, others: 0, whole: 0, fresh: 0 }],
};
/** The first death, otherwise. */
const died = (differs: Partial<typeof death>) => ({
  ...killed,
  deaths: [{ ...death, ...differs }, ...killed.deaths.slice(1)],
});

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, string | null, "not_reached"?];

const table: Row[] = [
  [checks.nothingLost, whole, null],
  [checks.nothingLost, { ...whole, nobody: 4_000 }, "no pick answered a backend"],
  [checks.nothingLost, { ...whole, strangers: 1 }, "1 pick answered no backend"],
  [checks.nothingLost, rest(2, 9), "10 picks more went to 9 backends"],
  [checks.nothingLost, rest(4, 7), "LB_CONSISTENT"],
  [checks.nothingLost, rest(5, 1), null],
  [checks.noAllocation, whole, null],
  [checks.noAllocation, { ...whole, allocations: 3 }, "3 allocations during 4,000 picks"],
  [checks.noAllocation, { ...whole, nobody: 4_000 }, "no pick answered a backend"],
  [checks.memoryClean, whole, null],
  [checks.memoryClean, rest(0, 3), "see nothing_lost", "not_reached"],
  [checks.raceFree, whole, null],
  [checks.raceFree, rest(0, 3), "see nothing_lost", "not_reached"],
  [checks.pickCost, { costs: [cost, many] }, null],
  [checks.pickCost, { costs: [] }, "no call was counted"],
  [
    checks.pickCost,
    { costs: [cost, { ...many, steps: 256 * 4_000 }] },
    "LB_ROUND_ROBIN: lb_pick takes 40 steps with 16 backends and 4000 with 4,096",
  ],
  [
    checks.pickCost,
    {
      costs: [
        { ...cost, phase: 5 },
        { ...many, phase: 5, overran: 1 },
      ],
    },
    "LB_LEAST_CONNECTIONS: lb_done takes 40 steps with 16 backends and over 300",
  ],
  [checks.pickCost, { costs: newRows(40, 120) }, "no call was counted"],
  [checks.newCost, { costs: newRows(40, 300) }, null],
  [checks.newCost, { costs: [cost, many] }, "no lb_new was counted"],
  [
    checks.newCost,
    { costs: newRows(40, 600) },
    "LB_CONSISTENT: lb_new takes 40.0 steps a backend with 16 backends and 600",
  ],
  [checks.newCost, { costs: newRows(40, 300, 1) }, "and over 300 with 4,096"],
  [checks.someRealByte, { answered: 1 }, null],
  [checks.someRealByte, { answered: 0 }, "did not get its backend's answer"],
  [checks.realBackends, killed, null],
  [checks.realBackends, { ...killed, first: 0 }, "no client was served"],
  [checks.realBackends, died({ wrong: 1 }), "1 byte of answers wrong"],
  [checks.realBackends, died({ whole: 7 }), "1 of 8 clients of other backends"],
  [checks.realBackends, died({ ended: 3 }), "1 of 4 clients of that backend got no end"],
  [checks.realBackends, died({ fresh: 11 }), "11 of 12 new clients were served"],
  [
    checks.realBackends,
    { ...killed, deaths: [death, death, { ...death, fresh: 1 }] },
    "1 of 12 new clients were served, after a backend was killed, with 0 left",
  ],
  [checks.realBackends, { ...killed, ends: 8 }, "1 of 9 clients that half-closed"],
  [checks.realBackends, { ...killed, served: 5 }, "answered an error: 5"],
  [checks.nothingShared, { right: 480, served: 2 }, null],
  [checks.nothingShared, { right: 479, served: 2 }, "479 of 480 answers"],
  [checks.nothingShared, { right: 480, served: 1 }, "1 of 2 proxies answered 0"],
  [checks.noMemory, careful, null],
  [
    checks.noMemory,
    { ...careful, attempts: [{ ...refusal, kept: 1 }] },
    "1 allocation still held after lb_new answered NULL",
  ],
];

describe("judgements", () => {
  for (const [check, evidence, saw, verdict = "wrong"] of table) {
    test(`${check.id}: ${saw ?? "spares it"}`, () => {
      const judgement = check.run(evidence, request);
      expect(judgement.verdict).toBe(saw === null ? "pass" : verdict);
      if (saw !== null) expect(judgement.saw).toContain(saw);
    });
  }

  test("every check that reads evidence is in the table, with a refusal", () => {
    const refused = new Set(table.filter(([, , saw]) => saw !== null).map(([check]) => check.id));
    const all = Object.values(checks).flatMap((value) =>
      typeof value === "object" && "run" in value ? [value.id] : [],
    );
    expect([...refused].sort()).toEqual(all.sort());
  });
});

const named = (...weights: number[]) => weights.map((weight, i) => ({ name: `b${i}`, weight }));
const picks = (model: Model, count: number, client = "client") =>
  Array.from({ length: count }, () => model.pick(Buffer.from(client)).text).join(" ");
const modelOf = (policy: Policy, ...weights: number[]) => new Model(policy, named(...weights), 0n);

describe("the model", () => {
  test("weights 5, 1, 1 are smooth", () => {
    expect(picks(modelOf("weighted", 5, 1, 1), 14)).toBe("0 0 1 0 2 0 0 0 0 1 0 2 0 0");
  });

  test("round robin leaves out who is down, and keeps its place", () => {
    const model = modelOf("round_robin", 1, 1, 1);
    expect(picks(model, 2)).toBe("0 1");
    model.setUp(2, false);
    expect(picks(model, 3)).toBe("0 1 0");
    model.setUp(2, true);
    expect(picks(model, 3)).toBe("1 2 0");
  });

  test("of equal loads that whose pick is longest ago", () => {
    const model = modelOf("least_connections", 2, 3);
    expect(picks(model, 5)).toBe("0 1 1 0 1");
    for (const index of [0, 0, 1, 1, 1]) model.done(index, false);
    expect(picks(model, 2)).toBe("0 1");
  });

  test("a client of a backend that goes down comes back with it, and nobody else moves", () => {
    const model = modelOf("ip_hash", 1, 1, 1);
    const clients = Array.from({ length: 60 }, (_, i) => `10.0.0.${i}`);
    const all = () => clients.map((client) => picks(model, 1, client));
    const before = all();
    model.setUp(1, false);
    const meanwhile = all();
    expect(meanwhile.filter((index) => index === "1")).toEqual([]);
    expect(clients.every((_, i) => before[i] === "1" || before[i] === meanwhile[i])).toBe(true);
    model.setUp(1, true);
    expect(all()).toEqual(before);
  });

  test("no backend is above the bound of the ring", () => {
    const model = modelOf("consistent", 1, 1, 1, 1);
    const got = [0, 0, 0, 0];
    for (let i = 1; i <= 40; i++) {
      const { index } = model.pick(Buffer.from("one and the same"));
      got[index!]!++;
      expect(Math.max(...got)).toBeLessThanOrEqual(Math.ceil((1.25 * i) / 4));
    }
  });

  test("three failures in a row take out for 10 s, and the next one again", () => {
    const model = modelOf("round_robin", 1);
    picks(model, 5);
    for (let i = 0; i < 3; i++) model.done(0, true);
    model.now = 9_999_999_999n;
    expect(picks(model, 1)).toBe("nobody");
    model.now = 10_000_000_000n;
    expect(picks(model, 1)).toBe("0");
    model.done(0, true);
    expect(picks(model, 1)).toBe("nobody");
    model.done(0, false);
    expect(picks(model, 1)).toBe("0");
  });
});

test("what the contract names is tried in every grading", () => {
  const tales = [scripts.roundRobin, scripts.weighted, scripts.leastConnections, scripts.ipHash, scripts.consistent];
  for (const check of [...tales, scripts.twoChoices, scripts.health]) {
    expect(check.always!.length).toBeGreaterThan(2);
    for (const commands of check.always!) expect(check.plan(commands).length).toBeGreaterThan(3);
  }
});
