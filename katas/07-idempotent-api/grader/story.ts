// SPDX-License-Identifier: MIT
/** A list of requests to one new bank of 07-idempotent-api, as a script has them, with the answers of the model. */
import type { Step } from "@c10kata/harness/check";
import { Texts } from "@c10kata/harness/script";
import { english } from "@c10kata/harness/words";
import { Bank, type Answer } from "./bank.ts";

export const NOW_MS = 1_700_000_000_000;
export const INT64_MAX = "9223372036854775807";

/** Printable and short, or how long it is. */
function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return text.length > 60 ? `${quoted.slice(0, 12)}..." (${text.length} bytes)` : quoted;
}

/** The beginning of a name, written as script.c writes it. */
const brief = (name: string) =>
  name.slice(0, NAME_SHOWN).replaceAll(/[^ -~]/g, (char) => `\\x${char.charCodeAt(0).toString(16).padStart(2, "0")}`);
const NAME_SHOWN = 40;

/** One script on one new bank: what is sent, with the model's answers as expectations. */
export class Story {
  readonly model = new Bank();
  readonly #steps: Step[] = [];
  readonly #texts = new Texts();

  constructor(accounts: Record<string, string> = { alice: "1000", bob: "0" }) {
    this.#call("script_open", [], "0", "open");
    this.deposit(accounts);
  }

  /** Puts accounts into the database, beside the API. */
  deposit(accounts: Record<string, string>): this {
    const rows = Object.entries(accounts).map(([name, balance]) => `('${name}', ${balance})`);
    for (const [name, balance] of Object.entries(accounts)) this.model.accounts.set(name, BigInt(balance));
    const sql = `INSERT INTO accounts (name, balance) VALUES ${rows.join(", ")} ON CONFLICT (name) DO UPDATE SET balance = excluded.balance`;
    const what = Object.entries(accounts).map(([name, balance]) => `${brief(name)} ${balance}`);
    return this.#call("script_sql", [this.#string(sql)], "ok", `accounts ${what.join(", ")}`);
  }

  /** POST /transfers, `later_ms` after the beginning. */
  pay(key: string | null, body: string, later_ms = 0): this {
    const answer = this.model.pay(key, body, NOW_MS + later_ms);
    const at = later_ms === 0 ? "" : ` at +${english(later_ms)} ms`;
    const what = `POST key ${key === null ? "none" : shown(key)} ${shown(body)}${at}`;
    return this.#send("POST", "/transfers", key, body, NOW_MS + later_ms, worded(answer), what, replayOf(answer));
  }

  /** GET /accounts/NAME. */
  balance(name: string): this {
    const balance = this.model.balance(name);
    const expected = balance === null ? "404" : `200 ${balance}`;
    return this.#send("GET", `/accounts/${name}`, null, "", NOW_MS, expected, `GET /accounts/${brief(name)}`, 0);
  }

  /** Any request, with the status that the contract gives it. */
  request(method: string, path: string, status: number, key = "k-other"): this {
    this.model.other();
    return this.#send(method, path, key, "", NOW_MS, String(status), `${method} ${path || '""'} key ${key}`, 0);
  }

  /** Compares the two tables with the model's, of each name the beginning. */
  audit(): this {
    const accounts = [...this.model.accounts].toSorted(([a], [b]) => (a < b ? -1 : 1));
    const inOrder = this.model.transfers.toSorted((a, b) => {
      const [differs] = (["key", "from", "to", "amount"] as const).filter((field) => a[field] !== b[field]);
      return differs === undefined ? 0 : a[differs] < b[differs] ? -1 : 1;
    });
    const rows = inOrder.map(({ key, from, to, amount }) => `${key} ${brief(from)} ${brief(to)} ${amount}`);
    const ask = (sql: string, expect: string, show: string) =>
      this.#call("script_ask", [this.#string(sql)], expect, show);
    ask(
      `SELECT substr(name, 1, ${NAME_SHOWN}), balance FROM accounts ORDER BY name`,
      accounts.map(([name, balance]) => `${brief(name)} ${balance}`).join(", "),
      "the table accounts",
    );
    return ask(
      `SELECT key, substr(source, 1, ${NAME_SHOWN}), substr(target, 1, ${NAME_SHOWN}), amount FROM transfers ORDER BY key, source, target, amount`,
      rows.join(", "),
      "the table transfers",
    );
  }

  ask(sql: string, expect: string): this {
    return this.#call("script_ask", [this.#string(sql)], expect, sql);
  }

  /** api_open in one of the situations that script.c knows. */
  openCase(number: number, expect: string, show: string): this {
    return this.#call("script_open_case", [number], expect, show);
  }

  steps(): Step[] {
    return [...this.#texts.steps, ...this.#steps, { call: "script_close", args: [], show: "close" }];
  }

  /** `like`: the number of the answer whose bytes are to come again; 0 if none. */
  #send(
    method: string,
    path: string,
    key: string | null,
    body: string,
    now_ms: number,
    expect: string,
    show: string,
    like: number,
  ): this {
    const place = key === null ? null : this.#string(key);
    const bytes = this.#texts.bytes(Buffer.from(body, "latin1"));
    const args = [this.#string(method), this.#string(path), place, bytes, body.length, BigInt(now_ms), like];
    return this.#call("script_send", args, expect, show);
  }

  #call(call: string, args: any[], text: string, show: string): this {
    // the guest's texts are UTF-8, those here bytes
    const utf8 = (bytes: string) => Buffer.from(bytes, "latin1").toString();
    this.#steps.push({ call, args, expect: { text: utf8(text) }, show: utf8(show) });
    return this;
  }

  #string(text: string): { ref: string } {
    return this.#texts.string(text, "latin1");
  }
}

const replayOf = ({ replayed, of }: Answer) => (replayed ? of : 0);
const worded = ({ status, replayed, of }: Answer) =>
  replayed ? `${status} replayed, the bytes of answer ${of}` : String(status);

export const form = (from: string, to: string, amount: number | string) => `from=${from}&to=${to}&amount=${amount}`;
