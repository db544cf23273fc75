// SPDX-License-Identifier: MIT
/** What each lab has drawn last on this machine: kept in `.kata/labs`, shown on the page. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { Unusable } from "../base/command.ts";
import type { Toolchain } from "../build/toolchain.ts";
import type { LabData } from "../page/data.ts";
import type { ConceptLab } from "../play/concept-lab.ts";
import { writePlots } from "../report/plot-file.ts";
import { KEPT } from "./scores.ts";

const FACTS = "facts.json";
const factsJson = z.object({ command: z.string(), at: z.string(), machine: z.string(), says: z.string() });

/** By a kata's number, or a lab's name. */
const folderOf = (what: string) => join(KEPT, "labs", what.replace(/^(\d\d)-.*/, "$1"));

/** In place of what it drew before; the pictures' paths. `command` draws them again. Throws Unusable. */
export function keepLab(what: string, command: string, { plots, says }: ConceptLab, tools: Toolchain): string[] {
  const folder = folderOf(what);
  const machine = `${tools.cpus} CPUs, Linux ${tools.kernel}, ${tools.version}`;
  try {
    rmSync(folder, { recursive: true, force: true });
    const files = writePlots(plots, folder);
    writeFileSync(join(folder, FACTS), JSON.stringify({ command, at: new Date().toISOString(), machine, says }));
    return files;
  } catch (error) {
    throw new Unusable(`the lab's pictures cannot be kept: ${(error as Error).message}`);
  }
}

/** Null where it was not run. */
export function latestLab(what: string): LabData | null {
  const folder = folderOf(what);
  if (!existsSync(join(folder, FACTS))) return null;
  const facts = factsJson.parse(JSON.parse(readFileSync(join(folder, FACTS), "utf8")));
  const names = readdirSync(folder).filter((name) => name.endsWith(".svg"));
  const plots = names.sort().map((name) => {
    const svg = readFileSync(join(folder, name), "utf8");
    return { title: /<title[^>]*>([^<]*)</.exec(svg)?.[1] ?? name, svg };
  });
  return { ...facts, plots };
}
