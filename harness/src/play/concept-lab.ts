// SPDX-License-Identifier: MIT
/**
 * Labs that belong to no kata: `curriculum/labs/NAME.ts` measures programs of ours that lie beside it, here and now, and
 * says in one sentence what the figures show. Nothing of a learner's runs in them.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { cached, hashOf, ROOT, withTemporary } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";
import { compilerRun } from "../build/compiler.ts";
import { COMMON } from "../build/flags.ts";
import { toolchain } from "../build/toolchain.ts";
import type { Plot } from "../kata/plot.ts";
import { whyNotDrawn } from "../kata/plot-schema.ts";

export { Unusable };

export interface ConceptLab {
  plots: Plot[];
  /** What the figures show on this machine. */
  says: string;
}

const LABS = join(ROOT, "curriculum", "labs");

/** counter, mux, ... */
export function conceptLabs(): string[] {
  const names = existsSync(LABS) ? readdirSync(LABS) : [];
  return names.flatMap((name) => (name.endsWith(".ts") ? [name.slice(0, -3)] : [])).sort();
}

/** Runs one to its end. Throws Unusable when its program cannot measure here. */
export async function runConceptLab(name: string): Promise<ConceptLab> {
  const { lab } = (await import(join(LABS, `${name}.ts`))) as { lab(): Promise<ConceptLab> };
  const shown = await lab();
  const complaint = shown.plots.map(whyNotDrawn).find((reason) => reason !== null);
  if (complaint) throw new Error(`lab ${name}: ${complaint}`);
  return shown;
}

/** The points that a program prints with each of these argument lists, one run after the other, by series. */
export async function measured(program: string, runs: string[][]): Promise<Map<string, [number, number][]>> {
  const path = await built(program);
  const series = new Map<string, [number, number][]>();
  for (const words of runs) {
    const { code, stdout, stderr } = await command([path, ...words]);
    if (code !== 0) throw new Unusable(`lab ${program} ${words.join(" ")} cannot measure here: ${stderr.trim()}`);
    for (const line of stdout.trimEnd().split("\n")) {
      const [name, x, y] = line.split("\t");
      series.set(name!, [...(series.get(name!) ?? []), [Number(x), Number(y)]]);
    }
  }
  return series;
}

/** Mean seconds of a program with each of these argument lists, in fresh processes, by hyperfine. */
export async function timed(program: string, runs: string[][]): Promise<number[]> {
  const path = await built(program);
  return await withTemporary(async (folder) => {
    const json = join(folder, "hyperfine.json");
    const commands = runs.map((words) => [path, ...words].join(" "));
    const timer = ["hyperfine", "-N", "--style", "none", "--warmup", "1", "--runs", "5", "--export-json", json];
    const { code, stderr } = await command([...timer, ...commands]);
    if (code !== 0) throw new Unusable(`lab ${program} cannot measure here: ${stderr.trim()}`);
    return timesJson.parse(JSON.parse(readFileSync(json, "utf8"))).results.map(({ mean }) => mean);
  });
}

const timesJson = z.object({ results: z.array(z.object({ mean: z.number().positive() })) });

async function built(program: string): Promise<string> {
  const { cc, version } = await toolchain();
  const [source, header] = [`${program}.c`, "rows.h"].map((name) => readFileSync(join(LABS, name), "utf8"));
  const flags = [...COMMON, "-O2"];
  const folder = await cached(hashOf("lab", version, source!, header!, ...flags), async (made) => {
    await compilerRun([cc, ...flags, join(LABS, `${program}.c`), "-o", join(made, program)], ROOT);
  });
  return join(folder, program);
}
