// SPDX-License-Identifier: MIT
/** `bun kata watch NN`: graded again at every save, the check that failed first and alone, then the rest. */
import { watch } from "node:fs";
import type { Kata } from "../kata/kata.ts";
import { nearestFailure } from "../judge/nearest.ts";
import type { CheckResult, Result } from "../judge/score.ts";
import { glanceText, screenText } from "../report/glance.ts";
import { scorecard, wrapped, type Style } from "../report/terminal.ts";
import { startCommand, startGrading, type Background } from "./background.ts";
import type { News } from "./grading-child.ts";
import { remember } from "./scores.ts";
import type { Web } from "./web.ts";

/** An editor writes in several steps. */
const SETTLE_MS = 50;
/** Checks that settle together are drawn together. */
const DRAW_MS = 50;

/** What each key does; the commands run in this terminal, and the next key comes back. */
export const KEYS = [
  ["h", "hint"],
  ["a", "all checks"],
  ["r", "replay"],
  ["b", "bench"],
  ["?", "help"],
  ["q", "quit"],
] as const;

/** q, Ctrl-C, Ctrl-D. */
const QUIT = new Set(["q", "\x03", "\x04"]);
const HELP = "h, r and b run bun kata hint, replay and bench; a lists every check; a save grades again";

/** Watches until `q` or Ctrl-C; the answer is the exit code of the last whole grading. */
export class Watch {
  readonly #number: string;
  #grading: Background | undefined;
  #checks: CheckResult[] = [];
  #all = 0;
  /** In the order in which their failures are told. */
  #files: string[];
  #failure: CheckResult | undefined;
  /** The file that is worked on: while a grading is under way, only its failures and those of all files together count. */
  #saved: string | undefined;
  #result: Result | undefined;
  #trouble = "";
  #shows: "glance" | "all" | "command" = "glance";
  #says = "";
  #timer: Timer | undefined;

  constructor(
    readonly kata: Kata,
    readonly style: Style,
    /** The same on a page, kept up with every grading. */
    readonly web?: Web,
  ) {
    this.#number = kata.id.slice(0, 2);
    this.#files = kata.edits;
  }

  async run(): Promise<number> {
    const quit = Promise.withResolvers<void>();
    const watcher = this.#watchFiles();
    const { stdin } = process;
    if (stdin.isTTY) {
      stdin.setRawMode(true).resume();
      stdin.on("data", (typed) => {
        for (const key of String(typed)) this.#press(key, quit.resolve);
      });
    }
    process.stdout.on("resize", () => this.#draw());
    this.#begin();
    await quit.promise;
    watcher.close();
    this.#grading?.callOff();
    if (stdin.isTTY) stdin.setRawMode(false).pause();
    await this.#grading?.ended;
    this.web?.stop();
    return this.#result?.passed ? 0 : 1;
  }

  /** Editors replace files, so the folder is watched. */
  #watchFiles(): { close(): void } {
    let settling: Timer | undefined;
    return watch(this.kata.folder, (_, name) => {
      if (!name || !this.kata.edits.includes(String(name))) return;
      clearTimeout(settling);
      settling = setTimeout(() => this.#begin(String(name)), SETTLE_MS);
    });
  }

  /** A file was saved: what is under way is called off; the check that failed comes first, unless it tries another file. */
  #begin(saved = this.#saved): void {
    this.#saved = saved;
    if (this.#failure && !this.#matters(this.#failure)) this.#failure = undefined;
    this.#shows = "glance";
    this.#result = undefined;
    this.#grade(this.#failure?.id);
  }

  #matters({ file }: CheckResult): boolean {
    return this.#saved === undefined || file === undefined || file === this.#saved;
  }

