// SPDX-License-Identifier: MIT
/** What a fork has reached, as the JSON of a shields.io endpoint: whoever hosts the file has a badge. Pure. */
import type { ForkScore } from "../judge/fork.ts";

export function badge({ katas }: ForkScore): string {
  const passed = katas.filter((one) => "result" in one && one.result.passed).length;
  const points = katas.reduce((sum, one) => sum + ("result" in one ? one.result.score : 0), 0);
  const color = passed === katas.length ? "brightgreen" : passed > 0 ? "blue" : "lightgrey";
  const message = `${passed} of ${katas.length} passed, ${points} points`;
  return `${JSON.stringify({ schemaVersion: 1, label: "c10kata", message, color })}\n`;
}
