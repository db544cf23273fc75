// SPDX-License-Identifier: MIT
/** The checks of 22-mux on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import type { Cost } from "../../harness/src/judge/costs.ts";
import { judgeCosts, type GrowthEvidence, type Kind } from "../../katas/22-mux/grader/growth.ts";
import { realDescriptors, someRealByte, type RealEvidence } from "../../katas/22-mux/grader/real.ts";

const CALLS = 100;
const cost = (phase: number, size: number, steps: number, more: Partial<Cost> = {}): Cost => ({
  ...{ phase, size, calls: CALLS, steps: steps * CALLS, allocations: 0, wrong: 0, overran: 0 },
  ...more,
});
type Asked = NonNullable<GrowthEvidence["asked"]>[number];
const asked = (more: Partial<Asked> = {}): Asked => ({
  ...{
    phase: 0,
    size: 800,
    calls: CALLS,
    watches: 801,
    highest: 810,
    waits: CALLS,
    entries_most: 0,
    changes: 0,
    others: 0,
  },
  ...more,
});

/** One ready, all ready, after deletions, add and delete, modify, delete all. */
const linear = [cost(0, 50, 120), cost(0, 800, 1_620), cost(1, 50, 700), cost(1, 800, 11_000)];
const constant = [
  ...[cost(2, 50, 30), cost(2, 798, 30), cost(3, 50, 50), cost(3, 800, 50)],
  ...[cost(4, 50, 20), cost(4, 800, 20), cost(5, 50, 25), cost(5, 800, 25)],
  ...[cost(6, 60, 40), cost(6, 900, 40)],
];
const ofReady = [cost(0, 50, 18), cost(0, 800, 18), ...linear.slice(2), ...constant];
const ofAll = [...linear, ...constant];

const growths: [Kind, GrowthEvidence, string | null][] = [
  ["epoll", { costs: ofReady, asked: [asked()] }, null],
  ["poll", { costs: ofAll, asked: [asked({ entries_most: 801 })] }, null],
  ["select", { costs: ofAll, asked: [asked({ entries_most: 811 })] }, null],
  ["epoll", { costs: [] }, "no call was counted"],
  ["epoll", { costs: ofAll }, "one watch of many ready: 120 steps a call with 50 watches, 1,620 with 800 watches"],
  ["poll", { costs: ofAll.with(1, cost(0, 800, 90_000)) }, "120 steps a call with 50 watches, 90,000 with 800"],
  ["poll", { costs: ofAll.with(3, cost(1, 800, 60, { overran: 1 })) }, "mux_wait, all watches ready"],
  ["select", { costs: ofAll.with(5, cost(2, 798, 2_400)) }, "2,400 with 798 deleted watches; it grows in proportion"],
  ["poll", { costs: ofAll.with(7, cost(3, 800, 1_600)) }, "mux_add and mux_del of one watch"],
  ["select", { costs: ofAll.with(9, cost(4, 800, 1_600)) }, "mux_mod"],
  ["select", { costs: ofAll.with(13, cost(6, 900, 900)) }, "900 with 900 numbers below it; it grows in proportion"],
  ["epoll", { costs: ofReady.with(11, cost(5, 800, 1_600)) }, "mux_del of one after the other"],
  ["epoll", { costs: ofReady.with(0, cost(0, 50, 18, { wrong: 1 })) }, "not the callbacks or answers that were due"],
  ["select", { costs: ofAll, asked: [asked({ entries_most: 1_024 })] }, "select was asked for 1,024 descriptors"],
  ["poll", { costs: ofAll, asked: [asked({ entries_most: 900 })] }, "poll was asked for 900 descriptors"],
  ["epoll", { costs: ofReady, asked: [asked({ entries_most: 801 })] }, "epoll was asked for 801 descriptors"],
  ["epoll", { costs: ofReady, asked: [asked({ waits: 300 })] }, "300 system calls that wait, in 100 waits"],
  ["select", { costs: ofAll, asked: [asked({ others: 100 })] }, "100 of 100 system calls that wait were not select"],
  ["epoll", { costs: ofReady, asked: [asked({ changes: 100 })] }, "100 calls of epoll_ctl in 100 waits"],
];

