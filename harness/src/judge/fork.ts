// SPDX-License-Identifier: MIT
/** What one commit of a fork has reached: the record that `bun kata score` makes. Pure. */
import { z } from "zod";
import { exitCode, resultSchema } from "./score.ts";

const gradedSchema = z.strictObject({
  kata: z.string(),
  /** Digests of what was submitted, and of what judged it. */
  bundle: z.string(),
  grader: z.string(),
  result: resultSchema,
});
/** Its files could not be taken from the fork: why. */
const refusedSchema = z.strictObject({ kata: z.string(), refused: z.string() });

export const forkScoreSchema = z
  .strictObject({
    schema: z.literal("c10kata/score/v1"),
    source: z.string(),
    commit: z.string(),
    /** Seeds follow from it, and from the files and the grader. */
    salt: z.string(),
    katas: z.array(z.union([gradedSchema, refusedSchema])),
  })
  .meta({ title: "c10kata score", description: "What one commit of a fork has reached. The shape is stable." });
export type ForkScore = z.infer<typeof forkScoreSchema>;
export type KataScore = ForkScore["katas"][number];

/** 0: every kata is passed. 1: not all. 2: the grader itself failed at one. */
export const forkExitCode = ({ katas }: ForkScore): number =>
  Math.max(...katas.map((one) => ("refused" in one ? 1 : exitCode(one.result))));
