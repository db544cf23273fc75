// SPDX-License-Identifier: MIT

/** The engine's files in an order: none includes, directly or through others, one that includes it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** foo.c and foo.h are one module, foo: what it includes of these folders' headers, itself left out. */
function modulesOf(folders: string[]): Map<string, Set<string>> {
  const modules = new Map<string, Set<string>>();
  for (const folder of folders) {
    for (const file of readdirSync(folder)) {
      const name = file.replace(/\.[ch]$/, "");
      const included = readFileSync(join(folder, file), "utf8").matchAll(/^#include "(\w+)\.h"$/gm);
      const others = [...included].map(([, other]) => other!).filter((other) => other !== name);
      modules.set(name, (modules.get(name) ?? new Set()).union(new Set(others)));
    }
  }
  return modules;
}

/** The modules that include themselves through others. */
export function circular(folders: string[]): string[] {
  const modules = modulesOf(folders);
  const reached = (from: string, seen = new Set<string>()): Set<string> => {
    for (const next of modules.get(from) ?? []) if (!seen.has(next)) reached(next, seen.add(next));
    return seen;
  };
  return [...modules.keys()].filter((name) => reached(name).has(name));
}
