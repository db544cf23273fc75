// SPDX-License-Identifier: MIT
/**
 * `bun run bench:box`: what a box costs, and that it moves no ratio. Each pair is run in turns, bare and in a box. Nothing
 * here is a test: the figures are for reading, on a machine that does nothing else.
 */
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { BARE, type Box } from "../harness/src/base/box.ts";
import { ROOT, withWorkspace } from "../harness/src/base/cache.ts";
import { median } from "../harness/src/base/statistics.ts";
import { confinement } from "../harness/src/build/confinement.ts";
import { heldCompiler } from "../harness/src/build/held-compiler.ts";
import { readSource, readSubmission } from "../harness/src/build/submission.ts";
import { Guest, LIMITS, newNonce } from "../harness/src/guest/guest.ts";
import { findKata } from "../harness/src/kata/shelf.ts";
import { oneRound } from "../harness/src/play/measure.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";
import { table } from "./verify/report.ts";

const RUNS = 25;
const ROUNDS = 9;
const box = await confinement();
if (!box.made) throw new Error(`there is no box here: ${box.why}`);

/** What C10KATA_BOX says holds while `work` runs. */
async function held<T>(inside: Box, work: () => Promise<T>): Promise<T> {
  if (!inside.made) process.env.C10KATA_BOX = "no";
  try {
    return await work();
  } finally {
    delete process.env.C10KATA_BOX;
  }
}

/** Pairs of `work`'s answers, or of the milliseconds that it took. */
async function inTurns(
  runs: number,
  work: (inside: Box) => Promise<number | undefined>,
): Promise<[number[], number[]]> {
  const [bare, boxed]: [number[], number[]] = [[], []];
  for (let run = 0; run < runs; run++)
    for (const [inside, answers] of run % 2 === 0 ? pairs(bare, boxed) : pairs(bare, boxed).reverse()) {
      const since = performance.now();
      answers.push((await held(inside, () => work(inside))) ?? performance.now() - since);
    }
  return [bare, boxed];
}

const pairs = (bare: number[], boxed: number[]): [Box, number[]][] => [
  [BARE, bare],
  [box, boxed],
];

const runs = (argv: string[]) => async (inside: Box) => {
  await withWorkspace((cwd) => Guest.start(argv, newNonce(), LIMITS, { box: inside, cwd }).ended);
  return undefined;
};

const folder = join(ROOT, ".cache", `bench-box-${process.pid}`);
mkdirSync(folder, { recursive: true });
const kata = await findKata("02");
const reference = readSubmission(kata, join(ROOT, "solutions", kata.id));
const baseline = { label: "baseline", files: [readSource(kata.edits[0]!, join(kata.folder, kata.baseline))] };
const programs = await Promise.all([reference, baseline].map((one) => new Workpiece(kata, one).guest("bench")));
const { throughput } = kata;

/** The baseline's time over the reference's, in one round. */
async function ratio(): Promise<number> {
  const { params } = throughput!.metrics[0]!;
  const { seconds } = await oneRound(
    throughput!,
    params,
    [
      ["learner", programs[0]!],
      ["baseline", programs[1]!],
    ],
    7,
  );
  return seconds.baseline! / seconds.learner!;
}

const rows = [["what", "bare: least", "median", "box: least", "median", "more, least"]];
const row = (what: string, [bare, boxed]: [number[], number[]]) => {
  const [least, most] = [Math.min(...bare), Math.min(...boxed)];
  const figures = [least, median(bare), most, median(boxed), most - least];
  rows.push([what, ...figures.map((figure) => figure.toFixed(2))]);
};
row("a program that does nothing, ms", await inTurns(RUNS, runs(["/bin/true"])));
row("bun that does nothing, ms", await inTurns(RUNS, runs([process.execPath, "-e", "0"])));
row(
  "the compiler on nothing, ms",
  await inTurns(RUNS, async () => {
    await heldCompiler(["--version"], folder);
    return undefined;
  }),
);
row("02: baseline over reference", await inTurns(ROUNDS, ratio));
rmSync(folder, { recursive: true });
console.log(table(rows));
