// SPDX-License-Identifier: MIT
/** `bun kata cohort serve`: the instructor's page, from the ledger as it is at each request. */
import { Argument, type Command } from "commander";
import { join, relative } from "node:path";
import { ROOT } from "../base/cache.ts";
import { forkStanding, sharedFailures, type KataStanding, type Standing } from "../judge/cohort.ts";
import type { Kata } from "../kata/kata.ts";
import { soundKatas } from "../kata/shelf.ts";
import type { CohortData } from "../page/data.ts";
import { cohortHtml } from "../page/html.ts";
import { cohortCsv } from "../report/cohort.ts";
import type { Comparison } from "../score/compare.ts";
import { Ledger } from "../score/ledger.ts";
import { readRoster, type Learner } from "../score/roster.ts";
import { htmlResponse, serveHere } from "./loopback.ts";
import { LEDGER } from "./score.ts";

/** Adds it to `program`; `print` writes a line where reports go. */
export function addCohortCommand(program: Command, print: (text: string) => void): void {
  program
    .command("cohort")
    .description("the instructor's page on this machine: progress, failures that many share, programs that are alike")
    .addArgument(new Argument("<what>").choices(["serve"]))
    .requiredOption("--roster <file>", "whose scores: as bun kata score --roster has it")
    .option("--ledger <file>", "where scores are kept", LEDGER)
    .action(async (_: string, asked: { roster: string; ledger: string }) => {
      const learners = readRoster(asked.roster);
      const katas = await soundKatas();
      using ledger = new Ledger(asked.ledger);
      const { Comparison } = await import("../score/compare.ts"); // no other command shall wait for it
      const comparison = new Comparison(katas, ledger);
      const { url, stop } = serveHere((path) => {
        if (path === "scores.csv") return csvResponse(cohortCsv(standingsOf(learners, ledger)));
        return path === "" ? page(learners, katas, ledger, comparison) : undefined;
      });
      print(`${url}\nCtrl-C ends it`);
      try {
        await comparison.read(standingsOf(learners, ledger));
        await new Promise(() => {});
      } finally {
        stop(); // where our own fault has ended it
      }
    });
}

const csvResponse = (csv: string) => new Response(csv, { headers: { "content-type": "text/csv; charset=utf-8" } });

async function page(learners: Learner[], katas: Kata[], ledger: Ledger, comparison: Comparison): Promise<Response> {
  const standings = standingsOf(learners, ledger);
  const data: CohortData = {
    made: new Date().toISOString(),
    katas: katas.map(({ id }) => id),
    learners: standings.map((one) => ({
      ...one,
      katas: one.katas.map((kata) => ({ ...kata, again: again(one, kata, katas) })),
    })),
    shared: sharedFailures(standings),
    similar: comparison.pairs(standings),
    to_compare: comparison.missing(standings).length,
  };
  return htmlResponse(await cohortHtml(data));
}

/** Of the commit that the roster names, or else of the one that was scored last. */
const standingsOf = (learners: Learner[], ledger: Ledger): Standing[] =>
  learners.map(({ name, job: { source, commit } }) => {
    const scored = /^[0-9a-f]{40}$/.test(commit) ? commit : ledger.latestCommit(source);
    const score = scored && ledger.scoreOf(source, scored);
    return forkStanding(name, source, score && score.katas.length > 0 ? score : "not scored yet");
  });

/** The commands that show a failure again: the files are read from the commit, and nothing of the fork is checked out. */
function again({ source, commit }: Standing, { kata, replay }: KataStanding, katas: Kata[]): string {
  const found = katas.find(({ id }) => id === kata);
  if (!found || replay === "") return "";
  const folder = `.kata/forks/${commit.slice(0, 12)}/${kata}`;
  const shows = found.edits.map((name) => {
    const path = relative(ROOT, join(found.folder, name));
    return `git show ${commit}:${path} > ${folder}/${name}`;
  });
  const fetch = `git fetch --depth=1 ${quoted(source)} ${commit}`;
  return [fetch, `mkdir -p ${folder}`, ...shows, `${replay} --from ${folder}`].join("\n");
}

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
