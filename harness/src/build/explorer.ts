// SPDX-License-Identifier: MIT
/** The schedule explorer's own program, and subjects of it that are no kata's. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { cached, hashOf } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";
import { EVERYWHERE } from "./flags.ts";
import { NATIVE } from "./headers.ts";
import { SHAPES } from "./link.ts";
import { toolchain } from "./toolchain.ts";

/** The schedule explorer, compiled once. Its path. */
export async function explorerProgram(): Promise<string> {
  const tools = await toolchain();
  const folder = join(NATIVE, "explorer");
  const rooms = [join(folder, "src"), join(folder, "include"), join(NATIVE, "common")];
  const parts = rooms.flatMap((room) => readdirSync(room).map((name) => join(room, name)));
  const key = hashOf(
    "explorer",
    tools.version,
    ...[...parts.sort(), join(folder, "build.sh")].map((path) => readFileSync(path, "utf8")),
  );
  const made = await cached(key, async (out) => {
    const { code, stderr } = await command(["env", `CC=${tools.cc}`, `OUT=${out}`, join(folder, "build.sh")]);
    if (code !== 0) throw new Unusable(`native/explorer does not compile:\n${stderr}`);
  });
  return join(made, "explorer");
}

/** Compiles and links files of the caller's own, into a subject. Throws Unusable with the compiler's text. */
export async function buildSubject(path: string, files: string[]): Promise<void> {
  const { cc } = await toolchain();
  const folders = [...new Set(files.map((file) => dirname(file))), join(NATIVE, "explorer", "include")];
  const flags = ["-std=gnu11", "-D_GNU_SOURCE", "-g", "-fPIC", "-w", ...EVERYWHERE.explore];
  const { flags: shape, libraries } = SHAPES.explore!;
  const include = folders.map((folder) => `-I${folder}`);
  const { code, stderr } = await command([cc, ...flags, ...include, ...files, ...shape, ...libraries, "-o", path]);
  if (code !== 0) throw new Unusable(stderr.trim());
}
