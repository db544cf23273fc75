// SPDX-License-Identifier: MIT
/** Runs the compiler or the linker; what they say passes through unedited. */
import { command, type Finished } from "../base/command.ts";

/** What the compiler or linker said when it refused. */
export class CompilerText extends Error {}

/** What it said of a file that it took. Throws CompilerText. */
export async function compilerRun(argv: string[], cwd?: string): Promise<string> {
  return textOf(await command(argv, { cwd }));
}

/** The same, of a run that is over. */
export function textOf({ code, stderr }: Finished): string {
  if (code !== 0) throw new CompilerText(stderr);
  return stderr;
}
