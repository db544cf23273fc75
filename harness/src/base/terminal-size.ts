// SPDX-License-Identifier: MIT
/** Characters per line and lines of the terminal that reports go to; undefined where there is none. */
export function terminalSize(): { width: number; rows: number } | undefined {
  const { columns, rows } = process.stdout.columns === undefined ? process.stderr : process.stdout;
  return columns === undefined ? undefined : { width: Math.max(40, columns), rows };
}

/** False where the user wants no colours (no-color.org), which chalk does not ask. */
export function wantsColours(): boolean {
  return !process.env.NO_COLOR;
}
