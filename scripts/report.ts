// SPDX-License-Identifier: MIT
/** What the proof of one kata says, and the table of all of them. Pure. */
export interface KataReport {
  kata: string;
  compiler: string;
  checks: number;
  right: { all: number; spared: number };
  mutants: { all: number; caught: number };
  /** Gradings per program, each with another seed. */
  seeds: { right: number; mutant: number };
  problems: string[];
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
    ["kata", "checks", "mutants caught", "right designs spared", "seeds (right, mutant)", "seconds"],
    ...reports.map(({ kata, checks, mutants, right, seeds, seconds }) => [
      kata,
      String(checks),
      `${mutants.caught}/${mutants.all}`,
      `${right.spared}/${right.all}`,
      `${seeds.right}, ${seeds.mutant}`,
      seconds.toFixed(1),
    ]),
  ]);
}
