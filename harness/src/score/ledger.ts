// SPDX-License-Identifier: MIT
/**
 * Every score that was reached, in one SQLite file. What was submitted to a kata is graded once by one grader, whoever
 * submits it again. The salt of all seeds is drawn with the file.
 */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Unusable } from "../base/command.ts";
import { resultSchema, type Result } from "../judge/score.ts";

/** What one grading depends on. */
export interface Key {
  kata: string;
  bundle: string;
  grader: string;
}

/** Another process may be writing at this moment. */
const BUSY_MS = 10_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS salt (value TEXT NOT NULL) STRICT;
  CREATE TABLE IF NOT EXISTS results (
    kata TEXT NOT NULL,
    bundle TEXT NOT NULL, -- digest of the submitted files
    grader TEXT NOT NULL, -- digest of what judged them
    at TEXT NOT NULL,     -- ISO 8601, UTC
    result TEXT NOT NULL, -- as result.schema.json describes it
    PRIMARY KEY (kata, bundle, grader)
  ) STRICT;
`;

export class Ledger {
  readonly #file: Database;
  readonly salt: string;

  /** Opens or makes it. Throws Unusable. */
  constructor(path: string) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = new Database(path, { create: true });
      this.#file.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
      this.#file.run("PRAGMA journal_mode = WAL");
      this.#file.run(SCHEMA);
      this.#file.run("INSERT INTO salt SELECT ? WHERE NOT EXISTS (SELECT * FROM salt)", [crypto.randomUUID()]);
      this.salt = this.#file.query<{ value: string }, []>("SELECT value FROM salt").get()!.value;
    } catch (error) {
      throw new Unusable(`the ledger ${path} cannot be used: ${(error as Error).message}`);
    }
  }

  /** Null where it was not graded yet. */
  find({ kata, bundle, grader }: Key): Result | null {
    const row = this.#file
      .query<{ result: string }, string[]>("SELECT result FROM results WHERE kata = ? AND bundle = ? AND grader = ?")
      .get(kata, bundle, grader);
    return row && resultSchema.parse(JSON.parse(row.result));
  }

  /** The first result of a key stays. */
  keep({ kata, bundle, grader }: Key, result: Result): void {
    this.#file.run("INSERT OR IGNORE INTO results VALUES (?, ?, ?, ?, ?)", [
      kata,
      bundle,
      grader,
      new Date().toISOString(),
      JSON.stringify(result),
    ]);
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
