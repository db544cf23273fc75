// SPDX-License-Identifier: MIT
/** Programs and libraries, found out by trying: the compiler with its sanitizers, and what stands beside it. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { withTemporary } from "../../base/cache.ts";
import { command, Unusable } from "../../base/command.ts";
import { confinement } from "../../build/confinement.ts";
import { findCompiler, missingTools, toolchain, whyNotThisBun, whyNotTimed } from "../../build/toolchain.ts";
import type { Build, Kata } from "../../kata/kata.ts";
import { whyNoRedis, WITH_REDIS } from "../../play/redis.ts";
import { whyNoRings } from "../../play/rings.ts";
import { whyNoWine, WITH_WINE } from "../../play/wine.ts";
import { canary, type Sanitizer } from "../../play/canary.ts";
import { asRoot, fine, installs, type Finding } from "./finding.ts";

const ALL = "no kata can be graded";
const SETUP = process.env.CC ? `CC=${process.env.CC} scripts/setup` : "scripts/setup";

export function bun(): Finding {
  const problem = whyNotThisBun();
  if (!problem) return fine("bun", Bun.version);
  const mend = 'scripts/setup && export PATH="$PWD/.cache/bun/node_modules/.bin:$PATH"';
  return { what: "bun", state: "stops", says: problem, means: ALL, mend };
}

export async function compiler(): Promise<Finding> {
  try {
    const { cc, version } = await findCompiler();
    return fine("compiler", `${cc}: ${version}`);
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    return { what: "compiler", state: "stops", says: error.message, means: ALL, mend: SETUP };
  }
}

/** nm and the like, and what starts and limits guests. */
export function toolsBesideIt(): Finding {
  const missing = missingTools();
  if (missing.length === 0) return fine("tools", "binutils and util-linux are there");
  const packages = new Set(missing.map((tool) => (["prlimit", "setarch"].includes(tool) ? "util-linux" : "binutils")));
  const says = `${missing.join(", ")}: not found on the PATH`;
  return { what: "tools", state: "stops", says, means: ALL, mend: installs(...packages) };
}

const SANITIZERS = { asan: "AddressSanitizer", tsan: "ThreadSanitizer" };

export async function sanitizer(kind: Sanitizer, katas: Kata[]): Promise<Finding> {
  const { prefix, problem } = await canary(kind);
  const what = SANITIZERS[kind];
  if (!problem) return fine(what, prefix.length > 0 ? `works, under ${prefix.join(" ")}` : "works");
  const means = `${numbers(katas, builtAs(kind))}: the checks that run with it end in "harness error"`;
  const random = /unexpected memory mapping|personality|mmap/i.test(problem);
  return {
    what,
    state: "stops",
    says: problem,
    means: random ? `${means}; in a container, mend it on the container's host` : means,
    mend: random ? "sudo sysctl -w vm.mmap_rnd_bits=28" : installs(await runtimePackage()),
  };
}

const builtAs =
  (build: Build) =>
  ({ scenarios }: Kata) =>
    scenarios.some((scenario) => scenario.build === build);

/** Debian's package with the sanitizers' runtimes of this compiler. */
async function runtimePackage(): Promise<string> {
  const { cc, family } = await toolchain();
  const { stdout } = await command([cc, "-dumpversion"]);
  const major = stdout.trim().split(".")[0];
  return family === "gcc" ? `libgcc-${major}-dev` : `libclang-rt-${major}-dev`;
}

/** The libraries that katas are linked with. */
export async function libraries(katas: Kata[]): Promise<Finding[]> {
  const names = new Set(katas.flatMap(({ link }) => link.flatMap((word) => /^-l(.+)$/.exec(word)?.[1] ?? [])));
  return await Promise.all([...names].map((name) => library(name, katas)));
}

async function library(name: string, katas: Kata[]): Promise<Finding> {
  const { cc } = await toolchain();
  const what = `lib${name}`;
  const names = [name, what, `${name}/${name}`, `${name}/${name.replace(/[\d.]+$/, "")}`]; // <lua5.1/lua.h>
  const included = names.map((of) => `echo '#include <${of}.h>' | "$0" -E -x c - >/dev/null`);
  const header = await command(["sh", "-c", included.join(" || "), cc]);
  const { stdout } = await command([cc, `-print-file-name=${what}.so`]);
  const lacks = [...(header.code === 0 ? [] : [`${name}.h`]), ...(stdout.startsWith("/") ? [] : [`${what}.so`])];
  if (lacks.length === 0) return fine(what, "header and library are there");
  const means = `${numbers(katas, ({ link }) => link.includes(`-l${name}`))} cannot be graded`;
  return { what, state: "stops", says: `${lacks.join(" and ")}: not found`, means, mend: installs(`${what}-dev`) };
}

export function throughput(katas: Kata[]): Finding {
  const problem = whyNotTimed();
  if (!problem) return fine("throughput", "hyperfine and taskset are there");
  const means = `throughput of ${numbers(katas, (kata) => kata.throughput)} reads "not measurable": no silver, no gold`;
  const packages = ["hyperfine", "taskset"].filter((tool) => !Bun.which(tool));
  const mend = installs(...packages.map((tool) => (tool === "taskset" ? "util-linux" : tool)));
  return { what: "throughput", state: "less", says: problem.replace(/:.*/, ""), means, mend };
}

