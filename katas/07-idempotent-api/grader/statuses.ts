// SPDX-License-Identifier: MIT
/** The scripts of 07-idempotent-api about a first transfer, each status where the contract has it, and large amounts. */
import type { ScriptCheck } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import { INT64_MAX, Story, form } from "./story.ts";

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
  points: 3,
  needs: "first_transfer",
  plan: () =>
    new Story({ alice: "1000", bob: "0", rich: INT64_MAX, nearly: String(BigInt(INT64_MAX) - 1n) })
      .request("GET", "/transfers", 405)
      .request("DELETE", "/transfers", 405)
      .request("PUT", "/transfers", 405)
      .request("PATCH", "/transfers", 405)
      .request("post", "/transfers", 405)
      .request("POST", "/accounts/alice", 405)
      .request("POST", "/accounts/nobody", 405)
      .request("HEAD", "/accounts/alice", 405)
      .request("DELETE", "/accounts/alice", 405)
      .request("Get", "/accounts/alice", 405)
      .request("POST", "/transfers/", 404)
      .request("POST", "/transfers?x", 404)
      .request("POST", "/Transfers", 404)
      .request("POST", "", 404)
      .request("GET", "/accounts", 404)
      .request("GET", "/Accounts/alice", 404)
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
      .pay("k11", form("alice", "nearly", 2))
      .pay("k12", form("alice", "nearly", 1))
      .pay("k6", form("alice", "bob", 999))
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

/** Where types end: signed and unsigned ones of 16 and 32 bits, a float, a double, the largest balance. */
const EDGES = [15, 16, 24, 31, 32, 53, 62].map((bits) => 2n ** BigInt(bits));
const LARGEST = BigInt(INT64_MAX);
const AROUND = [...EDGES.flatMap((edge) => [edge - 1n, edge, edge + 1n]), LARGEST - 1n, LARGEST];

/** What one has, to the last unit, and not one more; what another one has room for, and not one more. */
export const largeAmounts: ScriptCheck = {
  ...once,
  id: "large_amounts",
  points: 2,
  needs: "first_transfer",
  plan() {
    const story = new Story({ payer: "0", taker: "0" });
    for (const money of AROUND) {
      const pay = (what: string, amount: bigint) =>
        story.pay(`${what} ${money}`, form("payer", "taker", String(amount)));
      const deposit = (payer: bigint, taker: bigint) => story.deposit({ payer: String(payer), taker: String(taker) });
      deposit(money - 1n, 0n);
      pay("one more than there is,", money);
      deposit(money, 0n).balance("payer");
      pay("all,", money).balance("payer").balance("taker");
      pay("all,", money);
      deposit(money, 0n);
      pay("all but one,", money - 1n)
        .balance("payer")
        .balance("taker");
      deposit(LARGEST, LARGEST - money + 1n);
      pay("one more than fits,", money).balance("payer");
      deposit(LARGEST, LARGEST - money);
      pay("as much as fits,", money).balance("payer").balance("taker");
      deposit(money + (money < LARGEST ? 1n : 0n), LARGEST - money);
      pay("fits, and one is left,", money).balance("payer").balance("taker");
    }
    return story.audit().steps();
  },
  lookAt:
    "api_handle: follow the amount from the form to the table, and the balances it is compared with: can each type on the way, in C and in SQL, tell any two numbers up to 9223372036854775807 apart?",
};
