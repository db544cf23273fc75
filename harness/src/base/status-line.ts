// SPDX-License-Identifier: MIT
/** Progress of long work: what is known so far and one line below it, both gone at the end; nothing but on a terminal. */
export class StatusLine {
  readonly #terminal = process.stderr.isTTY === true;
  /** Rows that the draft takes. */
  #drafted = 0;

  show(text: string): void {
    if (this.#terminal) process.stderr.write(`\r\x1b[2K${text.slice(0, (process.stderr.columns ?? 80) - 1)}`);
  }

  /** What will be said again, in its place, when the work is over: the first one stays until then. */
  draft(text: string): void {
    if (!this.#terminal || this.#drafted > 0) return;
    const { columns = 80 } = process.stderr;
    const lines = text.split("\n");
    this.#drafted = lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(Bun.stringWidth(line) / columns)), 0);
    process.stderr.write(`\r\x1b[2K${text}\n`);
  }

  /** A draft that is higher than the terminal has scrolled away, and stays. */
  clear(): void {
    if (!this.#terminal) return;
    const erasable = this.#drafted > 0 && this.#drafted < (process.stderr.rows ?? 24);
    process.stderr.write(erasable ? `\r\x1b[${this.#drafted}A\x1b[J` : "\r\x1b[2K");
    this.#drafted = 0;
  }
}
