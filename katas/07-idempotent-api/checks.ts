// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api: pure functions from the driver's raw counts to a judgement. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";

const numbers = (values: BigUint64Array) => [...values].map(Number);

/** Cuts a series into rows with named columns. */
function rowsOf<K extends string>(columns: readonly K[]) {
  return series.transform((values) => {
    const all = numbers(values);
    return Array.from({ length: all.length / columns.length }, (_, row) => {
      const cells = columns.map((name, at) => [name, all[row * columns.length + at]!]);
      return Object.fromEntries(cells) as Record<K, number>;
    });
  });
}

/** An outcome in words: 201, or 1000 and SQLite's code, or 2000. */
function worded(outcome: number, replayed = 0): string {
  if (outcome === GONE) return "no answer: the process died";
  if (outcome >= 1000) return `a failed call (SQLite's code ${outcome - 1000})`;
  return `${outcome}${replayed ? " replayed" : ""}`;
}
const GONE = 2000;

/** Finds the first row that is wrong; a bank that could not be opened, or no row at all, is no success. */
function judgeRows<R>(
  evidence: { opened?: number; rows: R[] },
  lookAt: string,
  judge: (row: R) => { saw: string; expected: string } | null,
): Judgement {
  if (evidence.opened) {
    const saw = `api_open on a new file, or accounts put into its tables by SQL: ${worded(evidence.opened)}`;
    return fail({ saw, expected: "0, and the two tables", lookAt: "api_open" });
  }
  if (evidence.rows.length === 0) {
    const saw = "a transfer was handled without one call of sqlite3_step or sqlite3_exec";
    return fail({ saw, expected: "a transfer in the database", lookAt: "api_handle" });
  }
  for (const row of evidence.rows) {
    const wrong = judge(row);
    if (wrong) return fail({ ...wrong, lookAt });
  }
  return pass();
}

/** As driver/driver.h has it. */
const ALICE_BALANCE = 1_000_000;

const MEETING = [
  "variant",
  "call",
  "done",
  "first",
  "second",
  "last",
  "first_replayed",
  "second_replayed",
  "last_replayed",
  "transfers",
  "same_body",
  "second_slept_ms",
  "first_slept_ms",
  "sum",
  "transfers_other",
] as const;
export type Meeting = Record<(typeof MEETING)[number], number>;
export const interleavedEvidence = z.strictObject({ opened: count, rows: rowsOf(MEETING) });
export interface InterleavedEvidence {
  opened: number;
  rows: Meeting[];
}

/** What the second process asks for, as driver/interleaved.c numbers it. */
const SAME = 0;
const LATER = 1;
const DAY = 2;
const OTHER_KEY = 3;
const OTHER_BODY = 4;
const RENEWED = 5;
const SAME_MONEY = 6;
const ASKED = [
  "the same request",
  "the same request 61 s later (now_ms)",
  "the same request a day later (now_ms)",
  "a transfer with another key",
  "the same key with another body",
  "the same request, the key's old answer expired",
  "a transfer of the same money with another key",
];

const scene = ({ variant, call }: Meeting) =>
  `process 1 stopped before its call ${call} of SQLite, process 2 handled ${ASKED[variant]}, process 1 went on`;

/** 5 s is what a call has to wait for a lock before it may say 503. */
const PATIENCE_MS = 5_000;

/** What was asked for by both happens once, wherever the two meet. */
export const oneEffect: Check<InterleavedEvidence> = {
  id: "one_effect",
  points: 6,
  needs: "replays_first_answer",
  run: (evidence) =>
    judgeRows(
      evidence,
      "what is true when it is read, and no longer when it is used? Who says that a key is taken?",
      (row) => {
        if (![SAME, LATER, RENEWED, SAME_MONEY].includes(row.variant)) return null;
        if (row.sum !== ALICE_BALANCE) {
          return { saw: `${scene(row)}: all balances add up to ${row.sum}`, expected: `${ALICE_BALANCE}, as before` };
        }
        if (row.variant === SAME_MONEY) return spentOnce(row);
        if (row.transfers === 1) return null;
        return {
          saw: `${scene(row)}: ${row.transfers} transfers under one key (answers: ${worded(row.first, row.first_replayed)} and ${worded(row.second, row.second_replayed)})`,
          expected: "1",
        };
      },
    ),
};

