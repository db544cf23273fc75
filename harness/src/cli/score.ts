// SPDX-License-Identifier: MIT
/** `bun kata score`: what a fork has reached, from its C files alone. */
import type { Command } from "commander";
import { join } from "node:path";
import type { StatusLine } from "../base/status-line.ts";
import { forkExitCode } from "../judge/fork.ts";
import { findKata, kataIds } from "../kata/shelf.ts";
import { forkText } from "../report/fork.ts";
import { forkScoreJson } from "../report/json.ts";
import type { Style } from "../report/terminal.ts";
import { collect } from "../score/collect.ts";
import { Ledger } from "../score/ledger.ts";
import { scoreFork } from "../score/score.ts";
import { addExportOptions, Exports, type ExportOptions } from "./exports.ts";
import { KEPT } from "./scores.ts";

interface Asked extends ExportOptions {
  commit?: string;
  kata: string[];
  ledger: string;
  timed?: boolean;
}

/** Adds it to `program`. */
export function addScoreCommand(program: Command, status: StatusLine, style: Style): void {
  const command = program
    .command("score")
    .description("score a fork: its C files are read from a commit as data, and nothing else of it is used")
    .argument("<fork>", "an address (https://..., ssh://...) or a folder with a git repository")
    .option("--commit <commit>", "40 digits or a branch; the fork's HEAD without it")
    .option(
      "--kata <number>",
      "only this one; may be given several times",
      (one: string, all: string[]) => [...all, one],
      [],
    )
    .option(
      "--ledger <file>",
      "where scores are kept: the same files are not graded twice",
      join(KEPT, "ledger.sqlite"),
    )
    .option("--no-timed", "leave throughput out");
  addExportOptions(command).action(async (source: string, asked: Asked) => {
    const exports = new Exports(asked);
    const wanted = asked.kata.length > 0 ? asked.kata : kataIds();
    const katas = await Promise.all(wanted.map((one) => findKata(one)));
    status.show(`${source}: its commit is fetched`);
    const fork = await collect(source, katas, asked.commit);
    using ledger = new Ledger(asked.ledger);
    const score = await scoreFork(fork, ledger, {
      ...(asked.timed === false && { untimed: "left out on request" }),
      onResult: ({ id }) => status.show(`${source}: ${id}`),
    });
    status.clear();
    exports.write(score, () => forkScoreJson(score));
    exports.print(score, () => forkScoreJson(score));
    (exports.printed ? process.stderr : process.stdout).write(`${forkText(score, style)}\n`);
    process.exitCode = forkExitCode(score);
  });
}
