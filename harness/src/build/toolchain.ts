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

/** Why this bun may not run katas, or null. */
export function whyNotThisBun(): string | null {
  return Bun.version === BUN_VERSION ? null : `bun ${Bun.version} runs this, c10kata is pinned to ${BUN_VERSION}`;
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

export interface Shortage {
  says: string;
  /** As `ulimit` calls it. */
  flag: string;
  least: number;
}

/** Of what this process may have too little; root may have any number of processes. */
export function shortages(): Shortage[] {
  const limits = readFileSync("/proc/self/limits", "utf8");
  return LIMITS_MIN.flatMap(({ limit, what, flag, least }) => {
    const soft = new RegExp(`^Max ${limit} +(\\d+)`, "m").exec(limits)?.[1];
    if (soft === undefined || Number(soft) >= least) return []; // unlimited, too
    if (limit === "processes" && process.getuid?.() === 0) return [];
    return { says: `${soft} ${what} are the limit here, ${least} are needed`, flag, least };
  });
}

const TOOLS = ["nm", "objcopy", "objdump", "addr2line", "prlimit", "setarch"];

/** Those of the tools around the compiler that are not on the PATH. */
export const missingTools = (): string[] => TOOLS.filter((tool) => !Bun.which(tool));

let found: Promise<Toolchain> | undefined;

/** Looks once per process. Throws Unusable with what to install. */
export function toolchain(): Promise<Toolchain> {
  return (found ??= look());
}

async function look(): Promise<Toolchain> {
  const otherBun = whyNotThisBun();
  if (otherBun) throw new Unusable(`${otherBun}. Run scripts/setup.`);
  const [short] = shortages();
  if (short) throw new Unusable(`${short.says}. Raise it (ulimit -${short.flag}), or run outside of what sets it.`);
  const compiler = await findCompiler();
  for (const tool of missingTools()) throw new Unusable(`'${tool}' not found on the PATH. Run scripts/setup.`);
  return { ...compiler, cpus: availableParallelism(), kernel: release() };
}

/** Throws Unusable where there is none. */
export async function findCompiler(): Promise<Pick<Toolchain, "cc" | "family" | "version">> {
  const wanted = process.env.CC ? [process.env.CC] : ["gcc", "clang"];
  const cc = wanted.find((name) => Bun.which(name));
  if (!cc) {
    throw new Unusable(`no C compiler: ${wanted.join(", ")} not found on the PATH. Run scripts/setup, or set CC.`);
  }
  const { code, stdout, stderr } = await command([cc, "--version"]);
  if (code !== 0) throw new Unusable(`'${cc} --version' failed: ${stderr.trim()}`);
  const version = stdout.split("\n")[0]!.trim();
  return { cc, family: /clang/i.test(version) ? "clang" : "gcc", version };
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