/** What is enough for one of two transfers pays for one. */
function spentOnce(row: Meeting): { saw: string; expected: string } | null {
  const transfers = row.transfers + row.transfers_other;
  if (transfers === 1) return null;
  const answers = `${worded(row.first)} and ${worded(row.second)}`;
  return {
    saw: `${scene(row)}: ${transfers} transfers of money that was enough for 1 (answers: ${answers})`,
    expected: "1",
  };
}

/** Both get the same answer, one of them as a replay; 409 only while the other is at work. */
export const oneAnswer: Check<InterleavedEvidence> = {
  id: "one_answer",
  points: 4,
  needs: ["replays_first_answer", "one_effect"],
  run: (evidence) =>
    judgeRows(evidence, "what does the one who comes second find, and is it complete by then?", (row) => {
      if ([OTHER_KEY, DAY, SAME_MONEY].includes(row.variant)) return null;
      return row.variant === OTHER_BODY ? oneBody(row) : oneOfTwo(row);
    }),
};

function oneOfTwo(row: Meeting): { saw: string; expected: string } | null {
  const both = `${worded(row.first, row.first_replayed)} and ${worded(row.second, row.second_replayed)}`;
  const saw = `${scene(row)}: ${both}`;
  const waits = row.second === 409 || (row.second === 503 && row.second_slept_ms >= PATIENCE_MS);
  if (row.done && (row.second !== 201 || !row.second_replayed)) {
    return { saw, expected: "process 1 had committed its transfer when it stopped: a replay for process 2" };
  }
  const fresh = Number(row.first === 201 && !row.first_replayed) + Number(row.second === 201 && !row.second_replayed);
  if (row.first !== 201 || (row.second !== 201 && !waits) || fresh !== 1) {
    return {
      saw,
      expected: "201 twice, one of them replayed; 409 or, after 5 s, 503 for process 2 while 1 is at work",
    };
  }
  if (!row.same_body) return { saw: `${both}, with different bodies`, expected: "the first answer, byte for byte" };
  if (row.last === 201 && row.last_replayed) return null;
  return { saw: `${saw}; one more retry: ${worded(row.last, row.last_replayed)}`, expected: "201 replayed" };
}

/** Whoever gets its body stored is answered 201, the other 422. */
function oneBody(row: Meeting): { saw: string; expected: string } | null {
  const saw = `${scene(row)}: ${worded(row.first, row.first_replayed)} and ${worded(row.second, row.second_replayed)}, ${row.transfers} transfers`;
  const waits = row.second === 409 || (row.second === 503 && row.second_slept_ms >= PATIENCE_MS);
  const firstWon = row.first === 201 && (row.second === 422 || waits);
  const secondWon = row.first === 422 && row.second === 201;
  if (row.transfers === 1 && (firstWon || secondWon)) return null;
  return {
    saw,
    expected: "201 for one body, 422 for the other (or 409, or 503 after 5 s, while process 1 is at work)",
  };
}

/** A key in flight does not expire, however late a duplicate comes. */
export const neverExpiresInFlight: Check<InterleavedEvidence> = {
  id: "never_expires_in_flight",
  points: 3,
  needs: ["replays_first_answer", "expires", "one_effect"],
  run: (evidence) =>
    judgeRows(evidence, "a claim without an answer: may it be thrown away because it is old?", (row) => {
      const allowed = row.done ? 2 : 1;
      if (row.variant !== DAY || row.transfers <= allowed) return null;
      return {
        saw: `${scene(row)}: ${row.transfers} transfers, though process 1 was still at work`,
        expected: `${allowed}`,
      };
    }),
};

