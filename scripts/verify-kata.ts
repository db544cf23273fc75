// SPDX-License-Identifier: MIT
/**
 * Proves one kata, without timing anything: run in the kata's folder by `turbo run verify`.
 *
 * The stub compiles without warnings and scores 0; the reference and every accepted design pass with several seeds;
 * each mutant fails the check in its file name; every check has a mutant; nothing lies about that does not belong.
 * Writes `.verify/report.json`, prints what is wrong, and exits 1 if anything is. The seeds are each program's own,
 * three for a right design and one for a mutant, so that a red run is a change's doing. `--repeat N` draws N fresh ones
 * for each: a new check, mutant or design is tried with 20.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { hashOf, ROOT } from "../harness/src/base/cache.ts";
import { Grading, newSeed } from "../harness/src/play/grade.ts";
import { allChecks, graderOf, type Kata } from "../harness/src/kata/kata.ts";
import type { Result } from "../harness/src/judge/score.ts";
import { loadKata } from "../harness/src/kata/shelf.ts";
import { Slots } from "../harness/src/base/slots.ts";
import { readSubmission } from "../harness/src/build/submission.ts";
import { Workpiece } from "../harness/src/play/workpiece.ts";
import { toolchain } from "../harness/src/build/toolchain.ts";
import { openWork, strayFiles } from "./layout.ts";
import type { KataReport } from "./report.ts";

const UNTIMED = "verify measures throughput apart";
const { values } = parseArgs({ options: { repeat: { type: "string" } } });
/** A false alarm is worse than a miss: right designs are tried with more seeds. */
const seeds = { right: Number(values.repeat ?? 3), mutant: Number(values.repeat ?? 1) };
const started = performance.now();
const kata = await loadKata(dirname(process.cwd()));
const solutions = join(kata.folder, "../../solutions", kata.id);
const problems: string[] = [];
/** A grading waits for processes most of the time: two per CPU keep the CPUs busy. */
const slots = new Slots(2 * (await toolchain()).cpus);

const seedOf = (path: string, run: number) =>
  values.repeat ? newSeed() : Number.parseInt(hashOf(path.slice(ROOT.length), String(run)).slice(0, 8), 16);

function grade(path: string, only?: string, run = 0): Promise<Result> {
  const seed = seedOf(path, run);
  const workpiece = new Workpiece(kata, readSubmission(kata, path));
  return slots.use(() => new Grading(workpiece, { seed, untimed: UNTIMED, ...(only && { only }) }).start().finished());
}

function refuse(path: string, result: Result, what: string): void {
  const place = path.replace(`${ROOT}/`, "");
  const failed = result.checks.find(({ verdict }) => verdict !== "pass" && verdict !== "not_reached");
  const detail = failed ? `; ${failed.id}: ${failed.verdict}: ${failed.saw}` : "";
  problems.push(`${place}: ${what} (seed ${result.seed}${detail})`);
}

async function verifyStub(): Promise<void> {
  const result = await grade(kata.folder);
  if (result.score !== 0 || result.passed) refuse(kata.folder, result, `the stub scores ${result.score}`);
  if (result.warnings) refuse(kata.folder, result, `the stub compiles with warnings:\n${result.warnings}`);
  if (result.checks[0]!.verdict !== "pass") refuse(kata.folder, result, "the stub does not compile");
  for (const file of kata.edits) {
    if (!readFileSync(join(kata.folder, file), "utf8").includes("TODO")) problems.push(`${file}: a stub without TODO`);
  }
}

/** A right design passes everything with every seed; the answer is whether it did. */
async function verifyRight(path: string): Promise<boolean> {
  const results = await Promise.all(Array.from({ length: seeds.right }, (_, run) => grade(path, undefined, run)));
  const bad = results.filter((result) => !result.passed);
  for (const result of bad) refuse(path, result, "a right design was refused");
  return bad.length === 0;
}

const caughtBy = (result: Result, id: string) => {
  const verdict = result.checks.find((check) => check.id === id)?.verdict;
  return verdict !== undefined && !["pass", "not_reached", "not_measurable", "harness_error"].includes(verdict);
};

/** A mutant fails its check with every seed; the answer is whether it did. */
async function verifyMutant(path: string): Promise<boolean> {
  const id = checkOf(path);
  const results = await Promise.all(Array.from({ length: seeds.mutant }, (_, run) => grade(path, id, run)));
  const missed = results.filter((result) => !caughtBy(result, id));
  for (const result of missed) refuse(path, result, `${id} did not catch it`);
  return missed.length === 0;
}

const checkOf = (path: string) => basename(path).split("--")[0]!;

/** Entries of a folder below the kata's solutions: files, or folders where the kata edits several files. */
function entries(folder: string): string[] {
  const place = join(solutions, folder);
  return existsSync(place)
    ? readdirSync(place)
        .sort()
        .map((name) => join(place, name))
    : [];
}

function verifyNames(kata: Kata, mutants: string[]): void {
  const ids = allChecks(kata).map(({ id }) => id);
  for (const path of mutants) {
    if (!ids.includes(checkOf(path))) problems.push(`mutants/${basename(path)}: no check '${checkOf(path)}'`);
  }
  const covered = new Set(mutants.map(checkOf));
  for (const id of ids.filter((id) => id !== "compiles" && !covered.has(id))) {
    problems.push(`check '${id}' has no mutant`);
  }
}

const accepted = entries("accepted");
const mutants = entries("mutants");
verifyNames(kata, mutants);
if (accepted.length < 2) problems.push(`${accepted.length} accepted designs; at least 2 are needed`);
const timed = kata.throughput?.id;
const untimedMutants = mutants.filter((path) => checkOf(path) !== timed);
const [, reference, spared, caught] = await Promise.all([
  verifyStub(),
  verifyRight(solutions),
  Promise.all(accepted.map(verifyRight)),
  Promise.all(untimedMutants.map(verifyMutant)),
]);
problems.push(...strayFiles(kata.folder, solutions), ...openWork(kata.folder, solutions, kata.edits));

const { version } = await toolchain();
const report: KataReport = {
  kata: kata.id,
  compiler: version,
  checks: allChecks(kata).length,
  right: { all: 1 + accepted.length, spared: Number(reference) + spared.filter(Boolean).length },
  mutants: { all: untimedMutants.length, caught: caught.filter(Boolean).length },
  seeds,
  problems,
  seconds: (performance.now() - started) / 1000,
};
mkdirSync(join(graderOf(kata), ".verify"), { recursive: true });
writeFileSync(join(graderOf(kata), ".verify", "report.json"), JSON.stringify(report, null, 2));
for (const problem of problems) console.error(`✗ ${kata.id}: ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
