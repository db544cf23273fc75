// SPDX-License-Identifier: MIT
/** What may lie in a kata's two folders; anything else is a stray file, and what is missing is named. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";

/** defineKata() asks for the C files. */
const LEARNERS = [/^README\.md$/, /\.[ch]$/, /^(baselines|grader)$/];
const GRADERS = [/\.[ch]$/, /\.ts$/, /^package\.json$/, /^stub$/, /^stand_in$/];
const GRADERS_NEEDED = ["kata.ts", "package.json"];
/** So that a newcomer sees at once which files are to be edited: so many beside these. */
const BESIDE_MAX = 7;
/** Made by tools and ignored by git. */
const IGNORED = new Set(["node_modules"]);
const TEST_LINES = 3;

/** One sentence per thing that does not belong, or is not there. */
export function strayFiles(kata: string, solutions: string, edits: string[]): string[] {
  const grader = join(kata, "grader");
  const [names, own] = [kata, grader].map((folder) => readdirSync(folder).filter((name) => !IGNORED.has(name)));
  const tests = own!.filter((name) => name.endsWith(".test.ts"));
  const lines = tests.flatMap((name) => readFileSync(join(grader, name), "utf8").trimEnd().split("\n"));
  return [
    ...strangers(names!, LEARNERS).map((name) => `stray file '${name}'`),
    ...(names!.length <= edits.length + BESIDE_MAX
      ? []
      : [`${names!.length} entries; a learner's folder has ${edits.length + BESIDE_MAX} at most`]),
    ...(names!.includes("README.md") ? [] : ["no README.md"]),
    ...strangers(own!, GRADERS).map((name) => `stray file 'grader/${name}'`),
    ...GRADERS_NEEDED.filter((name) => !own!.includes(name)).map((name) => `no grader/${name}`),
    ...(tests.length === 1 && lines.length === TEST_LINES ? [] : [`not one grader/*.test.ts of ${TEST_LINES} lines`]),
    ...packageDiffers(kata),
    ...edits.flatMap((name) => stubDiffers(kata, name)),
    ...strayAmong(solutions),
  ];
}

/** What `bun kata new` has left to be written: lines that say TODO, except in the learner's files, where they belong. */
export function openWork(kata: string, solutions: string, edits: string[]): string[] {
  const files = [kata, join(kata, "grader"), solutions].flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isFile() && (folder !== kata || !edits.includes(entry.name)))
      .map(({ name }) => join(folder, name)),
  );
  return files.sort().flatMap((path) => {
    const lines = readFileSync(path, "utf8").split("\n");
    const shown = relative(dirname(dirname(kata)), path);
    return lines.flatMap((line, at) =>
      line.includes("TODO") ? [`${shown}:${at + 1}: still to do: ${wordsOf(line)}`] : [],
    );
  });
}

const wordsOf = (line: string) =>
  line
    .slice(line.indexOf("TODO"))
    .replace(/^TODO:? */, "")
    .replace(/["`,]+$/, "");

const strangers = (names: string[], forms: RegExp[]) => names.filter((name) => !forms.some((form) => form.test(name)));

/** The package.json is the same in every kata, except for the name, and other katas whose definitions it shares. */
function packageDiffers(kata: string): string[] {
  const { name, dependencies, ...others } = JSON.parse(readFileSync(join(kata, "grader", "package.json"), "utf8"));
  const shared = ([dependency]: [string, unknown]) => /^@c10kata\/\d\d-/.test(dependency);
  const own = Object.entries(dependencies ?? {}).filter((entry) => !shared(entry));
  const rest = { ...others, dependencies: Object.fromEntries(own) };
  const expected = {
    private: true,
    license: "MIT",
    type: "module",
    dependencies: { "@c10kata/harness": "*", "fast-check": "4.10.2", zod: "4.6.7" },
  };
  const same = name === `@c10kata/${basename(kata)}` && Bun.deepEquals(rest, expected);
  return same ? [] : ["grader/package.json differs from the other katas' in more than the name"];
}

/** The file that a learner finds is the one that `bun kata reset` gives back. */
function stubDiffers(kata: string, name: string): string[] {
  const [own, kept] = [join(kata, name), join(kata, "grader", "stub", name)].map((path) =>
    existsSync(path) ? readFileSync(path, "utf8") : null,
  );
  return own === kept ? [] : [`${name} and grader/stub/${name} are not the same`];
}

function strayAmong(solutions: string): string[] {
  const names = existsSync(solutions) ? readdirSync(solutions) : [];
  const form = /^(accepted|cheats|mutants|peers|promises\.md|[a-z0-9_]+\.c|[a-z0-9_.-]+\.test\.ts)$/;
  return names
    .filter((name) => !form.test(name))
    .map((name) => `stray file '${name}' in solutions`)
    .concat(
      names.some((name) => name.endsWith(".test.ts")) ? [] : ["no *.test.ts in solutions: the checks are unproven"],
    );
}
