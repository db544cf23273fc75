// SPDX-License-Identifier: MIT
/** GitHub's step summary, in its Markdown: a table, then each kata's failure that is nearest to the cause. Pure. */
import type { Scored } from "../../judge/cohort.ts";
import { firstFailure } from "../../judge/score.ts";
import { bounded, sumOf, toldOf, type Graded } from "./scored.ts";

/** GitHub refuses a summary of more than 1 MiB whole. */
const CHARACTERS_MAX = 250_000;

export function summary(graded: Graded): string {
  const { katas, source, commit } = graded;
  const { score, score_max, passed } = sumOf(graded);
  const whole = katas.length === 1 ? "kata" : "katas";
  const lines = [
    `## c10kata: ${passed} of ${katas.length} ${whole} passed, ${score} of ${score_max} points`,
    ...(source ? ["", `${code(source)} at ${code(commit ?? "")}`] : []),
    "",
    "| kata | points | reached | first failure |",
    "| --- | ---: | --- | --- |",
    ...katas.map(row),
    ...katas.flatMap(failure),
  ];
  return `${bounded(lines.join("\n"), CHARACTERS_MAX)}\n`;
}

function row(one: Scored): string {
  if ("refused" in one) return `| ${code(one.kata)} | 0/100 | not graded | files |`;
  const { score, score_max, passed, tier, first } = one.result;
  const reached = passed ? (tier ?? "passed") : "not passed";
  return `| ${code(one.kata)} | ${score}/${score_max} | ${reached} | ${first ? code(first) : ""} |`;
}

function failure(one: Scored): string[] {
  const failed = "result" in one ? firstFailure(one.result) : undefined;
  const text = "refused" in one ? one.refused : failed && toldOf(failed);
  if (!text) return [];
  const under = "result" in one ? [`seed ${one.result.seed}, trust: ${one.result.trust}`] : [];
  return ["", `### ${one.kata}`, "", fenced(text), "", ...under];
}

/** A fence that is longer than any in the text: nothing in it is Markdown, HTML, or a mention. */
function fenced(text: string): string {
  const fence = "`".repeat(Math.max(3, 1 + longestRun(text)));
  return `${fence}text\n${text}\n${fence}`;
}

/** The same on one line; a bar would end a table's cell. */
function code(text: string): string {
  const fence = "`".repeat(1 + longestRun(text));
  return `${fence} ${text.replace(/\s+/g, " ").replaceAll("|", "\\|")} ${fence}`;
}

const longestRun = (text: string) => Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
