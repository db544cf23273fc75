// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api about what a request costs, counted at the SQLite calls. */
import { fail, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { judgeRows } from "./rows.ts";

/** In the order of driver.h. */
export const KINDS = [
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
/** As counts.c has it. */
const ROUNDS = 10;
export const countsEvidence = z.union([
  z.strictObject({ opened: count, wrong: count, costs: rows("prepares", "scans", "vm_few", "vm_many") }),
  z.strictObject({ opened: count }),
]);
export type CountsEvidence = z.infer<typeof countsEvidence>;
type Cost = Extract<CountsEvidence, { wrong: number }>["costs"][number];

/** Makes a check of costs also refuse a bank that did not open, or answered wrongly while it was counted. */
function costCheck(
  head: { id: string; points: number; needs: string | string[]; lookAt: string },
  judge: (cost: Cost, kind: string, params: Record<string, number>) => { saw: string; expected: string } | null,
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
      return judgeRows({ rows: [...evidence.costs.entries()] }, lookAt, ([at, cost]) =>
        judge(cost, KINDS[at]!, params),
      );
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
    prepares === 0
      ? null
      : {
          saw: `${2 * ROUNDS} requests of one kind, ${kind}, prepared ${prepares} statements`,
          expected: "0, once each kind had been handled",
        },
);

/** Rows that a request may walk over: SQLite counts those of a list inside the statement, too. */
const SCANNED_MAX = 8;

/** No statement walks through a table. */
export const noFullScan = costCheck(
  {
    id: "no_full_scan",
    points: 2,
    needs: ["statuses", "expires", "prepared_once"],
    lookAt: "WHERE: by which column, and is there an index on it?",
  },
  ({ scans }, kind) =>
    scans <= SCANNED_MAX * 2 * ROUNDS
      ? null
      : {
          saw: `${2 * ROUNDS} requests of one kind, ${kind}, walked over ${english(scans)} rows of tables`,
          expected: `none of what is stored: at most ${SCANNED_MAX} rows each (SQLITE_STMTSTATUS_FULLSCAN_STEP)`,
        },
);

/** Steps beyond which more stored keys have made a request dearer. */
const GROWTH_MAX = 1.5;
/** As many as it takes to delete 100 keys that have expired. */
const STEPS_SPARE = 2_000 * ROUNDS;

/** The cost of a request does not grow with the keys stored. */
export const flatCost = costCheck(
  {
    id: "flat_cost",
    points: 2,
    needs: ["statuses", "expires", "prepared_once"],
    lookAt: "how many rows does one request touch, and how many does it need?",
  },
  ({ vm_few, vm_many }, kind, params) =>
    vm_many <= GROWTH_MAX * vm_few + STEPS_SPARE
      ? null
      : {
          saw: `${kind}: ${Math.round(vm_few / ROUNDS)} steps of SQLite's machine with ${params.few} keys stored, ${Math.round(vm_many / ROUNDS)} with ${params.many}`,
          expected: "about as many",
        },
);
