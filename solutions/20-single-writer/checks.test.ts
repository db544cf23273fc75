// SPDX-License-Identifier: MIT
/** The checks of 20-single-writer on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/20-single-writer/grader/checks.ts";
import type { CrowdEvidence } from "../../katas/20-single-writer/grader/checks.ts";
import { Model, validNs } from "../../katas/20-single-writer/grader/model.ts";
import { firstLease } from "../../katas/20-single-writer/grader/scripts.ts";
import { storeRefuses } from "../../katas/20-single-writer/grader/store_scripts.ts";
import { CLOCKS, plan, planOf } from "../../katas/20-single-writer/grader/story.ts";
import type { Round, WritersEvidence } from "../../katas/20-single-writer/grader/writers.ts";

const request = { seed: 1, params: {} };
const alone = { leases: 20, refused: 0, allocations: 0 };
const crowd: CrowdEvidence = {
  ...{ leases: 4, refused: 0, numbers: 4, sum: 10, largest: 4, accepted: 3 },
  ...{ torn: 0, went_back: 0, stale: 0, last: 4, newest: 4 },
};
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  ...{ lives: 100, left_behind: 0, write_without: 0, kept: 5, write_with: 1 },
};
const [EIO, EBUSY, ESTALE] = [-5, -16, -116];
const paused: Round = {
  ...{ what: "paused", first: { status: 0, token: 1 }, wrote: 1, second: { status: 0, token: 2 }, second_wrote: 1 },
  stale: { wrote: 0, renewed: ESTALE, released: ESTALE },
  ...{ kept: true, second_renewed: 0, second_released: 0, left: false },
};
const real: WritersEvidence = {
  rounds: [paused, { ...paused, what: "killed", stale: null }],
  late: 0,
  gone: EIO,
  silent: EIO,
  again: 0,
};
const stale = (part: Partial<NonNullable<Round["stale"]>>) => ({ ...paused, stale: { ...paused.stale!, ...part } });

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [
  { id: string; run: (evidence: any, request: any) => any },
  object,
  string | null,
  ("not_reached" | "not_measurable")?,
];

const table: Row[] = [
  [checks.noAllocation, alone, null],
  [checks.noAllocation, { ...alone, allocations: 40 }, "40 allocations in 20 leases"],
  [checks.noAllocation, { ...alone, refused: 1 }, "1 lease of which acquire, renew or release did not answer 0"],
  [checks.noAllocation, { ...alone, leases: 0 }, "did not answer 0"],
  [checks.neverGoesBack, crowd, null],
  [checks.neverGoesBack, { ...crowd, refused: 2 }, "2 leases of which"],
  [checks.neverGoesBack, { ...crowd, largest: 3, sum: 9 }, "4 numbers were drawn; the largest was 3, and their sum 9"],
  [checks.neverGoesBack, { ...crowd, torn: 1 }, "once store_read answered a value that was not written with its token"],
  [checks.neverGoesBack, { ...crowd, stale: 2 }, "twice store_write accepted a token smaller than one"],
  [checks.neverGoesBack, { ...crowd, last: 3 }, "at the end the store had 3, and 4 had been accepted"],
  [checks.neverGoesBack, { ...crowd, went_back: 1 }, "once a thread read a smaller token than before"],
  [checks.neverGoesBack, { ...crowd, accepted: 0 }, "no write was accepted"],
  [checks.memoryClean, crowd, null],
  [checks.memoryClean, { ...crowd, torn: 1 }, "see never_goes_back", "not_reached"],
  [checks.raceFree, crowd, null],
  [checks.raceFree, { ...crowd, torn: 1 }, "see never_goes_back", "not_reached"],
  [checks.noMemory, careful, null],
  [checks.noMemory, { ...careful, left_behind: 1 }, "1 allocation still held after 100 clients"],
  [checks.noMemory, { ...careful, write_without: 1 }, "store_write of 4096 bytes without memory: true"],
  [checks.noMemory, { ...careful, kept: 0 }, '"first" was gone'],
  [checks.noMemory, { ...careful, write_with: 0 }, "the write with memory: false"],
  [checks.unguessable, { drawn: 128, tried: 128, decide: 128, alike: 1, confused: 0 }, null],
  [checks.unguessable, { drawn: 128, tried: 128, decide: 128, alike: 1, confused: 4 }, "1 and 23, 4 bytes each"],
  [
    checks.unguessable,
    { drawn: 256, tried: 256, decide: 64, alike: 1, confused: 0 },
    "depends on 64 bits of the 256 bits",
  ],
  [checks.unguessable, { drawn: 0, tried: 0, decide: 0, alike: 1, confused: 0 }, "depends on 0 bits of the 0 bits"],
  [checks.unguessable, { drawn: 128, tried: 128, decide: 128, alike: 0, confused: 0 }, "different owners"],
  [checks.realRedis, real, null],
  [checks.realRedis, { ...real, refused: "store_new -> NULL" }, "store_new -> NULL"],
  [checks.realRedis, { ...real, rounds: [stale({ wrote: 1 })] }, "writes again -> accepted"],
  [checks.realRedis, { ...real, rounds: [stale({ renewed: 0 })] }, "extends its lease -> 0"],
  [checks.realRedis, { ...real, rounds: [stale({ released: 0 })] }, "releases its lease -> 0"],
  [checks.realRedis, { ...real, rounds: [{ ...paused, kept: false }] }, "key in Redis -> is gone, or another one"],
  [
    checks.realRedis,
    { ...real, rounds: [{ ...paused, second: { status: 0, token: 1 } }] },
    "whose token is -> 1, after 1",
  ],
  [checks.realRedis, { ...real, rounds: [{ ...paused, second: { status: EBUSY, token: 0 } }] }, "acquires -> -EBUSY"],
  [checks.realRedis, { ...real, late: 1 }, null],
  [checks.realRedis, { ...real, late: 1, silent: EBUSY }, "needed more than 2 s", "not_measurable"],
  [checks.realRedis, { ...real, again: -110 }, "needed more than 2 s", "not_measurable"],
  [checks.realRedis, { ...real, silent: EBUSY }, "-EBUSY with Redis paused"],
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
  const TTL_MS = 10_000;
  const texts = (steps: object[]) =>
    steps.flatMap((step) => ("expect" in step && (step.expect as { text?: string })?.text) || []);
  const acquired = "0, valid for 9898000000 ns from the call on";

  test("taken, refused, extended, given back", () => {
    expect(texts(firstLease.plan([])).filter((text) => !/^(the key|a client)/.test(text))).toEqual([
      ...[acquired, "-EBUSY", acquired, acquired, "0", acquired, "0"],
    ]);
  });

  test("a pause before the request shortens what is left; one that is too long gives the key back", () => {
    const model = new Model(CLOCKS);
    expect(model.acquire(0, 0, TTL_MS, { take: plan({ pause_us: 1_000_000 }) })).toBe(acquired);
    expect(model.key(0)).toBe("the key is lease 0's, for 10000000 us");
    model.now_us += 8_898_000;
    expect(model.renew(0, {})).toBe("-ESTALE, nothing asked");
    expect(model.release(0, {})).toBe("0");
    expect(model.acquire(0, 0, TTL_MS, { number: plan({ pause_us: 9_898_000 }) })).toBe("-ETIMEDOUT");
    expect(model.key(0)).toBe("the key is nobody's");
  });

  test("a lease without a reply is put back, and one whose request arrives later is not", () => {
    const model = new Model(CLOCKS);
    expect(model.acquire(0, 0, TTL_MS, { take: plan({ fault: "reply lost" }) })).toBe("-EIO");
    expect(model.key(0)).toBe("the key is nobody's");
    expect(model.acquire(0, 0, TTL_MS, { take: plan({ fault: "late" }) })).toBe("-EIO");
    model.late?.();
    expect(model.key(0)).toBe("the key is lease 1's, for 10000000 us");
  });

  test("slow and fast clocks begin anywhere, and go on over 2^63", () => {
    const model = new Model(CLOCKS);
    model.now_us = 41_000_000;
    expect(model.now(1) > 2n ** 63n).toBe(true);
    expect(model.now(2)).toBe(77n + 40_631_000_000n);
    expect(validNs(10)).toBe(7_900_000n);
  });

  test("whoever was the writer is refused", () => {
    const calls = planOf(
      [{ acquire: 0 }, { write: 0 }, { pass_us: 10_000_000 }, { acquire: 1 }, { write: 1 }, { write: 0 }],
      "whole",
    );
    const writes = calls.filter((step) => "call" in step && step.call === "script_write");
    expect(writes.map((step) => "expect" in step && step.expect)).toEqual([1, 1, 0]);
  });

  test("a store takes the same token again, and no older one", () => {
    const steps = storeRefuses.plan([{ number: true }, { number: true }, { put: 0, size: 1 }, { put: 1, size: 2 }]);
    const puts = steps.filter((step) => "call" in step && step.call === "script_put");
    expect(puts.map((step) => "expect" in step && step.expect)).toEqual([1, 0]);
  });
});
