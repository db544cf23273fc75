// SPDX-License-Identifier: MIT
/**
 * `bun run mutants ...`: the patches in a kata's solutions, made, changed, read and carried over.
 *
 *     mutants new NN CHECK--HOW FILE --base BASE   a patch from an edited copy of BASE, a file of the kata's solutions
 *     mutants edit NN NAME                         the patched text as a file: in $EDITOR, then folded back into the patch
 *     mutants show NN [NAME]                       one patch with its functions whole, or a line for each
 *     mutants rebase NN                            after a base has changed: every patch for its text of today, three-way
 *
 * NAME is the patch's, with or without `mutants/` and `.patch`; `accepted/fd_table` names a right design's. What is
 * wrong is asked for in sentences: `--why "..."` of a new patch. Exit 0: done; 1: conflicts are left; 2: misuse.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, withTemporary } from "../harness/src/base/cache.ts";
import { command, Unusable } from "../harness/src/base/command.ts";
import { Sentence } from "../harness/src/base/sentence.ts";
import { diffOf, gitName, PATCH, patched, patchText, readPatch, type Patch } from "../harness/src/build/patch.ts";
import { solutionsOf } from "../harness/src/build/submission.ts";
import { allChecks } from "../harness/src/kata/kata.ts";
import { findKata } from "../harness/src/kata/shelf.ts";

const USAGE = "usage: bun run mutants new|edit|show|rebase NN [NAME]; scripts/mutants.ts says more";

/** The texts of a kata's solutions, by names below their folder. */
class Solutions {
  constructor(readonly folder: string) {}

  read(name: string): string {
    const path = join(this.folder, name);
    if (!existsSync(path)) throw new Unusable(`${relative(ROOT, path)}: no such file`);
    return readFileSync(path, "utf8");
  }

  patch(name: string): Patch {
    return readPatch(name, this.read(name));
  }

  /** git keeps the base from now on, committed or not: rebase will want it when it has changed. */
  async write(name: string, patch: Pick<Patch, "base" | "words" | "diff">): Promise<void> {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, patchText(patch));
    await command(["git", "-C", ROOT, "hash-object", "-w", "--no-filters", join(this.folder, patch.base)]);
  }

  /** Keeps `text` as a difference to the base of today. */
  async keep(name: string, base: string, words: string, text: string): Promise<void> {
    const diff = await diffOf(base, this.read(base), await formatted(text));
    if (diff === "") throw new Unusable(`${name}: nothing differs from ${base}`);
    await this.write(name, { base, words, diff });
    console.log(`${relative(ROOT, join(this.folder, name))}: changed lines: ${changedLines(diff)}`);
  }

  get patches(): string[] {
    return ["accepted", "cheats", "mutants"].flatMap((part) =>
      existsSync(join(this.folder, part))
        ? readdirSync(join(this.folder, part))
            .filter((name) => name.endsWith(PATCH))
            .sort()
            .map((name) => join(part, name))
        : [],
    );
  }
}

/** As verify wants the patched text to be. */
function formatted(text: string): Promise<string> {
  return withTemporary(async (folder) => {
    const file = join(folder, "patched.c");
    writeFileSync(file, text);
    const { code, stderr } = await command([join(ROOT, "scripts", "format"), "--write-c", file]);
    if (code !== 0) throw new Unusable(`scripts/format failed: ${stderr.trim()}`);
    return readFileSync(file, "utf8");
  });
}

const changedLines = (diff: string) => diff.split("\n").filter((line) => /^[-+](?![-+]{2} [ab]\/)/.test(line)).length;

/** "pop--spins", "mutants/pop--spins.patch" -> "mutants/pop--spins.patch" */
function fullName(name: string): string {
  const bare = name.replace(/\.patch$/, "").replace(/^.*\/(?=(mutants|accepted|cheats)\/)/, "");
  return `${bare.includes("/") ? bare : join("mutants", bare)}${PATCH}`;
}

/** Where a patched text is edited, for one text of its base: what was begun for an older one is not folded into a newer. */
const scratchOf = (folder: string, name: string, base: string, baseText: string) =>
  join(
    ROOT,
    ".cache",
    "mutants",
    basename(folder),
    basename(name, PATCH),
    gitName(baseText).slice(0, 7),
    basename(base),
  );

const hasMarks = (text: string) => /^(<{7}|={7}|>{7})/m.test(text);

async function edit(solutions: Solutions, name: string): Promise<void> {
  const patch = solutions.patch(name);
  const scratch = scratchOf(solutions.folder, name, patch.base, solutions.read(patch.base));
  const again = existsSync(scratch); // of an earlier edit that was not folded back, or of a rebase with conflicts
  if (!again) {
    mkdirSync(dirname(scratch), { recursive: true });
    writeFileSync(scratch, patched(name, patch, solutions.read(patch.base)));
  }
  const editor = process.env.VISUAL ?? process.env.EDITOR;
  const inTerminal = process.stdin.isTTY && editor !== undefined;
  if (inTerminal)
    await Bun.spawn(["sh", "-c", `${editor} "$1"`, "sh", scratch], { stdio: ["inherit", "inherit", "inherit"] }).exited;
  else if (!again) return console.log(`edit ${relative(ROOT, scratch)}, then the same command again folds it back`);
  const text = readFileSync(scratch, "utf8");
  if (hasMarks(text)) throw new Unusable(`${relative(ROOT, scratch)} still has conflict marks`);
  await solutions.keep(name, patch.base, patch.words, text);
  rmSync(dirname(dirname(scratch)), { recursive: true });
}

async function show(solutions: Solutions, name: string): Promise<void> {
  const { base, words, ...patch } = solutions.patch(name);
  const before = solutions.read(base);
  const diff = await diffOf(base, before, patched(name, { base, words, ...patch }, before), ["--function-context"]);
  console.log(`${name}, a change of ${base}\n\n${words}\n\n${diff.slice(diff.indexOf("@@"))}`);
}