/** Others that use the database cause no 503, and no failed call, unless they hold its lock for 5 s. */
export const noNeedlessBusy: Check<InterleavedEvidence> = {
  id: "no_needless_503",
  points: 4,
  needs: "first_transfer",
  run: (evidence) =>
    judgeRows(
      evidence,
      "when does a transaction ask for the write lock? One that has read before may be refused it for good.",
      (row) => {
        const firstBad = row.first === 503 ? row.first_slept_ms < PATIENCE_MS : row.first >= 1000;
        const secondBad = row.second === 503 ? row.second_slept_ms < PATIENCE_MS : row.second >= 1000;
        const slept = firstBad ? row.first_slept_ms : row.second_slept_ms;
        if (firstBad || secondBad) {
          return {
            saw: `${scene(row)}: process ${firstBad ? 1 : 2} got ${worded(firstBad ? row.first : row.second)}, after ${slept} ms of waiting`,
            expected: "an answer; 503 only after 5 s of waiting for a lock that somebody holds",
          };
        }
        if (row.variant !== OTHER_KEY || (row.first === 201 && (row.second === 201 || row.second === 503))) return null;
        return { saw: `${scene(row)}: ${worded(row.first)} and ${worded(row.second)}`, expected: "201 for both" };
      },
    ),
};

const placeOf = ({ by, place }: { by: number; place: number }) =>
  by === 0 ? `call ${place} of SQLite` : `write ${place} to a file`;

const DEATH = [
  "by",
  "survivor",
  "place",
  "done",
  "outcome",
  "replayed",
  "retries",
  "again",
  "again_replayed",
  "transfers",
  "sum",
] as const;
export type Death = Record<(typeof DEATH)[number], number>;
export const killsEvidence = z.strictObject({ opened: count, rows: rowsOf(DEATH) });
export interface KillsEvidence {
  opened: number;
  rows: Death[];
}

/** Wherever the process dies, a retry gets an answer, and the transfer has happened once. */
export const survivesKills: Check<KillsEvidence> = {
  id: "survives_kills",
  points: 7,
  needs: "replays_first_answer",
  run: (evidence) =>
    judgeRows(
      evidence,
      "what of this request is in the database at that moment, and what will the retry make of it?",
      (row) => {
        const who = row.survivor ? "another process" : "a new process";
        const saw = `killed before its ${placeOf(row)}; ${row.retries} ${row.retries === 1 ? "retry" : "retries"} to ${who}`;
        if (row.outcome !== 201) {
          return {
            saw: `${saw}, the last one 60 s later: ${worded(row.outcome)}`,
            expected: "201, at once or at the latest 60 s later",
          };
        }
        if (row.transfers !== 1) return { saw: `${saw}: ${row.transfers} transfers under its key`, expected: "1" };
        if (row.sum !== ALICE_BALANCE) {
          return { saw: `${saw}: all balances add up to ${row.sum}`, expected: `${ALICE_BALANCE}, as before` };
        }
        if (Boolean(row.replayed) !== Boolean(row.done)) {
          const state = row.done ? "committed" : "not committed";
          return {
            saw: `${saw}: ${worded(row.outcome, row.replayed)}, the transfer ${state} when it died`,
            expected: row.done ? "201 replayed" : "201",
          };
        }
        if (row.again === 201 && row.again_replayed) return null;
        return { saw: `${saw}, then one more: ${worded(row.again, row.again_replayed)}`, expected: "201 replayed" };
      },
    ),
};

const OPENING = ["by", "place", "first", "second", "second_slept_ms", "again", "paid_first", "paid_second"] as const;
export type Opening = Record<(typeof OPENING)[number], number>;
export const openingsEvidence = z.strictObject({ rows: rowsOf(OPENING) });
export interface OpeningsEvidence {
  rows: Opening[];
}
/** SQLITE_BUSY, and SQLITE_PROTOCOL: what a lock taken in the middle of the change to WAL is called in the end. */
const LOCKED = [1005, 1015];

