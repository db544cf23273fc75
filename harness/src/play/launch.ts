// SPDX-License-Identifier: MIT
/** How a run was started, so that a debugger can start it again and come to the same failure. */

export interface Launch {
  /** A scenario on real threads; the schedule explorer with a subject; a server in the simulated kernel. */
  engine: "guest" | "explorer" | "simulation";
  program: string;
  /** What it loads: one of `words`. */
  library?: string;
  words: string[];
  env: Record<string, string>;
  /** Does the program stop, or is it stopped, where it fails? Or does the grader judge what the run reported? */
  judged: "inside" | "afterwards";
}
