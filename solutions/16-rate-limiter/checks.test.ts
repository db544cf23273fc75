// SPDX-License-Identifier: MIT
/** The checks of 16-rate-limiter on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import { bucketMakesRoom, bucketSomeTokens } from "../../katas/16-rate-limiter/grader/buckets.ts";
import * as checks from "../../katas/16-rate-limiter/grader/checks.ts";
import type {
  CrowdEvidence,
  FaultsEvidence,
  PausedEvidence,
  RoomEvidence,
  SizesEvidence,
} from "../../katas/16-rate-limiter/grader/checks.ts";
import { EDGE, EDGE_CALLS, EDGES, PAIRS, type Timed } from "../../katas/16-rate-limiter/grader/edge.ts";
import { Buckets, MOST, NS, Windows } from "../../katas/16-rate-limiter/grader/model.ts";
import { memoryClean, raceFree } from "../../katas/16-rate-limiter/grader/sanitized.ts";
import { refusesNonsense } from "../../katas/16-rate-limiter/grader/nonsense.ts";
import type { AloneEvidence, Asked, CrowdEvidence as Processes } from "../../katas/16-rate-limiter/grader/shared.ts";

const request = { seed: 1, params: { burst: 600 } };

const sums: CrowdEvidence = {
  sums: [
    { of: 0, key: 0, got: 600 },
    { of: 1, key: 0, got: 600 },
  ],
};
const got = (of: number, tokens: number): CrowdEvidence => ({ sums: [...sums.sums, { of, key: 1, got: tokens }] });

/** One key, a token each microsecond, from a full bucket on; and as much of another key at other times. */
const taken: RoomEvidence["taken"] = Array.from({ length: 120 }, (_, at) => ({
  key: at % 2,
  cost: 1,
  now: 10_000 + Math.max(0, (at >> 1) - 2) * 1_000,
}));
const also = (now: number): RoomEvidence => ({ taken: [...taken, { key: 1, cost: 1, now }] });

const run = (call: number, part: object = {}) => ({
  ...{ call, parked_at: 3, between: 3, owing: 27, answered: Number(call !== 4) },
  ...part,
});
const quiet: PausedEvidence = { runs: [run(1), run(2), run(3), run(4)] };

const size = (of: number, keys: number, bytes: number, allocations = 0) => ({ of, keys, bytes, allocations });
const small: SizesEvidence = {
  sizes: [size(0, 1, 300), size(0, 5_000, 320_000), size(1, 1_000, 1_024_000)],
  statics: 64,
};

const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const works = { nth: 2, refused: 0, made: 1, works: 1, kept: 0 };
const refused = { attempts: [refusal, { ...works, alone: 0 }, { ...works, alone: 1 }], lives: 9, left_behind: 0 };
const leaks = { ...refused, left_behind: 2 };

const fault = (number: number, part: object = {}) => ({
  ...{
    fault: number,
    first: number === 0 ? 2 : 110,
    second: number === 0 ? 2 : 110,
    requests: 2,
    connections: 2,
    told: 2,
    kept: 1,
  },
  ...part,
});
const faults: FaultsEvidence = {
  asked: [0, 1, 2, 4, 9].map((number) => fault(number)),
  made: [
    { number: 0, refused: 0 },
    { number: 4, refused: 1 },
  ],
  early: 0,
};

