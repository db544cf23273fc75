// SPDX-License-Identifier: MIT
/** Runs the schedule explorer on a submission: every choice from a seed, so that a failure can be seen again. */
import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { buildSubject, explorerProgram } from "../build/explorer.ts";
import { confinement } from "../build/confinement.ts";
import { hashOf, ROOT, withTemporary } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { couldNotStart, notMeasurable } from "../judge/check.ts";
import { explainEnd } from "./explain.ts";
import { explorationSchema, EXPLORER, judgeExploration, type SourceOf } from "../judge/exploration.ts";
import { driversOf } from "../kata/drivers.ts";
import type { ExploredCheck, Judgement, Verdict } from "../kata/kata.ts";
import { Guest, LIMITS, newNonce } from "../guest/guest.ts";
import type { Launch } from "./launch.ts";
import type { Judgements, Player } from "./player.ts";
import type { Submission } from "../build/submission.ts";
import type { Workpiece } from "./workpiece.ts";
import { terminalSize } from "../base/terminal-size.ts";

/** Of the executions of a search by chance, so many to one are made again without the optimizer. */
const UNOPTIMIZED_SHARE = 10;

const ACCUSING = new Set<Verdict>(["wrong", "crash", "race", "memory", "deadlock"]);

/** One scenario of the exploration's driver. */
export class ExplorationPlayer implements Player<ExploredCheck> {
  readonly groups: ExploredCheck[][];
  readonly beside = "CPUs";
  #launch: Launch | undefined;

  constructor(
    readonly workpiece: Workpiece,
    check: ExploredCheck,
    readonly seed: number,
  ) {
    this.groups = [[check]];
  }

  async play([check]: ExploredCheck[]): Promise<Judgements> {
    return new Map([[check!.id, await this.#judge(check!)]]);
  }

  launchOf(): Launch | undefined {
    return this.#launch;
  }

  /** A search that found nothing goes on for a while with what the optimizer left alone. */
  async #judge(check: ExploredCheck): Promise<Judgement> {
    const judgement = await this.#explored(check, await this.workpiece.subject());
    if (judgement.verdict !== "pass" || check.preemptions !== undefined) return judgement;
    const unoptimized = await this.#unoptimized(check);
    return ACCUSING.has(unoptimized.verdict) ? unoptimized : judgement;
  }

  /** An inline function without a definition elsewhere cannot be linked then: what cannot be tried accuses nobody. */
  async #unoptimized(check: ExploredCheck): Promise<Judgement> {
    const less = { ...check, executions: Math.ceil(check.executions / UNOPTIMIZED_SHARE) };
    try {
      const judgement = await this.#explored(less, await this.workpiece.subject("explore_unoptimized"));
      return judgement.verdict === "pass" ? judgement : { ...judgement, saw: `${judgement.saw} (compiled with -O0)` };
    } catch (error) {
      if (error instanceof Unusable) return notMeasurable(error.message);
      throw error;
    }
  }

  async #explored(check: ExploredCheck, subject: string): Promise<Judgement> {
    const { kata, submission } = this.workpiece;
    const explorer = await explorerProgram();
    return await withTemporary(async (folder) => {
      const json = join(folder, "result.json");
      writeFileSync(json, ""); // the one file of a box's that outlasts it
      const words = [subject, ...optionsOf(check, this.seed)];
      const argv = [explorer, ...words, ...timeOf(check), "--json", json];
      const limits = { ...LIMITS, deadline_ms: check.deadline_ms };
      const inside = { box: await confinement(), cwd: folder, shares: [json] };
      const env = { PATH: process.env.PATH ?? "" };
      this.#launch = {
        engine: "explorer",
        program: explorer,
        library: subject,
        words: [...words, ...NO_LIMIT],
        env,
        judged: "inside",
      };
      const ended = await Guest.start(argv, newNonce(), limits, { ...inside, env }).ended;
      if (ended.by === "deadline")
        return notMeasurable(`the explorer did not end within ${check.deadline_ms / 1000} s`);
      if (statSync(json).size === 0) {
        const where = `in the explorer's scenario ${check.scenario}`;
        const options = { artefact: subject, submission, limits, sanitized: false };
        const judged = ended.by === "itself" ? null : await explainEnd(ended, options, where);
        return judged ?? couldNotStart(`the explorer ended with ${ended.signal ?? ended.code}`, ended.output.trim());
      }
      const found = explorationSchema.parse(JSON.parse(readFileSync(json, "utf8")));
      const shown = submission.files.map((file) => file.shown);
      return judgeExploration(
        found,
        check.executions,
        EXPLORER,
        shown,
        sourcesOf(driversOf(kata, "explored"), submission),
      );
    });
  }
}

function optionsOf({ scenario, executions, preemptions, about }: ExploredCheck, seed: number): string[] {
  const first = hashOf(String(seed), scenario).slice(0, 8);
  const search = preemptions === undefined ? ["--seed", first] : ["--exhaustive", String(preemptions)];
  const told = about.length > 0 ? ["--about", about.join(",")] : [];
  return ["--scenario", scenario, "--executions", String(executions), ...told, "--quiet", ...search];
}

/** For the search; the rest of the deadline is for shrinking what was found. */
export const timeOf = ({ deadline_ms }: { deadline_ms: number }) => [
  "--seconds",
  String(Math.ceil((0.8 * deadline_ms) / 1000)),
];

/** The lines that a trace may name: those of the submitted files and of the drivers. */
export function sourcesOf(drivers: string[], { files }: Submission): SourceOf {
  const lines = new Map([
    ...drivers.map((path) => [relative(ROOT, path), readFileSync(path, "utf8").split("\n")] as const),
    ...files.map(({ shown, text }) => [shown, text.split("\n")] as const),
  ]);
  // clang's debug information has ./ before the name
  return (file, line) => lines.get(file.replace(/^\.\//, ""))?.[line - 1]?.trim() ?? "";
}

/** A debugger slows a search down. */
export const NO_LIMIT = ["--seconds", "0"];

export interface FileRequest {
  /** C files of the caller's own: code under test, and a driver written against explore.h. */
  files: string[];
  /** The explorer's own options, as its README lists them. */
  options: string[];
}

export interface FileExplored {
  /** What the explorer printed: verdict and picture. */
  output: string;
  /** The explorer's: 0 nothing found, 1 found, 2 cannot tell. */
  code: number;
}

const FILE_DEADLINE_MS = 600_000;

/** Explores code that is no kata's. Throws Unusable with the compiler's text. */
export async function exploreFiles({ files, options }: FileRequest): Promise<FileExplored> {
  const explorer = await explorerProgram();
  return await withTemporary(async (folder) => {
    const subject = join(folder, "subject.so");
    await buildSubject(subject, files);
    const width = terminalSize()?.width;
    const argv = [explorer, subject, ...(width ? ["--width", String(width)] : []), ...options];
    const limits = { ...LIMITS, deadline_ms: FILE_DEADLINE_MS };
    const inside = { box: await confinement(), cwd: process.cwd(), sees: files };
    const env = { PATH: process.env.PATH ?? "" };
    const ended = await Guest.start(argv, newNonce(), limits, { ...inside, env }).ended;
    return { output: ended.output, code: ended.code ?? 2 };
  });
}
