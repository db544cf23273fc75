// SPDX-License-Identifier: MIT
/** The scripts of 07-idempotent-api about bodies: forms that are read, and bodies that are no forms. */
import type { ScriptCheck } from "@c10kata/harness/check";
import fc from "fast-check";
import { INT64_MAX, Story, form } from "./story.ts";

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
  "f=alice&to=bob&amount=5",
  "=alice&to=bob&amount=5",
  "fromm=alice&to=bob&amount=5",
  "from&to=bob&amount=5",
  "from=alice&to=bob&amount=5&memo",
  "from=alice&to=bob&amount=5&",
  "&from=alice&to=bob&amount=5",
  "from=alice&&to=bob&amount=5",
  "from=alice&to=bob&amount=%2B5",
  "from=alice&to=bob&amount=%205",
  "from=alice&to=bob&amount=5%20",
  "from=alice&to=bob&amount=5=5",
  "from=alice;to=bob;amount=5",
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

/** Longer than any buffer of a fixed size that one would choose. */
export const LONG_NAME = "l".repeat(20_000);
const LONG_AMOUNT = `${"0".repeat(200_000)}5`;
const NAMES = ["bob", "a b", "x&y=z", "50%", "a+b", "Bj\xc3\xb6rn", "q?#/", "\x01\x1f\x7f", "\x80\xff", ""];

/** One of each kind of encoding, always; the generated ones mix them. */
const ENCODED = [
  "from=alice&to=a+b&amount=1",
  "amount=1&to=a%20b&from=al%69ce",
  "from=alice&to=x%26y%3Dz&amount=1",
  "from=alice&to=a%2bb&amount=%31",
  "%66rom=alice&t%6F=50%25&amount=1",
  "from=alice&to=Bj%C3%B6rn&amount=1",
  "from=alice&to=x%26y=z&amount=1",
  "from=alice&to=&amount=1",
  "from=alice&to=%80%ff&amount=1",
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
  points: 3,
  needs: "first_transfer",
  runs: 15,
  commands: fc.array(someForm, { minLength: 1, maxLength: 5 }),
  plan(forms) {
    const story = new Story({ alice: "1000", ...Object.fromEntries(NAMES.map((name) => [name, "0"])) });
    story.pay("whole", form("alice", "bob", 5));
    for (const body of MALFORMED) story.pay("whole", body).pay(null, body);
    for (const [at, body] of [...ENCODED, ...forms.map((form) => form.body)].entries()) story.pay(`k${at}`, body);
    for (const [at, amount] of ["007", `${"0".repeat(30)}1`, LONG_AMOUNT, INT64_MAX].entries())
      story.pay(`amount ${at}`, form("alice", "bob", amount));
    story.deposit({ [LONG_NAME]: "0" }).pay("long", form("alice", LONG_NAME.replaceAll(/./g, "%6C"), 5));
    for (const name of [...NAMES, LONG_NAME]) story.balance(name);
    return story.ask("SELECT max(length(target)) FROM transfers", String(LONG_NAME.length)).audit().steps();
  },
  lookAt: "the form: first split at '&' and '=', then decode; which bytes may a name hold, and which an amount?",
};
