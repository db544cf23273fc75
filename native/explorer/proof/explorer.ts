// SPDX-License-Identifier: MIT

/** Building subjects and running the explorer, for the proof. */
import { mkdirSync } from "node:fs";
import { basename, dirname, join } from "node:path";

export const home = join(import.meta.dir, "..");
const work = join(home, "build", "proof");

/** The fields of the explorer's result that the proof looks at; README.md has all of them. */
export type Result = {
  verdict: string;
  asked_too_much: boolean;
  message: string;
  seed: string;
  executions: number;
  found_at: number;
  dropped: number;
  failures: Record<string, number>;
  steps: number;
  schedules?: { covered: number; cut: number; complete: boolean };
  outcomes: Record<string, number>;
  accesses: { line: number; way: { line: number }[] }[];
  /** offset 0: of no instruction */
  trace: {
    thread: number;
    offset: number;
    line: number;
    what: string;
    note: string;
    marked: boolean;
    knows: number[];
  }[];
};

export type Subject = { file: string; planted: number; cc: string; flags?: string };

async function run(command: string[], env: Record<string, string> = {}) {
  const child = Bun.spawn(command, { cwd: home, env: { ...process.env, ...env }, stdout: "pipe", stderr: "pipe" });
  const [out, err, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { out, err, status };
}

export async function buildExplorer(): Promise<void> {
  mkdirSync(work, { recursive: true });
  const { status, err } = await run(["./build.sh"]);
  if (status !== 0) throw new Error(`the explorer does not compile:\n${err}`);
}

/** Compiles one subject; answers the path of its shared object. Compiler warnings are failures. */
export async function build({ file, planted, cc, flags = "" }: Subject): Promise<string> {
  const so = join(work, `${basename(file, ".c")}-${planted}-${cc}${flags.replaceAll(/[^\w]/g, "")}.so`);
  const sources = file.startsWith("examples/") ? [join(dirname(file), "driver.c"), file] : [file];
  const { status, err } = await run(["./build.sh", so, ...sources], {
    CC: cc,
    CFLAGS: `-Wall -Wextra -DPLANTED=${planted} ${flags}`,
  });
  if (status !== 0) throw new Error(`${file} does not compile:\n${err}`);
  return so;
}

/** A generated source in the proof's work folder. */
export async function written(name: string, text: string): Promise<string> {
  const file = join(work, name);
  await Bun.write(file, text);
  return file;
}

export async function scenarios(so: string): Promise<string[]> {
  const { out, status } = await run(["build/explorer", so, "--list"]);
  return status === 0 ? out.trim().split("\n") : [""];
}

export async function explore(so: string, scenario: string, ...more: string[]): Promise<Result> {
  const named = scenario ? ["--scenario", scenario] : [];
  const { out, err } = await run(["build/explorer", so, ...named, "--quiet", "--json-fd", "1", ...more]);
  if (!out) throw new Error(`no result from ${basename(so)} ${scenario}: ${err}`);
  return JSON.parse(out);
}

/** Everything a run prints: document and picture. */
export async function transcript(so: string, scenario: string, seed: string, fixedAddresses: boolean): Promise<string> {
  const wrapper = fixedAddresses ? ["setarch", "-R"] : [];
  const command = [
    ...wrapper,
    "build/explorer",
    so,
    "--scenario",
    scenario,
    "--seed",
    seed,
    "--executions",
    "1",
    "--width",
    "160",
    "--json-fd",
    "2",
  ];
  const { out, err } = await run(command);
  return out + err;
}
