// SPDX-License-Identifier: MIT
/** Plots as files. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Unusable } from "../base/command.ts";
import type { Plot } from "../kata/plot.ts";
import { plotSvg } from "./plot-svg.ts";

/** Writes each plot to `folder`, numbered and called as its title; their paths. Throws Unusable. */
export function writePlots(plots: Plot[], folder: string): string[] {
  try {
    mkdirSync(folder, { recursive: true });
    return plots.map((plot, at) => {
      const path = join(folder, `${at + 1}-${fileName(plot.title)}.svg`);
      writeFileSync(path, plotSvg(plot));
      return path;
    });
  } catch (error) {
    throw new Unusable(`--svg ${folder}: ${(error as Error).message}`);
  }
}

const NAME_CHARACTERS_MAX = 60;
const fileName = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, NAME_CHARACTERS_MAX);
