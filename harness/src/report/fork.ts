// SPDX-License-Identifier: MIT
/** A fork's score for the terminal: a line for each kata, and the sum. */
import type { ForkScore, KataScore } from "../judge/fork.ts";
import { resultRow, type Style } from "./terminal.ts";

export function forkText(score: ForkScore, style: Style): string {
  const { source, commit, katas } = score;
  const points = katas.reduce((sum, one) => sum + ("refused" in one ? 0 : one.result.score), 0);
  const passed = katas.filter((one) => "result" in one && one.result.passed).length;
  const sum = `${passed} of ${katas.length} katas passed, ${points} of ${100 * katas.length} points, practice${boxWords(katas)}`;
  return [`${source} at ${commit.slice(0, 12)}`, ...katas.map((one) => kataLine(one, style)), "", sum].join("\n");
}

/** The weakest of all. */
function boxWords(katas: KataScore[]): string {
  const tiers = katas.flatMap((one) => ("result" in one ? [one.result.box?.tier ?? "D"] : [])).sort();
  return tiers.length === 0 ? "" : `, box: ${tiers.at(-1) === "D" ? "none" : tiers.at(-1)}`;
}

function kataLine(one: KataScore, { chalk }: Style): string {
  const name = one.kata.padEnd(20);
  return "refused" in one ? `${chalk.red("✗")} ${name}   0/100  ${one.refused}` : resultRow(name, one.result, chalk);
}
