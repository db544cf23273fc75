// SPDX-License-Identifier: MIT
/** roster.csv: who is scored. Its first line names the columns: `fork`, and if wanted `name` and `commit`; others are ignored. */
import { parse } from "csv-parse/sync";
import { readFileSync } from "node:fs";
import { Unusable } from "../base/command.ts";
import { checkReference } from "./collect.ts";
import type { Job } from "./engine.ts";

export interface Learner {
  name: string;
  job: Job;
}

interface Line {
  record: Record<string, string>;
  info: { lines: number };
}

/** Throws Unusable, with the line. */
export function readRoster(path: string): Learner[] {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw new Unusable(`--roster ${path}: ${(error as Error).message}`);
  }
  const lines = linesOf(path, text);
  if (lines.length === 0) throw new Unusable(`${path}: nobody is in it`);
  const learners = new Map<string, Learner>();
  for (const line of lines) {
    const learner = learnerOf(path, line);
    const { name } = learner;
    if (learners.has(name))
      throw new Unusable(`${path}:${line.info.lines}: '${name}' is in it twice; a column 'name' tells them apart`);
    learners.set(name, learner);
  }
  return [...learners.values()];
}

function linesOf(path: string, text: string): Line[] {
  const options = { bom: true, info: true, trim: true, skip_empty_lines: true };
  try {
    const lines = parse(text, { ...options, columns: headed }) as unknown as Line[];
    return lines;
  } catch (error) {
    const { message, lines } = error as Error & { lines?: number };
    throw new Unusable(`${path}${lines === undefined ? "" : `:${lines}`}: ${message}`);
  }
}

function headed(names: string[]): string[] {
  if (names.includes("fork")) return names;
  throw new Error(`no column 'fork'; the first line has to name the columns, and there are: ${names.join(", ")}`);
}

function learnerOf(path: string, { record, info }: Line): Learner {
  const { fork = "", name = "", commit = "" } = record;
  const job = { source: fork, commit: commit || "HEAD" };
  try {
    checkReference(job.source, job.commit);
  } catch (error) {
    throw new Unusable(`${path}:${info.lines}: ${(error as Error).message}`);
  }
  return { name: name || fork, job };
}
