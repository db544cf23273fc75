// SPDX-License-Identifier: MIT
/** The best box that this machine has, found out by trying once per process. */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { boxed, BARE, isOutside, type Box } from "../base/box.ts";
import { cached, hashOf } from "../base/cache.ts";
import { command } from "../base/command.ts";
import { compilerRun, CompilerText } from "./compiler.ts";
import { NATIVE } from "./headers.ts";
import { toolchain } from "./toolchain.ts";

let found: Promise<Box> | undefined;

/** `C10KATA_BOX=no` in the environment, which --no-box sets, asks for none. */
export const confinement = (): Promise<Box> =>
  process.env.C10KATA_BOX === "no" ? Promise.resolve(BARE) : (found ??= tried());

async function tried(): Promise<Box> {
  const bwrap = Bun.which("bwrap");
  if (!bwrap) return { tier: "D", why: "bubblewrap (bwrap) is not on the PATH" };
  const cc = Bun.which((await toolchain()).cc)!; // by a name alone, another could be found in the box
  const init = await initProgram().catch(refusalOf);
  if (init instanceof CompilerText)
    return { tier: "D", why: `native/box does not compile here: ${init.message.trim()}` };
  const made = { bwrap, init, compiler: compilerFolders(cc) };
  // What guests need must be readable by the user that they run as, and the compiler must start.
  const test = 'test -r "$0" && test -x "$1" && "$2" --version >/dev/null';
  const argv = ["/bin/sh", "-c", test, import.meta.path, process.execPath, cc];
  const env = { PATH: process.env.PATH ?? "" };
  const how = { env, cwd: "/tmp", sees: made.compiler, address_bytes: null };
  const { code, stderr } = await command(boxed(made, argv, how), { env: {} });
  if (code === 0) return { tier: "B", why: "no control group bounds the memory of all processes together", made };
  const why = code === 1 && stderr === "" ? "an ordinary user cannot read this checkout and bun" : stderr.trim();
  return { tier: "D", why };
}

/** An architecture whose calls native/box does not know, or headers of an old kernel. */
function refusalOf(error: unknown): CompilerText {
  if (error instanceof CompilerText) return error;
  throw error;
}

/** Of one that was put elsewhere: where it is found, and all that was installed with it. */
function compilerFolders(cc: string): string[] {
  return [dirname(cc), dirname(dirname(realpathSync(cc)))].filter(isOutside);
}

/** native/box, compiled once. Its path. */
async function initProgram(): Promise<string> {
  const { cc, version } = await toolchain();
  const folder = join(NATIVE, "box");
  const names = readdirSync(folder).sort();
  const texts = names.map((name) => readFileSync(join(folder, name), "utf8"));
  const made = await cached(hashOf("box", version, ...names, ...texts), async (out) => {
    const sources = names.filter((name) => name.endsWith(".c")).map((name) => join(folder, name));
    const flags = ["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra"];
    await compilerRun([cc, ...flags, ...sources, "-o", join(out, "init")]);
  });
  return join(made, "init");
}
