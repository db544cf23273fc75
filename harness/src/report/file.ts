// SPDX-License-Identifier: MIT
/** A report's file: it appears whole or not at all; a device or a pipe is written to as it is. */
import { accessSync, constants, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Unusable } from "../base/command.ts";

/** Throws Unusable when nothing could be written to `path`: asked before a long grading, not after it. `option` named it. */
export function checkWritable(option: string, path: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there?.isDirectory()) throw new Unusable(`${option} ${path}: a folder; name a file`);
  const folder = dirname(path);
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory())
    throw new Unusable(`${option} ${path}: no folder ${folder}`);
  try {
    accessSync(there && !there.isFile() ? path : folder, constants.W_OK); // a file is replaced, a device written to
  } catch (error) {
    throw new Unusable(`${option} ${path}: ${(error as Error).message}`);
  }
}

export function writeWhole(option: string, path: string, text: string): void {
  const there = statSync(path, { throwIfNoEntry: false });
  const partial = `${path}.partial`;
  try {
    if (there && !there.isFile()) {
      writeFileSync(path, text);
      return;
    }
    writeFileSync(partial, text);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw new Unusable(`${option} ${path}: ${(error as Error).message}`);
  }
}
