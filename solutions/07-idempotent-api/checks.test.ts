// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api on evidence written by hand: what each must refuse, and what it must spare. */
import { describe, expect, test } from "bun:test";
import { auditAfterKills, servedOverHttp } from "../../katas/07-idempotent-api/grader/audit.ts";
import { Bank, EXPIRY_MS, readForm } from "../../katas/07-idempotent-api/grader/bank.ts";
import * as checks from "../../katas/07-idempotent-api/grader/checks.ts";
import { matchesBank, readsForms, Story } from "../../katas/07-idempotent-api/grader/scripts.ts";
import type { ServersEvidence } from "../../katas/07-idempotent-api/grader/servers.ts";

const SUM = 1_000_000;
const met: checks.Meeting = {
  variant: 0,
  call: 3,
  done: 0,
  first: 201,
  second: 201,
  last: 201,
  first_replayed: 1,
  second_replayed: 0,
  last_replayed: 1,
  transfers: 1,
  same_body: 1,
  second_slept_ms: 0,
  first_slept_ms: 0,
  sum: SUM,
  transfers_other: 1,
};
const meeting = (part: Partial<checks.Meeting>) => ({ opened: 0, rows: [met, { ...met, ...part }] });
const waited = { first_replayed: 0, second: 503, second_slept_ms: 5_500 };
const inFlight = { first_replayed: 0, second: 409 };

const dead: checks.Death = {
  by: 0,
  survivor: 1,
  place: 4,
  done: 0,
  outcome: 201,
  replayed: 0,
  retries: 1,
  again: 201,
  again_replayed: 1,
  transfers: 1,
  sum: SUM,
};
const death = (part: Partial<checks.Death>) => ({ opened: 0, rows: [{ ...dead, ...part }] });

const open: checks.Opening = {
  by: 0,
  place: 2,
  first: 0,
  second: 0,
  second_slept_ms: 0,
  again: 0,
  paid_first: 201,
  paid_second: 201,
};
const opening = (part: Partial<checks.Opening>) => ({ rows: [{ ...open, ...part }] });

const patient: checks.LockedEvidence = {
  opened: 0,
  cases: [
    { outcome: 201, slept_ms: 4_812, transfers: 1, again: 201, again_replayed: 1 },
    { outcome: 503, slept_ms: 5_500, transfers: 0, again: 201, again_replayed: 0 },
  ],
};
const held = (part: Partial<checks.LockedEvidence["cases"][number]>) => ({
  opened: 0,
  cases: [patient.cases[0]!, { ...patient.cases[1]!, ...part }],
});

const failure: checks.Failure = {
  kind: 1,
  asked: 0,
  place: 2,
  hit: 1,
  outcome: 1013,
  replayed: 0,
  transfers: 0,
  again: 201,
  again_replayed: 0,
  transfers_again: 1,
  sum: SUM,
};
const fault = (part: Partial<checks.Failure>) => ({ opened: 0, rows: [{ ...failure, ...part }] });
const balance = (part: Partial<checks.Failure>) => ({
  kind: 5,
  asked: 4,
  outcome: 1010,
  again: 200,
  transfers_again: 0,
  ...part,
});
const declined = (part: Partial<checks.Failure>) => ({ asked: 1, again: 402, transfers_again: 0, ...part });
const known = (part: Partial<checks.Failure>) => ({ asked: 2, transfers: 1, again_replayed: 1, ...part });

const late: checks.Takeover = {
  first_call: 5,
  third_call: 7,
  first: 409,
  first_replayed: 0,
  third: 201,
  third_replayed: 0,
  to_dora: 0,
  to_bob: 1,
};
const takeover = (part: Partial<checks.Takeover>) => ({ opened: 0, rows: [late, { ...late, ...part }] });
const survived = { outcome: 201, transfers: 1, again_replayed: 1 };

