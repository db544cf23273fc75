// SPDX-License-Identifier: MIT
/** A grading at a glance, while it goes on and afterwards: a few lines, then the failure in full. Pure. */
import { accuses, type CheckResult } from "../judge/score.ts";
import { failureBlock, waitingText, wrapped, type Style } from "./terminal.ts";

export interface Glance {
  /** So many checks there are in all. */
  all: number;
  /** Those that were judged so far. */
  checks: CheckResult[];
  /** What is shown in full. */
  failure?: CheckResult | undefined;
}

/** What passed is a number; what failed, its names; what waits, a number and for what. The failure comes last. */
export function glanceText({ all, checks, failure }: Glance, style: Style): string {
  const { chalk, width = 100 } = style;
  const of = (...verdicts: CheckResult["verdict"][]) => checks.filter(({ verdict }) => verdicts.includes(verdict));
  const [passed, waiting, unmeasured] = [of("pass"), of("not_reached"), of("not_measurable")];
  const failed = checks.filter(accuses);
  const files = [...new Set(checks.flatMap(({ file }) => file ?? []))];
  const each = files.map((name) => `${name} ${passed.filter(({ file }) => file === name).length}`).join(", ");
  const sum = `${passed.length} of ${all} checks passed${each && `: ${each}`}`;
  const rows: [mark: string, text: string][] = [[chalk.green("✓"), sum]];
  if (failed.length > 0) rows.push([chalk.red("✗"), failed.map(({ id }) => id).join(", ")]);
  if (waiting.length > 0) rows.push([chalk.dim("·"), `${waiting.length} more ${waitingText(waiting)}`]);
  if (unmeasured.length > 0)
    rows.push([chalk.yellow("?"), `not measurable: ${unmeasured.map(({ id }) => id).join(", ")}`]);
  const lines = rows.map(([mark, text]) => `  ${mark} ${wrapped(text, width - 4).replaceAll("\n", "\n    ")}`);
  return [...lines, ...(failure ? ["", failureBlock(failure, style)] : [])].join("\n");
}

export interface Screen {
  /** What is watched, and how it stands: the first line. */
  title: string;
  body: string;
  keys: readonly (readonly [key: string, does: string])[];
  rows: number;
}

/** One terminal screen: title, body, keys on the last line. A body that is too long ends with a word of how to see it. */
export function screenText({ title, body, keys, rows }: Screen, { chalk, width = 100 }: Style): string {
  const room = rows - 4; // for the title, the keys, and the empty lines beside them
  const lines = body.split("\n");
  const height = () => lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(Bun.stringWidth(line) / width)), 0);
  const more = height() > room ? [chalk.dim("  … r shows all of it")] : [];
  while (height() > room - more.length) lines.pop();
  const legend = keys.map(([key, does]) => `${chalk.bold(key)} ${does}`).join("   ");
  return [chalk.bold(title), "", ...lines, ...more, "", legend].join("\n");
}
