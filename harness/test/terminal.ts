// SPDX-License-Identifier: MIT
/** A command in a terminal of its own: what its screen shows, and keys typed into it. */
import { stripVTControlCharacters } from "node:util";
import { ROOT } from "../src/base/cache.ts";
import { until } from "./machine.ts";

/** How watch begins each screen. */
const CLEARED = "\x1b[H";

export class Terminal {
  #written = "";
  readonly #child: Bun.Subprocess;

  constructor(argv: string[], { cols, rows, env }: { cols: number; rows: number; env: Record<string, string> }) {
    const { PATH = "", HOME = "", CC } = process.env;
    this.#child = Bun.spawn(argv, {
      cwd: ROOT,
      env: { PATH, HOME, TERM: "xterm-256color", ...(CC && { CC }), ...env },
      terminal: {
        cols,
        rows,
        data: (_, bytes) => {
          this.#written += Buffer.from(bytes).toString("utf8");
        },
      },
    });
  }

  /** What stands on the screen since it was last cleared, without colours. */
  get screen(): string {
    const since = this.#written.lastIndexOf(CLEARED) + CLEARED.length;
    return stripVTControlCharacters(this.#written.slice(since)).replaceAll("\r\n", "\n");
  }

  type(keys: string): void {
    this.#child.terminal!.write(keys);
  }

  /** Waits until the screen shows it. */
  async shows(what: string | RegExp): Promise<void> {
    const matches = () => (typeof what === "string" ? this.screen.includes(what) : what.test(this.screen));
    await until(matches, () => `${what} on the screen, which shows:\n${this.screen}`);
  }

  /** The exit code, once it has ended. */
  get exited(): Promise<number> {
    return this.#child.exited;
  }

  end(): void {
    this.#child.kill("SIGTERM");
  }
}