const counted = { seed: 1, params: { few: 250, many: 4_000 } };
const cost = { prepares: 0, scans: 0, vm_few: 400, vm_many: 420 };
const cheap = { opened: 0, wrong: 0, costs: Array.from({ length: 11 }, () => cost) };
const dear = (kind: number, part: Partial<typeof cost>) => ({
  ...cheap,
  costs: cheap.costs.with(kind, { ...cost, ...part }),
});

const filled = { seed: 7, params: { transfers: 10_000, others: 2_000 } };
const small = { opened: 0, wrong: 0, held: [0, 0, 0, 0], bytes: 2 ** 23, pages_before: 20, pages_after: 21 };
const kept = { closed: 0, connections: 0, statements: 0 };
const tidy = { opened: 0, answered: 100, opened_nothing: 0, left: [kept, { ...kept, closed: 1 }] };
const churned = { seed: 1, params: { lives: 2, requests: 50 } };
const benched = { seed: 1, params: { processes: 2, transfers: 100 } };
const quick = { opened: 0, failed: [0, 0], rows: 200, moved: 200 };

const killed = { seed: 1, params: { kills: 3, clients: 2 } };
const paid = { status: 201, replayed: false, body: "ok" };
const again = { ...paid, replayed: true };
const payment = { key: "key-0", from: "ann", to: "ben", amount: 10, answers: [paid, again], stuck: 0 };
const poor = { ...payment, key: "key-1", amount: 5_000, answers: [{ status: 402, replayed: true, body: "no" }] };
const row = { key: "key-0", source: "ann", target: "ben", amount: 10 };
const accounts = { ann: 990, ben: 1_010, cleo: 1_000, dan: 1_000, eve: 1_000 };
const seen: ServersEvidence = {
  kills: { inside: 1, outside: 2 },
  odd: {},
  seen: { 201: 2 },
  payments: [payment, poor],
  tables: { accounts, transfers: [row], integrity: "ok" },
  balances: { ann: "990", ben: "1010", cleo: "1000", dan: "1000", eve: "1000" },
};
const tables = (part: Partial<ServersEvidence["tables"]>) => ({ ...seen, tables: { ...seen.tables, ...part } });
const told = (part: Partial<typeof payment>) => ({ ...seen, payments: [{ ...payment, ...part }, poor] });

/** [check, evidence, request, what `saw` must contain; null: it must pass] */
type Row = [{ id: string; run: (evidence: any, request: any) => any }, object, object, string | null];

