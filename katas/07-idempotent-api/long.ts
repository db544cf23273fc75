// SPDX-License-Identifier: MIT
/**
 * The kill test at full length, by hand: `bun katas/07-idempotent-api/long.ts [PATH [KILLS [SEED]]]`. PATH as for
 * `bun kata grade --from`; 200 kills by default.
 */
import { Grading, newSeed } from "../../harness/src/grade.ts";
import { readSubmission } from "../../harness/src/submission.ts";
import kata from "./kata.ts";
import type { ServersEvidence, Story } from "./servers.ts";

const [, , path, kills = "200", seed = String(newSeed())] = process.argv;
const DEADLINE_MS = 600_000;
const [servers] = kata.staged;
let seen: ServersEvidence | undefined;
const long = {
  ...kata,
  staged: [
    {
      ...servers!,
      params: { ...servers!.params, kills: Number(kills) },
      deadline_ms: DEADLINE_MS,
      play: async (stage: never) => (seen = await servers!.play(stage)),
    },
  ],
};
const options = { seed: Number(seed), only: "audit_after_kills", untimed: "not asked for" };
const { checks, seconds } = await new Grading(long, readSubmission(kata, path), options).finished();
const audit = checks.find(({ id }) => id === "audit_after_kills")!;
console.log(`seed ${seed}, ${seconds.toFixed(1)} s, ${audit.verdict}${audit.saw ? `: ${audit.saw}` : ""}`);
if (seen) {
  const answers = (keep: (story: Story) => number) => seen!.stories.reduce((sum, story) => sum + keep(story), 0);
  console.table({
    "kills from outside": seen.kills.outside,
    "kills inside api_handle": seen.kills.inside,
    keys: seen.stories.length,
    "final answers": answers((story) => story.answers.length),
    "of them replays": answers((story) => story.answers.filter(({ replayed }) => replayed).length),
    "rows in transfers": seen.books.transfers.length,
    "sum of balances": Object.values(seen.books.accounts).reduce((sum, balance) => sum + balance, 0),
  });
  console.log("answers by status", seen.seen);
}
process.exit(audit.verdict === "pass" ? 0 : 1);
