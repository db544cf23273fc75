// SPDX-License-Identifier: MIT
/** The scripts of 07-idempotent-api about keys: replays, fingerprints, expiry, and what leaves no trace. */
import type { ScriptCheck } from "@c10kata/harness/check";
import { EXPIRY_MS, KEY_BYTES_MAX } from "./bank.ts";
import { once } from "@c10kata/harness/script";
import { INT64_MAX, NOW_MS, Story, form } from "./story.ts";
import { LONG_NAME } from "./forms.ts";

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

/** Two names that make two bodies alike to a hash: each pair found by trying names until two met. */
const COLLISIONS: Record<string, [string, string]> = {
  "CRC-32": ["ugbimtj", "zusuzls"],
  "Adler-32": ["piifewv", "necvjuo"],
  "FNV-1a, 32 bits": ["sjbnzca", "wybijdh"],
  "FNV-1, 32 bits": ["jxzflwn", "fyacvwo"],
  "FNV-1a, 64 bits": ["mbvdqcasv5hup", "4ascytdtwhsip"],
  "djb2 with xor": ["hicfdqx", "frgmtwt"],
  sdbm: ["tgrvwer", "auvtotd"],
  "Jenkins, one at a time": ["laxxffn", "bqirzey"],
  "MurmurHash3, 32 bits": ["ocvarfu", "pyqpisj"],
  "xxHash, 32 bits": ["heqdhzm", "xojzfpn"],
};

/** A key with another body is refused, byte for byte, and the first answer stays. */
export const fingerprints: ScriptCheck = {
  ...once,
  id: "fingerprints",
  points: 3,
  needs: "first_transfer",
  plan() {
    const body = form("alice", "bob", 250);
    const names = ["bob", "carol", LONG_NAME, ...SAME_HASH, ...Object.values(COLLISIONS).flat()];
    const story = new Story({ alice: "1000", ...Object.fromEntries(names.map((name) => [name, "0"])) });
    story.pay("k", body);
    const others = [
      form("alice", "bob", 251),
      form("alice", "bob", 25),
      form("alice", "bob", 2_500),
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
    for (const [hash, pair] of Object.entries(COLLISIONS))
      for (const name of pair) story.pay(hash, form("alice", name, 5));
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
      "\xff",
      "\x80",
      "\xc3\xb6",
      "\x01",
      "\x7f",
      ...SAME_HASH,
    ];
    const story = new Story();
    for (const key of keys) story.pay(key, form("alice", "bob", 1));
    for (const key of keys) story.pay(key, form("alice", "bob", 1));
    return story
      .pay(`${long}ab`, form("alice", "bob", 1))
      .pay("k".repeat(5_000), form("alice", "bob", 1))
      .ask("SELECT count(*), count(DISTINCT key), sum(length(CAST(key AS BLOB))) FROM transfers", counted(keys))
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
      .pay("zero", body, -NOW_MS)
      .pay("zero", body, -NOW_MS)
      .pay("zero", body, EXPIRY_MS - 1 - NOW_MS)
      .pay("zero", body, EXPIRY_MS - NOW_MS)
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
      .pay("end", body, 2 ** 62)
      .pay("end", body, 2 ** 62)
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