const asked = (cost: number, answer: number | null, part: Partial<Asked> = {}): Asked => ({
  ...{ cost, answer, burst: 10, rate: 1, retry_ms: "0", kept: false, from_ms: 1_000, to_ms: 1_001 },
  ...part,
});
const key = (ttl_ms: number) => [{ name: "limiter:1:10:three", ttl_ms }];
const alone: AloneEvidence = {
  counted: [
    asked(3, 1),
    asked(7, 1),
    asked(5, 0, { retry_ms: "4990", from_ms: 1_008, to_ms: 1_009 }),
    asked(11, 0, { retry_ms: String(MOST) }),
    asked(0, 1),
  ],
  refilled: 1,
  odd: [{ key: "%s", answer: 1, again: 0 }],
  long: -22,
  apart: [1, 0, 1, 1],
  expiry: [
    { least_ms: 990, most_ms: 1_000, keys: key(1_990) },
    { least_ms: 9_990, most_ms: 10_000, keys: key(10_990) },
  ],
  trips: { first: 2, calls: 40, trips: 40, allowed: 29 },
  flushed: [1, 0],
  flushed_trips: 3,
  edges: [],
  pairs: [],
  lost: { answer: -104, left: 6, refill: 0.3 },
  turned: [1, 1, 0, 1, 0, 1],
  paused: [-110, -110],
  paused_ms: 200,
  late: [-110, 1],
  dead: [-104, -111],
  restarted: [1, 1, -104, 1],
  descriptors: { before: 20, after: 20 },
  slow: 0,
};
const heard = (part: Partial<AloneEvidence>): AloneEvidence => ({ ...alone, ...part });
/** A server whose clock goes on by 400 us a call, for a program that is right up to `error_us` of them. */
const edges = (error_us = 0, most = EDGES) => Array.from({ length: most }, (_, number) => edge(number % 9 && error_us));
const edge = (error_us: number) => {
  let full_us = 0;
  return Array.from({ length: EDGE_CALLS }, (_, at): Timed => {
    const [now, cost] = [5e6 + at * 400, at === 0 ? EDGE.burst : 397 + (at % 13)];
    const answer = Math.max(0, full_us - now - error_us * Number(at > 3)) + cost <= EDGE.burst ? 1 : 0;
    if (answer === 1) full_us = Math.max(full_us, now) + cost;
    return { cost, answer, from_us: now - 1, to_us: now + 1 };
  });
};
/** Two that ask for a half and 10 tokens more, 40 us apart, of a program that keeps the moment with an error. */
const pairs = (error_us = 0, most = PAIRS) =>
  Array.from({ length: most }, (): Timed[] => {
    const one = { cost: EDGE.burst / 2 + 10, answer: 1, from_us: 5e6, to_us: 5e6 + 2 };
    return [one, { ...one, answer: 40 - error_us >= 20 ? 1 : 0, from_us: 5e6 + 40, to_us: 5e6 + 42 }];
  });
const counted = (...more: Asked[]) => heard({ counted: [...alone.counted.slice(0, 2), ...more] });
const processes: Processes = { got: 560, cut: 60, kills: 3, burst: 600, refill: 2, negative: 0, slow: 0, together: 1 };

