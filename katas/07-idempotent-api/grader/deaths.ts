// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api about processes that die: while they handle a request, or while they open. */
import type { Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";
import { ALICE_BALANCE, GONE, judgeRows, PATIENCE_MS, worded } from "./rows.ts";

const placeOf = ({ by, place }: { by: number; place: number }) =>
  by % 2 === 0 ? `call ${place} of SQLite` : `write ${place} to a file`;

export const killsEvidence = z.strictObject({
  opened: count,
  rows: rows(
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
  ),
});
export type KillsEvidence = z.infer<typeof killsEvidence>;
export type Death = KillsEvidence["rows"][number];

/** Wherever the process dies, a retry gets an answer, and the transfer has happened once. */
export const survivesKills: Check<KillsEvidence> = {
  id: "survives_kills",
  points: 6,
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
        if (row.transfers !== 1)
          return { saw: `${saw}: ${plural(row.transfers, "transfer")} under its key`, expected: "1" };
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

export const openingsEvidence = z.strictObject({
  rows: rows("by", "place", "first", "second", "second_slept_ms", "again", "paid_first", "paid_second"),
});
export type OpeningsEvidence = z.infer<typeof openingsEvidence>;
export type Opening = OpeningsEvidence["rows"][number];
/** SQLITE_BUSY, and SQLITE_PROTOCOL: what a lock taken in the middle of the change to WAL is called in the end. */
const LOCKED = [1005, 1015];

/** Processes 1 and 2 open a new database: 1 stops on its way, or a process before it has died there. */
const howOpened = (row: Opening) =>
  row.by < 2
    ? `process 1 stopped in api_open before its ${placeOf(row)}, process 2 opened the same file, process 1 went on`
    : `a process was killed in api_open before its ${placeOf(row)}, processes 2 and 1 opened the same file`;

/** Two processes may open a new database at the same time, and one that died of it leaves nothing in their way. */
export const opensTogether: Check<OpeningsEvidence> = {
  id: "opens_together",
  points: 2,
  needs: "first_transfer",
  run: (evidence) =>
    judgeRows(evidence, "api_open: what if another process is half-way through the same at this moment?", (row) => {
      const saw = howOpened(row);
      const waited = row.by < 2 && LOCKED.includes(row.second) && row.second_slept_ms >= PATIENCE_MS && row.again === 0;
      if (row.first !== 0 || (row.second !== 0 && !waited)) {
        const second =
          row.second === 0 || row.second >= GONE
            ? worded(row.second)
            : `${worded(row.second)} after ${row.second_slept_ms} ms of waiting`;
        return {
          saw: `${saw}: ${row.first === 0 ? "0" : worded(row.first)} and ${second}`,
          expected: `0 for both${row.by < 2 ? "; SQLITE_BUSY (5) or SQLITE_PROTOCOL (15) only after 5 to 60 s of waiting for a lock" : ""}`,
        };
      }
      if (row.paid_first === 201 && row.paid_second === 201) return null;
      return {
        saw: `${saw}; then transfers: ${worded(row.paid_first)} and ${worded(row.paid_second)}`,
        expected: "201 and 201",
      };
    }),
};
