// SPDX-License-Identifier: MIT
/** Runs the compiler or the linker; what they say passes through unedited. */
import { command } from "../base/command.ts";

/** What the compiler or linker said when it refused. */
export class CompilerText extends Error {}

/** What it said of a file that it took. Throws CompilerText. */
export async function compilerRun(argv: string[], cwd?: string): Promise<string> {
  const { code, stderr } = await command(argv, { cwd });
  if (code !== 0) throw new CompilerText(stderr);
  return stderr;
}
