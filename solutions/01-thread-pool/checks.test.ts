// SPDX-License-Identifier: MIT
/** The checks of 01-thread-pool against evidence written by hand, good and bad. */
import { expect, test } from "bun:test";
import type { Check, Judgement } from "../../harness/src/kata/kata.ts";
import {
  asleepEvidence,
  countsDiscarded,
  exactlyOnce,
  largeEvidence,
  longQueue,
  manyEvidence,
  manyWorkers,
  memoryClean,
  noAllocation,
  noMemory,
  raceFree,
  sleepsWhenBlocked,
  sleepsWhenIdle,
  sleepsWhenStopping,
  type CrowdEvidence,
} from "../../katas/01-thread-pool/grader/checks.ts";
import { matchesModel, refusesNonsense, someJobRuns } from "../../katas/01-thread-pool/grader/scripts.ts";

const numbers = (...values: number[]) => BigUint64Array.from(values, BigInt);
const request = { seed: 1, params: { workers: 3 } };
const judge = <E>(check: Check<E>, evidence: NoInfer<E>): Judgement => check.run(evidence, request);

function expectWrong(judgement: Judgement, saw: RegExp, lookAt?: RegExp): void {
  expect(judgement).toMatchObject({ verdict: "wrong", saw: expect.stringMatching(saw) });
  if (lookAt) expect(judgement).toMatchObject({ lookAt: expect.stringMatching(lookAt) });
}

const [OK, FULL, TIMEOUT, CLOSED, NEVER] = [0, 1, 2, 3, 9];

/** Two jobs accepted, one refused, one never submitted; only what is given here differs. */
const crowd = (given: Partial<Record<"status" | "runs", number[]>> & Partial<CrowdEvidence> = {}): CrowdEvidence => {
  const { status = [OK, FULL, OK, NEVER], runs = [1, 0, 1, 0], ...rest } = given;
  return {
    jobs: status.map((answer, at) => ({ status: answer, runs: runs[at]! })),
    spoilt: 0,
    most_running: 3,
    discarded: 0,
    discarded_again: 0,
    allocations: 0,
    late_accepted: 0,
    late_ran: 0,
    late_answer: CLOSED,
    ...rest,
  };
};

test("exactly_once: each accepted job once, and no other", () => {
  expect(judge(exactlyOnce, crowd()).verdict).toBe("pass");
  expectWrong(judge(exactlyOnce, crowd({ runs: [1, 0, 0, 0] })), /1 job of 2 accepted jobs never ran$/, /leave/);
  expectWrong(judge(exactlyOnce, crowd({ runs: [2, 0, 1, 0] })), /job 0 was answered POOL_OK and ran twice/);
  expectWrong(judge(exactlyOnce, crowd({ runs: [1, 1, 1, 0] })), /job 1 was answered POOL_FULL and ran once/);
  expectWrong(judge(exactlyOnce, crowd({ runs: [1, 0, 1, 1] })), /job 3 was answered nothing and ran once/);
  expectWrong(judge(exactlyOnce, crowd({ runs: [3, 0, 1, 0] })), /ran 3 times/);
});

test("long_queue: exactly its length, in order, and waited for", () => {
  const long = (given: object) => {
    const whole = { accepted: 70_000, last_answer: FULL, unfinished: 0, misordered: 0, allocations: 0, ...given };
    return longQueue.run(largeEvidence.parse(whole), { seed: 1, params: { capacity: 70_000 } });
  };
  expect(long({}).verdict).toBe("pass");
  expectWrong(long({ accepted: 4_464 }), /busy: 4,464 jobs accepted, then POOL_FULL/);
  expectWrong(long({ accepted: 70_100, last_answer: OK }), /70,100 jobs accepted, then POOL_OK/);
  expectWrong(
    long({ allocations: 976 }),
    /pool_new\(1, 70000\) asked for memory 976 times .* 70,000 jobs/,
    /beforehand/,
  );
  expectWrong(long({ misordered: 3 }), /3 of 70,000 jobs/);
  expectWrong(long({ unfinished: 65_000 }), /returned with 65,000/);
});