/** Two processes may open a new database at the same time. */
export const opensTogether: Check<OpeningsEvidence> = {
  id: "opens_together",
  points: 2,
  needs: "first_transfer",
  run: (evidence) =>
    judgeRows(evidence, "api_open: what if another process is creating the same tables at this moment?", (row) => {
      const saw = `process 1 stopped in api_open before its ${placeOf(row)}, process 2 opened the same file, process 1 went on`;
      const waited = LOCKED.includes(row.second) && row.second_slept_ms >= PATIENCE_MS && row.again === 0;
      if (row.first !== 0 || (row.second !== 0 && !waited)) {
        const second = row.second === 0 ? "0" : `${worded(row.second)} after ${row.second_slept_ms} ms of waiting`;
        return {
          saw: `${saw}: ${row.first === 0 ? "0" : worded(row.first)} and ${second}`,
          expected: "0 for both; SQLITE_BUSY (5) or SQLITE_PROTOCOL (15) only after 5 s of waiting for a lock",
        };
      }
      if (row.paid_first === 201 && row.paid_second === 201) return null;
      return {
        saw: `${saw}; then transfers: ${worded(row.paid_first)} and ${worded(row.paid_second)}`,
        expected: "201 and 201",
      };
    }),
};

const pair = series.transform(numbers);
export const lockedEvidence = z.strictObject({
  opened: count,
  outcome: pair,
  slept_ms: pair,
  transfers: pair,
  again: pair,
  again_replayed: pair,
});
export type LockedEvidence = z.infer<typeof lockedEvidence>;

const SLEPT_MS_MAX = 30_000;

/** A lock held for less than 5 s is waited for; one held longer gives 503, and leaves no trace. */
export const waitsForLock: Check<LockedEvidence> = {
  id: "waits_for_lock",
  points: 4,
  needs: "keeps_nothing",
  run({ opened, outcome, slept_ms, transfers, again, again_replayed }) {
    const lookAt = "how long does SQLite wait for a lock by itself, and what is SQLITE_BUSY to a client?";
    const rows = [{ slept: slept_ms[0]!, outcome: outcome[0]!, transfers: transfers[0]! }];
    return judgeRows({ opened, rows }, lookAt, (short) => {
      if (short.outcome !== 201 || short.transfers !== 1) {
        const waited = `after ${short.slept} ms of waiting (virtual)`;
        return { saw: `lock held by another for 4.8 s: ${worded(short.outcome)} ${waited}`, expected: "201" };
      }
      const long = `lock never let go: ${worded(outcome[1]!)} after ${slept_ms[1]} ms of waiting (virtual)`;
      const inTime = slept_ms[1]! >= PATIENCE_MS && slept_ms[1]! <= SLEPT_MS_MAX;
      if (outcome[1] !== 503 || !inTime) return { saw: long, expected: "503, after 5,000 to 30,000 ms" };
      if (transfers[1] !== 0) return { saw: `${long}, and ${transfers[1]} transfers`, expected: "no transfer" };
      if (again[1] === 201 && !again_replayed[1]) return null;
      const later = worded(again[1]!, again_replayed[1]);
      return { saw: `${long}; later, with another body: ${later}`, expected: "201: a 503 leaves no trace" };
    });
  },
};

const FAILURE = [
  "kind",
  "place",
  "hit",
  "outcome",
  "transfers",
  "again",
  "again_replayed",
  "transfers_again",
  "sum",
] as const;
export type Failure = Record<(typeof FAILURE)[number], number>;
export const faultsEvidence = z.strictObject({ opened: count, rows: rowsOf(FAILURE) });
export interface FaultsEvidence {
  opened: number;
  rows: Failure[];
}
const FAULTS = [
  "",
  "no space left on the disk",
  "a file size limit (RLIMIT_FSIZE)",
  "write errors",
  "a read-only file system",
  "read errors",
  "read errors",
  "no memory",
  "no memory",
];
/** The kinds of faults that meet a GET, and api_open; the others meet a transfer. */
const GET_UNREADABLE = 6;
const OPEN_NO_MEMORY = 8;
const NO_MEMORY = 7;

