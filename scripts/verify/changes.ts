// SPDX-License-Identifier: MIT
/** What differs from the last landing, and the commit that draws which part of the rest is proven this time. */
import { command, Unusable } from "../../harness/src/base/command.ts";

export interface Changes {
  /** HEAD's name; empty where git knows none. */
  commit: string;
  /** In words: what was compared, for the log. */
  since: string;
  /** Does anything below this folder, a path from the repository's root, differ? Everything does where nobody can tell. */
  touch: (folder: string) => boolean;
}

/**
 * Many commits land at once, and a fresh clone of the result does not say which ones: the parent of HEAD would miss all
 * but the last. Where HEAD is not part of origin/main, the difference begins where the two parted. Elsewhere it begins
 * at the newest commit that is half a day older than HEAD: what lands together was committed within hours, and
 * a guess too wide only costs time. What a guess too narrow misses, the rotating part of later runs comes to.
 */
const LANDING_S = 12 * 3600;

/** `asked` is a revision to compare with. Throws Unusable when there is no such commit. */
export async function changesIn(root: string, asked?: string): Promise<Changes> {
  const git = async (...words: string[]) => {
    const { code, stdout } = await command(["git", ...words], { cwd: root });
    return code === 0 ? stdout.trim() : undefined;
  };
  const commitOf = (revision: string) => git("rev-parse", "--verify", "--quiet", `${revision}^{commit}`);
  const commit = Bun.which("git") ? await commitOf("HEAD") : undefined;
  if (!commit) return { commit: "", since: "git knows no commit here: all counts as changed", touch: () => true };

  const parted = async () => {
    const base = await git("merge-base", "HEAD", "origin/main");
    return base === commit ? undefined : base;
  };
  const before = async () => {
    const at = Number(await git("log", "-1", "--format=%ct", "HEAD"));
    return await git("rev-list", "-1", "--first-parent", `--before=${at - LANDING_S}`, "HEAD");
  };
  const base = asked === undefined ? (await parted()) || (await before()) : await commitOf(asked);
  if (asked !== undefined && !base) throw new Unusable(`--base ${asked}: no such commit`);
  const differing = base && (await git("diff", "--name-only", "--no-renames", base, "--"));
  if (differing === undefined || !base) {
    return { commit, since: "git has no older commit here: all counts as changed", touch: () => true };
  }
  const untracked = (await git("ls-files", "--others", "--exclude-standard")) ?? "";
  const paths = `${differing}\n${untracked}`.split("\n");
  const since = `compared with ${await git("log", "-1", "--format=%h (%s)", base)}`;
  return { commit, since, touch: (folder) => paths.some((path) => path.startsWith(`${folder}/`)) };
}
