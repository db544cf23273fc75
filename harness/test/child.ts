// SPDX-License-Identifier: MIT
/** The harness as its users start it: in a process of its own, with the fixtures on the shelf. */
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";
import { ownProcesses, until } from "./machine.ts";

export const FIXTURES = join(ROOT, "harness", "fixtures");
const CLI = join(ROOT, "harness", "src", "cli", "cli.ts");

export interface Outcome {
  code: number;
  stdout: string;
  stderr: string;
}

interface Started {
  pid: number;
  outcome: Promise<Outcome>;
}

/** Starts `argv` with only what it needs of this process's environment, and `env` beside it. */
export function start(argv: string[], env: Record<string, string> = {}, cwd = ROOT): Started {
  const { PATH = "", HOME = "", CC } = process.env;
  const child = Bun.spawn(argv, {
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    env: { PATH, HOME, C10KATA_SHELF: FIXTURES, ...(CC && { CC }), ...env },
  });
  const outcome = Promise.all([
    child.exited,
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
  ]).then(([code, stdout, stderr]) => ({ code, stdout, stderr }));
  return { pid: child.pid, outcome };
}

export const kataCommand = (...words: string[]) => [process.execPath, CLI, ...words];

/** `bun kata ...`, to its end. */
export const kata = (words: string[], env: Record<string, string> = {}) => start(kataCommand(...words), env).outcome;

/** `bun test FILE` in the fixtures' folder. */
export function bunTest(file: string, ...words: string[]): Started {
  return start([process.execPath, "test", `./${file}`, ...words], {}, FIXTURES);
}

/** Waits until a child of this kind has a guest that runs; all of its processes then. */
export async function guestsOf(pid: number): Promise<number[]> {
  await until(() => ownProcesses(pid).some(isGuest), "a guest runs");
  return ownProcesses(pid);
}

function isGuest(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").includes("C10KATA_RUN=");
  } catch {
    return false;
  }
}

/** A home for katas that a test writes: inside the repository, where the harness is found as a package. */
export function newShelf(): { home: string; katas: string } {
  mkdirSync(join(ROOT, ".cache"), { recursive: true });
  const home = mkdtempSync(join(ROOT, ".cache", "shelf-"));
  const katas = join(home, "katas");
  for (const folder of [katas, join(home, "node_modules")]) mkdirSync(folder);
  for (const name of ["zod", "fast-check"]) // the harness's own
    symlinkSync(join(ROOT, "harness", "node_modules", name), join(home, "node_modules", name));
  return { home, katas };
}
