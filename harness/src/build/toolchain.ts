// SPDX-License-Identifier: MIT
/** What this machine has: the compiler and the tools around it, found by asking them. */
import { readFileSync } from "node:fs";
import { availableParallelism, release } from "node:os";
import { command, Unusable } from "../base/command.ts";

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

/**
 * What guests and compilers are given, and so must be had: under less, a right program would look wrong. Guests keep
 * their descriptors at high numbers, out of the way of learner code.
 */
const LIMITS_MIN = [
  { limit: "open files", what: "open files", flag: "n", least: 512 },
  { limit: "processes", what: "processes", flag: "u", least: 256 },
  { limit: "address space", what: "bytes of address space", flag: "v", least: 8 * 2 ** 30 },
  { limit: "file size", what: "bytes in a file", flag: "f", least: 2 ** 28 },
  { limit: "cpu time", what: "seconds of CPU time", flag: "t", least: 60 },
];

/** Throws Unusable when this process may have too little of something; root may have any number of processes. */
function checkLimits(): void {
  const limits = readFileSync("/proc/self/limits", "utf8");
  for (const { limit, what, flag, least } of LIMITS_MIN) {
    const soft = new RegExp(`^Max ${limit} +(\\d+)`, "m").exec(limits)?.[1];
    if (soft === undefined || Number(soft) >= least) continue; // unlimited, too
    if (limit === "processes" && process.getuid?.() === 0) continue;
    const cure = `Raise it (ulimit -${flag}), or run outside of what sets it.`;
    throw new Unusable(`${soft} ${what} are the limit here, ${least} are needed. ${cure}`);
  }
}

let found: Promise<Toolchain> | undefined;

/** Looks once per process. Throws Unusable with what to install. */
export function toolchain(): Promise<Toolchain> {
  return (found ??= look());
}

async function look(): Promise<Toolchain> {
  checkBun();
  checkLimits();
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

/** AddressSanitizer's runtime as a library of its own, which gcc and clang call differently; undefined where it is not installed. */
export async function sanitizerRuntime(): Promise<string | undefined> {
  const { cc, family } = await toolchain();
  const machine = process.arch === "arm64" ? "aarch64" : "x86_64";
  const names = family === "gcc" ? ["libasan.so"] : [`libclang_rt.asan-${machine}.so`, "libclang_rt.asan.so"];
  const paths = await Promise.all(names.map((name) => command([cc, `-print-file-name=${name}`])));
  return paths.map(({ stdout }) => stdout.trim()).find((path) => path.startsWith("/")); // a name alone: not found
}

/** Does this machine have hyperfine and a way to pin to one CPU? The answer is the reason why not, or null. */
export function whyNotTimed(): string | null {
  const missing = ["hyperfine", "taskset"].filter((tool) => !Bun.which(tool));
  return missing.length === 0 ? null : `${missing.join(" and ")} not found on the PATH: run scripts/setup`;
}