  #grade(first?: string): void {
    this.#grading?.callOff();
    this.#checks = [];
    this.#trouble = "";
    const order = { kata: this.kata.id, ...(first && { first }), ...(this.#saved && { file: this.#saved }) };
    this.#grading = startGrading(order, (news) => {
      this.#hear(news);
      if (news.kind === "check" && news.check.id === first) this.#says = "grading";
      if (news.kind === "finished") this.#finish(news.result);
      this.#drawSoon();
    });
    this.#says = first ? `${first} again, alone` : "grading";
    this.#drawSoon();
  }

  #hear(news: News): void {
    if (news.kind === "begun") [this.#all, this.#files] = [news.checks.length, news.files];
    if (news.kind === "refused") [this.#trouble, this.#says] = [news.why, "not graded"];
    if (news.kind !== "check") return;
    const { check } = news;
    this.#checks.push(check);
    if (check.id === this.#failure?.id) this.#failure = undefined; // it is known anew
    const checks = this.#checks.filter((one) => this.#matters(one));
    this.#failure = this.#nearest(this.#failure ? [this.#failure, ...checks] : checks);
  }

  #finish(result: Result): void {
    this.#result = result;
    this.#checks = result.checks;
    this.#failure = this.#nearest(result.checks);
    this.#says = `${result.score}/${result.score_max} points in ${result.seconds.toFixed(1)} s`;
    remember(result);
    void this.web?.update();
  }

  #nearest(checks: CheckResult[]): CheckResult | undefined {
    return nearestFailure(checks, { scripts: this.kata.scripts.map(({ id }) => id), files: this.#files });
  }

  #press(key: string, quit: () => void): void {
    const commands: Record<string, string[] | undefined> = {
      h: ["hint", this.#number],
      b: ["bench", this.#number],
      r: this.#replay(),
    };
    if (QUIT.has(key)) quit();
    else if (this.#shows === "command") this.#back();
    else if (commands[key]) this.#runHere(commands[key]);
    else {
      if (key === "a") this.#shows = this.#shows === "all" ? "glance" : "all";
      if (key === "?") this.#says = HELP;
      this.#draw();
    }
  }

  /** The words that show the failure again: in another grading its seed would be another. */
  #replay(): string[] | undefined {
    const seed = /--seed (\w+)/.exec(this.#failure?.replay ?? "")?.[1];
    return seed === undefined ? undefined : ["replay", this.#number, this.#failure!.id, "--seed", seed];
  }

  /** Runs another command in this terminal: a grading that is under way would disturb it, and is called off. */
  #runHere(words: string[]): void {
    this.#grading?.callOff();
    this.#shows = "command";
    process.stdout.write(`${CLEAR}bun kata ${words.join(" ")}\n\n`);
    this.#grading = startCommand(words);
    void this.#grading.ended.then(() => {
      if (this.#shows === "command") process.stdout.write(`\n${this.style.chalk.dim("any key goes back, q quits")}\n`);
    });
  }

  #back(): void {
    if (this.#result) {
      this.#shows = "glance";
      this.#draw();
    } else this.#begin();
  }

  #drawSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#draw();
    }, DRAW_MS);
  }

  #draw(): void {
    if (this.#shows === "command") return;
    const { isTTY, rows = 24, columns = 80 } = process.stdout;
    if (!isTTY) {
      if (this.#result || this.#trouble) process.stdout.write(`${this.#body(this.style)}\n`);
      return;
    }
    const title = `${this.kata.id}  ${this.#says}${this.web ? `  ${this.web.url}` : ""}`;
    const body = (style: Style) => this.#body(style);
    process.stdout.write(CLEAR + screenText({ title, body, keys: KEYS, rows }, { ...this.style, width: columns }));
  }

  #body(style: Style): string {
    if (this.#trouble) return wrapped(this.#trouble, style.width ?? Infinity);
    if (this.#shows === "all" && this.#result) return scorecard(this.#result, style);
    return glanceText({ all: this.#all, checks: this.#checks, failure: this.#failure }, style);
  }
}

const CLEAR = "\x1b[2J\x1b[3J\x1b[H";
