// SPDX-License-Identifier: MIT
/** The result as JSON, and the JSON Schema of what it is. */
import { z } from "zod";
import { forkScoreSchema, type ForkScore } from "../judge/fork.ts";
import { resultSchema, type Result } from "../judge/score.ts";

/** One object, or a list when several were graded. */
export function resultsJson(results: Result[]): string {
  const checked = results.map((result) => resultSchema.parse(result));
  return lines(checked.length === 1 ? checked[0] : checked);
}

/** The same for a fork's score. */
export const forkScoreJson = (score: ForkScore): string => lines(forkScoreSchema.parse(score));

/** JSON Schema, draft 2020-12; published as harness/result.schema.json. */
export const resultJsonSchema = (): string => lines(z.toJSONSchema(resultSchema));

const lines = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;
