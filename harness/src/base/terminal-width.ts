// SPDX-License-Identifier: MIT
/** Characters per line of the terminal that reports go to; undefined where there is none. */
export function terminalWidth(): number | undefined {
  const columns = process.stdout.columns ?? process.stderr.columns;
  return columns === undefined ? undefined : Math.max(40, columns);
}

/** False where the user wants no colours (no-color.org), which chalk does not ask. */
export function wantsColours(): boolean {
  return !process.env.NO_COLOR;
}
