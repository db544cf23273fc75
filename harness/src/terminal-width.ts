// SPDX-License-Identifier: MIT
/** Characters per line of the terminal that reports go to; undefined where there is none. */
export function terminalWidth(): number | undefined {
  const columns = process.stdout.columns ?? process.stderr.columns;
  return columns === undefined ? undefined : Math.max(40, columns);
}
