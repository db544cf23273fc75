// SPDX-License-Identifier: MIT
/** Gradescope's results.json; all texts are plain, so that it interprets nothing in them. Pure. */
import { rowsOf, sumOf, toldOf, type Graded } from "./scored.ts";

export function gradescope(graded: Graded): string {
  const { score, score_max, seconds } = sumOf(graded);
  const result = {
    score,
    execution_time: Math.round(seconds),
    output: `${score} of ${score_max} points`,
    output_format: "text",
    test_output_format: "text",
    test_name_format: "text",
    visibility: "visible",
    stdout_visibility: "hidden",
    tests: rowsOf(graded).map(({ kata, name, check, points_max }) => ({
      name,
      score: check.points,
      max_score: points_max,
      // Without a status Gradescope judges by the points, and would call a gate or what was not measured a success or a failure.
      status: check.verdict === "pass" || check.verdict === "not_measurable" ? "passed" : "failed",
      output: toldOf(check),
      visibility: "visible",
      extra_data: { kata, check: check.id, verdict: check.verdict },
    })),
  };
  return `${JSON.stringify(result, null, 2)}\n`;
}
