// SPDX-License-Identifier: MIT
/** The checks of 10-reclamation on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/10-reclamation/grader/checks.ts";
import type {
  CountsEvidence,
  HpChains,
  HpCrowd,
  HpLeave,
  HpMemory,
  HpPaused,
  HpProtects,
  HpWaiting,
  TaggedCrowd,
  TaggedMemory,
  TaggedPaused,
  TaggedWrap,
} from "../../katas/10-reclamation/grader/checks.ts";
import {
  hpKeepsOne,
  hpMatchesStack,
  taggedKeepsOne,
  taggedMatchesStack,
} from "../../katas/10-reclamation/grader/scripts.ts";
import { unpacked } from "../../katas/10-reclamation/grader/paused.ts";
import type { Cost } from "../../harness/src/judge/costs.ts";

const request = { seed: 1, params: { threads: 2, slots: 3 } };
const NONE = 0xffff_ffff;

const slots: TaggedCrowd = { uses: 10, used: 10, strange: 0, twice: [], left: [2, 0, 1] };
const items: HpCrowd = {
  ...{ reads: 9, dead: 0, made: 5, reclaimed: 5, twice: 0 },
  ...{ pushed: 3, popped: 3, sum_pushed: 12, sum_popped: 12 },
};
const pushed = { call: 0, parked_at: 2, kept: 1, newcomers: 4, answered: NONE, left: 0x143 };
const popped = { call: 1, parked_at: 3, kept: 1, newcomers: 4, answered: 0, left: 0x3 };
const paused: TaggedPaused = { runs: [pushed, popped] };
const pause = { parked_at: 4, calls: 2 ** 21, answered: 0, left: 0x23 };
const long: TaggedWrap = { pauses: [{ ...pause, parked_at: 9, calls: 5, answered: 0, left: 0x32 }, pause] };
const stopped = { parked_at: 5, pushed: 52, popped: 52, early: 0, twice: 0, missing: 0, refused: 0 };
const hpPaused: HpPaused = { runs: [0, 1, 2, 3, 4, 5, 6, 7].map((call) => ({ call, ...stopped })) };
const noneSo = { popped: 0, astray: 0, late: 0, nodes: 0 };
const life = { threads: 3, slots: 2, retired: 900, wrong: 0, early: 0, twice: 0, missing: 0, ...noneSo };
const lived = (part: Partial<typeof life>): HpProtects => ({ lives: [life, { ...life, ...part }] });
const domain = { threads: 4, slots: 2, retired: 900, most: 264 };
const waiting = (most: number, manner: number): HpWaiting => ({
  domains: [0, 1, 2, 3].map((one) => ({ manner: one, ...domain, ...(one === manner && { most }) })),
});
const leave: HpLeave = {
  ...{ retired: 900, refused: 0, most: 264, twice: 0, missing: 0 },
  ...{ handles: 4, one_more: 0, kept: 0, late: 0 },
};
const shape = {
  threads: 2,
  slots: 2,
  retired: 9,
  reclaimed: 9,
  stack_bytes: 800,
  most: 132,
  twice: 0,
  missing: 0,
  late: 0,
};
const shapes = (part: Partial<typeof shape>): HpChains => ({
  shapes: [0, 1, 2, 3, 4].map((kind) => ({ kind, ...shape, ...(kind === 0 && part) })),
});
const cost = (phase: number, size: number, steps: number, part: Partial<Cost> = {}): Cost => ({
  ...{ phase, size, calls: 10, steps, allocations: 0, wrong: 0, overran: 0 },
  ...part,
});
const costs = (...all: Cost[]): CountsEvidence => ({ costs: all });
const flat = [cost(0, 16, 70), cost(0, 40_000, 72), cost(1, 16, 80), cost(1, 40_000, 80)];
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  ...{ lives: 100, left_behind: 0 },
};
const size = { slots: 257, made: 1, right: 1, refused: 1, bytes: 2_000 };
const none = { slots: 0, made: 0, right: 0, refused: 0, bytes: 0 };
const sizes = (...all: (typeof size)[]): TaggedMemory => ({ ...careful, sizes: all });
const whole = { threads: 3, slots: 2, made: 1, works: 1, bytes: 9_000 };
const domains = (part: Partial<HpMemory>, ...all: (typeof whole)[]): HpMemory => ({
  ...{ ...careful, sizes: all, succeeded: 0, changed: 0 },
  ...part,
});

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, string | null, "not_reached"?];

const table: Row[] = [
  [checks.taggedNothingLost, slots, null],
  [checks.taggedNothingLost, { ...slots, uses: 0 }, "no slot was popped"],
  [checks.taggedNothingLost, { ...slots, strange: 2 }, "2 numbers that are no slot's"],
  [
    checks.taggedNothingLost,
    { ...slots, twice: [{ slot: 1, thread: 0, other: 3 }] },
    "slot 1 came to thread 0 while thread 3 had it",
  ],
  [checks.taggedNothingLost, { ...slots, left: [2, 0] }, "2 slots came out; slot 1 was not among them"],
  [checks.taggedNothingLost, { ...slots, left: [2, 0, 1, 0] }, "4 slots came out"],
  [checks.taggedNothingLost, { ...slots, used: 9 }, "9 of these were still known"],
  [checks.taggedRaceFree, slots, null],
  [checks.taggedRaceFree, { ...slots, left: [] }, "see tagged_nothing_lost", "not_reached"],

  [checks.hpReclaimsOnce, items, null],
  [checks.hpReclaimsOnce, { ...items, reads: 0 }, "nothing was read"],
  [checks.hpReclaimsOnce, { ...items, dead: 3 }, "3 looks met one that had been reclaimed"],
  [checks.hpReclaimsOnce, { ...items, twice: 1, reclaimed: 6 }, "6 calls of reclaim"],
  [checks.hpReclaimsOnce, { ...items, reclaimed: 4 }, "5 objects were made and retired; 4 calls"],
  [checks.hpReclaimsOnce, { ...items, sum_popped: 13 }, "3 came out, with a sum of 13"],
  [checks.hpMemoryClean, items, null],
  [checks.hpMemoryClean, { ...items, popped: 2 }, "see hp_reclaims_once", "not_reached"],

  [checks.taggedPausedThread, paused, null],
  [checks.taggedPausedThread, { runs: [pushed] }, "has no step at all"],
  [
    checks.taggedPausedThread,
    { ...paused, overrun_call: 1, overrun_in: 0 },
    "with thread A stopped inside a tagged_push, thread B's tagged_pop had not ended",
  ],
  [
    checks.taggedPausedThread,
    { runs: [pushed, { ...popped, left: 0x2 }] },
    "stopped at step 3 of a tagged_pop; others popped two slots, pushed the first again, and A went on: slot 1 came out twice, slot 2 never came out",
  ],
  [checks.taggedLongPause, long, null],
  [checks.taggedLongPause, { pauses: [long.pauses[0]!] }, "no step before it takes its slot"],
  [checks.taggedLongPause, { ...long, stuck: 1 }, "thread B's tagged_pop had not ended"],
  [
    checks.taggedLongPause,
    { pauses: [{ ...pause, left: 0x2 }] },
    "others made 2,097,152 calls, after which slot 0 was on top again, above another one; then A went on: slot 2 never came out",
  ],
  [checks.hpPausedThread, hpPaused, null],
  [checks.hpPausedThread, { runs: hpPaused.runs.slice(1) }, "hp_protect has no step"],
  [
    checks.hpPausedThread,
    { ...hpPaused, overrun_call: 4, overrun_in: 2 },
    "stopped inside hp_retire, thread B's hp_detach had not ended after 40,000 steps",
  ],
  [checks.hpPausedThread, { runs: hpPaused.runs.with(0, { call: 0, ...stopped, early: 1 }) }, "A's slot protects"],
  [checks.hpPausedThread, { runs: hpPaused.runs.with(2, { call: 2, ...stopped, twice: 2 }) }, "2 objects were"],
  [checks.hpPausedThread, { runs: hpPaused.runs.with(2, { call: 2, ...stopped, missing: 2 }) }, "never reclaimed"],
  [checks.hpPausedThread, { runs: hpPaused.runs.with(3, { call: 3, ...stopped, refused: 1 }) }, "place free"],
  [checks.hpPausedThread, { runs: hpPaused.runs.with(6, { call: 6, ...stopped, popped: 50 }) }, "50 came out"],

  [checks.hpProtectsObjects, lived({}), null],
  [checks.hpProtectsObjects, { lives: [] }, "nothing was retired"],
  [checks.hpProtectsObjects, lived({ wrong: 2 }), "hp_protect answered 2 times what its place did not hold"],
  [checks.hpProtectsObjects, lived({ early: 1 }), "of 3 handles with 2 slots each, 1 object was reclaimed while"],
  [checks.hpProtectsObjects, lived({ popped: 3 }), "3 objects were reclaimed"],
  [checks.hpProtectsObjects, lived({ astray: 2 }), "called `reclaim`, twice"],
  [checks.hpProtectsObjects, lived({ twice: 1 }), "reclaimed twice"],
  [checks.hpProtectsObjects, lived({ missing: 1 }), "retired and not reclaimed after hp_free"],
  [checks.hpProtectsObjects, lived({ late: 1 }), "still waiting"],
  [checks.hpProtectsObjects, lived({ nodes: 2 }), "2 popped nodes"],

  [checks.hpWaitingBounded, waiting(264, 0), null],
  [checks.hpWaitingBounded, waiting(265, 0), "and then was idle: 265 objects waited"],
  [checks.hpWaitingBounded, waiting(400, 2), "stopped inside hp_retire: 400 objects waited"],
  [checks.hpWaitingBounded, { domains: waiting(1, 0).domains.slice(1) }, "never was it so that each handle"],

  [checks.hpDetach, leave, null],
  [checks.hpDetach, { ...leave, retired: 0 }, "nothing was retired"],
  [checks.hpDetach, { ...leave, handles: 3 }, "3 of 4 could be attached at once"],
  [checks.hpDetach, { ...leave, refused: 7 }, "7 times before"],
  [checks.hpDetach, { ...leave, one_more: 1 }, "with threads_max attached"],
  [checks.hpDetach, { ...leave, missing: 4 }, "after hp_free 4 had never been reclaimed"],
  [checks.hpDetach, { ...leave, most: 300 }, "300 objects waited"],
  [checks.hpDetach, { ...leave, kept: 2 }, "2 objects that its slots had protected before"],
  [checks.hpDetach, { ...leave, late: 3 }, "3 of these still waited, when another handle"],

  [checks.hpReclaimRetires, shapes({}), null],
  [checks.hpReclaimRetires, { shapes: [] }, "no chain was tried"],
  [checks.hpReclaimRetires, shapes({ reclaimed: 8 }), "9 of them were retired, 8 reclaimed"],
  [checks.hpReclaimRetires, shapes({ late: 2 }), "2 of them still waited"],
  [checks.hpReclaimRetires, shapes({ stack_bytes: 1 << 20 }), "1,024 KiB of stack apart"],
  [checks.hpReclaimRetires, shapes({ most: 133 }), "133 objects waited in a domain of 2 handles"],

  [checks.taggedConstantCost, costs(...flat), null],
  [checks.taggedConstantCost, costs(), "no call was counted"],
  [checks.taggedConstantCost, costs(cost(0, 16, 70, { allocations: 10 })), "memory was asked for"],
  [checks.taggedConstantCost, costs(cost(1, 16, 70, { wrong: 1 })), "1 wrong answers"],
  [checks.taggedConstantCost, costs(...flat, cost(0, 80_000, 70_000)), "7,000 with 80,000 slots"],
  [checks.hpCost, costs(cost(0, 8, 200), cost(2, 8, 3_000), cost(2, 512, 60_000)), null],
  [checks.hpCost, costs(cost(0, 512, 5_000)), "hp_protect: 500 steps a call with 512 slots"],
  [checks.hpCost, costs(cost(2, 512, 600_000)), "hp_retire: 60,000 steps a call"],
  [checks.hpCost, costs(cost(2, 8, 3_000), cost(4, 8, 90, { allocations: 1 })), "hp_stack_pop: memory was asked"],
  [checks.hpCost, costs(cost(2, 8, 100, { allocations: 1 })), "hp_retire: memory was asked for"],

  [checks.taggedMemory, sizes(size, none), null],
  [checks.taggedMemory, sizes(), "no size was tried"],
  [checks.taggedMemory, { ...sizes(size), left_behind: 1 }, "1 allocation still held"],
  [checks.taggedMemory, sizes({ ...none, made: 1 }), "tagged_new answered a stack, with 0 slots"],
  [checks.taggedMemory, sizes({ ...size, made: 0 }), "tagged_new answered NULL, with 257 slots"],
  [checks.taggedMemory, sizes({ ...size, right: 0 }), "others came out"],
  [checks.taggedMemory, sizes({ ...size, refused: 0 }), "one above the last"],
  [checks.taggedMemory, sizes({ ...size, bytes: 20_000 }), "takes 20,000 bytes"],
  [checks.hpNoMemory, domains({}, whole), null],
  [checks.hpNoMemory, domains({}), "no size was tried"],
  [checks.hpNoMemory, { ...domains({}, whole), left_behind: 2 }, "2 allocations still held"],
  [checks.hpNoMemory, domains({}, { ...whole, threads: -1 }), "hp_new(2^64 - 1, 2) answered a domain"],
  [checks.hpNoMemory, domains({}, { ...whole, made: 0 }), "hp_new(3, 2) answered NULL"],
  [checks.hpNoMemory, domains({}, { ...whole, works: 0 }), "does not work"],
  [checks.hpNoMemory, domains({}, { ...whole, bytes: 100_000 }), "takes 100,000 bytes"],
  [checks.hpNoMemory, domains({ succeeded: 1 }, whole), "succeeded without memory"],
  [checks.hpNoMemory, domains({ changed: 1 }, whole), "has changed the stack"],
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

test("slots travel in four bits each, one more than they are", () => {
  expect(unpacked(0x143)).toEqual([2, 3, 0]);
  expect(unpacked(0)).toEqual([]);
});

describe("the models", () => {
  const answers = (steps: object[]) => steps.flatMap((step) => ("expect" in step ? [step.expect] : []));

  test("slots come out newest first", () => {
    expect(answers(taggedKeepsOne.plan([]))).toEqual(
      ["not NULL", "not NULL", NONE, true, true, 0, false].concat([1, NONE, NONE] as any[]),
    );
  });

  test("each stack of slots has its own, and refuses what is beyond", () => {
    const plan = taggedMatchesStack.plan([{ slots: 2 }, { push: 1, of: 0 }, { push: 1, of: 1 }, { none: 4, of: 0 }]);
    expect(answers(plan).slice(2)).toEqual([true, true, false, 1, NONE, 1, NONE]);
  });

  test("values come out newest first, whole, and an empty stack touches nothing", () => {
    const all = answers(hpKeepsOne.plan([]));
    expect(all).toContainEqual({ hex: "0800000000000000" });
    expect(all.at(-1)).toEqual({ hex: "a5".repeat(8) });
    expect(answers(hpMatchesStack.plan([{ push: 2n ** 64n - 1n, of: 1 }, { pop: 1 }]))).toContainEqual({
      hex: "f".repeat(16),
    });
  });
});
