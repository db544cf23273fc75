// SPDX-License-Identifier: MIT
/** What a program printed, as every report words it. Pure. */
import { english } from "../judge/words.ts";
import type { CheckResult } from "../judge/score.ts";

/** Behind bars, so that no line of it can be taken for one of the report's. */
export function printedText(printed: CheckResult["printed"]): string | undefined {
  if (!printed) return undefined;
  const before = printed.left_out > 0 ? `, after ${english(printed.left_out)} more lines` : "";
  return [`what the program printed in that run${before}:`, ...printed.lines.map((line) => `| ${line}`)].join("\n");
}
