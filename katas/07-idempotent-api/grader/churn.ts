// SPDX-License-Identifier: MIT
/** The check of 07-idempotent-api under sanitizers, and when a timed run counts. */
import type { Check, Judgement } from "@c10kata/harness/check";
import { count, numbers, rows } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";
import { judgeRows } from "./rows.ts";

export const churnEvidence = z.strictObject({
  opened: count,
  answered: count,
  opened_nothing: count,
  /** Still open after api_open had failed, and after api_close. */
  left: rows("closed", "connections", "statements"),
});
export type ChurnEvidence = z.infer<typeof churnEvidence>;

/** Many lives of handles under AddressSanitizer; the sanitizer speaks for itself, this sees that there was traffic. */
export const memoryClean: Check<ChurnEvidence> = {
  id: "memory_clean",
  points: 3,
  needs: "first_transfer",
  run({ opened, answered, opened_nothing, left }, { params }) {
    const requests = params.lives! * params.requests!;
    const lookAt =
      "who owns what a request points to, and for how long? Where is the connection closed when api_open fails half-way?";
    return judgeRows({ opened, rows: [requests] }, lookAt, () => {
      if (opened_nothing > 0) {
        return {
          saw: "api_open opened a file in a folder that is not there, or that is no database",
          expected: "an error, and NULL",
        };
      }
      const open = left.find(({ connections }) => connections > 0);
      if (open) {
        const what = `${plural(open.connections, "connection")} to the database still open, with ${plural(open.statements, "statement")} not finalized`;
        return {
          saw: `after ${open.closed ? "api_close" : "api_open had failed"}: ${what}`,
          expected:
            "each statement finalized, then each connection closed, also one that sqlite3_open_v2 gave with an error",
        };
      }
      if (answered === requests) return null;
      return { saw: `${answered} of ${requests} requests got an answer`, expected: "all of them" };
    });
  },
};

export const benchEvidence = z.strictObject({ opened: count, failed: numbers, rows: count, moved: count });

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
      saw: `${plural(wrong, "wrong answer")}, ${plural(rows, "transfer")}, ${moved} moved`,
      expected: `0 wrong answers, ${plural(transfers, "transfer")}, ${transfers} moved`,
    };
  });
}
