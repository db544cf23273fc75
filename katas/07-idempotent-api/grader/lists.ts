// SPDX-License-Identifier: MIT
/** The scripts of 07-idempotent-api on generated lists of requests, and on databases that cannot be opened. */
import type { ScriptCheck } from "@c10kata/harness/check";
import fc from "fast-check";
import { EXPIRY_MS } from "./bank.ts";
import { once } from "@c10kata/harness/script";
import { Story, form } from "./story.ts";

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
    let later_ms = 0; // time goes on: a program that forgets early what has expired for one client is right as well
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
