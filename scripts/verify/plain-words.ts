// SPDX-License-Identifier: MIT
/** The rules of words.ts, held against every text that git knows of. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { wrongWords } from "./words.ts";

/** The rules themselves, and what was said of versions that are past. */
const SPARED = /^(scripts\/verify\/words(\.test)?\.ts|CHANGELOG\.md)$/;

/** One sentence for each line below `root` that has a phrase which no text of ours has. */
export function wrongWordsIn(root: string): string[] {
  const { stdout } = Bun.spawnSync(["git", "grep", "--untracked", "-lI", ""], { cwd: root });
  const names = stdout.toString().trim().split("\n");
  return names
    .filter((name) => !SPARED.test(name))
    .flatMap((name) =>
      readFileSync(join(root, name), "utf8")
        .split("\n")
        .flatMap((line, at) => wrongWords(line).map((complaint) => `${name}:${at + 1}: ${complaint}`)),
    );
}
