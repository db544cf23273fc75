// SPDX-License-Identifier: MIT
/** gdb and rr, in the terminal and on behalf of the person who sits there: what they run is that person's own program. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Unusable } from "../base/command.ts";
import { installs } from "./doctor/finding.ts";

/** Has the terminal until the debugger ends: Ctrl-C is the debugger's. Throws Unusable when it is not there. */
export async function startDebugger(argv: string[]): Promise<void> {
  needs(argv[0]!);
  process.removeAllListeners("SIGINT").on("SIGINT", () => {});
  await Bun.spawn(argv, { stdio: ["inherit", "inherit", "inherit"] }).exited;
}

interface Recorded {
  /** The folder that rr makes. */
  recording: string;
  cwd: string;
  env: Record<string, string>;
}

/** Runs `argv` under rr, to whatever end. Throws Unusable with rr's words where it cannot record. */
export async function recordWithRr(argv: string[], { recording, cwd, env }: Recorded): Promise<void> {
  needs("rr");
  const child = Bun.spawn(["rr", "record", "-o", recording, ...argv], {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  const said = await new Response(child.stderr).text();
  await child.exited;
  // rr writes it last
  if (existsSync(join(recording, "version"))) return;
  throw new Unusable(`rr cannot record here: ${said.trim().split("\n").at(-1)}\nbun kata doctor says what it lacks`);
}

function needs(tool: string): void {
  if (!Bun.which(tool)) throw new Unusable(`${tool} is not on the PATH: ${installs(tool)}`);
}
