// SPDX-License-Identifier: MIT
/**
 * The compiler on a learner's file, which may be written against it or against whoever reads its messages: in a box of
 * its own it finds the file, the headers beside it and the system, so that no path leads to a solution or a secret.
 */
import { copyFileSync, lstatSync } from "node:fs";
import { join } from "node:path";
import { boxed, walled } from "../base/box.ts";
import { withTemporary } from "../base/cache.ts";
import { command, Unusable, type Finished } from "../base/command.ts";
import { confinement } from "./confinement.ts";
import { toolchain } from "./toolchain.ts";

/** What a file may cost. */
const CPU_S_MAX = 60;
const MEMORY_BYTES_MAX = 2 ** 31;
const FILE_BYTES_MAX = 2 ** 28;

/** The compiler's words leave only these; its temporary files need more room than the largest file that it may write. */
const ENV = { PATH: process.env.PATH ?? "", LC_ALL: "C", CCACHE_DISABLE: "1" };
const ROOM_BYTES = 2 * FILE_BYTES_MAX;

const NO_OBJECT = "The compiler ended well, and left no object.\n";

/** Runs it on files in `stage`. `object`: where what it makes is to be. `other`: a compiler in its place. Throws Unusable when it cannot be started. */
export async function heldCompiler(words: string[], stage: string, object?: string, other?: string): Promise<Finished> {
  const cc = other ?? (await toolchain()).cc;
  const { made, walls } = await confinement();
  const within = made ?? walls;
  if (!within) {
    const limits = [`--cpu=${CPU_S_MAX}`, `--as=${MEMORY_BYTES_MAX}`, `--fsize=${FILE_BYTES_MAX}`];
    return await command(["prlimit", ...limits, cc, ...words, ...(object ? ["-o", object] : [])], { cwd: stage });
  }
  return await withTemporary(async (out) => {
    const inside = join(out, "object");
    const env = { ...ENV, ...(walls && { TMPDIR: out }) };
    const how = { env, cwd: stage, sees: [stage, ...within.compiler], shares: [out] };
    const bounds = { address_bytes: MEMORY_BYTES_MAX, cpu_s: CPU_S_MAX, room_bytes: ROOM_BYTES };
    const compile = [Bun.which(cc)!, ...words, ...(object ? ["-o", inside] : [])];
    const argv = made ? boxed(made, compile, { ...how, ...bounds }) : walled(walls!, compile, { ...how, ...bounds });
    const finished = await command(argv, { env: {} });
    if (/^(bwrap|box): /.test(finished.stderr))
      throw new Unusable(`the compiler cannot run in its box: ${finished.stderr}`);
    if (finished.code !== 0 || !object) return finished;
    // A compiler that a file has taken over may leave a link there, to what it could not read itself.
    if (!lstatSync(inside, { throwIfNoEntry: false })?.isFile()) return { ...finished, code: 1, stderr: NO_OBJECT };
    copyFileSync(inside, object);
    return finished;
  });
}
