// SPDX-License-Identifier: MIT
/**
 * The tools that read what came of a learner's file: nm, addr2line, the linker and the like. A file may have been
 * written against one of them, so that it has limits and no environment, and walls where the kernel can: it opens what it is
 * told of and the system. A box for each would cost ten times as much.
 */
import { walled } from "../base/box.ts";
import { command, type Finished } from "../base/command.ts";
import { walls } from "./confinement.ts";

const CPU_S_MAX = 60;
const MEMORY_BYTES_MAX = 2 ** 32;
const FILE_BYTES_MAX = 2 ** 28;

/** Runs one of them. `folder`: where it writes, if it does. Throws Unusable when it cannot be started. */
export async function examine([tool, ...words]: string[], folder?: string): Promise<Finished> {
  const argv = [Bun.which(tool!) ?? tool!, ...words];
  const env = { PATH: process.env.PATH ?? "", LC_ALL: "C", ...(folder && { TMPDIR: folder }) };
  const { walls: within } = await walls();
  if (!within) {
    const limits = [`--cpu=${CPU_S_MAX}`, `--as=${MEMORY_BYTES_MAX}`, `--fsize=${FILE_BYTES_MAX}`];
    return await command(["prlimit", ...limits, "--", ...argv], { env });
  }
  const shares = folder ? [folder] : [];
  const how = { env, cwd: "/", sees: within.compiler, shares, address_bytes: MEMORY_BYTES_MAX, cpu_s: CPU_S_MAX };
  return await command(walled(within, argv, how), { env: {} });
}
