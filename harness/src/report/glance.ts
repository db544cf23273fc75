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

/**
 * What passed is a number; what failed, its names; what waits, a number and for what. The failure comes last; where it needs
 * the room, the others are one line of numbers.
 */
export function glanceText({ all, checks, failure }: Glance, style: Style): string {
  const { rows = Infinity } = style;
  const lines = countLines(all, checks, style);
  if (!failure) return lines.join("\n");
  const above = (counts: string[]) =>
    [...counts, "", failureBlock(failure, { ...style, rows: rows - counts.length - 1 })].join("\n");
  const text = above(lines);
  return text.split("\n").length <= rows ? text : above([numbersLine(all, checks, style)]);
}

function numbersLine(all: number, checks: CheckResult[], { chalk }: Style): string {
  const failed = checks.filter(accuses).length;
  const passed = checks.filter(({ verdict }) => verdict === "pass").length;
  return `  ${chalk.green("✓")} ${passed} of ${all} checks passed   ${chalk.red("✗")} ${failed} failed`;
}

function countLines(all: number, checks: CheckResult[], style: Style): string[] {
  const { chalk, width = 100 } = style;
  const of = (...verdicts: CheckResult["verdict"][]) => checks.filter(({ verdict }) => verdicts.includes(verdict));
  const [passed, waiting, unmeasured] = [of("pass"), of("not_reached"), of("not_measurable")];
  const failed = checks.filter(accuses);
  const files = [...new Set(checks.flatMap(({ file }) => file ?? []))];
  const each = files.map((name) => `${name} ${passed.filter(({ file }) => file === name).length}`).join(", ");
  const sum = `${passed.length} of ${all} checks passed${each && `: ${each}`}`;
  const rows: [mark: string, text: string][] = [[chalk.green("✓"), sum]];
  if (failed.length > 0)
    rows.push([
      chalk.red("✗"),
      namesIn(
        failed.map(({ id }) => id),
        width - 4,
      ),
    ]);
  if (waiting.length > 0) rows.push([chalk.dim("·"), `${waiting.length} more ${waitingText(waiting)}`]);
  if (unmeasured.length > 0)
    rows.push([chalk.yellow("?"), `not measurable: ${unmeasured.map(({ id }) => id).join(", ")}`]);
  return rows.flatMap(([mark, text]) => `  ${mark} ${wrapped(text, width - 4).replaceAll("\n", "\n    ")}`.split("\n"));
}

/** As many as one line has room for, and how many more there are. */
function namesIn(names: string[], width: number): string {
  for (let shown = names.length; shown > 1; shown--) {
    const more = names.length - shown;
    const text = `${names.slice(0, shown).join(", ")}${more > 0 ? ` and ${more} more` : ""}`;
    if (text.length <= width) return text;
  }
  return names.length > 1 ? `${names[0]} and ${names.length - 1} more` : names.join("");
}

export interface Screen {
  /** What is watched, and how it stands: the first line. */
  title: string;
  /** In the width and the rows that the style says. */
  body: (style: Style) => string;
  keys: readonly (readonly [key: string, does: string])[];
  rows: number;
}

/** One terminal screen: title, body, keys at the end. A body that is too long ends with a word of how to see it. */
export function screenText({ title, body, keys, rows }: Screen, style: Style): string {
  const { chalk, width = 100 } = style;
  const head = wrapped(title, width)
    .split("\n")
    .map((line) => chalk.bold(line));
  const legend = keyLines(keys, style);
  const room = rows - head.length - legend.length - 2; // empty lines
  const lines = body({ ...style, rows: room }).split("\n");
  const height = () => lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(Bun.stringWidth(line) / width)), 0);
  const more = height() > room ? [chalk.dim("  … r shows all of it")] : [];
  while (height() > room - more.length) lines.pop();
  return [...head, "", ...lines, ...more, "", ...legend].join("\n");
}

/** Each key with what it does, which no line end parts. */
function keyLines(keys: Screen["keys"], { chalk, width = 100 }: Style): string[] {
  const joined = keys.map(([key, does]) => `${chalk.bold(key)} ${does}`.replaceAll(" ", NO_BREAK)).join("   ");
  return wrapped(joined, width)
    .split("\n")
    .map((line) => line.replaceAll(NO_BREAK, " ").trimEnd());
}

const NO_BREAK = "\u00a0";
