// SPDX-License-Identifier: MIT
/** GitHub's workflow commands that write a failure beside the learner's line. Pure. */
import { accuses, type CheckResult, type Result } from "../../judge/score.ts";
import { rowsOf, toldOf, type Graded } from "./scored.ts";

/** GitHub shows so many errors of a step, and drops the rest without a word. */
const ERRORS_MAX = 10;

export function annotations(graded: Graded): string {
  const rows = rowsOf(graded).filter(({ check }) => accuses(check));
  const results = new Map(graded.katas.map((one) => [one.kata, "result" in one ? one.result : undefined]));
  const isFirst = ({ kata, check }: (typeof rows)[number]) => results.get(kata)?.first === check.id;
  const ordered = [...rows.filter(isFirst), ...rows.filter((row) => !isFirst(row))];
  const lines = ordered.slice(0, ERRORS_MAX).map(({ kata, check }) => annotation(kata, check, results.get(kata)));
  const more = ordered.length - lines.length;
  if (more > 0) lines.push(`::notice::${more} more ${more === 1 ? "check" : "checks"} failed; the summary lists them`);
  return lines.map((line) => `${line}\n`).join("");
}

function annotation(kata: string, check: CheckResult, result: Result | undefined): string {
  const place = result && placeOf(check, result);
  const properties = { ...place, title: `${kata} ${check.id}: ${check.verdict.replaceAll("_", " ")}` };
  const words = Object.entries(properties).map(([name, value]) => `${name}=${property(String(value))}`);
  const { trace: _, ...short } = check; // beside a line there is no room for a picture
  return `::${check.verdict === "harness_error" ? "warning" : "error"} ${words.join(",")}::${message(toldOf(short))}`;
}

/** The first line of the learner's that the failure names; else the top of the file. */
function placeOf(check: CheckResult, { submission }: Result): { file: string; line: number } | undefined {
  const [first = ""] = submission.label.split(", ");
  const files = submission.files.map(({ name }) => name).filter((name) => [undefined, name].includes(check.file));
  const pathOf = (name: string) => (submission.files.length === 1 ? first : first.replace(/[^/]*$/, name));
  const marked = check.trace?.filter((step) => step.marked).map(({ file, line }) => `${file}:${line}`) ?? [];
  for (const text of [check.look_at, check.saw, ...marked, check.detail]) {
    for (const [, name, line] of (text ?? "").matchAll(/(?<![\w.-])([\w.-]+\.c):(\d+)/g))
      if (files.includes(name!)) return { file: pathOf(name!), line: Number(line) };
  }
  return files[0] ? { file: pathOf(files[0]), line: 1 } : undefined;
}

/** As the runner reads it back. */
const message = (text: string) => text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
const property = (text: string) => message(text).replaceAll(":", "%3A").replaceAll(",", "%2C");
