// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api about a database that is locked, full, unreadable, or has no memory. */
import type { Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";
import { ALICE_BALANCE, GONE, judgeRows, pair, PATIENCE_MS, rowsOf, worded } from "./rows.ts";

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
  "asked",
  "place",
  "hit",
  "outcome",
  "replayed",
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

/** In the order of faults.c. */
const FAULTS = [
  "",
  "no space left on the disk",
  "a file size limit (RLIMIT_FSIZE)",
  "write errors",
  "a read-only file system",
  "read errors",
  "no memory",
  "no memory",
];
const READ_ERROR = 5;
const NO_MEMORY = 6;
const OPEN_NO_MEMORY = 7;

/** What is asked for, in the order of faults.c, and what comes of it where nothing fails. */
const ASKED = [
  { what: "a transfer", status: 201, replayed: false, before: 0, after: 1 },
  { what: "a transfer of money that is not there", status: 402, replayed: false, before: 0, after: 0 },
  { what: "a replay", status: 201, replayed: true, before: 1, after: 1 },
  { what: "a known key with another body", status: 422, replayed: false, before: 1, after: 1 },
  { what: "GET", status: 200, replayed: false, before: 0, after: 0 },
];

/** What the disk refuses has not happened, the call says so, and the handle works once the disk does. */
export const faultsLeaveNoTrace: Check<FaultsEvidence> = {
  id: "faults_leave_no_trace",
  points: 4,
  needs: "replays_first_answer",
  run: (evidence) =>
    judgeRows(
      evidence,
      "after an error: is a transaction still open, and did anybody look at what each call said, COMMIT too?",
      (row) => (row.kind === OPEN_NO_MEMORY ? unopened(row) : faulted(row)),
    ),
};

function faulted(row: Failure): { saw: string; expected: string } | null {
  const asked = ASKED[row.asked]!;
  const access = row.kind === NO_MEMORY ? "allocation" : row.kind === READ_ERROR ? "read" : "write";
  const fault = row.hit ? `${FAULTS[row.kind]} from ${access} ${row.place} on` : "no fault met";
  const saw = `${asked.what}, ${fault}: ${worded(row.outcome, row.replayed)}, ${row.transfers} transfers under its key`;
  const answered = row.outcome === asked.status && Boolean(row.replayed) === asked.replayed;
  const refused = row.hit && row.outcome > 1000 && row.outcome < GONE;
  const usual = worded(asked.status, Number(asked.replayed));
  if (row.transfers !== (answered ? asked.after : asked.before) || !(answered || refused)) {
    const orFails = row.hit ? `; or a failed call and ${asked.before} transfers` : "";
    return { saw, expected: `${usual} and ${asked.after} transfers${orFails}` };
  }
  const replayed = asked.replayed || (answered && (asked.status === 201 || asked.status === 402));
  const again = `${saw}; once it is over, the same request: ${worded(row.again, row.again_replayed)}, ${row.transfers_again} transfers`;
  if (row.again !== asked.status || Boolean(row.again_replayed) !== replayed || row.transfers_again !== asked.after) {
    return { saw: again, expected: `${worded(asked.status, Number(replayed))}, ${asked.after} transfers` };
  }
  if (row.sum === ALICE_BALANCE) return null;
  return { saw: `${again}, balances that add up to ${row.sum}`, expected: `${ALICE_BALANCE}, as before` };
}

/** Without the memory it needs, api_open says so, and opens once there is some; without more than that, it works. */
function unopened({ place, hit, outcome, again }: Failure): { saw: string; expected: string } | null {
  const answer = (code: number) => (code === 0 ? "0" : worded(code));
  const saw = `api_open, ${hit ? `no memory from allocation ${place} on` : "no fault met"}: ${answer(outcome)}`;
  if (outcome !== 0 && !(hit && outcome === 1007)) return { saw, expected: hit ? "SQLITE_NOMEM (7), or 0" : "0" };
  const works = outcome === 0 ? again === 200 : again === 0;
  const then = outcome === 0 ? `a GET with it: ${worded(again)}` : `opened again: ${answer(again)}`;
  return works ? null : { saw: `${saw}; once it is over, ${then}`, expected: outcome === 0 ? "200" : "0" };
}
