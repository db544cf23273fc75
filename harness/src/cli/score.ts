// SPDX-License-Identifier: MIT
/** `bun kata score`: what a fork has reached, from its C files alone; with `--roster` everybody's. */
import { Option, type Command } from "commander";
import { join } from "node:path";
import type { StatusLine } from "../base/status-line.ts";
import { Unusable } from "../base/command.ts";
import { forkExitCode } from "../judge/fork.ts";
import type { Kata } from "../kata/kata.ts";
import { findKata, kataIds } from "../kata/shelf.ts";
import { forkText } from "../report/fork.ts";
import { forkScoreJson } from "../report/json.ts";
import type { Style } from "../report/terminal.ts";
import { collect } from "../score/collect.ts";
import { Ledger } from "../score/ledger.ts";
import { scoreFork } from "../score/score.ts";
import { gradeOptions, scoreRoster, type CohortOptions } from "./cohort.ts";
import { addExportOptions, Exports, formatted, type ExportOptions } from "./exports.ts";
import { KEPT } from "./scores.ts";

interface Asked extends ExportOptions, Partial<CohortOptions> {
  commit?: string;
  kata: string[];
  ledger: string;
  timed?: boolean;
}

export const LEDGER = join(KEPT, "ledger.sqlite");

/** Adds it to `program`. */
export function addScoreCommand(program: Command, status: StatusLine, style: Style): void {
  const command = program
    .command("score")
    .description("score forks: their C files are read from a commit as data, and nothing else of them is used")
    .argument("[fork]", "an address (https://..., ssh://...) or a folder with a git repository")
    .option("--commit <commit>", "40 digits or a branch; the fork's HEAD without it")
    .option(
      "--kata <number>",
      "only this one; may be given several times",
      (one: string, all: string[]) => [...all, one],
      [],
    )
    .option("--roster <file>", "score everybody in this CSV file: columns fork, name, commit")
    .addOption(new Option("--engine <engine>", "what scores a roster").choices(["pool", "bullmq"]).default("pool"))
    .option("--redis <address>", "of the engine bullmq: redis://..., or a socket; bun kata worker does the work")
    .option("--ledger <file>", "where scores are kept: the same files are not graded twice", LEDGER)
    .option("--no-timed", "leave throughput out; the scores say so");
  addExportOptions(command).action(async (source: string | undefined, asked: Asked) => {
    const exports = new Exports(asked);
    const wanted = asked.kata.length > 0 ? asked.kata : kataIds();
    const katas = await Promise.all(wanted.map((one) => findKata(one)));
    const { roster, engine = "pool", redis } = asked;
    if ((source === undefined) === (roster === undefined)) throw new Unusable("score: name a fork, or a --roster");
    if (roster && asked.commit) throw new Unusable("--commit goes with one fork; a roster has a column for it");
    using ledger = new Ledger(asked.ledger);
    const untimed = asked.timed === false;
    process.exitCode = roster
      ? await scoreRoster(katas, ledger, { roster, engine, untimed, ...(redis && { redis }) }, exports, status, style)
      : await scoreOne(source!, katas, ledger, asked, exports, status, style);
  });
}

async function scoreOne(
  source: string,
  katas: Kata[],
  ledger: Ledger,
  { commit, timed }: Asked,
  exports: Exports,
  status: StatusLine,
  style: Style,
): Promise<number> {
  status.show(`${source}: its commit is fetched`);
  const fork = await collect(source, katas, commit);
  const score = await scoreFork(fork, ledger, {
    ...gradeOptions(timed === false),
    onResult: ({ id }) => status.show(`${source}: ${id}`),
  });
  ledger.record(score);
  status.clear();
  exports.write(
    formatted(score, () => forkScoreJson(score)),
    true,
  );
  exports.tell(forkText(score, style));
  return forkExitCode(score);
}
