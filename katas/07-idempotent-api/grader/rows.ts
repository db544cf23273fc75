// SPDX-License-Identifier: MIT
/** What the checks of 07-idempotent-api share: a table judged row by row, and an outcome in words. */
import { fail, pass, type Judgement } from "@c10kata/harness/check";

/** As driver.h has it. */
export const ALICE_BALANCE = 1_000_000;
/** 5 s is what a call has to wait for a lock before it may say 503. */
export const PATIENCE_MS = 5_000;

/** An outcome of driver.h, outcome_of(), in words. */
export function worded(outcome: number, replayed = 0): string {
  if (outcome === GONE) return "no answer: the process died";
  if (outcome === OVERSLEPT) return "no answer: it had waited for 60 s, and the grader ended the process";
  if (outcome === SHAPELESS) return "an answer with a body_size above 4,096, or none";
  if (outcome >= MARKED) return `${outcome - MARKED} with \`replayed\` set`;
  if (outcome >= 1000) return `a failed call (SQLite's code ${outcome - 1000})`;
  return `${outcome}${replayed ? " replayed" : ""}`;
}
export const GONE = 2000;
export const OVERSLEPT = 2001;
const SHAPELESS = 3000;
const MARKED = 4000;

/** Finds the first row that is wrong; a bank that could not be opened, or no row at all, is no success. */
export function judgeRows<R>(
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
