// SPDX-License-Identifier: MIT
/** The check of 07-idempotent-api about the size of the database's files, and about locks that are not needed. */
import { notReached, type Check } from "@c10kata/harness/check";
import { count, numbers } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { KINDS } from "./costs.ts";
import { judgeRows } from "./rows.ts";

export const filesEvidence = z.union([
  z.strictObject({
    opened: count,
    wrong: count,
    /** Was a lock held after api_open, and after a request of each kind? */
    held: numbers,
    /** Of all files, after so many transfers. */
    bytes: count,
    /** In use before and after requests that store nothing. */
    pages_before: count,
    pages_after: count,
  }),
  z.strictObject({ opened: count }),
]);
export type FilesEvidence = z.infer<typeof filesEvidence>;
type Files = Extract<FilesEvidence, { wrong: number }>;

/** As idempotent_api.h has it: of all files, and beside that for each answer that is stored. */
const BYTES_MAX = 2 ** 26;
const BYTES_EACH = 2 ** 11;
/** One or two tables may have grown by a page in any case. */
const PAGES_SPARE = 8;

type Finding = { saw: string; expected: string } | null;

function lockHeld({ held }: Files): Finding {
  const at = held.findIndex((busy) => busy !== 0);
  if (at < 0) return null;
  const call = at === 0 ? "api_open" : `api_handle (${KINDS[at - 1]})`;
  return {
    saw: `${call} had returned, no request was being handled, and a lock of the database was still held: PRAGMA wal_checkpoint(TRUNCATE) could not empty the log`,
    expected:
      "no lock, and no read lock, held between calls: a statement that sqlite3_step has begun and that was not reset holds one",
  };
}

function grown({ bytes, pages_before, pages_after }: Files, { transfers, others }: Record<string, number>): Finding {
  const most = BYTES_MAX + transfers! * BYTES_EACH;
  if (bytes > most) {
    return {
      saw: `after ${english(transfers!)} transfers the database's files have ${english(bytes)} bytes`,
      expected: `at most ${english(most)}: 64 MiB, and 2 KiB for each answer that is stored`,
    };
  }
  if (pages_after <= pages_before + PAGES_SPARE) return null;
  return {
    saw: `${english(others!)} requests each of replays, GET, 400, 404 and 422 made the tables grow from ${pages_before} pages to ${pages_after}`,
    expected: "no growth: none of these stores anything",
  };
}

/** What is on the disk is bounded by what is stored: no log grows for ever, and no lock keeps SQLite from emptying its own. */
export const boundedFiles: Check<FilesEvidence> = {
  id: "bounded_files",
  points: 2,
  needs: "first_transfer",
  run(evidence, { params }) {
    const lookAt = "which statement is stepped and not reset? When is the write-ahead log taken into the database?";
    if (!("wrong" in evidence)) return judgeRows({ opened: evidence.opened || 1, rows: [0] }, lookAt, () => null);
    const judged = judgeRows({ rows: [evidence] }, lookAt, (files) => lockHeld(files) ?? grown(files, params));
    if (judged.verdict !== "pass" || evidence.wrong === 0) return judged;
    return notReached(`${english(evidence.wrong)} requests had another status than theirs`, "see statuses and expires");
  },
};
