// SPDX-License-Identifier: MIT
/** The result as JSON, and the JSON Schema of what it is. */
import { renameSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { Unusable } from "../command.ts";
import { resultSchema, type Result } from "../score.ts";

/** Writes `results` to `path`, whole or not at all: one object, or a list when several were graded. */
export function writeJson(path: string, results: Result[]): void {
  const checked = results.map((result) => resultSchema.parse(result));
  const partial = `${path}.partial`;
  try {
    writeFileSync(partial, `${JSON.stringify(checked.length === 1 ? checked[0] : checked, null, 2)}\n`);
    renameSync(partial, path);
  } catch (error) {
    throw new Unusable(`--json ${path}: ${(error as Error).message}`);
  }
}

/** JSON Schema, draft 2020-12; published as harness/result.schema.json. */
export function resultJsonSchema(): string {
  return `${JSON.stringify(z.toJSONSchema(resultSchema), null, 2)}\n`;
}