describe("costs", () => {
  for (const [kind, evidence, saw] of growths) {
    test(`${kind}: ${saw ?? "spares it"}`, () => {
      const judgement = judgeCosts(kind, evidence);
      expect(judgement.verdict).toBe(saw === null ? "pass" : "wrong");
      if (judgement.verdict !== "pass") expect(judgement.saw).toContain(saw!);
    });
  }
});

test("one byte is told once", () => {
  const { run } = someRealByte("poll");
  const request = { seed: 1, params: {} };
  const seen = { told: 1, wrong: 0, asked: 3, others: 0 };
  const saw = (more: Partial<typeof seen>, words: string) =>
    expect(run({ ...seen, ...more }, request)).toHaveProperty("saw", expect.stringContaining(words));
  expect(run(seen, request)).toEqual({ verdict: "pass" });
  expect(run({ ...seen, asked: 6 }, request)).toEqual({ verdict: "pass" });
  saw({ told: 0 }, "told nothing of a byte");
  saw({ told: 0, asked: 0 }, "told nothing of a byte");
  saw({ told: 2 }, "told 2 times of a byte");
  saw({ wrong: 1 }, "told 1 time of what was not there");
  saw({ asked: 0 }, "0 calls of poll or ppoll");
  saw({ asked: 0, others: 3 }, "and 3 of other calls that wait");
});

const witnessed: RealEvidence = {
  ...{ rounds: 400, callbacks: 20_000, differences: [], early: 0 },
  ...{ high_tried: 1, high_refused: 1, high_told: 2, file_refused: 1, file_told: 2 },
  turns: [],
};
const difference = { round: 6, kind: 1, type: 3, due: 3, told: 1 };

const witnesses: [Partial<RealEvidence>, string | null][] = [
  [{}, null],
  [{ high_tried: 0, high_refused: 0, high_told: 0 }, null],
  [{ differences: [difference] }, "a mux of poll told MUX_IN of a TCP socket in round 7"],
  [{ differences: [{ ...difference, told: 98 }] }, "told two callbacks of a TCP socket"],
  [{ early: 2 }, "2 of 3 waits of 12 ms ended before their time"],
  [{ high_refused: 0 }, "did not answer -ERANGE"],
  [{ high_told: 1 }, "poll or epoll did not tell"],
  [{ file_refused: 0 }, "did not answer -EPERM"],
  [{ file_told: 1 }, "select or poll did not tell"],
  [{ turns: [{ kind: 2, which: 4, due: 1, made: 2 }] }, "adds it again, 65,536 times: 2 callbacks"],
  [{ turns: [{ kind: 2, which: 2, due: 1_200, made: 1_200 }] }, null],
  [
    { turns: [{ kind: 1, which: 3, due: 0, made: 1 }] },
    "poll, a local socket that is full and was shut down, watched for MUX_OUT: 1 callback",
  ],
  [
    { turns: [{ kind: 1, which: 0, due: 1, made: 2 }] },
    "modifies the other to MUX_OUT: 2 callbacks in one wait, and not 1",
  ],
  [{ turns: [{ kind: 0, which: 1, due: 1, made: 2 }] }, "with the same callback and context: 2 callbacks"],
  [{ turns: [{ kind: 2, which: 2, due: 1_200, made: 1_024 }] }, "epoll, every watch is ready: 1,024 callbacks"],
  [{ callbacks: 0 }, "no callback in all rounds"],
];

describe("real descriptors", () => {
  for (const [part, saw] of witnesses) {
    test(saw ?? `spares ${JSON.stringify(part)}`, () => {
      const judgement = realDescriptors.run({ ...witnessed, ...part }, { seed: 1, params: {} });
      expect(judgement.verdict).toBe(saw === null ? "pass" : "wrong");
      if (judgement.verdict !== "pass") expect(judgement.saw).toContain(saw!);
    });
  }
});
