// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api about two requests that meet, in two processes, at every SQLite call. */
import type { Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";
import { ALICE_BALANCE, PATIENCE_MS, judgeRows, worded } from "./rows.ts";

export const interleavedEvidence = z.strictObject({
  opened: count,
  rows: rows(
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
  ),
});
export type InterleavedEvidence = z.infer<typeof interleavedEvidence>;
export type Meeting = InterleavedEvidence["rows"][number];

/** What the second process asks for, as interleaved.c numbers it. */
const SAME = 0;
const LATER = 1;
const DAY = 2;
const OTHER_KEY = 3;
const OTHER_BODY = 4;
const RENEWED = 5;
const SAME_MONEY = 6;
const FUNDED = 7;
const ASKED = [
  "the same request",
  "the same request 61 s later (now_ms)",
  "the same request a day later (now_ms)",
  "a transfer with another key",
  "the same key with another body",
  "the same request, the key's old answer expired",
  "a transfer of the same money with another key",
  "a transfer of the 1 that the payer lacked, then the same request",
];

const scene = ({ variant, call }: Meeting) =>
  `process 1 stopped before its call ${call} of SQLite, process 2 handled ${ASKED[variant]}, process 1 went on`;

/** What was asked for by both happens once, wherever the two meet. */
export const oneEffect: Check<InterleavedEvidence> = {
  id: "one_effect",
  points: 5,
  needs: "replays_first_answer",
  run: (evidence) =>
    judgeRows(
      evidence,
      "what is true when it is read, and no longer when it is used? What in the database refuses a second claim of a key?",
      (row) => {
        if (![SAME, LATER, RENEWED, SAME_MONEY, FUNDED].includes(row.variant)) return null;
        if (row.sum !== ALICE_BALANCE) {
          return { saw: `${scene(row)}: all balances add up to ${row.sum}`, expected: `${ALICE_BALANCE}, as before` };
        }
        if (row.variant === SAME_MONEY) return spentOnce(row);
        if (row.variant === FUNDED) return madeIfSaid(row);
        if (row.transfers === 1) return null;
        return {
          saw: `${scene(row)}: ${plural(row.transfers, "transfer")} under one key (answers: ${worded(row.first, row.first_replayed)} and ${worded(row.second, row.second_replayed)})`,
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
    saw: `${scene(row)}: ${plural(transfers, "transfer")} of money that was enough for 1 (answers: ${answers})`,
    expected: "1",
  };
}

/** The money has moved if and only if that was answered. */
function madeIfSaid(row: Meeting): { saw: string; expected: string } | null {
  const transfers = Number(row.last === 201);
  if (row.transfers === transfers) return null;
  const answers = `${worded(row.first, row.first_replayed)}, ${worded(row.second, row.second_replayed)} and, once more, ${worded(row.last, row.last_replayed)}`;
  return { saw: `${scene(row)}: ${plural(row.transfers, "transfer")} (answers: ${answers})`, expected: `${transfers}` };
}

/** Both get the same answer, one of them as a replay; 409 only while the other is at work. */
export const oneAnswer: Check<InterleavedEvidence> = {
  id: "one_answer",
  points: 4,
  needs: ["replays_first_answer", "one_effect"],
  run: (evidence) =>
    judgeRows(evidence, "what does the second request find under the key, and is it complete by then?", (row) => {
      if ([OTHER_KEY, DAY, SAME_MONEY].includes(row.variant)) return null;
      return row.variant === OTHER_BODY ? oneOfBodies(row) : oneOfTwo(row);
    }),
};

/** 503 after a wait: process 1 stands still with the lock, even if only to tidy up. */
const lockHeld = (row: Meeting) => row.second === 503 && row.second_slept_ms >= PATIENCE_MS;

function oneOfTwo(row: Meeting): { saw: string; expected: string } | null {
  const both = `${worded(row.first, row.first_replayed)} and ${worded(row.second, row.second_replayed)}`;
  const saw = `${scene(row)}: ${both}`;
  if (row.done && !lockHeld(row) && (row.second !== 201 || !row.second_replayed)) {
    return { saw, expected: "process 1 had committed its transfer when it stopped: a replay for process 2" };
  }
  const waits = row.second === 409 || lockHeld(row);
  const final = row.first === 201 || (row.variant === FUNDED && row.first === 402);
  const fresh = Number(!row.first_replayed) + Number(!waits && !row.second_replayed);
  if (!final || (row.second !== row.first && !waits) || fresh !== 1) {
    const twice = row.variant === FUNDED ? "201 twice, or 402 twice" : "201 twice";
    return {
      saw,
      expected: `${twice}, one of them replayed; 409 or, after 5 s, 503 for process 2 while 1 is at work`,
    };
  }
  if (!row.same_body) return { saw: `${both}, with different bodies`, expected: "the first answer, byte for byte" };
  if (row.last === row.first && row.last_replayed) return null;
  return { saw: `${saw}; one more retry: ${worded(row.last, row.last_replayed)}`, expected: `${row.first} replayed` };
}

/** The request whose body is stored is answered 201, the other 422. */
function oneOfBodies(row: Meeting): { saw: string; expected: string } | null {
  const saw = `${scene(row)}: ${worded(row.first, row.first_replayed)} and ${worded(row.second, row.second_replayed)}, ${plural(row.transfers, "transfer")}`;
  const waits = row.second === 409 || lockHeld(row);
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
        saw: `${scene(row)}: ${plural(row.transfers, "transfer")}, though process 1 was still at work`,
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
            expected: "an answer; 503 only after 5 s of waiting for a lock that another process holds",
          };
        }
        if (row.variant !== OTHER_KEY || (row.first === 201 && (row.second === 201 || row.second === 503))) return null;
        return { saw: `${scene(row)}: ${worded(row.first)} and ${worded(row.second)}`, expected: "201 for both" };
      },
    ),
};
