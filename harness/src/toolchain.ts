// SPDX-License-Identifier: MIT
/** What this machine has: the compiler and the tools around it, found by asking them. */
import { readFileSync } from "node:fs";
import { availableParallelism, release } from "node:os";
import { command, Unusable } from "./command.ts";

export interface Toolchain {
  /** As given in CC, or the first of gcc and clang that is there. */
  cc: string;
  family: "gcc" | "clang";
  /** The compiler's own first line. */
  version: string;
  cpus: number;
  kernel: string;
}

/** Pinned in package.json; bun:ffi and bun test are known to differ between versions. */
export const BUN_VERSION = "1.4.5";

export function checkBun(): void {
  if (Bun.version === BUN_VERSION) return;
  throw new Unusable(`bun ${Bun.version} runs this, c10kata is pinned to ${BUN_VERSION}. Run scripts/setup.`);
}

const DESCRIPTORS_MIN = 512;

/** Guests keep theirs at high numbers, out of the way of learner code: without those a right program would look wrong. */
function checkDescriptors(): void {
  const limit = /^Max open files +(\d+)/m.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
  if (limit === undefined || Number(limit) >= DESCRIPTORS_MIN) return; // unlimited, too
  throw new Unusable(`at most ${limit} files may be open here, ${DESCRIPTORS_MIN} are needed. Try ulimit -n 1024.`);
}

let found: Promise<Toolchain> | undefined;

/** Looks once per process. Throws Unusable with what to install. */
export function toolchain(): Promise<Toolchain> {
  return (found ??= look());
}

async function look(): Promise<Toolchain> {
  checkBun();
  checkDescriptors();
  const wanted = process.env.CC ? [process.env.CC] : ["gcc", "clang"];
  const cc = wanted.find((name) => Bun.which(name));
  if (!cc) {
    throw new Unusable(`no C compiler: ${wanted.join(", ")} not found on the PATH. Run scripts/setup, or set CC.`);
  }
  for (const tool of ["nm", "objcopy", "objdump", "addr2line", "prlimit", "setarch"]) {
    if (!Bun.which(tool)) throw new Unusable(`'${tool}' not found on the PATH. Run scripts/setup.`);
  }
  const { code, stdout, stderr } = await command([cc, "--version"]);
  if (code !== 0) throw new Unusable(`'${cc} --version' failed: ${stderr.trim()}`);
  const version = stdout.split("\n")[0]!.trim();
  const family = /clang/i.test(version) ? "clang" : "gcc";
  return { cc, family, version, cpus: availableParallelism(), kernel: release() };
}

/** Does this machine have hyperfine and a way to pin to one CPU? The answer is the reason why not, or null. */
export function whyNotTimed(): string | null {
  const missing = ["hyperfine", "taskset"].filter((tool) => !Bun.which(tool));
  return missing.length === 0 ? null : `${missing.join(" and ")} not found on the PATH: run scripts/setup`;
}