const table: [check: { id: string; run: (...all: any[]) => { verdict: string } }, good: unknown[], bad: unknown[]][] = [
  [checks.bucketNothingLost, [sums, got(1, 3)], [{ sums: [] }, got(0, 599), got(0, 601)]],
  [checks.windowNothingLost, [sums, got(0, 3)], [{ sums: [] }, got(1, 599), got(1, 601)]],
  [checks.bucketIntervalBound, [{ taken }], [{ taken: [] }, also(10_000), also(40_500), { taken: taken.slice(0, 50) }]],
  [memoryClean, [{ taken }], [also(10_000)]],
  [raceFree, [{ taken }], [also(10_000)]],
  [
    checks.bucketOvertakenThread,
    [{ stops: [{ at: 300, taken: 600, refused: 0 }] }],
    [
      { stops: [] },
      { stops: [{ at: 300, taken: 600, refused: 0 }], overrun: 1 },
      { stops: [{ at: 300, taken: 599, refused: 1 }] },
    ],
  ],
  [
    checks.bucketPausedThread,
    [quiet],
    [
      { runs: [] },
      { ...quiet, overrun_in: 3 },
      ...[run(2, { between: 2 }), run(1, { owing: 28 }), run(1, { owing: 26 }), run(4, { answered: 1 })].map((one) => ({
        runs: [...quiet.runs, one],
      })),
      { runs: [run(3, { answered: 0 })] },
    ],
  ],
  [
    checks.bytesEach,
    [small],
    [
      { sizes: [], statics: 0 },
      { ...small, statics: 65_536 },
      ...[size(0, 100, 16_000), size(1, 100, 120_000), size(0, 1, 100, 3)].map((one) => ({ sizes: [one], statics: 0 })),
    ],
  ],
  [checks.bucketNoMemory, [refused], [leaks]],
  [checks.windowNoMemory, [refused], [leaks]],
  [
    checks.sharedFaults,
    [faults],
    [
      { ...faults, asked: [] },
      { ...faults, early: 1 },
      ...[
        fault(5, { first: 0 }),
        fault(5, { second: 0 }),
        fault(2, { first: 11 }),
        fault(2, { second: 104 }),
        fault(6, { kept: 0 }),
        fault(8, { requests: 51 }),
        fault(6, { connections: 1 }),
      ].map((one) => ({ asked: [one] })),
    ],
  ],
  [
    checks.sharedRefusesNonsense,
    [faults],
    [{ made: [] }, { made: [{ number: 2, refused: 1 }] }, { made: [{ number: 10, refused: 0 }] }],
  ],
  [checks.sharedNoMemory, [refused], [leaks]],
  [
    checks.sharedSomeTokens,
    [alone, counted(asked(1, 1, { from_ms: 9_000, to_ms: 9_001 }))],
    [
      counted(asked(1, 1)),
      counted(asked(1, null)),
      counted(asked(1, -38)),
      counted(asked(1, 0, { retry_ms: "1005" })),
      counted(asked(1, 0, { retry_ms: "900" })),
      counted(asked(1, 0, { retry_ms: "4711", kept: true })),
      counted(asked(10, 0, { from_ms: 20_000, to_ms: 20_001 })),
      counted(asked(11, 0, { retry_ms: "1000" })),
      counted(asked(0, 1, { retry_ms: "3" })),
      heard({ refilled: 0 }),
      heard({ odd: [{ key: "a b", answer: 1, again: 1 }] }),
      heard({ odd: [{ key: "a b", answer: -71, again: -71 }] }),
      heard({ long: 1 }),
      heard({ apart: [1, 0, 0, 1] }),
      heard({ apart: [1, 1, 1, 1] }),
    ],
  ],
  [
    checks.sharedClockBack,
    [alone],
    [heard({ turned: [1, 1, 1, 1, 1, 1] }), heard({ turned: [1, 1, 0, 0, 0, 1] }), heard({ turned: [1, -104] })],
  ],
  [
    checks.sharedOneTrip,
    [alone],
    [
      heard({ trips: { first: 2, calls: 40, trips: 80, allowed: 29 } }),
      heard({ trips: { first: 2, calls: 40, trips: 40, allowed: 0 } }),
      heard({ trips: { first: 3, calls: 40, trips: 40, allowed: 29 } }),
    ],
  ],
  [
    checks.sharedNoScript,
    [alone],
    [heard({ flushed: [-71, 1] }), heard({ flushed: [1, 1] }), heard({ flushed_trips: 4 })],
  ],
  [
    checks.sharedRestarts,
    [alone, heard({ restarted: [1, 1, 1, 1] })],
    [
      heard({ dead: [-104, 0] }),
      heard({ dead: [1, -111] }),
      heard({ restarted: [-104, 1, 1, 1] }),
      heard({ restarted: [1, 1, -104, -104] }),
      heard({ restarted: [1, 1, 0, 1] }),
    ],
  ],
  [
    checks.sharedHangs,
    [alone, heard({ late: [1] })],
    [
      heard({ paused_ms: 3 }),
      heard({ paused: [-110, 0] }),
      heard({ paused: [-11, -110] }),
      heard({ late: [0] }),
      heard({ late: [-110, -110] }),
    ],
  ],
  [
    checks.sharedMicroseconds,
    [heard({ edges: edges(), pairs: pairs() })],
    [
      ...[edges(50), edges(-500), edges(0, 20)].map((wrong) => heard({ edges: wrong, pairs: pairs() })),
      ...[pairs(30), pairs(0, 99), []].map((wrong) => heard({ edges: edges(), pairs: wrong })),
      alone,
    ],
  ],
  [
    checks.sharedOnce,
    [alone, heard({ lost: { answer: -104, left: 5, refill: 0.1 } })],
    [
      heard({ lost: { answer: 1, left: 5, refill: 0.1 } }),
      heard({ lost: { answer: -104, left: 1, refill: 0.1 } }),
      heard({ lost: { answer: -104, left: 9, refill: 0.1 } }),
    ],
  ],
  [
    checks.sharedExpires,
    [alone],
    [-1, 86_400_000, 400].map((ttl_ms) => heard({ expiry: [{ least_ms: 990, most_ms: 1_000, keys: key(ttl_ms) }] })),
  ],
  [checks.sharedCloses, [alone], [heard({ descriptors: { before: 20, after: 24 } })]],
  [
    checks.sharedProcesses,
    [processes, { ...processes, got: 602 }],
    [
      { ...processes, got: 604 },
      { ...processes, got: 530 },
      { ...processes, negative: 1 },
      { ...processes, together: 2 },
    ],
  ],
];

