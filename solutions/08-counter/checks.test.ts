// SPDX-License-Identifier: MIT
/** The checks of 08-counter on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/08-counter/grader/checks.ts";
import type {
  ComeAndGoEvidence,
  CrowdEvidence,
  LinesEvidence,
  MachinesEvidence,
  MemoryEvidence,
  PausedEvidence,
  SeparateEvidence,
} from "../../katas/08-counter/grader/checks.ts";
import type { Cost } from "../../harness/src/judge/costs.ts";
import { countsUp, matchesSums } from "../../katas/08-counter/grader/scripts.ts";

const request = { seed: 1, params: {} };
const exact: CrowdEvidence = { added: 1_000, sum: 1_000, reads: 9, wrapped: 4, drops: [] };
const drop = { reader: 4, nth: 3, own: 0, before: 700, answered: 600 };

const run = (call: number, part: object = {}) => ({
  ...{ call, parked_at: 2, between: 20_001, newcomers: 20_101, answered: 0, after: 1_020_101 },
  ...part,
});
const quiet: PausedEvidence = {
  runs: [
    run(1),
    run(1, { between: 1_020_001, newcomers: 1_020_101 }),
    run(2, { between: 20_002, newcomers: 20_102, after: 1_020_102 }),
    run(3, { answered: 10_001, after: 20_101 }),
    run(4, { after: 136_010_509 }),
  ],
};

/** `who` by layout, counter, thread. */
const write = (layout: number, counter: number, thread: number, address: number, part: object = {}) => ({
  ...{ who: (layout * 2 + counter) * 8 + thread, address, size_bytes: 8, block: 1, block_at: address, fits: 1 },
  ...{ times: 1_000, updates: 1_000, at: 7 },
  ...part,
});
const apart: LinesEvidence = {
  writes: [write(0, 0, 0, 0), write(0, 0, 1, 64), write(0, 1, 0, 8192), write(1, 0, 1, 0), write(1, 0, 0, 64)],
};
const withLine = (one: LinesEvidence["writes"][number]): LinesEvidence => ({ writes: [...apart.writes, one] });

const part = (came: number, more: object = {}) => ({ came, sum: came, bytes: 4_104, ...more });
const gone: ComeAndGoEvidence = { parts: [part(200), part(100_000), part(101_000)], grown_bytes: 200_000 };
const machine = { working: 2, largest: 37, added: 210, sum: 210, bytes: 4_104 };
const lives: SeparateEvidence = {
  counters: [
    { generation: 0, number: 0, born: 0, added: 120, sum: 120 },
    { generation: 1, number: 1, born: 0, added: 120, sum: 120 },
  ],
};
const cost = (phase: number, size: number, steps: number, more: Partial<Cost> = {}): Cost => ({
  ...{ phase, size, calls: 1, steps, allocations: 0, wrong: 0, overran: 0 },
  ...more,
});
const costs = [cost(0, 1_000, 4), cost(0, 500_000, 4), cost(3, 10, 130), cost(3, 5_000, 130), cost(4, 10, 6)];
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful: MemoryEvidence = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  ...{ lives: 100, left_behind: 0, side_by_side: 100, bytes_each: 4_104 },
};

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, string | null, "not_reached"?];

