// SPDX-License-Identifier: MIT
/** Forks for the tests: git repositories of one commit, which hold what a test puts there. */
import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

export function git(fork: string, ...words: string[]): string {
  const name = ["-c", "user.name=Learner", "-c", "user.email=learner@example.org", "-c", "init.defaultBranch=main"];
  return execFileSync("git", [...name, "-C", fork, ...words], { encoding: "utf8", stdio: "pipe" }).trim();
}

/** In the new folder `fork`; `fill` is told where the submission's file at `path` belongs. */
export function newFork(fork: string, path: string, fill: (file: string, fork: string) => void): string {
  const file = join(fork, path);
  mkdirSync(dirname(file), { recursive: true });
  git(fork, "init", "--quiet");
  fill(file, fork);
  git(fork, "add", "--all", "--force");
  git(fork, "commit", "--quiet", "--allow-empty", "--message", "mine");
  return fork;
}
