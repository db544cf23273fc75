// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api about a database that is locked, full, unreadable, or has no memory. */
import type { Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";
import { ALICE_BALANCE, GONE, judgeRows, PATIENCE_MS, worded } from "./rows.ts";

export const lockedEvidence = z.strictObject({
  opened: count,
  cases: rows("outcome", "slept_ms", "transfers", "again", "again_replayed"),
});
export type LockedEvidence = z.infer<typeof lockedEvidence>;

const SLEPT_MS_MAX = 30_000;

/** A lock held for less than 5 s is waited for; one held longer gives 503, and leaves no trace. */
export const waitsForLock: Check<LockedEvidence> = {
  id: "waits_for_lock",
  points: 3,
  needs: "keeps_nothing",
  run({ opened, cases }) {
    const lookAt = "how long does SQLite wait for a lock by itself, and what is SQLITE_BUSY to a client?";
    return judgeRows({ opened, rows: [cases] }, lookAt, ([short, long]) => {
      if (short!.outcome !== 201 || short!.transfers !== 1) {
        const waited = `after ${short!.slept_ms} ms of waiting (virtual)`;
        return { saw: `lock held by another for 4.8 s: ${worded(short!.outcome)} ${waited}`, expected: "201" };
      }
      const { outcome, slept_ms, transfers, again, again_replayed } = long!;
      const saw = `lock never let go: ${worded(outcome)} after ${slept_ms} ms of waiting (virtual)`;
      const inTime = slept_ms >= PATIENCE_MS && slept_ms <= SLEPT_MS_MAX;
      if (outcome !== 503 || !inTime) return { saw, expected: "503, after 5,000 to 30,000 ms" };
      if (transfers !== 0) return { saw: `${saw}, and ${plural(transfers, "transfer")}`, expected: "no transfer" };
      if (again === 201 && !again_replayed) return null;
      const later = worded(again, again_replayed);
      return { saw: `${saw}; later, with another body: ${later}`, expected: "201: a 503 leaves no trace" };
    });
  },
};

export const faultsEvidence = z.strictObject({
  opened: count,
  rows: rows(
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
  ),
});
export type FaultsEvidence = z.infer<typeof faultsEvidence>;
export type Failure = FaultsEvidence["rows"][number];

/** In the order of faults.c. */
const FAULTS = [
  "",
  "no space left on the disk",
  "a file size limit (RLIMIT_FSIZE)",
  "write errors",
  "a read-only file system",
  "read errors",
];
const READ_ERROR = 5;
const NO_MEMORY = 6;
const NO_MEMORY_ONCE = 7;
const OPEN_NO_MEMORY = 8;
const OPEN_NO_MEMORY_ONCE = 9;

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
      "after an error: is a transaction still open? Is the result of each call looked at, of COMMIT too?",
      (row) => (row.kind >= OPEN_NO_MEMORY ? unopened(row) : faulted(row)),
    ),
};

function faultOf({ kind, place }: Failure): string {
  if (kind === NO_MEMORY_ONCE || kind === OPEN_NO_MEMORY_ONCE) return `no memory for allocation ${place} alone`;
  if (kind === NO_MEMORY || kind === OPEN_NO_MEMORY) return `no memory from allocation ${place} on`;
  return `${FAULTS[kind]} from ${kind === READ_ERROR ? "read" : "write"} ${place} on`;
}

function faulted(row: Failure): { saw: string; expected: string } | null {
  const asked = ASKED[row.asked]!;
  const fault = row.hit ? faultOf(row) : "no fault met";
  const saw = `${asked.what}, ${fault}: ${worded(row.outcome, row.replayed)}, ${plural(row.transfers, "transfer")} under its key`;
  const answered = row.outcome === asked.status && Boolean(row.replayed) === asked.replayed;
  const refused = row.hit && row.outcome > 1000 && row.outcome < GONE;
  const usual = worded(asked.status, Number(asked.replayed));
  if (row.transfers !== (answered ? asked.after : asked.before) || !(answered || refused)) {
    const orFails = row.hit ? `; or a failed call and ${plural(asked.before, "transfer")}` : "";
    return { saw, expected: `${usual} and ${plural(asked.after, "transfer")}${orFails}` };
  }
  const replayed = asked.replayed || (answered && (asked.status === 201 || asked.status === 402));
  const again = `${saw}; once it is over, the same request: ${worded(row.again, row.again_replayed)}, ${plural(row.transfers_again, "transfer")}`;
  if (row.again !== asked.status || Boolean(row.again_replayed) !== replayed || row.transfers_again !== asked.after) {
    return { saw: again, expected: `${worded(asked.status, Number(replayed))}, ${plural(asked.after, "transfer")}` };
  }
  if (row.sum === ALICE_BALANCE) return null;
  return { saw: `${again}, balances that add up to ${row.sum}`, expected: `${ALICE_BALANCE}, as before` };
}

/** Without the memory it needs, api_open says so, and opens once there is some; without more than that, it works. */
function unopened(row: Failure): { saw: string; expected: string } | null {
  const { hit, outcome, again } = row;
  const answer = (code: number) => (code === 0 ? "0" : worded(code));
  const saw = `api_open, ${hit ? faultOf(row) : "no fault met"}: ${answer(outcome)}`;
  if (outcome !== 0 && !(hit && outcome === 1007)) return { saw, expected: hit ? "SQLITE_NOMEM (7), or 0" : "0" };
  const works = outcome === 0 ? again === 200 : again === 0;
  const then = outcome === 0 ? `a GET with it: ${worded(again)}` : `opened again: ${answer(again)}`;
  return works ? null : { saw: `${saw}; once it is over, ${then}`, expected: outcome === 0 ? "200" : "0" };
}
