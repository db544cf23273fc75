// SPDX-License-Identifier: MIT
/** The best box that this machine has, found out by trying once per process. */
import { readdirSync, readFileSync, realpathSync } from "node:fs";
import { dirname, join } from "node:path";
import { boxed, BARE, isOutside, walled, type Box, type Confined } from "../base/box.ts";
import { cached, hashOf } from "../base/cache.ts";
import { command } from "../base/command.ts";
import { compilerRun, CompilerText } from "./compiler.ts";
import { NATIVE } from "./headers.ts";
import { toolchain } from "./toolchain.ts";

let found: Promise<Box> | undefined;

/** `C10KATA_BOX` in the environment: `no`, which --no-box sets, asks for none; `C` for walls without a box. */
export function confinement(): Promise<Box> {
  const asked = process.env.C10KATA_BOX;
  if (asked === "no") return Promise.resolve(BARE);
  return asked === "C" ? walls() : (found ??= best());
}

/** A box, or at least walls; what is said is why there is no box. */
async function best(): Promise<Box> {
  const box = await tried();
  if (box.made) return box;
  const within = await walls();
  return within.walls ? { ...within, why: box.why } : box;
}

async function tried(): Promise<Box> {
  const bwrap = Bun.which("bwrap");
  if (!bwrap) return { tier: "D", why: "bubblewrap (bwrap) is not on the PATH" };
  const parts = await partsOf();
  if (parts instanceof CompilerText) return unbuilt(parts);
  const made = { bwrap, ...parts };
  const refused = await refusal((argv, how) => boxed(made, argv, how), parts.compiler);
  if (refused) return { tier: "D", why: refused };
  return { tier: "B", why: "no control group bounds the memory of all processes together", made };
}

let wallsOnce: Promise<Box> | undefined;

/** Tier C, or D where the kernel has no Landlock that is young enough. */
export const walls = (): Promise<Box> => (wallsOnce ??= triedWalls());

async function triedWalls(): Promise<Box> {
  const parts = await partsOf();
  if (parts instanceof CompilerText) return unbuilt(parts);
  const refused = await refusal((argv, how) => walled(parts, argv, how), parts.compiler);
  return refused ? { tier: "D", why: refused } : { tier: "C", why: "left out on request", walls: parts };
}

const unbuilt = (error: CompilerText): Box => ({
  tier: "D",
  why: `native/box does not compile here: ${error.message.trim()}`,
});

/** native/box, and where the compiler lies. */
async function partsOf(): Promise<{ init: string; compiler: string[] } | CompilerText> {
  const cc = await compilerPath();
  const init = await initProgram().catch(refusalOf);
  return init instanceof CompilerText ? init : { init, compiler: compilerFolders(cc) };
}

/** By a name alone, another could be found in the box. */
const compilerPath = async () => Bun.which((await toolchain()).cc)!;

/** Why what guests need cannot be read, or the compiler not be started, by the user that they run as. */
async function refusal(
  within: (argv: string[], how: Confined) => string[],
  sees: string[],
): Promise<string | undefined> {
  const test = 'test -r "$0" && test -x "$1" && "$2" --version >/dev/null';
  const argv = ["/bin/sh", "-c", test, import.meta.path, process.execPath, await compilerPath()];
  const env = { PATH: process.env.PATH ?? "" };
  const how = { env, cwd: "/tmp", sees, address_bytes: null };
  const { code, stderr } = await command(within(argv, how), { env: {} });
  if (code === 0) return undefined;
  return code === 1 && stderr === "" ? "an ordinary user cannot read this checkout and bun" : stderr.trim();
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
