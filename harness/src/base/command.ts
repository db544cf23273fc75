// SPDX-License-Identifier: MIT
/**
 * Runs tools that we trust (compilers, nm, addr2line, git). Learner code is started by guest/guest.ts only.
 */
import { Sentence } from "./sentence.ts";

export interface Finished {
  code: number;
  stdout: string;
  stderr: string;
  /** It was ended, since it had not ended by itself in time. */
  late?: true;
}

/** Something this machine lacks or refuses; the message says what and what to do. Ends the command with exit 2. */
export class Unusable extends Sentence {}

export interface CommandOptions {
  cwd?: string;
  /** Instead of the grader's own environment. */
  env?: Record<string, string>;
  input?: string;
  timeout_ms?: number;
}

/** Runs a tool to its end. Throws Unusable when it cannot be started. */
export async function command(argv: string[], options: CommandOptions = {}): Promise<Finished> {
  const { stdout, ...rest } = await commandBytes(argv, options);
  return { ...rest, stdout: new TextDecoder().decode(stdout) };
}

/** The same, for a tool that writes what need not be text. */
export async function commandBytes(
  argv: string[],
  options: CommandOptions = {},
): Promise<Omit<Finished, "stdout"> & { stdout: Uint8Array }> {
  let child: Bun.Subprocess<Bun.SpawnOptions.Writable, "pipe", "pipe">;
  try {
    child = Bun.spawn(argv, {
      cwd: options.cwd,
      stdin: options.input === undefined ? "ignore" : Buffer.from(options.input),
      stdout: "pipe",
      stderr: "pipe",
      env: { ...(options.env ?? process.env), LC_ALL: "C" },
      ...(options.timeout_ms && { timeout: options.timeout_ms }),
    });
  } catch (error) {
    throw new Unusable(`cannot start '${argv[0]}': ${(error as Error).message}. Run scripts/setup.`);
  }
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).bytes(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr, ...(options.timeout_ms && child.signalCode === "SIGTERM" && { late: true }) };
}
