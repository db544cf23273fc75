// SPDX-License-Identifier: MIT
/**
 * A program as a small difference to another one: how `solutions/` keeps its mutants, and designs that are variations.
 *
 *     base: accepted/plain_ring.c
 *
 *     One to three sentences that say what is wrong, and who would write it.
 *
 *     diff --git a/accepted/plain_ring.c b/accepted/plain_ring.c
 *     index 1c5f...0a..9f21...77 100644
 *     ...
 *
 * `base` is a path below the kata's solutions. The index line has the full names that git gives the two texts, so a
 * patch is applied exactly or not at all: where its base has changed, `bun run mutants rebase NN` carries it over.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { applyPatch, parsePatch as parseDiff } from "diff";
import { withTemporary } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";

export const PATCH = ".patch";

export interface Patch {
  /** Below the kata's solutions. */
  base: string;
  /** What is wrong, in sentences; may have several lines. */
  words: string;
  /** From `diff --git` to the end. */
  diff: string;
  /** git's names of the base and of the patched text. */
  before: string;
  after: string;
}

const FORM = /^base: (\S+)\n\n([^]*?)\n\n(diff --git [^]*)$/;
const INDEX = /^index ([0-9a-f]{40})\.\.([0-9a-f]{40})/m;

/** `name` is for the message. Throws Unusable when the text has not that form. */
export function readPatch(name: string, text: string): Patch {
  const [, base, words, diff] = FORM.exec(text) ?? [];
  if (!base || !words?.trim() || !diff) {
    throw new Unusable(`${name}: a patch begins with 'base: FILE', a blank line, what is wrong, and a blank line`);
  }
  const [, before, after] = INDEX.exec(diff) ?? [];
  if (!before || !after) throw new Unusable(`${name}: no full index line; make it with 'bun run mutants new'`);
  if (!diff.includes(`\n--- a/${base}\n+++ b/${base}\n`)) throw new Unusable(`${name}: the diff is not one of ${base}`);
  return { base, words, diff, before, after };
}

export const patchText = ({ base, words, diff }: Pick<Patch, "base" | "words" | "diff">) =>
  `base: ${base}\n\n${words.trim()}\n\n${diff}`;

/** The patched text. Throws Unusable when `base` is not the very text that the patch was made for. */
export function patched(name: string, patch: Patch, base: string): string {
  if (gitName(base) !== patch.before) {
    throw new Unusable(`${name}: ${patch.base} has changed since; 'bun run mutants rebase' carries the patch over`);
  }
  let text: string | false = false;
  try {
    const [diff] = parseDiff(patch.diff);
    text = applyPatch(base, diff!, { fuzzFactor: 0, autoConvertLineEndings: false });
  } catch {
    // lines that are no diff: said below
  }
  if (text === false || gitName(text) !== patch.after) {
    throw new Unusable(`${name}: the diff was edited by hand and does not apply; 'bun run mutants edit' makes it anew`);
  }
  return text;
}

/** The object name that git gives a file of this text. */
export function gitName(text: string): string {
  const bytes = Buffer.from(text);
  return new Bun.CryptoHasher("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** The diff between two texts of `base`, as git writes it (with its `options`); empty where they are the same. */
export function diffOf(base: string, before: string, after: string, options: string[] = []): Promise<string> {
  return withTemporary(async (folder) => {
    for (const [side, text] of [
      ["a", before],
      ["b", after],
    ] as const) {
      mkdirSync(join(folder, side, dirname(base)), { recursive: true });
      writeFileSync(join(folder, side, base), text);
    }
    const words = [
      "--no-index",
      "--no-prefix",
      "--full-index",
      "--no-color",
      "--no-ext-diff",
      "--diff-algorithm=histogram",
    ];
    const argv = ["git", "-c", "core.autocrlf=false", "diff", ...words, ...options, `a/${base}`, `b/${base}`];
    const { code, stdout, stderr } = await command(argv, { cwd: folder });
    if (code > 1) throw new Unusable(`git diff failed: ${stderr.trim()}`);
    return stdout;
  });
}
