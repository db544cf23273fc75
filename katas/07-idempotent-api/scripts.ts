// SPDX-License-Identifier: MIT
/** What 07-idempotent-api does in one process: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import fc from "fast-check";
import { Bank, EXPIRY_MS, KEY_BYTES_MAX, type Answer } from "./bank.ts";

const NOW_MS = 1_700_000_000_000;
const INT64_MAX = "9223372036854775807";

/** Printable and short, or how long it is. */
function shown(text: string): string {
  const quoted = JSON.stringify(text);
  return text.length > 60 ? `${quoted.slice(0, 12)}..." (${text.length} bytes)` : quoted;
}

/** The beginning of a name. */
const brief = (name: string) => name.slice(0, NAME_SHOWN);
const NAME_SHOWN = 40;

/** One script on one new bank: what is sent, with the model's answers as expectations. */
export class Story {
  readonly model = new Bank();
  readonly #steps: Step[] = [];
  readonly #texts: Step[] = [];
  #places = new Map<string, string>();

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
    const at = later_ms === 0 ? "" : ` at +${later_ms.toLocaleString("en")} ms`;
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
    const rows = this.model.transfers.map(
      ({ key, from, to, amount }) => `${key} ${brief(from)} ${brief(to)} ${amount}`,
    );
    const ask = (sql: string, expect: string, show: string) =>
      this.#call("script_ask", [this.#string(sql)], expect, show);
    ask(
      `SELECT substr(name, 1, ${NAME_SHOWN}), balance FROM accounts ORDER BY name`,
      accounts.map(([name, balance]) => `${brief(name)} ${balance}`).join(", "),
      "the table accounts",
    );
    return ask(
      `SELECT key, substr(source, 1, ${NAME_SHOWN}), substr(target, 1, ${NAME_SHOWN}), amount FROM transfers ORDER BY rowid`,
      rows.join(", "),
      "the table transfers",
    );
  }

  ask(sql: string, expect: string): this {
    return this.#call("script_ask", [this.#string(sql)], expect, sql);
  }

  /** api_open in one of the situations that driver/script.c knows. */
  openCase(number: number, expect: string, show: string): this {
    return this.#call("script_open_case", [number], expect, show);
  }

  steps(): Step[] {
    return [...this.#texts, ...this.#steps, { call: "script_close", args: [], show: "close" }];
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
    const bytes = this.#place(Buffer.from(body, "latin1").toString("hex"));
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
    return this.#place(`${Buffer.from(text, "latin1").toString("hex")}00`);
  }

  /** Memory with these bytes and no more. */
  #place(hex: string): { ref: string } {
    let name = this.#places.get(hex);
    if (name === undefined) {
      name = `text${this.#places.size}`;
      this.#places.set(hex, name);
      this.#texts.push({ alloc: name, size: Math.max(hex.length / 2, 1) });
      if (hex !== "") this.#texts.push({ write: name, hex });
    }
    return { ref: name };
  }
}

const replayOf = ({ replayed, of }: Answer) => (replayed ? of : 0);
const worded = ({ status, replayed, of }: Answer) =>
  replayed ? `${status} replayed, the bytes of answer ${of}` : String(status);

const once: Pick<ScriptCheck, "runs" | "commands"> = { runs: 1, commands: fc.constant([]) };
const form = (from: string, to: string, amount: number | string) => `from=${from}&to=${to}&amount=${amount}`;

/** A new bank, one transfer, and the money has moved. */
export const firstTransfer: ScriptCheck = {
  ...once,
  id: "first_transfer",
  points: 4,
  plan: () =>
    new Story()
      .ask("PRAGMA journal_mode", "wal")
      .balance("alice")
      .pay("k1", form("alice", "bob", 250))
      .balance("alice")
      .balance("bob")
      .audit()
      .steps(),
  lookAt: "api_open: are the two tables there? api_handle: which path is which, and what is committed when it returns?",
};