const table: Row[] = [
  [checks.nothingLost, exact, null],
  [checks.nothingLost, { ...exact, sum: 990 }, "counter_read answered 990: 10 too little"],
  [checks.nothingLost, { ...exact, sum: 1_001 }, "counter_read answered 1,001: 1 too much"],
  [checks.nothingLost, { ...exact, wrapped: 1 }, "3 of 4 answers were wrong"],
  [checks.nothingLost, { ...exact, added: 0, sum: 0 }, "nothing was added"],
  [checks.readsNeverShrink, exact, null],
  [checks.readsNeverShrink, { ...exact, drops: [drop] }, "answered 600; its read before had answered 700"],
  [checks.readsNeverShrink, { ...exact, drops: [{ ...drop, own: 800 }] }, "it had itself added 800"],
  [checks.readsNeverShrink, { ...exact, reads: 0 }, "nothing was read"],
  [checks.memoryClean, exact, null],
  [checks.memoryClean, { ...exact, sum: 1 }, "see nothing_lost", "not_reached"],
  [checks.raceFree, exact, null],
  [checks.raceFree, { ...exact, sum: 1 }, "see nothing_lost", "not_reached"],

  [checks.pausedThread, quiet, null],
  [checks.pausedThread, { runs: [] }, "no step at all"],
  [
    checks.pausedThread,
    { ...quiet, overrun_call: 1, overrun_first: 0, overrun_in: 2 },
    "with thread A stopped inside a counter_add, thread B's counter_add had not ended",
  ],
  [
    checks.pausedThread,
    { ...quiet, overrun_call: 1, overrun_first: 1, overrun_in: 1 },
    "inside its first counter_add, thread B's first counter_add had not ended",
  ],
  [checks.pausedThread, { ...quiet, overrun_call: 2, overrun_first: 0, overrun_in: 1 }, "B's counter_read had not"],
  [
    checks.pausedThread,
    { runs: quiet.runs.with(0, run(1, { between: 10_001 })) },
    "stopped at step 2 of its first counter_add; others added 20,000, and counter_read answered 10,001",
  ],
  [checks.pausedThread, { runs: quiet.runs.with(2, run(2)) }, "answered 20,001"],
  [
    checks.pausedThread,
    { runs: quiet.runs.with(3, run(3, { answered: 0, after: 20_101 })) },
    "its read then answered 0",
  ],
  [
    checks.pausedThread,
    { runs: quiet.runs.with(0, run(1, { after: 20_101 })) },
    "it went on, and counter_read answered",
  ],

  [checks.pausedThread, { ...quiet, overrun_call: 1, overrun_first: 0, overrun_in: 4 }, "with 136 threads stopped"],
  [
    checks.pausedThread,
    { runs: quiet.runs.with(4, run(4)) },
    "136 threads were stopped in a counter_add, some 2 steps",
  ],

  [checks.noSharedLines, apart, null],
  [checks.noSharedLines, { writes: [] }, "writes nothing"],
  [
    checks.noSharedLines,
    withLine(write(0, 0, 4, 80)),
    "of 8 threads each on a processor of its own, T2 and T5 both write one line of 64 bytes",
  ],
  [checks.noSharedLines, withLine(write(1, 0, 2, 64)), "after 100 others had come and gone, each on a processor"],
  [checks.noSharedLines, withLine(write(2, 0, 2, 64)), null],
  [checks.linesOfItsOwn, apart, null],
  [checks.linesOfItsOwn, { writes: [] }, "writes nothing"],
  [checks.linesOfItsOwn, withLine(write(0, 1, 3, 16)), "adds to two counters both write one line"],
  [checks.linesOfItsOwn, withLine(write(0, 0, 0, 4096, { fits: 0 })), "is in part outside of that memory"],
  [checks.linesOfItsOwn, withLine(write(0, 1, 1, 16, { block: 0, fits: 0 })), null],
  [checks.oneUpdate, apart, null],
  [checks.oneUpdate, { writes: [] }, "writes nothing"],
  [checks.oneUpdate, withLine(write(0, 0, 1, 72)), "made 2,000 atomic read-modify-writes"],
  [checks.oneUpdate, withLine(write(0, 0, 1, 72, { updates: 0 })), null],
  [checks.oneUpdate, withLine(write(0, 0, 4, 80)), "see no_shared_lines", "not_reached"],

  [checks.threadsComeAndGo, gone, null],
  [checks.threadsComeAndGo, { ...gone, parts: [] }, "no thread came"],
  [
    checks.threadsComeAndGo,
    { ...gone, parts: [part(200), part(100_000, { sum: 30_000 })] },
    "100,000 threads had come, added 1, and ended: counter_read answered 30,000",
  ],
  [checks.nothingGrows, gone, null],
  [checks.nothingGrows, { ...gone, parts: [] }, "no thread came"],
  [checks.nothingGrows, { ...gone, grown_bytes: 6 << 20 }, "the process took 6.0 MiB more"],
  [
    checks.nothingGrows,
    { ...gone, parts: [part(200), part(100_000, { bytes: 5_000 })] },
    "the counter held 4,104 bytes after 200 threads, 5,000 after 100,000",
  ],
  [checks.anyMachine, { machines: [machine] }, null],
  [checks.anyMachine, { machines: [] }, "no machine was tried"],
  [
    checks.anyMachine,
    { machines: [{ ...machine, sum: 200 }] },
    "number 37: 210 were added, and counter_read answered 200",
  ],

  [checks.anyMachine, { machines: [{ ...machine, bytes: 16_392 }] }, "a counter takes 16,392 bytes"],
  [checks.separateCounters, lives, null],
  [checks.separateCounters, { counters: [] }, "no counter was made"],
  [checks.separateCounters, { counters: [{ ...lives.counters[0]!, born: 3 }] }, "answered 3 before any add"],
  [checks.separateCounters, { counters: [{ ...lives.counters[1]!, sum: 0 }] }, "made after 4 others had been freed"],

  [checks.noAllocation, { costs }, null],
  [checks.noAllocation, { costs: [cost(4, 10, 6, { allocations: 2 })] }, "first counter_add"],
  [checks.noAllocation, { costs: [] }, "no call was counted"],
  [checks.constantCost, { costs }, null],
  [checks.constantCost, { costs: [...costs, cost(4, 5_000, 9_000)] }, "6.0 steps a call with 10 threads, 9,000 with"],
  [checks.constantCost, { costs: [cost(0, 1_000, 4), cost(0, 500_000, 400)] }, "with 500,000 adds"],
  [checks.constantCost, { costs: [...costs, cost(3, 10, 26), cost(3, 5_000, 164)] }, null],
  [checks.constantCost, { costs: [...costs, cost(1, 1_000, 4_097)] }, "4,097 steps a call, after 1,000 adds"],
  [checks.constantCost, { costs: [...costs, cost(3, 5_000, 9_000)] }, "9,000 steps a call, after 5,000 threads"],
  [checks.constantCost, { costs: [] }, "no call was counted"],
  [checks.noMemory, careful, null],
  [checks.noMemory, { ...careful, attempts: [{ ...refusal, kept: 1 }] }, "1 allocation still held after counter_new"],
  [checks.noMemory, { ...careful, side_by_side: 1 }, "of 100 counters alive at once, 1 answered"],
  [checks.eightKib, careful, null],
  [checks.eightKib, { ...careful, bytes_each: 8_200 }, null],
  [checks.eightKib, { ...careful, bytes_each: 16_392 }, "a counter takes 16,392 bytes"],
];

