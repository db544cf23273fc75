// SPDX-License-Identifier: MIT
/** Classroom 50's result.json (classroom50/result/v1), for an autograder that its runner has started. Pure. */
import { z } from "zod";
import { rowsOf, sumOf, toldOf, type Graded } from "./scored.ts";

const text = z.string().min(1);
/** What the runner tells an autograder in its environment. */
export const environmentSchema = z.object({
  CLASSROOM: text,
  ASSIGNMENT: text,
  ASSIGNMENT_TYPE: z.enum(["individual", "group", "team"]),
  OWNER: text,
  SUBMISSION_TAG: text.startsWith("submit/"),
  COMMIT_URL: text,
  RELEASE_URL: text,
  REVIEW_URL: text.optional(),
});

/** `at`: the moment of the grading. */
export function classroom50(graded: Graded, told: z.infer<typeof environmentSchema>, at: Date): string {
  const now = at.toISOString().replace(/\.\d+Z$/, "Z");
  const { score, score_max } = sumOf(graded);
  const result = {
    schema: "classroom50/result/v1",
    classroom: told.CLASSROOM,
    assignment: told.ASSIGNMENT,
    assignment_type: told.ASSIGNMENT_TYPE,
    owner: told.OWNER,
    submission: told.SUBMISSION_TAG,
    commit: told.COMMIT_URL,
    release: told.RELEASE_URL,
    review: told.REVIEW_URL ?? told.COMMIT_URL,
    datetime: now, // the runner puts the submission's own moment in its place
    graded_at: now,
    score,
    "max-score": score_max,
    tests: rowsOf(graded).map(({ name, check, points_max }) => ({
      "test-name": name,
      passed: check.verdict === "pass" || check.verdict === "not_measurable",
      score: check.points,
      "max-score": points_max,
      verdict: check.verdict,
      message: toldOf(check),
    })),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
