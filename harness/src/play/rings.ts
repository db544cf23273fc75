// SPDX-License-Identifier: MIT
/** Whether programs may make rings (io_uring) where they run here, found out by trying. */
import { constants } from "node:os";
import { join } from "node:path";
import { boxed, walled } from "../base/box.ts";
import { ROOT, withWorkspace } from "../base/cache.ts";
import { command } from "../base/command.ts";
import { confinement } from "../build/confinement.ts";
import { linkProgram } from "../build/link.ts";

let once: Promise<string | undefined> | undefined;

/** Undefined: they may. */
export function whyNoRings(): Promise<string | undefined> {
  return (once ??= refusal());
}

async function refusal(): Promise<string | undefined> {
  const program = await linkProgram(join(ROOT, "native", "canary", "rings.c"), "bench");
  const { made, walls } = await confinement();
  const code = await withWorkspace(async (cwd) => {
    const how = { env: {}, cwd, address_bytes: null, rings: true };
    const words = made ? boxed(made, [program], how) : walls ? walled(walls, [program], how) : [program];
    return (await command(words)).code;
  });
  if (code === 0) return undefined;
  const name = Object.entries(constants.errno).find(([, number]) => number === code)?.[0] ?? `exit code ${code}`;
  return `io_uring_setup answers ${name} here`;
}
