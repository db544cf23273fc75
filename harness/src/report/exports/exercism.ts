// SPDX-License-Identifier: MIT
/** Exercism's results.json, version 3: what could not be compiled or graded is an error with one message. Pure. */
import type { CheckResult } from "../../judge/score.ts";
import { bounded, rowsOf, toldOf, type Graded } from "./scored.ts";

/** Of what the program printed; Exercism's own limit. */
const OUTPUT_CHARACTERS_MAX = 500;
const BROKEN = new Set(["build_error", "harness_error"]);

export function exercism(graded: Graded): string {
  const rows = rowsOf(graded);
  const broken = rows.find(({ check }) => BROKEN.has(check.verdict));
  const status = broken ? "error" : rows.every(({ check }) => holds(check)) ? "pass" : "fail";
  const tests = rows.map(({ name, check }) => ({
    name: check.verdict === "not_measurable" ? `${name} (not measurable here)` : name,
    status: holds(check) ? "pass" : BROKEN.has(check.verdict) ? "error" : "fail",
    ...(!holds(check) && { message: toldOf(check) }),
    ...(check.printed && { output: bounded(check.printed.lines.join("\n"), OUTPUT_CHARACTERS_MAX) }),
  }));
  const message = broken ? toldOf(broken.check) : null;
  return `${JSON.stringify({ version: 3, status, message, tests }, null, 2)}\n`;
}

const holds = ({ verdict }: CheckResult) => verdict === "pass" || verdict === "not_measurable";
