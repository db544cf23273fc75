// SPDX-License-Identifier: MIT
/** What the proof of one kata says, and the table of all of them. Pure. */
export interface Tally {
  /** Programs: all that there are, those tried this time, and those judged rightly in every grading. */
  all: number;
  tried: number;
  good: number;
  gradings: number;
  gradings_all: number;
}

export interface KataReport {
  kata: string;
  checks: number;
  right: Tally;
  mutants: Tally;
  cheats: Tally;
  /** Of all gradings together, several of which run beside each other. */
  seconds: number;
}

export function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => Bun.stringWidth(row[column]!))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

export function reportTable(reports: KataReport[]): string {
  return table([
    [
      "kata",
      "checks",
      "mutants caught",
      "of",
      "cheats refused",
      "right designs spared",
      "gradings of these",
      "of",
      "grading seconds",
    ],
    ...reports.map(({ kata, checks, mutants, cheats, right, seconds }) => [
      kata,
      String(checks),
      `${mutants.good}/${mutants.tried}`,
      String(mutants.all),
      `${cheats.good}/${cheats.tried}`,
      `${right.good}/${right.tried}`,
      String(right.gradings),
      String(right.gradings_all),
      seconds.toFixed(1),
    ]),
  ]);
}

/** "412 of 600 mutants this time, 80 of 141 gradings of right designs" */
export function sumOf(reports: KataReport[]): string {
  const sum = (pick: (report: KataReport) => number) => reports.map(pick).reduce((a, b) => a + b, 0);
  const [tried, mutants] = [sum(({ mutants }) => mutants.tried), sum(({ mutants }) => mutants.all)];
  const [made, gradings] = [sum(({ right }) => right.gradings), sum(({ right }) => right.gradings_all)];
  return `${tried} of ${mutants} mutants this time, ${made} of ${gradings} gradings of right designs`;
}
