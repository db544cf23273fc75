// SPDX-License-Identifier: MIT
/** What the page shows, read together: definitions, scores, and the pictures that labs have left. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { command, Unusable } from "../base/command.ts";
import { findKata, kataIds } from "../kata/shelf.ts";
import type { KataData, PageData } from "../page/data.ts";
import { pageHtml } from "../page/html.ts";
import { conceptLabs } from "../play/concept-lab.ts";
import { belt } from "../report/progress.ts";
import { latestLab } from "./labs.ts";
import { best, history, latestResult } from "./scores.ts";

export async function pageData(): Promise<PageData> {
  const katas = await Promise.all(kataIds().map(kataData));
  const labs = conceptLabs().flatMap((name) => latestLab(name) ?? []);
  const passed = katas.filter((kata) => kata.best?.passed).length;
  return { made: new Date().toISOString(), belt: belt(passed, katas.length), katas, labs };
}

/** Throws Unusable when the file cannot be written. */
export async function writeReport(path: string): Promise<void> {
  const html = await pageHtml(await pageData());
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, html);
  } catch (error) {
    throw new Unusable(`the report cannot be written: ${(error as Error).message}`);
  }
}

/** Throws Unusable where there is no browser to be started. */
export async function openInBrowser(path: string): Promise<void> {
  const opener = ["xdg-open", "wslview", "open"].find((name) => Bun.which(name));
  if (!opener) throw new Unusable(`no xdg-open here: open ${path} in a browser`);
  await command([opener, path]);
}

async function kataData(wanted: string): Promise<KataData> {
  const { id, title, idea } = await findKata(wanted);
  return {
    id,
    title,
    idea,
    history: history(id),
    best: best(id) ?? null,
    result: latestResult(id),
    lab: latestLab(id),
  };
}