/** What the disk refuses has not happened, the call says so, and the handle works once the disk does. */
export const faultsLeaveNoTrace: Check<FaultsEvidence> = {
  id: "faults_leave_no_trace",
  points: 4,
  needs: "replays_first_answer",
  run: (evidence) =>
    judgeRows(
      evidence,
      "after an error: is a transaction still open, and did anybody look at what COMMIT said?",
      (row) => {
        if (row.kind === GET_UNREADABLE) return unreadable(row);
        if (row.kind === OPEN_NO_MEMORY) return unopened(row);
        const access = row.kind === NO_MEMORY ? "allocation" : row.kind === 5 ? "read" : "write";
        const saw = row.hit
          ? `${FAULTS[row.kind]} from ${access} ${row.place} on: ${worded(row.outcome)}, ${row.transfers} transfers`
          : `no fault met: ${worded(row.outcome)}, ${row.transfers} transfers`;
        const made = row.outcome === 201 && row.transfers === 1;
        const refused = row.hit && row.outcome > 1000 && row.outcome !== GONE && row.transfers === 0;
        if (!made && !refused) {
          return { saw, expected: "a failed call and no transfer, or 201 and one transfer" };
        }
        const again = `${saw}; once it is over, the same request: ${worded(row.again, row.again_replayed)}, ${row.transfers_again} transfers`;
        if (row.again !== 201 || Boolean(row.again_replayed) !== made || row.transfers_again !== 1) {
          return { saw: again, expected: `201${made ? " replayed" : ""}, 1 transfer` };
        }
        if (row.sum === ALICE_BALANCE) return null;
        return { saw: `${again}, balances that add up to ${row.sum}`, expected: `${ALICE_BALANCE}, as before` };
      },
    ),
};

/** What cannot be read is neither a balance nor an unknown account. */
function unreadable({ kind, place, hit, outcome, again }: Failure): { saw: string; expected: string } | null {
  const saw = `GET, ${hit ? `${FAULTS[kind]} from read ${place} on` : "no fault met"}: ${worded(outcome)}`;
  const refused = hit && outcome > 1000 && outcome !== GONE;
  if (outcome !== 200 && !refused) return { saw, expected: hit ? "a failed call, or 200" : "200" };
  return again === 200 ? null : { saw: `${saw}; once it is over: ${worded(again)}`, expected: "200" };
}

/** Without memory, api_open says so, and opens once there is some. */
function unopened({ place, hit, outcome, again }: Failure): { saw: string; expected: string } | null {
  const answer = (code: number) => (code === 0 ? "0" : worded(code));
  const saw = `api_open, ${hit ? `no memory from allocation ${place} on` : "no fault met"}: ${answer(outcome)}`;
  if (hit ? outcome !== 1007 : outcome !== 0) return { saw, expected: hit ? "SQLITE_NOMEM (7)" : "0" };
  return again === 0 ? null : { saw: `${saw}; once it is over: ${answer(again)}`, expected: "0" };
}

/** In the order of driver/counts.c. */
const KINDS = [
  "a new transfer",
  "a replay",
  "422",
  "402",
  "404 in a transfer",
  "400 (malformed)",
  "400 (no key)",
  "400 (balance too large)",
  "GET",
  "404 to a GET",
  "a transfer whose key has expired",
];
/** As driver/counts.c has it. */
const ROUNDS = 10;
export const countsEvidence = z.union([
  z.strictObject({ opened: count, wrong: count, prepares: pair, scans: pair, vm_few: pair, vm_many: pair }),
  z.strictObject({ opened: count }),
]);
export type CountsEvidence = z.infer<typeof countsEvidence>;
type Costs = Extract<CountsEvidence, { wrong: number }>;

/** Makes a check of costs also refuse a bank that did not open, or answered wrongly while it was counted. */
function costCheck(
  head: { id: string; points: number; needs: string | string[]; lookAt: string },
  judge: (costs: Costs, kind: number, params: Record<string, number>) => { saw: string; expected: string } | null,
): Check<CountsEvidence> {
  const { lookAt, ...rest } = head;
  return {
    ...rest,
    run(evidence, { params }) {
      if (!("wrong" in evidence)) return judgeRows({ opened: evidence.opened || 1, rows: [0] }, lookAt, () => null);
      if (evidence.wrong > 0) {
        const saw = `${evidence.wrong} requests had another status than theirs while costs were counted`;
        return fail({ saw, expected: "0", lookAt: "the statuses in idempotent_api.h" });
      }
      return judgeRows({ rows: KINDS.map((_, kind) => kind) }, lookAt, (kind) => judge(evidence, kind, params));
    },
  };
}