const any = { seed: 1, params: {} };
const table: Row[] = [
  [checks.oneEffect, meeting({}), any, null],
  [checks.oneEffect, meeting({ transfers: 2 }), any, "before its call 3 of SQLite, process 2 handled the same request"],
  [checks.oneEffect, meeting({ variant: 5, transfers: 2 }), any, "the key's old answer expired"],
  [checks.oneEffect, meeting({ transfers: 0 }), any, "0 transfers under one key"],
  [checks.oneEffect, meeting({ sum: SUM - 1 }), any, "all balances add up to 999999"],
  [checks.oneEffect, meeting({ variant: 3, transfers: 0 }), any, null],
  [checks.oneEffect, meeting({ variant: 6, transfers: 0, transfers_other: 1 }), any, null],
  [checks.oneEffect, meeting({ variant: 6, transfers_other: 1 }), any, "2 transfers of money that was enough for 1"],
  [checks.oneEffect, meeting({ variant: 6, transfers: 0, transfers_other: 0 }), any, "0 transfers of money"],
  [checks.oneAnswer, meeting({ variant: 6, second: 402, last: 402 }), any, null],
  [checks.oneEffect, meeting({ variant: 7 }), any, null],
  [checks.oneEffect, meeting({ variant: 7, first: 402, second: 402, last: 402, transfers: 0 }), any, null],
  [checks.oneEffect, meeting({ variant: 7, first: 402, last: 402 }), any, "1 transfer (answers: 402 replayed, 201"],
  [checks.oneEffect, { opened: 0, rows: [] }, any, "without one call of sqlite3_step"],
  [checks.oneEffect, { opened: 1014, rows: [] }, any, "api_open on a new file"],

  [checks.oneAnswer, meeting({}), any, null],
  [checks.oneAnswer, meeting(waited), any, null],
  [checks.oneAnswer, meeting(inFlight), any, null],
  [checks.oneAnswer, meeting({ done: 1, first_replayed: 0, second_replayed: 1 }), any, null],
  [checks.oneAnswer, meeting({ done: 1, ...inFlight }), any, "201 and 409"],
  [checks.oneAnswer, meeting({ ...waited, second_slept_ms: 10 }), any, "201 and 503"],
  [checks.oneAnswer, meeting({ first: 409, first_replayed: 0 }), any, "409 and 201"],
  [checks.oneAnswer, meeting({ first_replayed: 0 }), any, "201 and 201"],
  [checks.oneAnswer, meeting({ second_replayed: 1 }), any, "201 replayed and 201 replayed"],
  [checks.oneAnswer, meeting({ same_body: 0 }), any, "with different bodies"],
  [checks.oneAnswer, meeting({ last_replayed: 0 }), any, "one more retry: 201"],
  [checks.oneAnswer, meeting({ done: 1, ...waited }), any, null],
  [checks.oneAnswer, meeting({ ...inFlight, second: 4409 }), any, "201 and 409 with `replayed` set"],
  [checks.oneAnswer, meeting({ ...inFlight, second: 3000 }), any, "201 and an answer with a body_size above 4,096"],
  [checks.oneAnswer, meeting({ variant: 7, first: 402, second: 402, last: 402 }), any, null],
  [checks.oneAnswer, meeting({ variant: 7, first: 402 }), any, "402 replayed and 201"],
  [checks.oneAnswer, meeting({ first: 402, second: 402, last: 402 }), any, "402 replayed and 402"],
  [checks.oneAnswer, meeting({ variant: 4, first: 422, first_replayed: 0 }), any, null],
  [checks.oneAnswer, meeting({ variant: 4, first_replayed: 0, second: 422 }), any, null],
  [checks.oneAnswer, meeting({ variant: 4, first_replayed: 0, second: 409 }), any, null],
  [checks.oneAnswer, meeting({ variant: 4, transfers: 2 }), any, "the same key with another body"],

  [checks.neverExpiresInFlight, meeting({ variant: 2 }), any, null],
  [checks.neverExpiresInFlight, meeting({ variant: 2, done: 1, transfers: 2 }), any, null],
  [checks.neverExpiresInFlight, meeting({ variant: 2, transfers: 2 }), any, "though process 1 was still at work"],

  [checks.noNeedlessBusy, meeting({ variant: 3 }), any, null],
  [checks.noNeedlessBusy, meeting({ variant: 3, ...waited }), any, null],
  [checks.noNeedlessBusy, meeting({ variant: 3, first: 503 }), any, "process 1 got 503, after 0 ms"],
  [checks.noNeedlessBusy, meeting({ variant: 3, second: 1005 }), any, "process 2 got a failed call (SQLite's code 5)"],
  [checks.noNeedlessBusy, meeting({ variant: 3, second: 409 }), any, "201 and 409"],
  [checks.noNeedlessBusy, meeting({ first: 2000 }), any, "no answer: the process died"],

  [checks.oneBody, takeover({}), any, null],
  [checks.oneBody, takeover({ first: 201, third: 422, to_dora: 1, to_bob: 0 }), any, null],
  [checks.oneBody, takeover({ first: 404, third: 503, to_bob: 0 }), any, null],
  [checks.oneBody, takeover({ first: 201, to_dora: 1 }), any, "1: 201, 3: 201; transfers to dora 1, to bob 1"],
  [checks.oneBody, takeover({ first: 201, to_dora: 1, third_replayed: 1, to_bob: 0 }), any, "3: 201 replayed"],
  [checks.oneBody, takeover({ to_bob: 0 }), any, "transfers to dora 0, to bob 0"],

  [checks.survivesKills, death({}), any, null],
  [checks.survivesKills, death({ done: 1, replayed: 1 }), any, null],
  [checks.survivesKills, death({ retries: 4 }), any, null],
  [
    checks.survivesKills,
    death({ transfers: 2 }),
    any,
    "killed before its call 4 of SQLite; 1 retry to another process: 2",
  ],
  [
    checks.survivesKills,
    death({ by: 1, survivor: 0, transfers: 0 }),
    any,
    "before its write 4 to a file; 1 retry to a new",
  ],
  [
    checks.survivesKills,
    death({ outcome: 409, retries: 4 }),
    any,
    "4 retries to another process, the last one 60 s later: 409",
  ],
  [checks.survivesKills, death({ done: 1 }), any, "the transfer committed when it died"],
  [checks.survivesKills, death({ replayed: 1 }), any, "the transfer not committed when it died"],
  [checks.survivesKills, death({ sum: 5 }), any, "all balances add up to 5"],
  [checks.survivesKills, death({ again_replayed: 0 }), any, "then one more: 201"],

  [checks.opensTogether, opening({}), any, null],
  [checks.opensTogether, opening({ second: 1005, second_slept_ms: 5_500 }), any, null],
  [checks.opensTogether, opening({ second: 1015, second_slept_ms: 9_900 }), any, null],
  [checks.opensTogether, opening({ second: 1005 }), any, "a failed call (SQLite's code 5) after 0 ms"],
  [
    checks.opensTogether,
    opening({ second: 2001 }),
    any,
    "0 and no answer: it had waited for 60 s, and the grader ended",
  ],
  [checks.opensTogether, opening({ second: 2000 }), any, "0 and no answer: the process died"],
  [checks.opensTogether, opening({ first: 1001, by: 1 }), any, "before its write 2 to a file"],
  [checks.opensTogether, opening({ by: 2 }), any, null],
  [checks.opensTogether, opening({ by: 3, second: 1001 }), any, "killed in api_open before its write 2 to a file"],
  [checks.opensTogether, opening({ by: 2, second: 1005, second_slept_ms: 5_500 }), any, "processes 2 and 1 opened"],
  [checks.opensTogether, opening({ paid_second: 1001 }), any, "then transfers: 201 and a failed call"],

  [checks.waitsForLock, patient, any, null],
  [
    checks.waitsForLock,
    { opened: 0, cases: [patient.cases[1], patient.cases[1]] },
    any,
    "lock held by another for 4.8 s: 503",
  ],
  [checks.waitsForLock, held({ outcome: 1005 }), any, "lock never let go: a failed call"],
  [checks.waitsForLock, held({ slept_ms: 1_000 }), any, "503 after 1000 ms"],
  [checks.waitsForLock, held({ slept_ms: 31_000 }), any, "503 after 31000 ms"],
  [checks.waitsForLock, held({ transfers: 1 }), any, "and 1 transfer"],
  [checks.waitsForLock, held({ again: 422 }), any, "later, with another body: 422"],

  [checks.faultsLeaveNoTrace, fault({}), any, null],
  [checks.faultsLeaveNoTrace, fault(survived), any, null],
  [checks.faultsLeaveNoTrace, fault({ ...survived, hit: 0 }), any, null],
  [checks.faultsLeaveNoTrace, fault({ outcome: 503 }), any, "no space left on the disk from write 2 on: 503"],
  [checks.faultsLeaveNoTrace, fault({ outcome: 201 }), any, "201, 0 transfers under its key"],
  [checks.faultsLeaveNoTrace, fault({ transfers: 1 }), any, "a failed call (SQLite's code 13), 1 transfer"],
  [checks.faultsLeaveNoTrace, fault({ hit: 0 }), any, "no fault met: a failed call"],
  [checks.faultsLeaveNoTrace, fault({ kind: 5, again: 1001 }), any, "once it is over, the same request: a failed call"],
  [checks.faultsLeaveNoTrace, fault({ again_replayed: 1 }), any, "201 replayed"],
  [checks.faultsLeaveNoTrace, fault({ sum: 1 }), any, "balances that add up to 1"],
  [checks.faultsLeaveNoTrace, fault(balance({})), any, null],
  [checks.faultsLeaveNoTrace, fault(balance({ outcome: 200 })), any, null],
  [checks.faultsLeaveNoTrace, fault(balance({ outcome: 404 })), any, "GET, read errors from read 2 on: 404"],
  [checks.faultsLeaveNoTrace, fault(balance({ again: 404 })), any, "once it is over, the same request: 404"],
  [checks.faultsLeaveNoTrace, fault(balance({ hit: 0 })), any, "GET, no fault met: a failed call"],
  [checks.faultsLeaveNoTrace, fault(declined({})), any, null],
  [checks.faultsLeaveNoTrace, fault(declined({ outcome: 402, again_replayed: 1 })), any, null],
  [checks.faultsLeaveNoTrace, fault(declined({ outcome: 402 })), any, "the same request: 402, 0 transfers"],
  [checks.faultsLeaveNoTrace, fault(declined({ outcome: 404 })), any, "money that is not there, no space"],
  [checks.faultsLeaveNoTrace, fault(known({})), any, null],
  [checks.faultsLeaveNoTrace, fault(known({ outcome: 201, replayed: 1 })), any, null],
  [checks.faultsLeaveNoTrace, fault(known({ outcome: 201, transfers: 2 })), any, "a replay, no space"],
  [checks.faultsLeaveNoTrace, fault({ kind: 6, outcome: 1007 }), any, null],
  [checks.faultsLeaveNoTrace, fault({ kind: 6, outcome: 2000 }), any, "no memory from allocation 2 on: no answer"],
  [checks.faultsLeaveNoTrace, fault({ kind: 7, outcome: 2000 }), any, "no memory for allocation 2 alone: no answer"],
  [checks.faultsLeaveNoTrace, fault({ kind: 9, outcome: 2000 }), any, "no memory for allocation 2 alone: no answer"],
  [checks.faultsLeaveNoTrace, fault({ kind: 8, outcome: 1007, again: 0 }), any, null],
  [checks.faultsLeaveNoTrace, fault({ kind: 8, outcome: 0, hit: 0, again: 200 }), any, null],
  [checks.faultsLeaveNoTrace, fault({ kind: 8, outcome: 0, again: 200 }), any, null],
  [checks.faultsLeaveNoTrace, fault({ kind: 8, outcome: 0, again: 2000 }), any, "a GET with it: no answer"],
  [checks.faultsLeaveNoTrace, fault({ kind: 8, outcome: 1001, again: 0 }), any, "from allocation 2 on: a failed call"],
  [checks.faultsLeaveNoTrace, fault({ kind: 8, outcome: 1007, again: 1007 }), any, "opened again: a failed call"],

  [checks.preparedOnce, cheap, counted, null],
  [checks.preparedOnce, dear(8, { prepares: 20 }), counted, "GET, prepared 20 statements"],
  [checks.preparedOnce, { ...cheap, wrong: 3 }, counted, "3 requests had another status"],
  [checks.preparedOnce, { opened: 1014 }, counted, "api_open on a new file"],
  [checks.noFullScan, cheap, counted, null],
  [checks.noFullScan, dear(1, { scans: 5_000 }), counted, "a replay, walked over 5,000 rows"],
  [checks.noFullScan, dear(1, { scans: 40 }), counted, null],
  [checks.flatCost, cheap, counted, null],
  [
    checks.flatCost,
    dear(0, { vm_many: 40_000 }),
    counted,
    "40 steps of SQLite's machine with 250 keys stored, 4000 with 4000",
  ],

  [checks.boundedFiles, small, filled, null],
  [checks.boundedFiles, { ...small, held: [1, 0, 0] }, filled, "api_open had returned"],
  [checks.boundedFiles, { ...small, held: [0, 0, 0, 1] }, filled, "api_handle (422) had returned"],
  [checks.boundedFiles, { ...small, bytes: 2 ** 27 }, filled, "134,217,728 bytes"],
  [checks.boundedFiles, { ...small, pages_after: 30 }, filled, "from 20 pages to 30"],
  [checks.boundedFiles, { opened: 1014 }, filled, "a failed call (SQLite's code 14)"],

  [checks.memoryClean, tidy, churned, null],
  [
    checks.memoryClean,
    { ...tidy, left: [kept, { ...kept, closed: 1, connections: 2, statements: 1 }] },
    churned,
    "after api_close: 2",
  ],
  [
    checks.memoryClean,
    { ...tidy, left: [{ ...kept, connections: 1 }] },
    churned,
    "after api_open had failed: 1 connection",
  ],
  [checks.memoryClean, { ...tidy, answered: 99 }, churned, "99 of 100 requests"],
  [checks.memoryClean, { ...tidy, opened_nothing: 1 }, churned, "in a folder that is not there"],
  [{ id: "throughput", run: checks.benchSample }, quick, benched, null],
  [{ id: "throughput", run: checks.benchSample }, { ...quick, failed: [0, 1] }, benched, "1 wrong answer"],
  [{ id: "throughput", run: checks.benchSample }, { ...quick, rows: 201 }, benched, "201 transfers"],
  [{ id: "throughput", run: checks.benchSample }, { ...quick, moved: 199 }, benched, "199 moved"],

  [servedOverHttp, seen, killed, null],
  [servedOverHttp, told({ answers: [again, again] }), killed, null],
  [servedOverHttp, { ...seen, odd: { "500 no": 2 } }, killed, "500 no, 2 times"],
  [servedOverHttp, told({ answers: [paid, paid] }), killed, "answered 2 times without being a replay"],
  [servedOverHttp, told({ answers: [paid, { ...again, body: "oh" }] }), killed, "with other bytes"],
  [servedOverHttp, told({ answers: [paid, { ...again, status: 402 }] }), killed, "201 from one process, 402 replayed"],
  [servedOverHttp, { ...seen, balances: { ...seen.balances, ben: "0" } }, killed, "GET /accounts/ben -> 0"],
  [servedOverHttp, { ...seen, refused: "api_open -> 5" }, killed, "a server did not start: api_open -> 5"],

  [auditAfterKills, seen, killed, null],
  [auditAfterKills, tables({ integrity: "row missing from index" }), killed, "row missing from index"],
  [auditAfterKills, told({ stuck: 1 }), killed, "no final answer for key-0"],
  [
    auditAfterKills,
    tables({ transfers: [row, row] }),
    killed,
    "after 2 kills from outside and 1 inside api_handle: key-0",
  ],
  [auditAfterKills, tables({ transfers: [] }), killed, "has 0 rows in transfers"],
  [
    auditAfterKills,
    tables({ transfers: [row, { ...row, key: "key-1" }] }),
    killed,
    "key-1 was answered 402 replayed, and has 1",
  ],
  [auditAfterKills, tables({ transfers: [{ ...row, amount: 9 }] }), killed, "ann paid 9 to ben"],
  [
    auditAfterKills,
    tables({ accounts: { ...accounts, eve: 1_001 } }),
    killed,
    "all balances add up to 5001; eve has 1001",
  ],
  [
    auditAfterKills,
    tables({ accounts: { ...accounts, ann: 980, eve: 1_010 } }),
    killed,
    "ann has 980, by the transfers 990",
  ],
  [auditAfterKills, { ...seen, kills: { inside: 0, outside: 0 } }, killed, "2 transfers, 0 kills"],
];