function list(solutions: Solutions): void {
  for (const name of solutions.patches) {
    const { base, words, diff } = solutions.patch(name);
    console.log(`${name}  ${base}, changed lines: ${changedLines(diff)}. ${words.replaceAll("\n", " ")}`);
  }
}

/** git has every text that a patch was made for, where its history is whole. */
async function textNamed(object: string): Promise<string | undefined> {
  const { code, stdout } = await command(["git", "-C", ROOT, "cat-file", "blob", object]);
  return code === 0 && gitName(stdout) === object ? stdout : undefined;
}

/** Three-way: what the patch did to its own base is done to the base of today. The answer says how that went. */
async function carryOver(solutions: Solutions, name: string): Promise<string> {
  const patch = solutions.patch(name);
  const now = solutions.read(patch.base);
  if (gitName(now) === patch.before) return "fresh";
  const then = await textNamed(patch.before);
  if (then === undefined) return "git does not have its base: fetch the whole history, or make the patch anew";
  const texts = [patched(name, patch, then), then, now] as const;
  const lines = await merged(texts);
  const text = lines.conflicts ? await mergedByWords(texts) : lines.text;
  if (text === undefined) {
    const scratch = scratchOf(solutions.folder, name, patch.base, now);
    if (!existsSync(scratch)) {
      mkdirSync(dirname(scratch), { recursive: true });
      writeFileSync(scratch, lines.text);
    }
    if (!hasMarks(readFileSync(scratch, "utf8"))) return `solved: 'bun run mutants edit' folds it back`;
    return `conflicts in ${relative(ROOT, scratch)}; solve them, then 'bun run mutants edit' folds it back`;
  }
  const diff = await diffOf(patch.base, now, await formatted(text));
  if (diff === "") return `the same as ${patch.base} now: what was wrong has become right, or the patch is of no use`;
  await solutions.write(name, { ...patch, diff });
  return lines.conflicts ? "carried by words" : "carried";
}

/** The patched text, the base that it was made for, and the base of today. */
type ThreeTexts = readonly [mine: string, then: string, now: string];

function merged(texts: ThreeTexts): Promise<{ text: string; conflicts: boolean }> {
  return withTemporary(async (folder) => {
    const files = ["patched", "its base", "base of today"].map((name) => join(folder, name));
    files.forEach((file, at) => writeFileSync(file, texts[at]!));
    const labels = files.flatMap((file) => ["-L", basename(file)]);
    const { code, stdout, stderr } = await command(["git", "merge-file", "-p", "--diff3", ...labels, ...files]);
    if (code > 127) throw new Unusable(`git merge-file failed: ${stderr.trim()}`);
    return { text: stdout, conflicts: code !== 0 };
  });
}

/**
 * A name that was changed on the mutant's own lines, or next to them, is no conflict when words are merged instead of
 * lines. That two changes fit as words proves nothing of what they mean: `bun run verify` does.
 */
async function mergedByWords(texts: ThreeTexts): Promise<string | undefined> {
  const apart = texts.map((text) => (text.match(WORD) ?? []).map((word) => `${JSON.stringify(word)}\n`).join(""));
  const { text, conflicts } = await merged(apart as unknown as ThreeTexts);
  if (conflicts) return undefined;
  const words = text.split("\n").filter(Boolean);
  return words.map((word) => JSON.parse(word) as string).join("");
}

const WORD = /\w+|\s+|[^\w\s]/g;

async function rebase(solutions: Solutions): Promise<number> {
  const names = new Map<string, string[]>(["carried", "carried by words", "fresh"].map((outcome) => [outcome, []]));
  let left = 0;
  for (const name of solutions.patches) {
    const outcome = await carryOver(solutions, name);
    if (names.get(outcome)?.push(name)) continue;
    left++;
    console.error(`✗ ${name}: ${outcome}`);
  }
  for (const name of names.get("carried by words")!) console.log(`  ${name}: lines met, words did not; look at it`);
  const count = (outcome: string) => names.get(outcome)!.length;
  const carried = count("carried") + count("carried by words");
  console.log(`${carried} carried over, ${count("fresh")} were up to date, ${left} left`);
  return left === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const options = { base: { type: "string" }, why: { type: "string" } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  const [verb, number, name, file] = positionals;
  if (!verb || !number) throw new Unusable(USAGE);
  const kata = await findKata(number);
  const solutions = new Solutions(solutionsOf(kata));
  if (verb === "rebase") return await rebase(solutions);
  if (verb === "show" && !name) list(solutions);
  else if (verb === "show") await show(solutions, fullName(name!));
  else if (verb === "edit" && name) await edit(solutions, fullName(name));
  else if (verb === "new" && name && file && values.base && values.why) {
    if (existsSync(join(solutions.folder, fullName(name)))) throw new Unusable(`${name} is there; 'edit' changes it`);
    if (!existsSync(file)) throw new Unusable(`${file}: no such file`);
    const check = basename(fullName(name)).split("--")[0]!;
    if (fullName(name).startsWith("mutants/") && !allChecks(kata).some(({ id }) => id === check))
      throw new Unusable(`no check '${check}' in ${kata.id}: a mutant is named CHECK--HOW`);
    await solutions.keep(fullName(name), values.base, values.why, readFileSync(file, "utf8"));
  } else throw new Unusable(verb === "new" ? `${USAGE}\nnew wants NN CHECK--HOW FILE --base BASE --why "..."` : USAGE);
  return 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Sentence) && !(error instanceof TypeError)) throw error;
  console.error(error.message);
  process.exitCode = 2;
}