describe("judgements", () => {
  for (const [check, evidence, saw, verdict = "wrong"] of table) {
    test(`${check.id}: ${saw ?? "spares it"} ${JSON.stringify(evidence).slice(0, 60)}`, () => {
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

test("machines come as rows", () => {
  const machines = {
    columns: ["working", "largest", "added", "sum", "bytes"],
    cells: BigUint64Array.of(2n, 37n, 210n, 210n, 4104n),
  };
  expect(checks.machinesEvidence.parse({ machines })).toEqual({ machines: [machine] } satisfies MachinesEvidence);
});

describe("the model", () => {
  const answers = (steps: object[]) => steps.flatMap((step) => ("expect" in step ? [step.expect] : []));

  test("a counter is 0, 5, 42", () => {
    expect(answers(countsUp.plan([]))).toEqual(["not NULL", 0n, 5n, 42n]);
  });

  test("sums are signed, of 64 bits, and wrap; each counter has its own", () => {
    const most = 2n ** 63n - 1n;
    const plan = matchesSums.plan([{ to: 0, n: most }, { to: 0, n: 2n }, { to: 1, n: -3n }, { read: 0 }]);
    expect(answers(plan).slice(2)).toEqual([1n - 2n ** 63n, 1n - 2n ** 63n, -3n]);
  });
});
