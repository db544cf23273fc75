// SPDX-License-Identifier: MIT
/** Header files as text: what is compiled depends on all of them. */
import { Glob } from "bun";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../base/cache.ts";
import type { Kata } from "../kata/kata.ts";

/** What is ours in C and no kata's. */
export const NATIVE = join(ROOT, "native");

export interface Header {
  name: string;
  text: string;
}

/** The headers in `folder`, by name. */
export function headersOf(folder: string): Header[] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".h"));
  return names.sort().map((name) => ({ name, text: readFileSync(join(folder, name), "utf8") }));
}

export const headersIn = (folder: string) => headersOf(folder).map((header) => header.text);

/** Those that a kata's learner includes with <>, by the path below their folder. */
export function sharedHeaders({ headers }: Pick<Kata, "headers">): Header[] {
  return headers.flatMap((folder) => {
    const names = [...new Glob("**/*.h").scanSync(join(ROOT, folder))].sort();
    return names.map((name) => ({ name, text: readFileSync(join(ROOT, folder, name), "utf8") }));
  });
}

/** Those of native/, in one. */
export const NATIVE_HEADERS = () =>
  ["include", "guest", "explorer/include", "simkernel/include"]
    .flatMap((folder) => headersOf(join(NATIVE, folder)).map((header) => header.text))
    .join("\0");