describe.each(table.map(([check, ...rest]) => [check.id, check.run, ...rest] as const))("%s", (_, judge, good, bad) => {
  test("spares what is right", () => {
    for (const evidence of good) expect(judge(evidence, request)).toEqual({ verdict: "pass" });
  });

  test("refuses what is not", () => {
    for (const evidence of bad) expect(judge(evidence, request).verdict).toBe("wrong");
  });
});

test("where a server has used up a call's time, nothing is told of the program", () => {
  const slow = (evidence: object) => ({ ...evidence, slow: 1 });
  expect(
    checks.sharedRestarts.run(slow({ ...alone, restarted: [-110, 1, 1, 1] }) as AloneEvidence, request).verdict,
  ).toBe("not_measurable");
  expect(checks.sharedProcesses.run(slow({ ...processes, negative: 1 }) as Processes, request).verdict).toBe(
    "not_measurable",
  );
  expect(checks.sharedProcesses.run(slow(processes) as Processes, request).verdict).toBe("pass");
});

test("where a server has spoken too late, nothing is told of the program but what is wrong all the same", () => {
  const late = (part: object) => ({ ...faults, asked: [...faults.asked, fault(5, { told: 1, ...part })] });
  expect(checks.sharedFaults.run(late({}), request).verdict).toBe("not_measurable");
  expect(checks.sharedFaults.run(late({ first: 0 }), request).verdict).toBe("wrong");
  expect(checks.sharedFaults.run({ ...faults, asked: [fault(2, { told: 0 })] }, request).verdict).toBe("pass");
});

test("every check of a scenario is here", () => {
  const all = Object.values(checks).filter((one) => typeof one === "object" && "id" in one && "run" in one);
  const tried = table.map(([check]) => check.id);
  expect(all.map((check) => (check as { id: string }).id).filter((id) => !tried.includes(id))).toEqual([]);
});

describe("the models", () => {
  test("a bucket of three a second gives the third token at the full second", () => {
    const buckets = new Buckets(3n, 1n, 1);
    expect([0n, 333_333_333n, 333_333_334n, 666_666_667n].map((now) => buckets.allow(1n, 1n, now))).toEqual([
      "allowed",
      "refused, retry after 1 ns",
      "allowed",
      "refused, retry after 1 ns",
    ]);
    expect(buckets.allow(2n, 1n, 666_666_667n)).toBe("refused, retry after 1 ns");
    expect(buckets.allow(2n, 2n, 666_666_667n)).toBe("refused for ever");
    expect(buckets.allow(2n, 1n, NS)).toBe("allowed");
  });

  test("a call in a window counts in its own slot and in 64 more", () => {
    const windows = new Windows(1n, 64n, 1);
    expect([10n, 73n, 74n, 75n].map((now) => windows.allow(1n, now))).toEqual([
      "allowed",
      "refused, retry after 2 ns",
      "refused, retry after 1 ns",
      "allowed",
    ]);
    expect(windows.allow(2n, 70n)).toBe("refused, retry after 70 ns");
  });
});

test("each script's first steps make what it asks", () => {
  const plans = [bucketSomeTokens, refusesNonsense].map((script) => script.plan([]));
  expect(plans.map((steps) => steps.length)).toEqual([13, 43]);
  const [tale] = bucketMakesRoom.always!;
  expect(bucketMakesRoom.plan(tale!)[0]).toMatchObject({ call: "limiter_new", args: [1n, 2n, 4] });
});
