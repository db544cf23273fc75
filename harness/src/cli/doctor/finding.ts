// SPDX-License-Identifier: MIT
/** One thing that a machine has or lacks, what that means for katas, and the command that mends it. */

/**
 * `fine`; `known`: everything works, and this is worth knowing; `less`: something reads "not measurable", or one command
 * does not work; `stops`: katas cannot be graded.
 */
export type State = "fine" | "known" | "less" | "stops";

export interface Finding {
  what: string;
  state: State;
  says: string;
  /** What it means for katas; empty where all is fine. */
  means?: string;
  /** A command for a shell in the repository's root. */
  mend?: string;
}

export const fine = (what: string, says: string): Finding => ({ what, state: "fine", says });

/** 0: everything can be had here. 1: not everything. 2: some katas cannot be graded. */
export function exitOf(findings: Finding[]): 0 | 1 | 2 {
  if (findings.some(({ state }) => state === "stops")) return 2;
  return findings.some(({ state }) => state === "less") ? 1 : 0;
}

export const asRoot = (command: string) => (process.getuid?.() === 0 ? command : `sudo ${command}`);

/** The names are Debian's. */
export function installs(...packages: string[]): string {
  const names = packages.join(" ");
  return Bun.which("apt-get")
    ? `${asRoot("apt-get update")} && ${asRoot(`apt-get install -y ${names}`)}`
    : `install what Debian calls ${names}`;
}
