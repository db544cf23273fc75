// SPDX-License-Identifier: MIT
/** Progress of long work: one line that is overwritten on a terminal, nothing elsewhere. */
export class StatusLine {
  readonly #terminal = process.stderr.isTTY === true;

  show(text: string): void {
    if (this.#terminal) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  clear(): void {
    if (this.#terminal) process.stderr.write("\r\x1b[2K");
  }
}