test.each(table)("%p on evidence", (check, evidence, request, saw) => {
  const judged = check.run(evidence, request);
  if (saw === null) expect(judged).toEqual({ verdict: "pass" });
  else expect([judged.verdict, judged.saw]).toEqual(["wrong", expect.stringContaining(saw)]);
});

test("files say nothing where requests were answered wrongly", () => {
  expect(checks.boundedFiles.run({ ...small, wrong: 2 }, filled).verdict).toBe("not_reached");
  expect(checks.boundedFiles.run({ ...small, wrong: 2, held: [1] }, filled).verdict).toBe("wrong");
});

test("every check of evidence is tried with good evidence and bad", () => {
  const ids = (good: boolean) => [
    ...new Set(table.filter((entry) => (entry[3] === null) === good).map(([{ id }]) => id)),
  ];
  expect(ids(true).sort()).toEqual(ids(false).sort());
  expect(ids(true)).toHaveLength(17);
});

describe("the model", () => {
  test.each([
    ["from=a&to=b&amount=5", { from: "a", to: "b", amount: 5n }],
    ["amount=5&to=x%26y&from=a+b", { from: "a b", to: "x&y", amount: 5n }],
    ["from=a&to=b&amount=9223372036854775807", { from: "a", to: "b", amount: 2n ** 63n - 1n }],
    ["from=a&to=b&amount=9223372036854775808", null],
    ["from=a&to=%61&amount=5", null],
    ["from=a&to=b&amount=5&amount=5", null],
    ["from=a&to=b%00&amount=5", null],
    ["from=a&to=b&amount=5%4", null],
    ["from=a&to=b&amount=0", null],
  ])("%s", (body, transfer) => expect(readForm(body)).toEqual(transfer));

  test("a day in the life of a key", () => {
    const bank = new Bank();
    bank.accounts.set("a", 10n).set("b", 0n);
    const pay = (body: string, now_ms: number) => bank.pay("k", body, now_ms);
    expect(pay("from=a&to=b&amount=7", 0)).toEqual({ status: 201, replayed: false, of: 1 });
    expect(pay("from=a&to=b&amount=7", EXPIRY_MS - 1)).toEqual({ status: 201, replayed: true, of: 1 });
    expect(pay("from=a&to=b&amount=8", EXPIRY_MS - 1)).toMatchObject({ status: 422 });
    expect(pay("from=a&to=b&amount=7", EXPIRY_MS)).toEqual({ status: 402, replayed: false, of: 4 });
    expect([...bank.accounts.values(), bank.transfers.length]).toEqual([3n, 7n, 1]);
  });

  test("an unknown account comes before lacking funds, a full one after", () => {
    const bank = new Bank();
    bank.accounts.set("a", 10n).set("full", 2n ** 63n - 1n);
    const status = (to: string, amount: number) => bank.pay("k", `from=a&to=${to}&amount=${amount}`, 0).status;
    expect([status("nobody", 99), status("full", 5)]).toEqual([404, 400]);
    expect(status("full", 99)).toBe(402);
  });
});

describe("scripts", () => {
  test("a replay expects the bytes of its first answer", () => {
    const steps = new Story().pay("k", "from=alice&to=bob&amount=1").pay("k", "from=alice&to=bob&amount=1").steps();
    const sends = steps.flatMap((step) => ("call" in step && step.call === "script_send" ? [step] : []));
    expect(sends.map(({ expect }) => expect)).toEqual([
      { text: "201" },
      { text: "201 replayed, the bytes of answer 1" },
    ]);
    expect(sends[1]!.args.at(-1)).toBe(1);
  });

  test("generated lists become steps", () => {
    expect(matchesBank.plan([]).length).toBeGreaterThan(3);
    expect(readsForms.plan([{ name: "bob", body: "from=alice&to=bob&amount=1" }]).length).toBeGreaterThan(60);
  });
});