export async function debuggerThere(): Promise<Finding> {
  const means = "bun kata replay NN CHECK --gdb needs it, and grading does not";
  if (!Bun.which("gdb")) {
    return { what: "gdb", state: "known", says: "not found on the PATH", means, mend: installs("gdb") };
  }
  const { stdout, stderr } = await command(["gdb", "-nx", "-batch", "-ex", "run", "true"]);
  if (/exited normally/.test(stdout)) return fine("gdb", "works");
  const says = `cannot run a program: ${stderr.trim().split("\n").at(-1)}`;
  const mend = "docker run --cap-add SYS_PTRACE --security-opt seccomp=unconfined ..., as .devcontainer does";
  return { what: "gdb", state: "known", says, means, mend };
}

/** Ubuntu's kernels keep ordinary users from making one, except by programs with a profile: this one is Ubuntu's own. */
const RESTRICTED = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
const PROFILE = "bwrap-userns-restrict";
const LOADED = `/etc/apparmor.d/${PROFILE}`;

/** What holds programs while they run. */
export async function box(): Promise<Finding> {
  const { tier, why = "" } = await confinement();
  if (tier === "A" || tier === "B") return fine("box", `tier ${tier}; docs/trust.md says what that is`);
  const held = tier === "C" ? "within walls that leave them your network" : "within limits";
  const means = `programs run as you, ${held}: do not grade strangers' files here, and no score of yours is attested`;
  return { what: "box", state: "known", says: why, means, mend: mendBox(why) };
}

/** What the completion queues of io_uring need, in the box. */
export async function rings(katas: Kata[]): Promise<Finding> {
  const refused = await whyNoRings();
  if (!refused) return fine("io_uring", "works, in the box too");
  const disabled = "/proc/sys/kernel/io_uring_disabled";
  const off = existsSync(disabled) && readFileSync(disabled, "utf8").trim() !== "0";
  return {
    ...{ what: "io_uring", state: "less", says: refused },
    means: `${numbers(katas, (kata) => kata.rings)}: the checks on real sockets are not measurable`,
    mend: off
      ? "sudo sysctl -w kernel.io_uring_disabled=0"
      : "docker run --security-opt seccomp=unconfined ..., or Linux 6.1",
  };
}

/** Which some katas' processes share. */
export function redis(katas: Kata[]): Finding {
  const refused = whyNoRedis();
  if (!refused) return fine("redis-server", "is there");
  const means = `${numbers(katas, ({ staged }) => staged.some((one) => one.redis))}: what is tried on a real Redis is not measurable`;
  return { what: "redis-server", state: "less", says: refused, means, mend: WITH_REDIS };
}

/** Of servers: programs that were not written for these katas. */
export function clients(): Finding {
  const missing = ["curl", "wrk"].filter((tool) => !Bun.which(tool));
  if (missing.length === 0) return fine("clients", "curl and wrk are there");
  const says = `${missing.join(" and ")}: not found on the PATH`;
  const means = "15: real_clients is not measurable";
  return { what: "clients", state: "less", says, means, mend: "scripts/setup --with clients" };
}

/** Where Windows programs are made and run. */
export function wine(katas: Kata[]): Finding {
  const missing = whyNoWine();
  if (!missing) return fine("wine", "is there, with mingw-w64");
  const means = `${numbers(katas, builtAs("mingw"))}: what is tried as a Windows program is not measurable`;
  return { what: "wine", state: "less", says: missing, means, mend: WITH_WINE };
}

function mendBox(why: string): string {
  if (!Bun.which("bwrap")) return installs("bubblewrap");
  if (/cannot read this checkout/.test(why))
    return "git clone . /var/tmp/c10kata    # and bun where everybody may read it";
  if (existsSync(RESTRICTED)) {
    const copies = asRoot(`cp /usr/share/apparmor/extra-profiles/${PROFILE} ${LOADED}`);
    return [installs("apparmor-profiles"), copies, asRoot(`apparmor_parser -r ${LOADED}`)].join(" && ");
  }
  return "docker run --security-opt seccomp=unconfined --security-opt apparmor=unconfined ..., as .devcontainer does";
}

/** Of the kernel: who may count what a processor does. */
const PARANOID = "sudo sysctl -w kernel.perf_event_paranoid=1";

export async function recorder(): Promise<Finding> {
  const means = "bun kata replay NN CHECK --rr needs it, and nothing else does";
  if (!Bun.which("rr"))
    return { what: "rr", state: "known", says: "not found on the PATH", means, mend: installs("rr") };
  return await withTemporary(async (folder) => {
    const { code, stderr } = await command(["rr", "record", "-o", join(folder, "recording"), "true"]);
    if (code === 0) return fine("rr", "works");
    const says = `cannot record: ${stderr.trim().split("\n").at(-1)}`;
    if (/perf_event_paranoid/.test(stderr)) return { what: "rr", state: "known", says, means, mend: PARANOID };
    const lacks =
      "It counts with the processor's own counters; most virtual machines hide these, and no command shows them";
    return { what: "rr", state: "known", says, means: `${means}.\n${lacks}`, mend: "bun kata replay NN CHECK --gdb" };
  });
}

export function git(): Finding {
  if (Bun.which("git")) return fine("git", "works");
  const means = "bun kata score, bun run mutants and bun run verify need it; other gradings do not";
  return { what: "git", state: "known", says: "not found on the PATH", means, mend: installs("git") };
}

/** The numbers of those katas that `has` holds for. */
export const numbers = (katas: Kata[], has: (kata: Kata) => unknown) =>
  katas.flatMap((kata) => (has(kata) ? kata.id.slice(0, 2) : [])).join(", ");
