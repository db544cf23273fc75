// SPDX-License-Identifier: MIT
/** Files of ours become objects: a kata's drivers, and what every guest is linked with. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { cached, hashOf, ROOT } from "../base/cache.ts";
import { Unusable } from "../base/command.ts";
import { command } from "../base/command.ts";
import { driverFolders, driversOf, type Part } from "../kata/drivers.ts";
import type { Build, Kata } from "../kata/kata.ts";
import { compilerRun, CompilerText } from "./compiler.ts";
import { COMMON, EVERYWHERE, isSimulated } from "./flags.ts";
import { headersIn, NATIVE, NATIVE_HEADERS, sharedHeaders } from "./headers.ts";
import { toolchain, type Toolchain } from "./toolchain.ts";

export function driverObjects(kata: Kata, part: Part, build: Build): Promise<string[]> {
  const engine = build === "explore" ? ["explorer"] : isSimulated(build) ? ["simkernel"] : [];
  const own = [kata.folder, ...driverFolders(kata)];
  const shared = [
    ...kata.headers.map((name) => join(ROOT, name)),
    ...engine.map((name) => join(NATIVE, name, "include")),
  ];
  const headers = [...own.flatMap(headersIn), ...sharedHeaders(kata).map((header) => header.text)];
  return Promise.all(driversOf(kata, part).map((path) => ourObject(path, build, [...own, ...shared], headers)));
}

/**
 * What speaks to the grader in a guest, and what drivers may ask of native/include: its load generator too. Only the stress
 * build's learner calls what native/stress answers.
 */
export async function guestObjects(build: Build): Promise<string[]> {
  const common = join(NATIVE, "common");
  const rooms = ["guest", "loadgen", ...(build === "stress" ? ["stress"] : build === "mingw" ? ["wine"] : [])];
  const folders = rooms.map((name) => join(NATIVE, name));
  const paths = folders.flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)));
  const last = join(NATIVE, "guest", "own_last.c");
  const sources = [
    ...paths.filter((path) => path.endsWith(".c") && path !== last).sort(),
    join(common, "overflow.c"),
    join(common, "printed.c"),
    last,
  ];
  const headers = [...folders, common].flatMap(headersIn);
  const own = join(NATIVE, "guest");
  return await Promise.all(sources.map((path) => ourObject(path, build, [common, own], headers)));
}

let watched: Promise<string[]> | undefined;

/** Calls that write where they are told to: of each the stress build has a function that looks at the place before. */
export function watchedCalls(): Promise<string[]> {
  watched ??= guestObjects("stress").then(async (objects) => {
    const { stdout } = await command(["nm", "-g", "--defined-only", ...objects]);
    return [...stdout.matchAll(/ T watched_(\w+)$/gm)].map(([, name]) => name!).sort();
  });
  return watched;
}

/** Compiles a file of ours; it must compile, whatever the learner wrote. Throws Unusable with the compiler's text. */
export async function ourObject(path: string, build: Build, folders: string[], headers: string[]): Promise<string> {
  const tools: Toolchain = await toolchain();
  const flags = [...COMMON, ...EVERYWHERE[build], "-Wall", "-Wextra"];
  const include = [join(NATIVE, "include"), ...folders].map((folder) => `-I${relative(ROOT, folder) || "."}`);
  const shown = relative(ROOT, path);
  const text = readFileSync(path, "utf8");
  const key = hashOf("ours", tools.version, shown, text, ...flags, ...include, ...headers, NATIVE_HEADERS());
  const object = basename(path).replace(/\.c$/, ".o");
  try {
    const folder = await cached(key, async (made) => {
      const argv = [tools.cc, ...flags, ...include, `-ffile-prefix-map=${ROOT}=.`, "-c", shown];
      await compilerRun([...argv, "-o", join(made, object)], ROOT);
    });
    return join(folder, object);
  } catch (error) {
    if (error instanceof CompilerText) throw new Unusable(`${shown} does not compile:\n${error.message}`);
    throw error;
  }
}
