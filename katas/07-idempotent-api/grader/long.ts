// SPDX-License-Identifier: MIT
/**
 * At full length, by hand: `bun katas/07-idempotent-api/long.ts [PATH [KILLS [SEED]]]`. The kill test, with 200 kills by
 * default, then what a request costs beside a million stored keys. PATH as for `bun kata grade --from`.
 */
import { Grading, newSeed } from "../../../harness/src/play/grade.ts";
import type { Kata } from "../../../harness/src/kata/kata.ts";
import { readSubmission } from "../../../harness/src/build/submission.ts";
import { Workpiece } from "../../../harness/src/play/workpiece.ts";
import kata from "./kata.ts";
import type { ServersEvidence, Payment } from "./servers.ts";

const [, , path, kills = "200", seed = String(newSeed())] = process.argv;
const DEADLINE_MS = 600_000;
const STORED_KEYS = 1_000_000;
const submission = readSubmission(kata, path);

/** Grades one check of `long`; prints the verdict, and answers whether it passed. */
async function judge(long: Kata, only: string): Promise<boolean> {
  const options = { seed: Number(seed), only, untimed: "not asked for" };
  const { checks, seconds } = await new Grading(new Workpiece(long, submission), options).start().finished();
  const bad = checks.find(({ verdict }) => verdict !== "pass");
  console.log(`${only}: ${bad ? `${bad.verdict} in ${bad.id}: ${bad.saw}` : "pass"}, ${seconds.toFixed(1)} s`);
  return !bad;
}

const [servers] = kata.staged;
let seen: ServersEvidence | undefined;
const killed = {
  ...servers!,
  params: { ...servers!.params, kills: Number(kills) },
  deadline_ms: DEADLINE_MS,
  play: async (stage: never) => (seen = await servers!.play(stage)),
};
console.log(`seed ${seed}`);
const audited = await judge({ ...kata, staged: [killed] }, "audit_after_kills");
if (seen) {
  const answers = (keep: (payment: Payment) => number) =>
    seen!.payments.reduce((sum, payment) => sum + keep(payment), 0);
  console.table({
    "kills from outside": seen.kills.outside,
    "kills inside api_handle": seen.kills.inside,
    keys: seen.payments.length,
    "final answers": answers((payment) => payment.answers.length),
    "of them replays": answers((payment) => payment.answers.filter(({ replayed }) => replayed).length),
    "rows in transfers": seen.tables.transfers.length,
    "sum of balances": Object.values(seen.tables.accounts).reduce((sum, balance) => sum + balance, 0),
  });
  console.log("answers by status", seen.seen);
}

const scenarios = kata.scenarios.map((scenario) =>
  scenario.id === "counts"
    ? { ...scenario, params: { ...scenario.params, many: STORED_KEYS }, deadline_ms: DEADLINE_MS }
    : scenario,
);
const flat = await judge({ ...kata, scenarios }, "flat_cost");
process.exit(audited && flat ? 0 : 1);
