// SPDX-License-Identifier: MIT
/**
 * Who grades on this machine, over all processes of this checkout: any number at once that time nothing, or one alone that
 * does. The locks are SQLite's on one file, and go with the process that holds them, however it ends.
 */
import { Database } from "bun:sqlite";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "../base/cache.ts";

const PATH = join(ROOT, ".cache", "machine.sqlite");
const LOOK_MS = 50;

/** Nobody else grades while `work` does. */
export const alone = <T>(work: () => Promise<T>): Promise<T> => holding(["BEGIN EXCLUSIVE"], work);

/** Nobody times anything while `work` goes on. */
export const together = <T>(work: () => Promise<T>): Promise<T> =>
  holding(["BEGIN", "SELECT count(*) FROM sqlite_schema"], work);

async function holding<T>(statements: string[], work: () => Promise<T>): Promise<T> {
  mkdirSync(dirname(PATH), { recursive: true });
  using file = new Database(PATH, { create: true });
  while (!taken(file, statements)) await Bun.sleep(LOOK_MS);
  return await work(); // closing the file lets go
}

function taken(file: Database, statements: string[]): boolean {
  try {
    for (const statement of statements) file.run(statement);
    return true;
  } catch (error) {
    if (!/^SQLITE_BUSY/.test((error as { code?: string }).code ?? "")) throw error;
    if (file.inTransaction) file.run("ROLLBACK");
    return false;
  }
}
