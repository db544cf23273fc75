// SPDX-License-Identifier: MIT
/** What a kata's solutions have to hold, before any of them is run. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT, withTemporary } from "../../harness/src/base/cache.ts";
import { command } from "../../harness/src/base/command.ts";
import { Sentence } from "../../harness/src/base/sentence.ts";
import { PATCH } from "../../harness/src/build/patch.ts";
import { readSubmission, solutionsOf, type Submission } from "../../harness/src/build/submission.ts";
import { allChecks, gatesOf, type Kata } from "../../harness/src/kata/kata.ts";
import type { Program } from "./trials.ts";

const ACCEPTED_MIN = 2;

/** One sentence per thing that is missing, or there twice, or not formatted. */
export async function problemsAmong(kata: Kata, programs: Program[]): Promise<string[]> {
  const accepted = programs.filter(({ kind, name }) => kind === "right" && name !== "reference").length;
  const few = `${accepted} accepted designs; at least ${ACCEPTED_MIN} are needed`;
  const problems = [
    ...(accepted < ACCEPTED_MIN ? [few] : []),
    ...uncovered(kata, programs),
    ...missedPromises(kata, programs),
  ];
  const read: { program: Program; submission: Submission }[] = [];
  for (const program of programs) {
    try {
      read.push({ program, submission: readSubmission(kata, program.path) });
    } catch (error) {
      if (!(error instanceof Sentence)) throw error; /* else its grading says the same */
    }
  }
  const patches = read.filter(({ program }) => program.path.endsWith(PATCH)).map(({ submission }) => submission);
  return [...problems, ...twins(read.map(({ submission }) => submission)), ...(await unformatted(patches))];
}

function uncovered(kata: Kata, programs: Program[]): string[] {
  const ids = allChecks(kata).map(({ id }) => id);
  const needsNoMutant = new Set(gatesOf(kata).flatMap(({ gate, id }) => (gate === "compiles" ? [id] : [])));
  const mutants = programs.filter(({ kind }) => kind === "mutant");
  const covered = new Set(mutants.map(({ check }) => check));
  return [
    ...mutants.filter(({ check }) => !ids.includes(check!)).map(({ name, check }) => `${name}: no check '${check}'`),
    ...ids.filter((id) => !needsNoMutant.has(id) && !covered.has(id)).map((id) => `check '${id}' has no mutant`),
  ];
}

const PROGRAM = /(?:\b[a-z0-9_]+)?--[a-z0-9_]+/g;

/** What promises.md says holds a sentence of the header, and is not there: `check--how`, or `--how` where the check is clear. */
function missedPromises(kata: Kata, programs: Program[]): string[] {
  const place = join(solutionsOf(kata), "promises.md");
  if (!existsSync(place)) return [];
  const said = new Set(readFileSync(place, "utf8").match(PROGRAM));
  const there = (name: string) =>
    programs.some((program) => program.name === name || (name.startsWith("--") && program.name.endsWith(name)));
  return [...said].filter((name) => !there(name)).map((name) => `promises.md: there is no '${name}'`);
}

/** Programs that are the same one, whatever they say about it. */
function twins(programs: Submission[]): string[] {
  const first = new Map<string, string>();
  return programs.flatMap(({ label, files }) => {
    const program = files.map(({ text }) => bare(text)).join("\0");
    const twin = first.get(program);
    if (twin === undefined) first.set(program, label);
    return twin === undefined ? [] : [`${label}: the same program as ${twin}`];
  });
}

const LITERAL_COMMENT_OR_SPACE = /"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\/\*[^]*?\*\/|\/\/[^\n]*|\s+/g;

/** A C text without comments and white space. */
export function bare(text: string): string {
  return text.replace(LITERAL_COMMENT_OR_SPACE, (found) => (/^["']/.test(found) ? found : ""));
}

/** A patch's text cannot be formatted where it lies: what it makes of its base must be. */
async function unformatted(patches: Submission[]): Promise<string[]> {
  if (patches.length === 0) return [];
  return await withTemporary(async (folder) => {
    const places = patches.flatMap(({ label, files }) =>
      files.map(({ name, text }) => {
        const place = join(folder, label, name);
        mkdirSync(dirname(place), { recursive: true });
        writeFileSync(place, text);
        return place;
      }),
    );
    const { code, stderr } = await command([join(ROOT, "scripts", "format"), "--check-c", ...places]);
    if (code === 0) return [];
    const bad = patches.filter(({ label }) => stderr.includes(`/${label}/`));
    return bad.length > 0
      ? bad.map(({ label }) => `${label}: what it makes is not formatted; 'bun run mutants edit' changes it`)
      : [`scripts/format failed: ${stderr.trim()}`];
  });
}
