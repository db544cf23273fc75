// SPDX-License-Identifier: MIT
/**
 * The build "mingw": a submission as a Windows program, by mingw-w64's compiler and with its headers. Beside it stands the
 * driver that runs it in Wine, a program of this machine without the submission (native/include/wine.h).
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { cached, hashOf, ROOT } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";
import { driverFolders, driversOf } from "../kata/drivers.ts";
import type { Kata } from "../kata/kata.ts";
import { compilerRun, CompilerText, textOf } from "./compiler.ts";
import { examine } from "./examine.ts";
import { WINDOWS } from "./flags.ts";
import { headersIn, NATIVE, NATIVE_HEADERS } from "./headers.ts";

const MINGW = "x86_64-w64-mingw32-";
export const MINGW_CC = `${MINGW}gcc`;
/** Of objects and programs of this build. */
export const mingwTool = (name: string) => `${MINGW}${name}`;

/** No address of the program's is moved when it is loaded, so that one that it tells is found in its debug information. */
const LINKED = ["-static", "-Wl,--disable-dynamicbase"];
const LIBRARIES = ["-lws2_32", "-lmswsock"];

let versionOnce: Promise<string> | undefined;

/** The compiler's own first line. Throws Unusable where there is none. */
export function mingwVersion(): Promise<string> {
  return (versionOnce ??= command([MINGW_CC, "--version"]).then(({ stdout }) => stdout.split("\n")[0]!));
}

/** The program of these objects of the submission's. Its path; or what the linker says of a call that Windows lacks. */
export async function linkWindows(kata: Kata, objects: string[]): Promise<string | CompilerText> {
  const all = [...objects, ...(await programObjects(kata))];
  try {
    const folder = await cached(hashOf("windows", await mingwVersion(), ...LINKED, ...all), async (made) => {
      textOf(await examine([MINGW_CC, ...LINKED, "-o", join(made, "program.exe"), ...all, ...LIBRARIES], made));
    });
    return join(folder, "program.exe");
  } catch (error) {
    if (error instanceof CompilerText) return new CompilerText(error.message.replace(FOLDERS, ""));
    throw error;
  }
}

/** Of objects and of the linker, which are of this machine. */
const FOLDERS = /(?<![\w.])\/\S*\/(?=[\w.-]+: )|(?<![\w.])\/\S*\/(?=\w+\.o\b)/g;

/** Of the kata's files for Windows, and of ours. */
function programObjects(kata: Kata): Promise<string[]> {
  const ours = join(NATIVE, "windows");
  const folders = [kata.folder, ...driverFolders(kata)];
  const sources = readdirSync(ours).filter((name) => name.endsWith(".c"));
  const paths = [...driversOf(kata, "windows"), ...sources.sort().map((name) => join(ours, name))];
  return Promise.all(paths.map((path) => windowsObject(path, folders)));
}

async function windowsObject(path: string, folders: string[]): Promise<string> {
  const include = [join(NATIVE, "include"), ...folders].map((folder) => `-I${relative(ROOT, folder)}`);
  const shown = relative(ROOT, path);
  const flags = [...WINDOWS, "-Wall", "-Wextra", ...include];
  const texts = [readFileSync(path, "utf8"), ...folders.flatMap(headersIn), NATIVE_HEADERS()];
  try {
    const folder = await cached(
      hashOf("windows object", await mingwVersion(), shown, ...texts, ...flags),
      async (made) => {
        await compilerRun([MINGW_CC, ...flags, "-c", shown, "-o", join(made, objectOf(path))], ROOT);
      },
    );
    return join(folder, objectOf(path));
  } catch (error) {
    if (error instanceof CompilerText) throw new Unusable(`${shown} does not compile:\n${error.message}`);
    throw error;
  }
}

const objectOf = (path: string) => basename(path).replace(/\.c$/, ".o");
