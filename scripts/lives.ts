// SPDX-License-Identifier: MIT
/**
 * `bun run lives NN [COUNT]`: the reference lives in each scenario of the kata's simulation so many times (without COUNT,
 * 100,000: an hour or more), a few thousand at a time with a seed of their own. Ends with 1 if one of them failed.
 */
import { join } from "node:path";
import { ROOT } from "../harness/src/base/cache.ts";
import { Unusable } from "../harness/src/base/command.ts";
import { readSubmission } from "../harness/src/build/submission.ts";
import { findKata } from "../harness/src/kata/shelf.ts";
import { SimulationPlayer } from "../harness/src/play/simulate.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";
import { traceText } from "../harness/src/report/trace.ts";

const AT_A_TIME = 5_000;
const DEADLINE_MS = 3_600_000;
const WIDTH = 100;

const kata = await findKata(process.argv[2] ?? "");
const count = Number(process.argv[3] ?? 100_000);
const checks = kata.simulated?.checks ?? [];
if (checks.length === 0) throw new Unusable(`${kata.id} is not played in the simulated kernel`);
const workpiece = new Workpiece(kata, readSubmission(kata, join(ROOT, "solutions", kata.id)));

let failures = 0;
for (let done = 0; done < count; ) {
  const lives = Math.min(AT_A_TIME, count - done);
  for (const check of checks) {
    const player = new SimulationPlayer(workpiece, { ...check, lives, deadline_ms: DEADLINE_MS }, done + 1);
    const judgement = (await player.play(player.groups[0]!)).get(check.id)!;
    if (judgement.verdict === "pass") continue;
    failures++;
    console.log(`${check.id}: ${judgement.verdict}: ${judgement.saw}\n  ${player.launchOf()?.words.join(" ")}`);
    if (judgement.trace) console.log(traceText(judgement.trace, WIDTH));
  }
  done += lives;
  console.log(
    `${kata.id}: ${done.toLocaleString("en")} lives of each of ${checks.length} scenarios, ${failures} failures`,
  );
}
process.exit(failures > 0 ? 1 : 0);
