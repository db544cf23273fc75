// SPDX-License-Identifier: MIT
/** What this checkout's learner has reached: every grading of the learner's own files, kept beside the shelf. */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { Unusable } from "../base/command.ts";
import { resultSchema, type Result } from "../judge/score.ts";
import { TIERS } from "../kata/kata.ts";
import { KATAS, kataIds } from "../kata/shelf.ts";
import type { Kept } from "../report/progress.ts";

/** Scores, and the files that `bun kata reset` takes away. Ignored by git. */
export const KEPT = join(dirname(KATAS), ".kata");
const PATH = join(KEPT, "scores.sqlite");
/** Two gradings may end at the same moment: the later one waits so long for the other's write. */
const BUSY_MS = 5_000;

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS gradings (
    id INTEGER PRIMARY KEY,
    at TEXT NOT NULL,     -- ISO 8601, UTC
    kata TEXT NOT NULL,
    result TEXT NOT NULL  -- as result.schema.json describes it
  ) STRICT;
  CREATE INDEX IF NOT EXISTS by_kata ON gradings (kata, id);
`;

const TIER = "coalesce(result ->> '$.tier', '')";
/** The best grading comes first; of equal ones the latest. */
const BEST_FIRST = `result ->> '$.passed' DESC, ${TIER} = 'gold' DESC, ${TIER} = 'silver' DESC,
  result ->> '$.score' DESC, id DESC`;

const keptSchema: z.ZodType<Kept> = z.strictObject({
  at: z.string(),
  seed: z.string(),
  passed: z.number().transform(Boolean),
  tier: z.enum(TIERS).nullable(),
  score: z.int(),
  score_max: z.int(),
  ratio: z.number().nullable(),
  failed: z.string().nullable(),
  saw: z.string().nullable(),
  parts: z
    .string()
    .nullable()
    .transform((text) => resultSchema.shape.parts.parse(text === null ? undefined : JSON.parse(text)) ?? null),
});

/** The failure that the report told. */
const FAILURE = `(SELECT c.value FROM json_each(result, '$.checks') c WHERE c.value ->> '$.id' = result ->> '$.first')`;
const COLUMNS = `at, result ->> '$.seed' seed, result ->> '$.passed' passed, result ->> '$.tier' tier,
  result ->> '$.score' score, result ->> '$.score_max' score_max, ${FAILURE} ->> '$.id' failed, ${FAILURE} ->> '$.saw' saw,
  result -> '$.parts' parts, (SELECT m.value ->> '$.vs_baseline.ratio' FROM json_each(result, '$.metrics') m
    WHERE m.value ->> '$.tiers' IS NOT NULL LIMIT 1) ratio`;

/** Keeps a result of the learner's own files. A grading is not lost because its score cannot be kept: that is said. */
export function remember(result: Result): void {
  try {
    mkdirSync(KEPT, { recursive: true });
    using scores = opened({ create: true });
    scores.run(SCHEMA);
    scores.run("INSERT INTO gradings (at, kata, result) VALUES (?, ?, ?)", [
      new Date().toISOString(),
      result.kata,
      JSON.stringify(result),
    ]);
  } catch (error) {
    process.stderr.write(`bun kata list will not know of this result: ${(error as Error).message}\n`);
  }
}

/** All gradings of a kata, oldest first. Throws Unusable when the file cannot be read. */
export const history = (kata: string): Kept[] => asked("ORDER BY id", kata);
export const latest = (kata: string): Kept | undefined => asked("ORDER BY id DESC LIMIT 1", kata)[0];
export const best = (kata: string): Kept | undefined => asked(`ORDER BY ${BEST_FIRST} LIMIT 1`, kata)[0];

/** The first on the shelf that is not passed; undefined also where the scores cannot be read, as `remember` has said. */
export function nextKata(): string | undefined {
  try {
    return kataIds().find((id) => !best(id)?.passed);
  } catch {
    return undefined;
  }
}

/** The latest grading, whole; null when there is none, or none of this version. */
export function latestResult(kata: string): Result | null {
  const [row] = queried<{ result: string }>(
    "SELECT result FROM gradings WHERE kata = ? ORDER BY id DESC LIMIT 1",
    kata,
  );
  const parsed = row && resultSchema.safeParse(JSON.parse(row.result));
  return parsed?.success ? parsed.data : null;
}

function asked(order: string, kata: string): Kept[] {
  const rows = queried(`SELECT ${COLUMNS} FROM gradings WHERE kata = ? ${order}`, kata);
  return rows.map((row) => keptSchema.parse(row));
}

function queried<Row>(sql: string, kata: string): Row[] {
  try {
    using scores = opened({ readwrite: true });
    return scores.query<Row, [string]>(sql).all(kata);
  } catch (error) {
    if ((error as { code?: string }).code === "SQLITE_CANTOPEN") return []; // nothing was graded yet
    throw new Unusable(`the scores in ${PATH} cannot be read: ${(error as Error).message}. Move the file away.`);
  }
}

function opened(how: { create: true } | { readwrite: true }): Database {
  const scores = new Database(PATH, how);
  scores.run(`PRAGMA busy_timeout = ${BUSY_MS}`);
  return scores;
}
