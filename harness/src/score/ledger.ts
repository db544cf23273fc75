// SPDX-License-Identifier: MIT
/**
 * Every score that was reached, in one SQLite file. What was submitted to a kata is graded once by one grader, whoever
 * submits it again. The salt of all seeds is drawn with the file.
 */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Unusable } from "../base/command.ts";
import type { ForkScore, KataScore } from "../judge/fork.ts";
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
  CREATE TABLE IF NOT EXISTS scores (
    source TEXT NOT NULL,
    commit_id TEXT NOT NULL,
    kata TEXT NOT NULL,
    bundle TEXT NOT NULL,  -- empty where the files could not be taken
    grader TEXT NOT NULL,
    refused TEXT NOT NULL, -- why they could not be
    at TEXT NOT NULL,
    PRIMARY KEY (source, commit_id, kata, bundle, grader)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS submissions (
    kata TEXT NOT NULL,
    bundle TEXT NOT NULL,
    text TEXT NOT NULL, -- of all its files, one after the other
    PRIMARY KEY (kata, bundle)
  ) STRICT;
`;

type Row = Key & { refused: string; result: string | null };
const LATEST = `SELECT kata, bundle, grader, refused, result, max(scores.rowid) FROM scores LEFT JOIN results USING (kata, bundle, grader)
  WHERE source = ? AND commit_id = ? GROUP BY kata ORDER BY kata`;

export class Ledger {
  readonly #file: Database;
  readonly salt: string;

  /** Opens or makes it, with this salt or a new one. Throws Unusable. */
  constructor(path: string, salt: string = crypto.randomUUID()) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      this.#file = new Database(path, { create: true });
      this.#file.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
      this.#file.run("PRAGMA journal_mode = WAL");
      this.#file.run(SCHEMA);
      this.#file.run("INSERT INTO salt SELECT ? WHERE NOT EXISTS (SELECT * FROM salt)", [salt]);
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

  /** The first result of a key stays, unless it was one that is to be replaced. */
  keep({ kata, bundle, grader }: Key, result: Result, replace = false): void {
    this.#file.run(`INSERT OR ${replace ? "REPLACE" : "IGNORE"} INTO results VALUES (?, ?, ?, ?, ?)`, [
      kata,
      bundle,
      grader,
      new Date().toISOString(),
      JSON.stringify(result),
    ]);
  }

  /** What a fork has reached at a commit: once, however often it is told. */
  record({ source, commit, katas }: ForkScore): void {
    const at = new Date().toISOString();
    this.#file.transaction(() => {
      for (const one of katas) {
        const { bundle, grader, refused } =
          "refused" in one ? { bundle: "", grader: "", ...one } : { ...one, refused: "" };
        if ("result" in one) this.keep(one, one.result);
        const row = [source, commit, one.kata, bundle, grader, refused, at];
        this.#file.run("INSERT OR IGNORE INTO scores VALUES (?, ?, ?, ?, ?, ?, ?)", row);
      }
    })();
  }

  /** The latest of each kata at this commit, as record() was told. */
  scoreOf(source: string, commit: string): ForkScore {
    const rows = this.#file.query<Row, string[]>(LATEST).all(source, commit);
    const katas = rows.map(
      ({ kata, bundle, grader, refused, result }): KataScore =>
        result === null ? { kata, refused } : { kata, bundle, grader, result: resultSchema.parse(JSON.parse(result)) },
    );
    return { schema: "c10kata/score/v1", source, commit, salt: this.salt, katas };
  }

  /** The commit of a fork that was scored last; null where none was. */
  latestCommit(source: string): string | null {
    const latest = "SELECT commit_id FROM scores WHERE source = ? ORDER BY rowid DESC LIMIT 1";
    return this.#file.query<{ commit_id: string }, string[]>(latest).get(source)?.commit_id ?? null;
  }

  /** What a fork has submitted at a commit: a bundle for each kata whose files could be taken. */
  bundlesOf(source: string, commit: string): { kata: string; bundle: string }[] {
    const taken = "SELECT DISTINCT kata, bundle FROM scores WHERE source = ? AND commit_id = ? AND bundle <> ''";
    return this.#file.query<{ kata: string; bundle: string }, string[]>(taken).all(source, commit);
  }

  keepText(kata: string, bundle: string, text: string): void {
    this.#file.run("INSERT OR IGNORE INTO submissions VALUES (?, ?, ?)", [kata, bundle, text]);
  }

  /** What was submitted, if it was kept. */
  textOf(kata: string, bundle: string): string | null {
    const kept = "SELECT text FROM submissions WHERE kata = ? AND bundle = ?";
    return this.#file.query<{ text: string }, string[]>(kept).get(kata, bundle)?.text ?? null;
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}