test("many_workers: all of them, in order when one is left, and all that is left behind", () => {
  const many = (given: Record<string, number>) =>
    manyWorkers.run(manyEvidence.parse(given), { seed: 1, params: { workers: 300, capacity: 700 } });
  const good = {
    threads: 300,
    misordered: 0,
    allocations: 0,
    accepted: 700,
    while_closing: CLOSED,
    discarded: 700,
    ran: 0,
  };
  expect(many(good).verdict).toBe("pass");
  expect(many({ ...good, discarded: 690, ran: 10 }).verdict).toBe("pass");
  expectWrong(many({ ...good, threads: 1 }), /pool_new\(300, 700\) has returned, and has started 1 thread$/);
  expectWrong(many({ threads: 300, begun: 4, done: 0 }), /300 jobs that wait for each other: 4 began/, /pool_new/);
  expectWrong(
    many({ threads: 300, begun: 300, done: 500 }),
    /299 of 300 .* ran 500 jobs of 600, and then no more began/,
  );
  expectWrong(many({ threads: 300, begun: 300, done: 600 }), /600 jobs of 600, .* after them did not begin/, /sleep/);
  expectWrong(many({ ...good, allocations: 84 }), /pool_new\(300, 700\) asked for memory 84 times .* 1,000 jobs/);
  expectWrong(many({ ...good, misordered: 1 }), /299 of 300 .* 1 job out of their turn/);
  expectWrong(many({ ...good, accepted: 699 }), /room for 700: 699 jobs/);
  expectWrong(many({ ...good, while_closing: FULL }), /another one's pool_try_submit answered POOL_FULL/);
  expectWrong(many({ ...good, discarded: 188 }), /700 jobs accepted, 0 ran, .* answered 188/);
});

test("exactly_once: a drain discards nothing, arguments arrive, and workers are as many as asked for", () => {
  expectWrong(judge(exactlyOnce, crowd({ discarded: 4 })), /0 jobs of 2 .*pool_shutdown answered 4/);
  expectWrong(judge(exactlyOnce, crowd({ most_running: 4 })), /4 jobs ran at the same time/, /full/);
  expectWrong(judge(exactlyOnce, crowd({ spoilt: 2 })), /2 jobs did not find/);
  expectWrong(judge(exactlyOnce, crowd({ status: [OK, 7, OK, NEVER] })), /answered 7/);
});

test("no check of the crowd passes when nothing was accepted", () => {
  const idle = crowd({ status: [CLOSED, CLOSED, TIMEOUT, NEVER], runs: [0, 0, 0, 0] });
  for (const check of [exactlyOnce, countsDiscarded, noAllocation, raceFree, memoryClean]) {
    expectWrong(judge(check, idle), /no job was accepted/);
    expect(judge(check, crowd()).verdict).toBe("pass");
  }
});

test("counts_discarded: the answer is what was accepted and never ran", () => {
  expect(judge(countsDiscarded, crowd({ runs: [1, 0, 0, 0], discarded: 1 })).verdict).toBe("pass");
  expectWrong(judge(countsDiscarded, crowd({ runs: [1, 0, 0, 0] })), /answered 0; 1 accepted job never ran/);
  expectWrong(
    judge(countsDiscarded, crowd({ late_answer: FULL })),
    /1,000 calls of pool_try_submit after it answered POOL_FULL/,
  );
  expect(judge(countsDiscarded, crowd({ late_accepted: 5, late_ran: 3, discarded: 2 })).verdict).toBe("pass");
  expectWrong(judge(countsDiscarded, crowd({ discarded: 2 })), /answered 2; 0 accepted jobs never ran/);
  expectWrong(judge(countsDiscarded, crowd({ discarded_again: 1 })), /second pool_shutdown answered 1/);
  expectWrong(judge(countsDiscarded, crowd({ runs: [1, 1, 1, 0] })), /job 1 .*POOL_FULL and ran/);
});

test("no_allocation counts, and says how many jobs there were", () => {
  expectWrong(
    judge(noAllocation, crowd({ allocations: 2 })),
    /the pool asked for memory twice after pool_new had returned, while 2 jobs came and went/,
  );
});

const asleep = (given: Record<string, unknown> = {}) =>
  asleepEvidence.parse({
    settled: 1,
    restless_ns: 20_000,
    restless_wakeups: 3,
    wakeups: 0,
    window_ms: 300,
    threads: 4,
    round_cpu_ns: numbers(30_000, 90_000_000, 40_000),
    ...given,
  });

test("sleeps_when_idle: asleep, undisturbed, and soon", () => {
  expect(judge(sleepsWhenIdle, asleep()).verdict).toBe("pass");
  expectWrong(judge(sleepsWhenIdle, asleep({ wakeups: 30 })), /idle pool \(4 threads\) woke 30 times in 300 ms/);
  const restless = asleep({ settled: 0, restless_ns: 301_000_000, restless_wakeups: 1_234, round_cpu_ns: numbers() });
  expectWrong(judge(sleepsWhenIdle, restless), /never came to rest: 301.0 ms of CPU time and 1,234 wakeups/);
  const slow = asleep({ round_cpu_ns: numbers(8_000_000, 9_000_000, 100) });
  expectWrong(judge(sleepsWhenIdle, slow), /used 8.0 ms of CPU time .*median of 3/, /next job/);
  expectWrong(judge(sleepsWhenIdle, asleep({ threads: 0 })), /no thread/);
});

test("sleeps_when_blocked judges the window, not the rounds", () => {
  expect(judge(sleepsWhenBlocked, asleep({ round_cpu_ns: numbers() })).verdict).toBe("pass");
  expectWrong(judge(sleepsWhenStopping, asleep({ wakeups: 1 })), /two threads in pool_shutdown .* woke once in 300 ms/);
  expectWrong(judge(sleepsWhenBlocked, asleep({ wakeups: 1 })), /full queue, .* woke once in 300 ms/);
});

const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const memory = { attempts: [refusal, made, { ...made, alone: 1 }], lives: 100, left_behind: 0 };

test("no_memory: NULL and nothing kept, or a pool that works", () => {
  expect(judge(noMemory, memory).verdict).toBe("pass");
  const attempts = [{ ...refusal, kept: 2 }, made];
  expectWrong(judge(noMemory, { ...memory, attempts }), /2 allocations still held after pool_new answered NULL/);
  expectWrong(judge(noMemory, { ...memory, attempts: [{ ...made, works: 0 }] }), /does not run 3 jobs at a time/);
  expectWrong(judge(noMemory, { ...memory, left_behind: 150 }), /150 allocations still held after 100 pools/);
});

/** What a script's steps show, and what they must answer. */
function told(steps: ReturnType<typeof matchesModel.plan>): string[] {
  return steps.flatMap((step) => {
    if (!("show" in step) || step.show === "") return [];
    const expected = step.expect;
    const shown = typeof expected === "object" && expected !== null && "ref" in expected ? expected.ref : expected;
    return [shown === undefined ? step.show : `${step.show} -> ${shown}`];
  });
}

test("the scripts ask for what the contract says", () => {
  expect(told(someJobRuns.plan([]))).toContain("submit(a) -> POOL_OK");
  expect(told(refusesNonsense.plan([]))).toContain("pool_new(1, 1152921504606846976) -> null");
});

test("matches_model: plugged workers, a full queue, a shutdown", () => {
  const within = { submit: "submit_within", timeout: 0n } as const;
  const try_submit = { submit: "try_submit", timeout: 0n } as const;
  const size = { workers: 1, capacity: 2 };
  const filled = [{ plug: true }, { fill: true }, within, try_submit, { submit: "submit", timeout: 0n }] as const;
  expect(told(matchesModel.plan([size, ...filled, { stop: 1 }, try_submit, { stop: 0 }]))).toEqual([
    "pool_new(1, 2) -> not NULL",
    "plug()",
    "submit_within(a, 0 ns) -> POOL_OK",
    "try_submit(b) -> POOL_OK",
    "try_submit(c) -> POOL_FULL",
    "submit_within(d, 0 ns) -> POOL_TIMEOUT",
    "submit_within(e, 0 ns) -> POOL_TIMEOUT",
    "try_submit(f) -> POOL_FULL",
    "shutdown(DISCARD) -> 2",
    "another thread's try_submit() while that shutdown waited -> POOL_CLOSED",
    "jobs that ran -> 0",
    "try_submit(g) -> POOL_CLOSED",
    "shutdown(DRAIN) -> 0",
    "jobs that ran -> 0",
    "free()",
  ]);
});

test("matches_model: what is queued behind a plug runs in order", () => {
  const submit = { submit: "submit", timeout: 0n } as const;
  expect(
    told(matchesModel.plan([{ workers: 1, capacity: 2 }, { plug: true }, submit, submit, { idle: true }])),
  ).toEqual([
    "pool_new(1, 2) -> not NULL",
    "plug()",
    "submit(a) -> POOL_OK",
    "submit(b) -> POOL_OK",
    "unplug()",
    "wait_idle()",
    "jobs that ran -> 2",
    "job that ran as number 1 -> a",
    "job that ran as number 2 -> b",
    "wait_idle()",
    "jobs that ran -> 2",
    "free()",
  ]);
});
