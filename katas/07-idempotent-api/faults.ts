// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api about a database that is locked, full, unreadable, or has no memory. */
import { type Check } from "@c10kata/harness/check";
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
