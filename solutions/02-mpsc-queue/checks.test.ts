// SPDX-License-Identifier: MIT
/** The checks of 02-mpsc-queue on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/02-mpsc-queue/grader/checks.ts";
import type {
  CountsEvidence,
  CrowdEvidence,
  NoMemoryEvidence,
  QueuesEvidence,
  StalledEvidence,
} from "../../katas/02-mpsc-queue/grader/checks.ts";
import type { Cost } from "../../harness/src/judge/costs.ts";
import { matchesFifo, someNodeArrives } from "../../katas/02-mpsc-queue/grader/scripts.ts";

const request = { seed: 1, params: { producers: 2, items: 2, handover: 0 } };
const item = (producer: number, seq: number) => ({ producer, seq });
const inOrder: CrowdEvidence = {
  pushed: 4,
  drained: [item(0, 0), item(1, 0), item(1, 1), item(0, 1)],
  left_after_null: 0,
};
const quiet: StalledEvidence = {
  runs: [
    { pushes: 1, stage: 0, stopped: 1, parked_at: 1, arrived: [2, 3, 1] },
    { pushes: 1, stage: 2, stopped: 2, parked_at: 2, arrived: [4, 1, 2, 5, 3] },
  ],
  overtaken: 2,
  lockstep: [1, 0, 2],
};
const popped = [{ pushes: 0, stage: 2, stopped: 1, parked_at: 3, arrived: [4, 1] }];
const cost = (phase: number, size: number, steps: number, part: Partial<Cost> = {}): Cost => ({
  ...{ phase, size, calls: 1, steps, allocations: 0, wrong: 0, overran: 0 },
  ...part,
});
const costs = [cost(0, 1_000, 4), cost(0, 200_000, 4), cost(1, 1_000, 5), cost(1, 200_000, 5)];
const cheap: CountsEvidence = { costs, popped: 4_000_000, misplaced: 0, early_nulls: 0, taken_bytes: 200_000 };
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful: NoMemoryEvidence = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  lives: 100,
  left_behind: 0,
  ended: [
    { pushed: 0, popped: 0, kept: 0 },
    { pushed: 3, popped: 1, kept: 0 },
  ],
  side_by_side: 100,
};

const parcel = (queue: number, producer: number, seq: number) => ({ ...item(producer, seq), from: queue, into: queue });
const apart: QueuesEvidence = {
  queues: 2,
  pushed: 2,
  drained: [parcel(0, 0, 0), parcel(0, 1, 0), parcel(1, 1, 0), parcel(1, 0, 0)],
};
const [ofQueue0, ...others] = apart.drained as [QueuesEvidence["drained"][number], ...QueuesEvidence["drained"]];

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, string | null, "not_reached"?];

const table: Row[] = [
  [checks.nothingLost, inOrder, null],
  [checks.nothingLost, { ...inOrder, drained: [] }, "0 of 4 nodes came out"],
  [checks.nothingLost, { ...inOrder, drained: inOrder.drained.slice(1) }, "3 of 4 nodes came out"],
  [checks.nothingLost, { ...inOrder, drained: [...inOrder.drained, item(1, 0)] }, "producer 1: node 0 came out twice"],
  [checks.nothingLost, { ...inOrder, drained: [item(-1, -1)] }, "a node that nobody had pushed"],
  [checks.nothingLost, { ...inOrder, left_after_null: 2 }, "NULL with 2 nodes inside"],

  [checks.fifoPerProducer, inOrder, null],
  [checks.fifoPerProducer, { ...inOrder, drained: [item(1, 0), item(1, 1), item(0, 0), item(0, 1)] }, null],
  [
    checks.fifoPerProducer,
    { ...inOrder, drained: [item(0, 1), item(0, 0)] },
    "producer 0: node 0 came out after node 1",
  ],
  [
    checks.fifoPerProducer,
    { ...inOrder, drained: [item(2, 1), item(2, 0)] },
    "producer 2, which was on another processor at each push: node 0 came out after node 1",
  ],
  [checks.fifoPerProducer, { ...inOrder, drained: [] }, "no node came out"],

  [checks.consumerMoves, inOrder, null],
  [checks.consumerMoves, { ...inOrder, drained: inOrder.drained.slice(2) }, "2 of 4"],
  [checks.raceFree, inOrder, null],
  [checks.raceFree, { ...inOrder, drained: [] }, "0 of 4", "not_reached"],
  [checks.memoryClean, inOrder, null],
  [checks.memoryClean, { ...inOrder, drained: inOrder.drained.slice(1) }, "3 of 4", "not_reached"],
  [checks.manyThreads, inOrder, null],
  [checks.manyThreads, { ...inOrder, drained: inOrder.drained.slice(1) }, "3 of 4 nodes came out"],
  [checks.manyThreads, { ...inOrder, drained: inOrder.drained.toReversed() }, "came out after"],

  [checks.stalledProducer, quiet, null],
  [checks.stalledProducer, { ...quiet, overrun_call: 1 }, "producer B's push had not ended"],
  [checks.stalledProducer, { runs: [] }, "no step at all"],
  [
    checks.stalledProducer,
    { ...quiet, runs: [{ pushes: 1, stage: 0, stopped: 1, parked_at: 7, arrived: [2, 3] }] },
    ": B1, B2 came out",
  ],
  [
    checks.stalledProducer,
    { ...quiet, runs: [{ pushes: 1, stage: 0, stopped: 1, parked_at: 7, arrived: [3, 2, 1] }] },
    ": B2, B1, A1 came out",
  ],
  [
    checks.stalledProducer,
    { ...quiet, runs: [{ pushes: 1, stage: 0, stopped: 1, parked_at: 7, arrived: [2, 2, 3, 1] }] },
    ": B1, B1, B2, A1 came out",
  ],
  [
    checks.stalledProducer,
    { ...quiet, runs: [{ pushes: 1, stage: 0, stopped: 2, parked_at: 7, arrived: [1, 2, 3] }] },
    "producers A and C were stopped at step 7",
  ],
  [checks.stalledProducer, { ...quiet, lockstep: [0, 2] }, "1 of B's and 1 of A's came out"],
  [checks.stalledProducer, { ...quiet, lockstep: [2, 0, 1] }, "B's not in order"],
  [checks.stalledProducer, { ...quiet, lockstep: [1, 2] }, "2 of B's and 0 of A's"],
  [
    checks.stalledProducer,
    { ...quiet, overrun_call: 2, while_stopped: 0 },
    "all pushes had ended, and mpsc_pop had not",
  ],
  [checks.popNeverWaits, quiet, null],
  [checks.popNeverWaits, { runs: [...popped, ...quiet.runs] }, null],
  [
    checks.popNeverWaits,
    { ...quiet, overrun_call: 2, while_stopped: 1 },
    "stopped inside mpsc_push, mpsc_pop had not ended",
  ],
  [checks.popNeverWaits, { ...quiet, overrun_call: 2, while_stopped: 0 }, "all pushes had ended, and mpsc_pop had not"],
  [checks.popNeverWaits, { ...quiet, overrun_call: 1, while_stopped: 1 }, null],
  [checks.popNeverWaits, { runs: [] }, "no step at all"],
  [
    checks.popNeverWaits,
    { runs: [{ ...popped[0], arrived: [4] }] },
    "step 3 of pushing A1, mpsc_pop was called four times, then A went on: the earlier node came out",
  ],
  [
    checks.popNeverWaits,
    { runs: [{ pushes: 1, stage: 0, stopped: 1, parked_at: 7, arrived: [3, 2, 1] }] },
    "B pushed B1 and B2, mpsc_pop was called four times",
  ],

  [checks.noAllocation, cheap, null],
  [checks.noAllocation, { costs: [cost(0, 1_000, 4, { allocations: 1 })] }, "mpsc_push: memory was asked for once"],
  [checks.noAllocation, { costs: costs.with(2, cost(1, 1_000, 5, { allocations: 4_000 })) }, "asked for 4,000 times"],
  [checks.noAllocation, { costs: [] }, "no call was counted"],
  [
    checks.constantCost,
    { costs: [cost(0, 1_000, 4), cost(0, 200_000, 900, { overran: 1 })], stopped_call: 65_537, stopped_steps: 700 },
    "mpsc_push with 65,536 nodes inside had not ended after 700 steps",
  ],
  [
    checks.constantCost,
    { costs: [cost(0, 1_000, 4), cost(0, 200_000, 900, { overran: 1 })], stopped_call: 9_000, stopped_steps: 90 },
    "it grows in proportion",
  ],
  [checks.constantCost, cheap, null],
  [checks.constantCost, { costs: costs.with(1, cost(0, 200_000, 10)) }, null],
  [checks.constantCost, { costs: costs.with(1, cost(0, 200_000, 20)) }, "4.0 steps a call with 1,000 nodes, 20.0 with"],
  [checks.constantCost, { costs: costs.with(3, cost(1, 200_000, 500)) }, "as a search through the nodes does"],
  [
    checks.constantCost,
    { costs: costs.with(3, cost(1, 200_000, 1_000, { overran: 1 })) },
    "mpsc_pop, of a queue that was filled: 5.0 steps a call with 1,000 nodes, over 1,000 with 200,000",
  ],
  [checks.constantCost, { costs: [cost(2, 500, 5), cost(2, 100_000, 100)] }, "the nodes staying inside: 5.0 steps"],
  [checks.constantCost, { costs: [] }, "no call was counted"],
  [checks.longQueue, cheap, null],
  [checks.longQueue, { ...cheap, early_nulls: 48, popped: 3_999_952 }, "48 answered NULL, 0 another node"],
  [checks.longQueue, { ...cheap, misplaced: 5_000 }, "5,000 another node"],
  [checks.longQueue, { ...cheap, taken_bytes: 16 << 20 }, "4,000,000 nodes inside, the process had taken 16 MiB"],
  [checks.longQueue, { costs }, "see constant_cost", "not_reached"],

  [checks.noMemory, careful, null],
  [
    checks.noMemory,
    { ...careful, attempts: [{ ...refusal, kept: 1 }] },
    "1 allocation still held after mpsc_new answered",
  ],
  [checks.noMemory, { ...careful, attempts: [{ ...made, kept: 2 }] }, "2 allocations still held after mpsc_free"],
  [checks.noMemory, { ...careful, attempts: [made, refusal] }, "mpsc_new never succeeds"],
  [checks.noMemory, { ...careful, attempts: [{ ...made, works: 0 }] }, "answered a queue that loses its first node"],
  [checks.noMemory, { ...careful, side_by_side: 99 }, "of 100 queues alive at once, 99 returned"],
  [
    checks.noMemory,
    { ...careful, ended: [{ pushed: 3, popped: 1, kept: 1 }] },
    "1 allocation still held after mpsc_free: 3 nodes had been pushed, 1 popped",
  ],
  [checks.noMemory, { ...careful, left_behind: 50 }, "50 allocations still held after 100 queues"],
  [checks.separateQueues, apart, null],
  [checks.separateQueues, { ...apart, drained: others }, "queue 0 of 2: 1 of 2 nodes came out"],
  [
    checks.separateQueues,
    { ...apart, drained: [{ ...ofQueue0, from: 1 }, ...others] },
    "queue 1 of 2 returned producer 0's node 0 of queue 0",
  ],
  [checks.separateQueues, { ...apart, drained: [{ ...parcel(0, -1, -1), into: -1 }] }, "a node that nobody had pushed"],
  [
    checks.separateQueues,
    { ...apart, drained: [...apart.drained, ofQueue0] },
    "returned producer 0's node 0 of queue 0",
  ],
  [checks.queuesRaceFree, apart, null],
  [checks.queuesRaceFree, { ...apart, drained: others }, "see separate_queues", "not_reached"],

  [checks.freeLeavesNodes, { abandoned: 15 }, null],
  [checks.freeLeavesNodes, { abandoned: 0 }, "no queue was freed"],
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

describe("schemas read what the driver sends", () => {
  test("crowd: codes become items, and a stranger is nobody's", () => {
    const drained = BigUint64Array.of((3n << 32n) | 7n, 2n ** 64n - 1n);
    expect(checks.crowdEvidence.parse({ pushed: 2, drained, left_after_null: 0 })).toEqual({
      pushed: 2,
      drained: [item(3, 7), item(-1, -1)],
      left_after_null: 0,
    });
  });

  test("stalled: digits become nodes", () => {
    const runs = {
      columns: ["pushes", "stage", "stopped", "parked_at", "arrived"],
      cells: BigUint64Array.of(1n, 2n, 1n, 5n, 0x4123n),
    };
    expect(checks.stalledEvidence.parse({ runs })).toEqual({
      runs: [{ pushes: 1, stage: 2, stopped: 1, parked_at: 5, arrived: [4, 1, 2, 3] }],
    });
  });

  test("a name that nobody knows is refused", () => {
    expect(checks.abandonedEvidence.safeParse({ abandoned: 1, score: 100 }).success).toBe(false);
  });
});

describe("the model", () => {
  const answers = (steps: object[]) => steps.flatMap((step) => ("expect" in step ? [step.expect] : []));

  test("a fresh queue is empty, then holds what was pushed, then is empty", () => {
    expect(answers(someNodeArrives.plan([]))).toEqual(["not NULL", null, { ref: "a" }, null]);
  });

  test("first in, first out, per queue; a fifth node does not exist", () => {
    const push = (queue: number) => ({ push: queue, from: 0, byte: 0 });
    const plan = matchesFifo.plan([push(0), push(1), push(0), push(0), push(0), { pop: 0, byte: 0 }, push(1)]);
    expect(answers(plan).slice(2)).toEqual(["a", "c", "d", null, "b", "a", null].map((name) => name && { ref: name }));
  });
});
