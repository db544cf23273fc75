// SPDX-License-Identifier: MIT
/** The checks of 11-connection-pool on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import * as checks from "../../katas/11-connection-pool/grader/checks.ts";
import type { CrowdEvidence } from "../../katas/11-connection-pool/grader/checks.ts";
import { Model } from "../../katas/11-connection-pool/grader/model.ts";
import { matchesModel, someConnection } from "../../katas/11-connection-pool/grader/scripts.ts";
import { closedQueue } from "../../katas/11-connection-pool/grader/queue.ts";

const request = { seed: 1, params: { size: 2, turns: 3_000, waiters: 3, timeout_us: 500, early: 0 } };
const whole: CrowdEvidence = {
  ...{
    ok: 900,
    timeouts: 40,
    busy: 30,
    failed: 5,
    closed: 0,
    unknown: 0,
    early_timeouts: 0,
    early_busy: 0,
    most: 2,
    shared: 0,
    torn: 0,
  },
  ...{ opens: 60, open_failures: 7, closes: 60, allocations: 0, idle: 1, others: 0, existing: 1 },
};
const slept = { cpu_us: 60, switches: 2, status: 0 };
const refusal = { nth: 1, alone: 0, refused: 1, made: 0, works: 0, kept: 0 };
const made = { nth: 2, alone: 0, refused: 0, made: 1, works: 1, kept: 0 };
const careful = {
  attempts: [refusal, made, { ...refusal, alone: 1 }, { ...made, alone: 1 }],
  ...{ lives: 100, left_behind: 0 },
};

/** [check, evidence, what `saw` must contain; null: it must pass, the verdict if it is not "wrong"] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, string | null, "not_reached"?];

const table: Row[] = [
  [checks.nothingLost, whole, null],
  [checks.nothingLost, { ...whole, ok: 0 }, "nobody was answered CONN_OK"],
  [checks.nothingLost, { ...whole, most: 3 }, "3 connections existed at a time"],
  [checks.nothingLost, { ...whole, shared: 1 }, "once a connection had two callers"],
  [checks.nothingLost, { ...whole, torn: 2 }, "an open that was not idle + in_use"],
  [checks.nothingLost, { ...whole, early_timeouts: 7 }, "7 times conn_acquire answered CONN_TIMEOUT before 500 µs"],
  [checks.nothingLost, { ...whole, early_busy: 2 }, "fewer than 3 others had been in conn_acquire"],
  [checks.nothingLost, { ...whole, closed: 1 }, "nobody had closed the pool"],
  [checks.nothingLost, { ...whole, unknown: 1 }, "1 answer that no enum conn_status has"],
  [checks.nothingLost, { ...whole, failed: 8 }, "7 opens of callers failed, and 8 callers were answered CONN_FAILED"],
  [checks.nothingLost, { ...whole, idle: 0, others: 1 }, "1 connection existed; the stats said 0 idle and 1 in use"],
  [checks.nothingLost, { ...whole, closes: 59 }, "60 connections were opened, and 59 had been closed"],
  [checks.noAllocation, whole, null],
  [checks.noAllocation, { ...whole, allocations: 3 }, "3 allocations while 900 connections were lent"],
  [checks.noAllocation, { ...whole, ok: 0 }, "nobody was answered CONN_OK"],
  [checks.memoryClean, whole, null],
  [checks.memoryClean, { ...whole, closes: 1 }, "see nothing_lost", "not_reached"],
  [checks.raceFree, whole, null],
  [checks.raceFree, { ...whole, closes: 1 }, "see nothing_lost", "not_reached"],
  [checks.waitsAsleep, { waits: [slept, slept] }, null],
  [checks.waitsAsleep, { waits: [] }, "nobody waited"],
  [checks.waitsAsleep, { waits: [slept, { ...slept, status: 2 }] }, "1 of 2 callers waited for the only connection"],
  [checks.waitsAsleep, { waits: [slept, { ...slept, switches: 2_900 }] }, "a caller that waited took 2,900"],
  [checks.waitsAsleep, { waits: [{ ...slept, cpu_us: 90_000 }] }, "90.0 ms of CPU time"],
  [checks.noMemory, careful, null],
  [
    checks.noMemory,
    { ...careful, attempts: [{ ...refusal, kept: 1 }] },
    "1 allocation still held after conn_pool_new answered NULL",
  ],
  [
    checks.noMemory,
    { ...careful, attempts: [{ ...made, works: 0 }] },
    "answered a pool that does not lend 3 connections at once",
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

describe("the model", () => {
  const limits = { size: 2, idleMin: 1, waitersMax: 0, impatient: false };
  const texts = (steps: object[]) =>
    steps.flatMap((step) => ("expect" in step && (step.expect as { text?: string })?.text) || []);

  test("a connection comes out, goes back, and comes out again", () => {
    expect(texts(someConnection.plan([])).filter((text) => text.includes("c"))).toEqual([
      "opens c1, CONN_OK c1",
      "opens and closes nothing",
      "CONN_OK c1",
      "opens c2, CONN_OK c2",
      "opens and closes nothing",
      "opens and closes nothing",
    ]);
  });

  test("dead ones are closed on the way, the newest first; a failed open leaves a place", () => {
    const model = new Model(limits);
    expect([model.acquire(), model.acquire(), model.acquire()].at(-1)).toBe("CONN_BUSY");
    model.release(1, false);
    model.release(2, false);
    model.kill(1);
    model.kill(2);
    model.failing = 1;
    expect(model.acquire()).toBe("closes c2, closes c1, an open fails, CONN_FAILED");
    expect(model.stats()).toBe("open 0, idle 0, in use 0, opening 0, waiting 0");
    expect(model.tend()).toBe("opens c3");
  });

  test("without a second to wait, a full pool times out, and an empty one is not asked", () => {
    const impatient = new Model({ ...limits, waitersMax: 1, impatient: true });
    expect(impatient.opens).toBe(true);
    impatient.tend();
    expect(impatient.acquire()).toBe("CONN_OK c1");
    const calls = matchesModel.plan([{ limits: { ...limits, impatient: true }, commands: [{ acquire: true }] }]);
    expect(calls.map((step) => ("call" in step ? step.call : ""))).toEqual(["script_new", "conn_pool_free"]);
  });

  test("what is closed answers so", () => {
    const model = new Model(limits);
    model.tend();
    expect(model.close()).toBe(1);
    expect([model.acquire(), model.tend()]).toEqual(["CONN_CLOSED", "opens and closes nothing"]);
  });
});

describe("the queueing model", () => {
  const database = { clients: 1, size: 1, cores: 1, service_us: 5_000, think_us: 5_000 };

  test("one caller waits for nobody", () => {
    const { rate, latency_ms } = closedQueue(database);
    expect(rate).toBeCloseTo(100, 6);
    expect(latency_ms).toBeCloseTo(5, 6);
  });

  test("a core that is always in use does 200 queries of 5 ms a second, and more connections only slow it down", () => {
    const crowd = { ...database, clients: 60, think_us: 1 };
    expect(closedQueue(crowd).rate).toBeCloseTo(200, 1);
    expect(closedQueue({ ...crowd, size: 51 }).rate).toBeCloseTo(200 / 1.5, 1);
  });
});