/** Once every kind of request has come, none prepares a statement. */
export const preparedOnce = costCheck(
  {
    id: "prepared_once",
    points: 2,
    needs: ["statuses", "expires"],
    lookAt: "which call compiles SQL? How long does what it returns live?",
  },
  ({ prepares }, kind) =>
    prepares[kind] === 0
      ? null
      : {
          saw: `${2 * ROUNDS} requests of one kind, ${KINDS[kind]}, prepared ${prepares[kind]} statements`,
          expected: "0, once each kind had been handled",
        },
);

/** No statement walks through a table. */
export const noFullScan = costCheck(
  {
    id: "no_full_scan",
    points: 2,
    needs: ["statuses", "expires", "prepared_once"],
    lookAt: "WHERE: by which column, and is there an index on it?",
  },
  ({ scans }, kind) =>
    scans[kind] === 0
      ? null
      : {
          saw: `${2 * ROUNDS} requests of one kind, ${KINDS[kind]}, walked over ${scans[kind]!.toLocaleString("en")} rows of tables`,
          expected: "0 rows (SQLITE_STMTSTATUS_FULLSCAN_STEP)",
        },
);

/** Steps beyond which more stored keys have made a request dearer. */
const GROWTH_MAX = 1.5;
const STEPS_SPARE = 20 * ROUNDS;

/** The cost of a request does not grow with the keys stored. */
export const flatCost = costCheck(
  {
    id: "flat_cost",
    points: 2,
    needs: ["statuses", "expires", "prepared_once"],
    lookAt: "how many rows does one request touch, and how many does it need?",
  },
  ({ vm_few, vm_many }, kind, params) =>
    vm_many[kind]! <= GROWTH_MAX * vm_few[kind]! + STEPS_SPARE
      ? null
      : {
          saw: `${KINDS[kind]}: ${Math.round(vm_few[kind]! / ROUNDS)} steps of SQLite's machine with ${params.few} keys stored, ${Math.round(vm_many[kind]! / ROUNDS)} with ${params.many}`,
          expected: "about as many",
        },
);

export const churnEvidence = z.strictObject({ opened: count, answered: count, opened_nothing: count });
export type ChurnEvidence = z.infer<typeof churnEvidence>;

/** Many lives of handles under AddressSanitizer; the sanitizer speaks for itself, this sees that there was traffic. */
export const memoryClean: Check<ChurnEvidence> = {
  id: "memory_clean",
  points: 3,
  needs: "first_transfer",
  run({ opened, answered, opened_nothing }, { params }) {
    const requests = params.lives! * params.requests!;
    const lookAt = "who owns what a request points to, and for how long?";
    return judgeRows({ opened, rows: [requests] }, lookAt, () => {
      if (opened_nothing > 0) {
        return {
          saw: "api_open opened a file in a folder that is not there, or that is no database",
          expected: "an error, and NULL",
        };
      }
      if (answered === requests) return null;
      return { saw: `${answered} of ${requests} requests got an answer`, expected: "all of them" };
    });
  },
};

export const benchEvidence = z.strictObject({ opened: count, failed: pair, rows: count, moved: count });

/** One bench run moved all the money it should. */
export function benchSample(
  { opened, failed, rows, moved }: z.infer<typeof benchEvidence>,
  { params }: { params: Record<string, number> },
): Judgement {
  const transfers = params.processes! * params.transfers!;
  return judgeRows({ opened, rows: [0] }, "", () => {
    const wrong = failed.reduce((sum, value) => sum + value, 0);
    if (wrong === 0 && rows === transfers && moved === transfers) return null;
    return {
      saw: `${wrong} wrong answers, ${rows} transfers, ${moved} moved`,
      expected: `0 wrong answers, ${transfers} transfers, ${transfers} moved`,
    };
  });
}
