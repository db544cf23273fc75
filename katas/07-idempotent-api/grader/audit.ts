// SPDX-License-Identifier: MIT
/** The checks of 07-idempotent-api on two servers that were killed: what their clients heard, and what the tables say. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { plural } from "@c10kata/harness/words";
import { ACCOUNTS, ATTEMPTS_MAX, FUNDS, type Answer, type ServersEvidence, type Payment } from "./servers.ts";

const shown = ({ status, replayed }: Answer) => `${status}${replayed ? " replayed" : ""}`;

/** A check of evidence from servers that did start. */
function judgeServers(evidence: ServersEvidence, judge: (evidence: ServersEvidence) => Judgement): Judgement {
  if (evidence.refused === undefined) return judge(evidence);
  return fail({
    saw: `a server did not start: ${evidence.refused}`,
    expected: "0 from api_open, also on a database that others use or were killed over",
    lookAt: "api_open: what can the state of the file be?",
  });
}

/** Two processes answer for each other: whichever a retry reaches, the answer is the first one. */
export const servedOverHttp: Check<ServersEvidence> = {
  id: "served_over_http",
  points: 3,
  needs: "replays_first_answer",
  run: (all) =>
    judgeServers(all, ({ odd, payments, balances, tables }) => {
      const [strange] = Object.entries(odd);
      if (strange) {
        const saw = `a transfer between known accounts was answered ${strange[0]}, ${strange[1]} times`;
        return fail({ saw, expected: "201, 402, 409, or 503", lookAt: "api_handle" });
      }
      for (const { key, answers } of payments) {
        const [first, ...others] = answers;
        const lookAt = "what does a process know that the other one does not?";
        const other = others.find(({ status, body }) => status !== first!.status || body !== first!.body);
        if (other) {
          const saw = `${key}: ${shown(first!)} from one process, ${shown(other)} from another, ${other.status === first!.status ? "with other bytes" : "for the same request"}`;
          return fail({ saw, expected: "one answer per key", lookAt });
        }
        const fresh = answers.filter(({ replayed }) => !replayed).length;
        if (fresh > 1) {
          const saw = `${key}: answered ${fresh} times without being a replay`;
          return fail({ saw, expected: "once; every other answer is a replay", lookAt });
        }
      }
      const wrong = ACCOUNTS.find((name) => balances[name] !== String(tables.accounts[name]));
      if (wrong === undefined) return pass();
      return fail({
        saw: `GET /accounts/${wrong} -> ${balances[wrong]}, the table says ${tables.accounts[wrong]}`,
        expected: "the balance in the database",
        lookAt: "api_handle: from where does GET take the balance?",
      });
    }),
};

/** After all kills the tables are right: each acknowledged transfer once, no other, money conserved, no key stuck. */
export const auditAfterKills: Check<ServersEvidence> = {
  id: "audit_after_kills",
  points: 7,
  needs: "replays_first_answer",
  run: (all, { params }) =>
    judgeServers(all, (evidence) => {
      const { kills, payments, tables } = evidence;
      const after = `after ${kills.outside} kills from outside and ${kills.inside} inside api_handle`;
      const lookAt = "what is committed together, and what could the process leave behind between two commits?";
      if (tables.integrity !== "ok") {
        return fail({
          saw: `${after}: ${tables.integrity}`,
          expected: "a database that SQLite finds in order",
          lookAt,
        });
      }
      const stuck = payments.find((payment) => payment.stuck > 0);
      if (stuck) {
        const saw = `${after}: no final answer for ${stuck.key} in ${ATTEMPTS_MAX} answers`;
        return fail({
          saw,
          expected: "201 or 402 in the end",
          lookAt: "what becomes of a claim on a key whose process was killed?",
        });
      }
      const wrong = payments.map((payment) => wrongPayment(payment, tables.transfers)).find(Boolean);
      if (wrong) return fail({ ...wrong, saw: `${after}: ${wrong.saw}`, lookAt });
      const sum = Object.values(tables.accounts).reduce((total, balance) => total + balance, 0);
      const unbalanced = ACCOUNTS.find((name) => tables.accounts[name] !== balanceOf(name, tables.transfers));
      if (sum !== ACCOUNTS.length * FUNDS || unbalanced !== undefined) {
        const saw = `${after}: all balances add up to ${sum}${unbalanced ? `; ${unbalanced} has ${tables.accounts[unbalanced]}, by the transfers ${balanceOf(unbalanced, tables.transfers)}` : ""}`;
        return fail({
          saw,
          expected: `${ACCOUNTS.length * FUNDS}, and balances that follow from the transfers`,
          lookAt,
        });
      }
      if (payments.length === 0 || kills.inside + kills.outside < params.kills!) {
        return fail({
          saw: `${plural(payments.length, "transfer")}, ${plural(kills.inside + kills.outside, "kill")}`,
          expected: "traffic",
        });
      }
      return pass();
    }),
};

function wrongPayment(payment: Payment, transfers: ServersEvidence["tables"]["transfers"]) {
  const rows = transfers.filter(({ key }) => key === payment.key);
  const acknowledged = payment.answers.some(({ status }) => status === 201);
  if (rows.length !== Number(acknowledged)) {
    return {
      saw: `${payment.key} was answered ${payment.answers.map(shown).join(", ")}, and has ${rows.length} rows in transfers`,
      expected: acknowledged ? "1 row for a 201" : "no row for a 402",
    };
  }
  const right = rows.every(
    ({ source, target, amount }) => source === payment.from && target === payment.to && amount === payment.amount,
  );
  if (right) return null;
  const { source, target, amount } = rows[0]!;
  return {
    saw: `${payment.key}: ${source} paid ${amount} to ${target}`,
    expected: `${payment.from} paid ${payment.amount} to ${payment.to}`,
  };
}

function balanceOf(name: string, transfers: ServersEvidence["tables"]["transfers"]): number {
  return transfers.reduce(
    (sum, { source, target, amount }) => sum + (target === name ? amount : 0) - (source === name ? amount : 0),
    FUNDS,
  );
}
