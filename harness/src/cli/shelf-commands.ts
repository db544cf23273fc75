// SPDX-License-Identifier: MIT
/** The commands that grade nothing: what was reached, what comes next, and the learner's own files. */
import type { Command } from "commander";
import { join, relative } from "node:path";
import { Unusable } from "../base/command.ts";
import { historyTable, nextOf, nextStep, shelfList, type OnShelf } from "../report/progress.ts";
import type { Style } from "../report/terminal.ts";
import { findKata, kataIds } from "../kata/shelf.ts";
import { conceptLabs } from "../play/concept-lab.ts";
import { hasLab } from "../play/lab.ts";
import { besideReference, reset } from "./own-files.ts";
import { openInBrowser, writeReport } from "./page.ts";
import { best, history, KEPT, latest } from "./scores.ts";

/** Where no terminal says how wide it is. */
const WIDTH = 160;

async function onShelf(id: string): Promise<OnShelf> {
  const kata = await findKata(id);
  return { kata, hasLab: hasLab(kata), best: best(id), latest: latest(id) };
}
const shelf = () => Promise.all(kataIds().map(onShelf));

type Print = (text: string) => void;

/** Adds them to `program`; `print` writes a line where reports go. */
export function addShelfCommands(program: Command, print: Print, style: Style): void {
  addProgress(program, print, style);
  addOwnFiles(program, print, style);
}

function addProgress(program: Command, print: Print, style: Style): void {
  program
    .command("list")
    .description("the shelf: best and latest score, throughput against the baseline, what comes next, the belt")
    .action(async () => {
      const all = await shelf();
      const withLab = all.filter(({ hasLab }) => hasLab).map(({ kata }) => kata.id.slice(0, 2));
      print(shelfList(all, [...withLab, ...conceptLabs()], style));
    });

  program
    .command("next")
    .description("the kata that comes next, and where its latest grading ended")
    .action(async () => {
      const next = nextOf(await shelf());
      print(next ? nextStep(next, style) : "every kata on the shelf is passed");
    });

  program
    .command("history")
    .description("every grading of your own file: when, score, throughput, the first check that failed")
    .argument("<number>")
    .action(async (number: string) => {
      const { id } = await findKata(number);
      const gradings = history(id);
      print(gradings.length > 0 ? historyTable(gradings, best(id), style) : `${id} has not been graded yet`);
    });

  program
    .command("report")
    .description("one HTML page of everything that was reached, which needs no network: failures, traces, throughput")
    .option("--out <file>", "where it goes", join(KEPT, "report.html"))
    .option("--open", "show it in the browser")
    .action(async ({ out, open }: { out: string; open?: true }) => {
      await writeReport(out);
      print(relative(process.cwd(), out));
      if (open) await openInBrowser(out);
    });
}

function addOwnFiles(program: Command, print: Print, style: Style): void {
  program
    .command("reset")
    .description("the stub back; your file is kept")
    .argument("<number>")
    .action(async (number: string) => {
      const kata = await findKata(number);
      const kept = reset(kata);
      print(`${kata.edits.join(" and ")}: the stub again`);
      if (kept) print(`your file is kept in ${relative(process.cwd(), kept)}`);
    });

  program
    .command("diff")
    .description("your file beside the reference, once the kata is passed")
    .argument("<number>")
    .action(async (number: string) => {
      const kata = await findKata(number);
      if (!best(kata.id)?.passed) throw new Unusable(`${kata.id} is not passed yet; its reference is shown afterwards`);
      print((await besideReference(kata, style.width ?? WIDTH)).trimEnd());
    });
}
