// SPDX-License-Identifier: MIT
/**
 * `bun run verify [NN...] [--all] [--repeat N] [--base REV] [--minutes N] [--compiled]`: the repository's own proof.
 *
 * Always: types, format, the harness's tests, each kata's stub and reference. Of the katas that have changed, one mutant
 * for each check, all right designs and cheats, then the rest; of the others, and of throughput: as much as there is
 * time for, another part for each commit, and what was tried is said. Nothing is drawn by a clock but where it ends.
 *
 *     NN...        only these katas, whole
 *     --all        everything, however long it takes
 *     --repeat N   N gradings of each program with fresh seeds, instead of its own three or one
 *     --base REV   a kata has changed that differs from REV; changes.ts says how it is found otherwise
 *     --minutes N  after so many nothing new begins but what is always proven; 12 unless told
 *     --compiled   only what depends on the compiler, for a second one, and half of the harness's tests
 *
 * Exit 0: all holds; 1: something does not; 2: misuse, a kata that cannot be loaded, or our own fault.
 */
import { existsSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { hashOf, pruneCache, ROOT } from "../harness/src/base/cache.ts";
import { isRefusal, Sentence } from "../harness/src/base/sentence.ts";
import { StatusLine } from "../harness/src/base/status-line.ts";
import { solutionsOf } from "../harness/src/build/submission.ts";
import { tidyWhenInterrupted } from "../harness/src/cli/interrupt.ts";
import type { Kata } from "../harness/src/kata/kata.ts";
import { resultJsonSchema } from "../harness/src/report/json.ts";
import { openWork, strayFiles } from "./verify/layout.ts";
import { Parts, run } from "./verify/parts.ts";
import { planned, queues, type Plan } from "./verify/plan.ts";
import { KataProof } from "./verify/proof.ts";
import { reportTable, sumOf } from "./verify/report.ts";
import { problemsAmong } from "./verify/solutions.ts";
import { misjudgedSpeeds } from "./verify/throughput.ts";
import type { Trial } from "./verify/trials.ts";
import { wrongWordsIn } from "./verify/plain-words.ts";

/** Of the time that is left for what has not changed, so much goes to what must run alone. */
const ALONE_SHARE = 1 / 3;

/** bun's own 5 s are too few where a test compiles C on a busy machine; a test that needs longer says so. */
const BUN_TEST = ["bun", "test", "--only-failures", "--timeout=60000"];

const parts = new Parts();
const status = new StatusLine();

/** What this file says of itself. */
function help(): boolean {
  const [, text = ""] = /\/\*\*\n([^]*?)\n \*\//.exec(readFileSync(import.meta.path, "utf8")) ?? [];
  console.log(text.replace(/^ \* ?/gm, ""));
  return true;
}

async function verify(): Promise<boolean> {
  if (process.argv.includes("--help")) return help();
  const plan = await planned(process.argv.slice(2));
  const { katas, whole, deadline, options } = plan;
  if (!options.compiled) await proveTexts(katas);
  // nearly all of their time goes to tests that compile C
  if (options.named.length === 0) {
    await parts.part("harness", () => run(harnessTests(plan), join(ROOT, "harness")));
  }
  const proofs = katas.map((kata) => new KataProof(kata, options.repeat));
  await parts.timed("what lies in the katas' folders", () => lookThrough(proofs));

  const { must, changed, others } = queues(
    plan,
    proofs.flatMap(({ trials }) => trials),
  );
  const alone = standingAlone(plan, proofs);
  const all = alone.length;
  const share = () => performance.now() + ALONE_SHARE * (deadline - performance.now());
  const slots = 2 * plan.tools.cpus; // a grading waits for processes most of the time
  const inPool = (name: string, trials: Trial[], until: number) =>
    parts.timed(name, () => together(trials, slots, until, judging(proofs)));
  await inPool("katas: stubs and references", must, Infinity);
  await oneByOne(alone, share(), ({ isChanged }) => isChanged);
  if (changed.length > 0) await inPool(`katas: all else of the ${whole.size} that have changed`, changed, deadline);
  await oneByOne(alone, share());
  if (others.length > 0) await inPool("katas: mutants and seeds in rotation", others, deadline);
  await oneByOne(alone, deadline);

  tellTried(proofs);
  if (changed.length > 0) {
    console.log(`no time for ${changed.length} gradings of katas that have changed: bun run verify --all makes them`);
  }
  if (alone.length > 0) console.log(`${all - alone.length} of ${all} that run alone; not: ${namesOf(alone)}`);
  return parts.summary();
}

/** Half of them wait for processes: as many files at once as there are CPUs. A second compiler has a drawn half of them. */
function harnessTests({ tools, options, draw }: Plan): string[] {
  const half = options.compiled ? [`--shard=${1 + (Number.parseInt(draw[0]!, 16) % 2)}/2`] : [];
  return [...BUN_TEST, `--parallel=${tools.cpus}`, "--no-isolate", ...half];
}

/** Something that nothing else may run beside: a kata's throughput, or the engine's proof, on both CPUs. */
interface Alone {
  name: string;
  isChanged: boolean;
  work: () => Promise<string[]>;
}

/** Those that have changed first, then in the commit's order. */
function standingAlone({ options, tools, changes, whole, draw }: Plan, proofs: KataProof[]): Alone[] {
  const alone: Alone[] = proofs
    .filter(({ kata }) => kata.throughput)
    .map(({ kata, programs }) => ({
      name: `${kata.id}: throughput`,
      isChanged: whole.has(kata.id),
      work: () => misjudgedSpeeds(kata, programs),
    }));
  if (options.named.length === 0) {
    const work = () => run(["env", `CC=${tools.cc}`, "bun", "run", "test"], join(ROOT, "native"));
    alone.push({ name: "native: the engine's own proof", isChanged: options.all || changes.touch("native"), work });
  }
  const key = ({ name }: Alone) => hashOf(draw, name);
  return alone.sort((a, b) => Number(b.isChanged) - Number(a.isChanged) || (key(a) < key(b) ? -1 : 1));
}

async function lookThrough(proofs: KataProof[]): Promise<void> {
  for (const { kata, programs, problems } of proofs) {
    const folders = [kata.folder, solutionsOf(kata), kata.edits] as const;
    problems.push(...strayFiles(...folders), ...openWork(...folders), ...(await problemsAmong(kata, programs)));
  }
}

function tellTried(proofs: KataProof[]): void {
  for (const proof of proofs) {
    const { tried, left } = proof.tried("mutant");
    const [word, names] = left.length < tried.length ? ["not this time", left] : ["this time", tried];
    if (left.length > 0) console.log(`${proof.kata.id}, mutants ${word}: ${names.join(", ")}`);
    parts.outcome(proof.kata.id, proof.problems);
  }
  const reports = proofs.map((proof) => proof.report());
  console.log(`\n${reportTable(reports)}\n\n${parts.spentTable()}\n\n${sumOf(reports)}`);
}

const namesOf = (some: { name: string }[]) => some.map(({ name }) => name).join(", ");

/** What does not depend on the C compiler. */
async function proveTexts(katas: Kata[]): Promise<void> {
  await parts.part("types", () => run(["bun", "check", "--no-script"]));
  await parts.part("format", () => run(["scripts/format", "--check"]));
  parts.outcome("plain words", wrongWordsIn(ROOT));
  const schema = join(ROOT, "harness", "result.schema.json");
  const published = existsSync(schema) && readFileSync(schema, "utf8") === resultJsonSchema();
  parts.outcome(
    "harness/result.schema.json is the result's",
    published ? [] : ["bun scripts/publish-schema.ts writes it"],
  );
  await parts.part("scripts", () => run(BUN_TEST, join(ROOT, "scripts")));
  const folders = katas.map((kata) => `./${basename(solutionsOf(kata))}/`);
  const handWritten = [...BUN_TEST, ...folders];
  const place = dirname(solutionsOf(katas[0]!));
  await parts.part("checks on hand-written evidence", () => run(handWritten, place));
}

/** Judges a trial, and says at once what is wrong. */
function judging(proofs: KataProof[]): (trial: Trial) => Promise<void> {
  const of = new Map(proofs.map((proof) => [proof.kata.id, proof]));
  return async (trial) => {
    const problem = await of.get(trial.program.kata)!.judge(trial);
    if (problem === undefined) return;
    status.clear();
    console.error(`✗ ${problem}`);
  };
}

/** Takes trials from the front while there is time, so many beside each other; those that are left stay in the list. */
async function together(trials: Trial[], slots: number, until: number, judge: (trial: Trial) => Promise<void>) {
  const all = trials.length;
  const work = async () => {
    while (trials.length > 0 && performance.now() < until) {
      const trial = trials.shift()!;
      status.show(`${all - trials.length} of ${all} gradings`);
      await judge(trial);
    }
  };
  await Promise.all(Array.from({ length: slots }, work));
  status.clear();
  console.log(`${all - trials.length} of ${all} gradings`);
}

/** What the longest of them has taken; a minute as long as nobody knows. */
let longest_ms = 60_000;

/** Takes work from the front as long as it would end in time, and `also` holds; the rest stays in the list. */
async function oneByOne(waiting: Alone[], until: number, also: (next: Alone) => boolean = () => true): Promise<void> {
  while (waiting.length > 0 && also(waiting[0]!) && performance.now() + longest_ms < until) {
    const { name, work } = waiting.shift()!;
    const since = performance.now();
    await parts.part(name, work);
    longest_ms = Math.max(longest_ms, performance.now() - since);
  }
}

tidyWhenInterrupted();
try {
  pruneCache();
  process.exit((await verify()) ? 0 : 1);
} catch (error) {
  const known = error instanceof Sentence || isRefusal(error);
  process.stderr.write(`${known ? error.message : (error as Error).stack}\n`);
  process.exit(2);
}
