// SPDX-License-Identifier: MIT
/** The checks of 17-hot-key on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/17-hot-key/grader/checks.ts";
import type { CrowdEvidence, RareEvidence, ZipfEvidence } from "../../katas/17-hot-key/grader/checks.ts";
import { Model } from "../../katas/17-hot-key/grader/model.ts";

const request = {
  seed: 1,
  params: { shards: 2, reads: 1_000, background: 10, times: 2 },
};
const whole: CrowdEvidence = {
  ...{ gets: 900, failed: 40, puts: 30, backwards: 0, strangers: 0, at_once: 0, ahead: 0, astray: 0, lost: 0 },
  ...{ allocations: 0, bytes: 20_000, bytes_most: 130_000, statics: 64 },
};
const even: ZipfEvidence = {
  loads: [0, 1, 2, 3].flatMap((setting) => [
    { setting, shard: 0, fetches: 100 },
    { setting, shard: 1, fetches: setting === 0 ? 900 : 120 },
  ]),
  wrong: 0,
};
const uneven = (busy: number) => ({
  ...even,
  loads: even.loads.map((row) => (row.setting === busy && row.shard === 0 ? { ...row, fetches: 400 } : row)),
});
const found: RareEvidence = { reads: 500, hot_at: 65, hot: 1, hot_after: 0 };
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  ...{ lives: 100, left_behind: 0 },
};

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, string | null, "not_reached"?];

const table: Row[] = [
  [checks.neverBackwards, whole, null],
  [checks.neverBackwards, { ...whole, puts: 0 }, "900 values read, 0 put"],
  [checks.neverBackwards, { ...whole, gets: 0 }, "0 values read"],
  [checks.neverBackwards, { ...whole, astray: 2 }, "on a shard where it does not lie"],
  [checks.neverBackwards, { ...whole, strangers: 1 }, "a value that was never put under that key"],
  [checks.neverBackwards, { ...whole, backwards: 3 }, "3 of 900 gets answered an older version"],
  [checks.neverBackwards, { ...whole, at_once: 1 }, "once a copy was fetched while another fetch of it ran"],
  [checks.neverBackwards, { ...whole, ahead: 1 }, "a higher version than its home copy had"],
  [checks.neverBackwards, { ...whole, lost: 4 }, "4 gets did not answer the version that the home copy has"],
  [checks.boundedMemory, whole, null],
  [checks.boundedMemory, { ...whole, gets: 0 }, "no get answered a value"],
  [checks.boundedMemory, { ...whole, allocations: 7 }, "7 allocations in hot_get and hot_put"],
  [checks.boundedMemory, { ...whole, statics: 16_384 }, "16,384 bytes of static variables"],
  [checks.boundedMemory, { ...whole, bytes: 130_001 }, "holds 130,001 bytes"],
  [checks.memoryClean, whole, null],
  [checks.memoryClean, { ...whole, lost: 1 }, "not whole: all threads had ended", "not_reached"],
  [checks.raceFree, whole, null],
  [checks.raceFree, { ...whole, backwards: 1 }, "an older version than the same thread", "not_reached"],
  [checks.evenLoad, even, null],
  [checks.evenLoad, { ...even, wrong: 1 }, "1 get did not answer the key's value"],
  [checks.evenLoad, uneven(1), "replicas alone, 1,000 reads: shard 0 was asked 400 times, 1.54 times the mean of 260"],
  [checks.evenLoad, uneven(2), "copies alone"],
  [checks.evenLoad, uneven(3), "replicas and copies"],
  [checks.evenLoad, { loads: [], wrong: 0 }, "no shard was asked"],
  [checks.findsHeavy, found, null],
  [checks.findsHeavy, { ...found, hot_at: 0 }, "it was not hot"],
  [checks.findsHeavy, { ...found, hot_at: 66 }, "from its read 66 on"],
  [checks.findsHeavy, { ...found, hot_at: 1 }, "from its read 1 on"],
  [checks.findsHeavy, { ...found, hot: 2 }, "2 keys hot"],
  [checks.findsHeavy, { ...found, hot_after: 1 }, "that are read once, 1"],
  [checks.noMemory, careful, null],
  [checks.noMemory, { ...careful, attempts: [{ ...refusal, kept: 1 }] }, "still held after hot_new answered NULL"],
  [checks.noMemory, { ...careful, attempts: [{ ...made, works: 0 }] }, "does not find a key hot"],
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

describe("the model", () => {
  const setting = { shards: 4, replicasMax: 4, staleness: 1_000n, splits: 2 };

  test("a put can be read, with the next version", () => {
    const model = new Model(setting);
    expect(model.put(1, 7)).toBe("stores 7 as version 1 in k1/0, answers true");
    expect(model.get(1)).toBe("fetches k1/0, answers 7");
    expect(model.get(2)).toBe("fetches k2/0, answers false");
  });

  test("the 65th read makes a key hot, and its replica answers while it is good", () => {
    const model = new Model(setting);
    model.put(1, 7);
    expect(model.reads(1, 66)).toBe("the last 66 of them answer 7; fetches of home 65, of others 0; stores 0");
    model.now = 1_000n;
    expect(model.get(1)).toBe("fetches k1/0, stores 7 as version 1 in k1/1, answers 7");
    expect(model.stats()).toBe("reads 67, hits 1, shared 0, fetches 66, stores 2, hot 1");
  });

  test("a copy whose store failed is not filled; a put that fails at home is not there", () => {
    const model = new Model({ ...setting, staleness: 0n });
    model.put(1, 7);
    model.reads(1, 65);
    model.failStore(1, 1, false);
    expect(model.put(1, 8)).toBe("stores 8 as version 2 in k1/0, and in k1/1, answers true");
    model.draws = 1;
    expect(model.get(1)).toBe("fetches k1/0, stores 8 as version 2 in k1/1, answers 8");
    model.failStore(0, 1, false);
    expect(model.put(1, 9)).toBe("fails to store 9 as version 3 in k1/0, answers false");
    model.draws = 1;
    expect(model.get(1)).toBe("fetches k1/1, answers 8");
  });

  test("a key that was read too little in the last window cools down", () => {
    const model = new Model(setting);
    model.put(1, 7);
    model.reads(1, 65);
    model.reads(2, 500);
    expect(model.get(1)).toBe("fetches k1/0, answers 7");
  });
});
