// SPDX-License-Identifier: MIT
/** A list of requests to a new server, as a script has them, with the model's answers. */
import type { Step } from "@c10kata/harness/check";
import { Texts } from "@c10kata/harness/script";
import { Model, type Words } from "./model.ts";

export const NOW_MS = 1_700_000_000_000;

/** A request as clients send it. */
export const resp = (words: Words) => `*${words.length}\r\n${words.map((w) => `$${w.length}\r\n${w}\r\n`).join("")}`;

/** As script.c writes bytes. */
export const visible = (bytes: string) =>
  bytes.replaceAll(/[^ -[\]-~]/g, (c) =>
    c === "\r" ? "\\r" : c === "\n" ? "\\n" : `\\x${c.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );

const SHOWN = 70;
const brief = (text: string) => (text.length > SHOWN ? `${text.slice(0, SHOWN)}... (${text.length} bytes)` : text);

/** A word as somebody would type it. */
const typed = (word: string) => (/^[!-~]+$/.test(word) ? brief(word) : `"${brief(visible(word))}"`);

export class Story {
  readonly model = new Model();
  readonly #steps: Step[] = [];
  readonly #texts = new Texts();

  constructor() {
    this.model.now = NOW_MS;
    this.#call("script_start", [BigInt(NOW_MS)], "ok", "start");
  }

  /** One command, as an array of bulk strings. */
  ask(...words: Words): this {
    const answer = this.model.answer(words);
    return this.bytes(resp(words), answer, words.map(typed).join(" "), 1, words[0]!.toLowerCase() === "keys");
  }

  /** Several at once. */
  pipeline(lists: Words[]): this {
    const answers = lists.map((words) => this.model.answer(words));
    const show = lists.map((words) => words.map(typed).join(" ")).join(" | ");
    return this.bytes(lists.map(resp).join(""), answers.join(""), brief(show), lists.length);
  }

  /** Any bytes, with the answers that are due; `show`: as told. */
  bytes(sent: string, answer: string, show = brief(visible(sent)), answers = 1, sorted = false): this {
    const bytes = Buffer.from(sent, "latin1");
    const expected = visible(sorted ? inOrder(answer) : answer);
    return this.#call("script_ask", [this.#texts.bytes(bytes), bytes.length, answers, sorted ? 1 : 0], expected, show);
  }

  /** The connection ends by itself; the next one is another. */
  closed(): this {
    return this.#call("script_closed", [], "closed", "the connection after that");
  }

  later(ms: number): this {
    this.model.now += ms;
    this.#steps.push({
      call: "script_clock",
      args: [BigInt(this.model.now)],
      show: ms < 0 ? `the clock is set back by ${-ms} ms` : `${ms} ms later`,
    });
    return this;
  }

  steps(): Step[] {
    this.#call("script_stop", [], "0", "redis_serve at the stop");
    return [...this.#texts.steps, ...this.#steps];
  }

  #call(call: string, args: Extract<Step, { call: string }>["args"], text: string, show: string): this {
    this.#steps.push({ call, args, expect: { text }, show, words: brief });
    return this;
  }
}

/** An array's parts in the order of their bytes, as script.c puts them. */
function inOrder(answer: string): string {
  const [head, ...parts] = answer.split(/(?<=\r\n)(?=\$)/);
  return head + parts.toSorted((a, b) => (a < b ? -1 : 1)).join("");
}
