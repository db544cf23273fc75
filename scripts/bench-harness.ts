// SPDX-License-Identifier: MIT
/**
 * `bun run bench:harness`: how fast the grader itself is, as medians. Nothing here is a test: the figures are for
 * reading, on a machine that does nothing else.
 */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { compileSubmission } from "../harness/src/build/learner.ts";
import { linkGuest, linkSimulation, linkSubject } from "../harness/src/build/link.ts";
import { ROOT } from "../harness/src/base/cache.ts";
import { Grading, newSeed } from "../harness/src/play/grade.ts";
import { BUILDS, type Build, type Kata } from "../harness/src/kata/kata.ts";
import { runScriptCheck } from "../harness/src/play/script.ts";
import { ScriptSession } from "../harness/src/play/script-session.ts";
import { findKata } from "../harness/src/kata/shelf.ts";
import { median } from "../harness/src/base/statistics.ts";
import { readSubmission, type Submission } from "../harness/src/build/submission.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";
import { table } from "./verify/report.ts";

const RUNS = 5;
const kata = await findKata("02");
const stub = readSubmission(kata);
const reference = readSubmission(kata, join(ROOT, "solutions", kata.id));
const rows: string[][] = [["what", "median ms", "goal ms"]];

async function timed(what: string, goal_ms: number, work: () => Promise<unknown>, runs = RUNS): Promise<void> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const since = performance.now();
    const own = await work();
    times.push(typeof own === "number" ? own : performance.now() - since);
  }
  rows.push([what, median(times).toFixed(times[0]! < 10 ? 2 : 0), String(goal_ms)]);
}

/** The same program with another text, so that nothing of it is in the cache. */
function edited(submission: Submission): Submission {
  const note = `/* ${crypto.randomUUID()} */\n`;
  return { ...submission, files: submission.files.map((file) => ({ ...file, text: file.text + note })) };
}

/** A whole command line, from its start to the end of the process. */
async function cli(...words: string[]): Promise<void> {
  const argv = [process.execPath, join(ROOT, "harness", "src", "cli", "cli.ts"), ...words];
  await Bun.spawn(argv, { stdout: "ignore", stderr: "ignore", stdin: "ignore" }).exited;
}

await timed("stub: first verdict, edited file, whole command", 1000, async () => {
  const place = join(ROOT, ".cache", "edited.c");
  await Bun.write(place, edited(stub).files[0]!.text);
  await cli("grade", "02", "--check", "some_node_arrives", "--from", place);
  rmSync(place);
});
await timed("stub: whole grading", 3000, () => cli("grade", "02"));
await timed("reference: whole grading with throughput", 20_000, () => cli("grade", "02", "--from", reference.label), 3);
await timed("reference: whole grading without throughput", 20_000, async () => {
  await new Grading(new Workpiece(kata, reference), { seed: newSeed(), untimed: "not asked" }).start().finished();
});

const session = new ScriptSession(await new Workpiece(kata, reference).guest("plain"), kata.functions);
const [one] = kata.scripts;
await session.play(one!.plan([])); // the guest starts with the first script
await timed(
  "a passing scripted check",
  10,
  async () => {
    await runScriptCheck(one!, { session, submission: reference }, newSeed());
  },
  50,
);
await session.close();

/** Of the kata that has one of these builds: 02 has no server to simulate. */
function linked(of: Kata, objects: string[], build: Build): Promise<string> {
  if (build === "explore") return linkSubject(of, objects);
  return build.startsWith("simulated") ? linkSimulation(of, objects, build) : linkGuest(of, objects, build);
}

const server = await findKata("03");
const servers = readSubmission(server, join(ROOT, "solutions", server.id));
for (const build of BUILDS.filter((build) => build !== "mingw")) {
  const [of, submission] = build.startsWith("simulated") ? [server, servers] : [kata, reference];
  await timed(`rebuild after an edit: ${build}, of ${of.id.slice(0, 2)}`, 700, async () => {
    const { objects } = await compileSubmission(of, edited(submission), build);
    await linked(of, objects, build);
  });
}
console.log(table(rows));
process.exit(0);
