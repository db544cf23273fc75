// SPDX-License-Identifier: MIT
/** The result as JSON, and the JSON Schema of what it is. */
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { Unusable } from "../base/command.ts";
import { forkScoreSchema, type ForkScore } from "../judge/fork.ts";
import { resultSchema, type Result } from "../judge/score.ts";

/** Throws Unusable when a result could not be written to `path`: asked before a long grading, not after it. */
export function checkJsonPath(path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new Unusable(`--json ${path}: a folder; name a file`);
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Unusable(`--json ${path}: no folder ${folder}`);
  try {
    accessSync(there && !there.isFile() ? path : folder, constants.W_OK); // a file is replaced, a device written to
  } catch (error) {
    throw new Unusable(`--json ${path}: ${(error as Error).message}`);
  }
}

/**
 * Writes `results` to `path`: one object, or a list when several were graded. A file appears whole or not at all; a
 * device or a pipe is written to as it is.
 */
export function writeJson(path: string, results: Result[]): void {
  const checked = results.map((result) => resultSchema.parse(result));
  writeChecked(path, checked.length === 1 ? checked[0] : checked);
}

/** The same for a fork's score. */
export const writeForkScore = (path: string, score: ForkScore) => writeChecked(path, forkScoreSchema.parse(score));

function writeChecked(path: string, value: unknown): void {
  const text = `${JSON.stringify(value, null, 2)}\n`;
  const there = statSync(path, { throwIfNoEntry: false });
  const partial = `${path}.partial`;
  try {
    if (there && !there.isFile()) {
      writeFileSync(path, text);
      return;
    }
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new Unusable(`--json ${path}: ${(error as Error).message}`);
  }
}

/** JSON Schema, draft 2020-12; published as harness/result.schema.json. */
export function resultJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(resultSchema), null, 2)}\n`;
}