/** Each status where the contract says it, and none of them changes anything but 201. */
export const statuses: ScriptCheck = {
  ...once,
  id: "statuses",
  points: 4,
  needs: "first_transfer",
  plan: () =>
    new Story({ alice: "1000", bob: "0", rich: INT64_MAX })
      .request("GET", "/transfers", 405)
      .request("DELETE", "/transfers", 405)
      .request("POST", "/accounts/alice", 405)
      .request("POST", "/transfers/", 404)
      .request("GET", "/", 404)
      .request("PUT", "/nowhere", 404)
      .request("GET", "/account/alice", 404)
      .balance("nobody")
      .balance("alic")
      .balance("ALICE")
      .pay(null, form("alice", "bob", 1))
      .pay("", form("alice", "bob", 1))
      .pay("k1", form("alice", "nobody", 1))
      .pay("k2", form("nobody", "bob", 1))
      .pay("k2", form("alice", "nobody", 1001))
      .pay("k3", form("alice", "bob", 1001))
      .pay("k3", form("Alice", "bob", 1), 1)
      .pay("k4", form("bob", "alice", 1))
      .pay("k5", form("alice", "rich", 1))
      .pay("k8", form("bob", "rich", 1))
      .pay("k6", form("alice", "bob", 1000))
      .request("POST", "/nowhere", 404, "k6")
      .request("GET", "/transfers", 405, "k6")
      .request("GET", "/accounts/nobody", 404, "k6")
      .pay("k7", form("alice", "bob", 1))
      .pay("k9", form("rich", "alice", 2 ** 32))
      .pay("k10", form("rich", "alice", INT64_MAX))
      .balance("alice")
      .audit()
      .steps(),
  lookAt: 'idempotent_api.h, "Requests, judged in this order": which line is the request\'s?',
};

const MALFORMED = [
  "",
  "&",
  "from=alice",
  "from=alice&to=bob",
  "from=alice&to=bob&amount=",
  "from=alice&to=bob&amount=0",
  "from=alice&to=bob&amount=-5",
  "from=alice&to=bob&amount=+5",
  "from=alice&to=bob&amount=5+",
  "from=alice&to=bob&amount=5.0",
  "from=alice&to=bob&amount=0x5",
  "from=alice&to=bob&amount=5e1",
  "from=alice&to=bob&amount=five",
  "from=alice&to=bob&amount=9223372036854775808",
  "from=alice&to=bob&amount=18446744073709551621",
  "from=alice&to=bob&amount=5&amount=5",
  "from=alice&from=alice&to=bob&amount=5",
  "from=alice&to=bob&amount=5&memo=rent",
  "from=alice&to=bob&amounts=5",
  "from=alice&to=alice&amount=5",
  "from=alice&to=%61lice&amount=5",
  "from=alice&to=bob&amount=5%",
  "from=alice&to=bob&amount=5%3",
  "from=alice&to=b%6gb&amount=5",
  "from=alice&to=b%+6b&amount=5",
  "from=alice&to=bob%00&amount=5",
  "from=alice&to=bob\0&amount=5",
  "from=alice&to=bob&amount=5\0",
  "From=alice&to=bob&amount=5",
];

/** "%XX", in either case, or the character itself, or '+' for a space. */
function encoded(text: string): fc.Arbitrary<string> {
  const bytes = [...text].map((char) => {
    const hex = char.charCodeAt(0).toString(16).padStart(2, "0");
    const plain = /^[\w.-]$/.test(char) || char > "\x7f" ? [char] : char === " " ? ["+"] : [];
    return fc.constantFrom(...plain, ...plain, `%${hex}`, `%${hex.toUpperCase()}`);
  });
  return fc.tuple(...bytes).map((parts) => parts.join(""));
}

/** Encoded, a body with it does not fit into 4,096 bytes. */
const LONG_NAME = "l".repeat(1_600);
const NAMES = ["bob", "a b", "x&y=z", "50%", "a+b", "Bj\xc3\xb6rn", "q?#/"];

/** One of each kind of encoding, always; the generated ones mix them. */
const ENCODED = [
  "from=alice&to=a+b&amount=1",
  "amount=1&to=a%20b&from=al%69ce",
  "from=alice&to=x%26y%3Dz&amount=1",
  "from=alice&to=a%2bb&amount=%31",
  "%66rom=alice&t%6F=50%25&amount=1",
  "from=alice&to=Bj%C3%B6rn&amount=1",
];

interface Form {
  name: string;
  body: string;
}

const someForm: fc.Arbitrary<Form> = fc.constantFrom(...NAMES).chain((name) => {
  const pairs = fc
    .tuple(encoded("from"), encoded("alice"), encoded("to"), encoded(name), encoded("amount"), encoded("1"))
    .map(([from, alice, to, other, amount, one]) => [`${from}=${alice}`, `${to}=${other}`, `${amount}=${one}`]);
  return pairs
    .chain((list) => fc.shuffledSubarray(list, { minLength: 3 }))
    .map((list) => ({ name, body: list.join("&") }));
});

