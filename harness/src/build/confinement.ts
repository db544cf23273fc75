// SPDX-License-Identifier: MIT
/** The best box that this machine has, found out by trying once per process. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { boxed, BARE, type Box } from "../base/box.ts";
import { cached, hashOf } from "../base/cache.ts";
import { command } from "../base/command.ts";
import { compilerRun } from "./compiler.ts";
import { NATIVE } from "./headers.ts";
import { toolchain } from "./toolchain.ts";

let found: Promise<Box> | undefined;

/** `C10KATA_BOX=no` in the environment, which --no-box sets, asks for none. */
export const confinement = (): Promise<Box> =>
  process.env.C10KATA_BOX === "no" ? Promise.resolve(BARE) : (found ??= tried());

async function tried(): Promise<Box> {
  const bwrap = Bun.which("bwrap");
  if (!bwrap) return { tier: "D", why: "bubblewrap (bwrap) is not on the PATH" };
  const made = { bwrap, init: await initProgram() };
  // What guests need, too, must be readable by the user that they run as.
  const argv = ["/bin/sh", "-c", 'test -r "$0" && test -x "$1"', import.meta.path, process.execPath];
  const { code, stderr } = await command(boxed(made, argv, { env: {}, cwd: "/tmp", address_bytes: null }), { env: {} });
  if (code === 0) return { tier: "B", why: "no control group bounds the memory of all processes together", made };
  const why = code === 1 && stderr === "" ? "an ordinary user cannot read this checkout and bun" : stderr.trim();
  return { tier: "D", why };
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