/** Forms are decoded as browsers encode them, in any order; what is malformed is refused, with or without a key. */
export const readsForms: ScriptCheck<Form> = {
  id: "reads_forms",
  points: 4,
  needs: "first_transfer",
  runs: 15,
  commands: fc.array(someForm, { minLength: 1, maxLength: 5 }),
  plan(forms) {
    const story = new Story({ alice: "1000", ...Object.fromEntries(NAMES.map((name) => [name, "0"])) });
    story.pay("whole", form("alice", "bob", 5));
    for (const body of MALFORMED) story.pay("whole", body).pay(null, body);
    for (const [at, body] of [...ENCODED, ...forms.map((form) => form.body)].entries()) story.pay(`k${at}`, body);
    for (const amount of ["007", `${"0".repeat(30)}1`, INT64_MAX])
      story.pay(`k${amount}`, form("alice", "bob", amount));
    story.deposit({ [LONG_NAME]: "0" }).pay("long", form("alice", LONG_NAME.replaceAll(/./g, "%6C"), 5));
    for (const name of [...NAMES, LONG_NAME]) story.balance(name);
    return story.ask("SELECT max(length(target)) FROM transfers", String(LONG_NAME.length)).audit().steps();
  },
  lookAt: "the form: first split at '&' and '=', then decode; which bytes may a name hold, and which an amount?",
};

/** The first answer again, byte for byte, whatever has changed in between. */
export const replaysFirstAnswer: ScriptCheck = {
  ...once,
  id: "replays_first_answer",
  points: 4,
  needs: "first_transfer",
  plan: () =>
    new Story({ alice: "1000", bob: "0", carol: "0" })
      .pay("made", form("alice", "bob", 250))
      .pay("made", form("alice", "bob", 250))
      .pay("poor", form("carol", "bob", 10))
      .deposit({ carol: "500" })
      .pay("poor", form("carol", "bob", 10))
      .pay("rich", form("carol", "bob", 10))
      .pay("all", form("alice", "bob", 750))
      .pay("all", form("alice", "bob", 750))
      .pay("made", form("alice", "bob", 250), 1_000)
      .pay("made", form("alice", "bob", 250), -1_000)
      .audit()
      .steps(),
  lookAt: "which answers are final? And is the answer that is stored the one that was given, with its body?",
};

/** Alike to hashes that multiply by 33, or by 31, and add. */
const SAME_HASH = ["aS", "b2", "b4"];

/** A key with another body is refused, byte for byte, and the first answer stays. */
export const fingerprints: ScriptCheck = {
  ...once,
  id: "fingerprints",
  points: 3,
  needs: "first_transfer",
  plan() {
    const body = form("alice", "bob", 250);
    const story = new Story({ alice: "1000", bob: "0", aS: "0", b2: "0", b4: "0", carol: "0", [LONG_NAME]: "0" });
    story.pay("k", body);
    const others = [
      form("alice", "bob", 251),
      form("alice", "carol", 250),
      form("bob", "alice", 250),
      "to=bob&from=alice&amount=250",
      "from=%61lice&to=bob&amount=250",
      "from=alice&to=bob&amount=%3250",
      form("alice", "bob", 9_999),
      form("alice", "nobody", 250),
    ];
    for (const other of others) story.pay("k", other);
    story.pay("k", "nonsense").pay("k", body);
    for (const amount of [5, 6, 5]) story.pay("long", form("alice", LONG_NAME, amount));
    for (const name of SAME_HASH) story.pay("hash", form("alice", name, 5));
    return story.audit().steps();
  },
  lookAt: "what is compared with what, when a key is known? The meaning of two requests, or their bytes?",
};

const counted = (keys: string[]) => `${keys.length} ${keys.length} ${keys.join("").length}`;

/** All bytes of a key count, up to 255 of them; more are refused. */
export const wholeKeys: ScriptCheck = {
  ...once,
  id: "whole_keys",
  points: 3,
  needs: "first_transfer",
  plan() {
    const long = "k".repeat(KEY_BYTES_MAX - 1);
    const keys = [
      `${long}a`,
      `${long}b`,
      long,
      `${long}\x01`,
      "a",
      "A",
      "a ",
      " a",
      "'; --",
      "100%",
      "1",
      "01",
      "1.0",
      ...SAME_HASH,
    ];
    const story = new Story();
    for (const key of keys) story.pay(key, form("alice", "bob", 1));
    for (const key of keys) story.pay(key, form("alice", "bob", 1));
    return story
      .pay(`${long}ab`, form("alice", "bob", 1))
      .pay("k".repeat(5_000), form("alice", "bob", 1))
      .ask("SELECT count(*), count(DISTINCT key), sum(length(key)) FROM transfers", counted(keys))
      .balance("bob")
      .steps();
  },
  lookAt: "how long may a key be where it is kept, and what does the column's type do to it?",
};

/** An answer lives for 86,400,000 ms from its first request on, replays or not. */
export const expires: ScriptCheck = {
  ...once,
  id: "expires",
  points: 4,
  needs: "replays_first_answer",
  plan() {
    const body = form("alice", "bob", 1);
    return new Story({ alice: "1000", bob: "0", carol: "0" })
      .pay("k", body)
      .pay("poor", form("carol", "bob", 5))
      .pay("k", body, EXPIRY_MS / 2)
      .pay("k", body, EXPIRY_MS - 1)
      .pay("k", form("alice", "bob", 2), EXPIRY_MS - 1)
      .pay("k", body, EXPIRY_MS)
      .pay("k", body, EXPIRY_MS)
      .pay("k", body, 2 * EXPIRY_MS - 1)
      .pay("k", body, 5)
      .pay("k", form("alice", "bob", 3), 2 * EXPIRY_MS)
      .pay("k", form("alice", "bob", 3), 2 * EXPIRY_MS)
      .deposit({ carol: "5" })
      .pay("poor", form("carol", "bob", 5), 2 * EXPIRY_MS)
      .pay("poor", form("carol", "bob", 5), 2 * EXPIRY_MS)
      .pay("new", body, 2 * EXPIRY_MS)
      .pay("new", body, 2 * EXPIRY_MS + 2 ** 32)
      .audit()
      .steps();
  },
  lookAt: "from which request on is the time counted, and is 86,400,000 ms later still in time?",
};

/** What is not final leaves nothing behind: the same key may be used again, even with another body. */
export const keepsNothing: ScriptCheck = {
  ...once,
  id: "keeps_nothing",
  points: 3,
  needs: "first_transfer",
  plan: () =>
    new Story({ alice: "1000", bob: "0", rich: INT64_MAX })
      .pay("new", form("alice", "dora", 10))
      .pay("new", form("dora", "alice", 10))
      .deposit({ dora: "100" })
      .pay("new", form("alice", "dora", 10))
      .pay("bad", "amount=10")
      .pay("bad", form("alice", "bob", 10))
      .pay("full", form("alice", "rich", 10))
      .deposit({ rich: "0" })
      .pay("full", form("alice", "rich", 10))
      .pay("bad", form("alice", "bob", 11))
      .pay("bad", form("alice", "bob", 10))
      .audit()
      .steps(),
  lookAt: "400, 404 and 422 are not final: what of them is still in the database afterwards?",
};

type Command =
  | { key: string; from: string; to: string; amount: number; after_ms: number }
  | { name: string }
  | { deposit: string; balance: number };

const PEOPLE = ["alice", "bob", "carol", "nobody"];
const person = fc.constantFrom(...PEOPLE);
const someWait = fc.constantFrom(0, 0, 0, 1, EXPIRY_MS / 2, EXPIRY_MS - 1, EXPIRY_MS, 2 * EXPIRY_MS);
const someCommand: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      key: fc.constantFrom("k1", "k2", "k3"),
      from: person,
      to: person,
      amount: fc.constantFrom(0, 1, 60, 100),
      after_ms: someWait,
    }),
  },
  { weight: 1, arbitrary: fc.record({ name: person }) },
  { weight: 1, arbitrary: fc.record({ deposit: fc.constantFrom("alice", "bob"), balance: fc.nat(200) }) },
);

/** Every answer and both tables are the model's, whatever is asked in whatever order. */
export const matchesBank: ScriptCheck<Command> = {
  id: "matches_bank",
  points: 5,
  needs: ["replays_first_answer", "fingerprints", "expires", "keeps_nothing"],
  runs: 60,
  commands: fc.array(someCommand, { maxLength: 20, size: "max" }),
  plan(commands) {
    const story = new Story({ alice: "100", bob: "0", carol: "60" });
    let later_ms = 0; // time goes on: who forgets early what has expired for somebody is right as well
    for (const command of commands) {
      if ("key" in command) {
        later_ms += command.after_ms;
        story.pay(command.key, form(command.from, command.to, command.amount), later_ms);
      } else if ("name" in command) story.balance(command.name);
      else story.deposit({ [command.deposit]: String(command.balance) });
    }
    return story.audit().steps();
  },
  lookAt: "what does the database remember after each of these requests, and what should it?",
};

/** A database that cannot be opened is an error; once it can be, the same path opens. */
export const opensOrSaysWhy: ScriptCheck = {
  ...once,
  id: "opens_or_says_why",
  points: 2,
  needs: "first_transfer",
  plan: () =>
    new Story()
      .openCase(0, "not 0", "open a file in a folder that is not there")
      .openCase(1, "0", "open it once the folder is there")
      .openCase(2, "not 0", "open a file that is no database")
      .openCase(3, "0", "open it once the file is gone")
      .steps(),
  lookAt: "api_open: which of SQLite's calls can fail, and what is returned and left open when one does?",
};
