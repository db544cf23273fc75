// SPDX-License-Identifier: MIT
/** What the machine allows: CPUs and who else uses them, memory, room on disks, limits, a checkout that can be written. */
import { accessSync, constants, existsSync, readFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, roomIn } from "../../base/cache.ts";
import { wantsColours } from "../../base/terminal-size.ts";
import { shortages } from "../../build/toolchain.ts";
import type { Kata } from "../../kata/kata.ts";
import { STRANGER_CPU_MAX } from "../../play/measure.ts";
import { asRoot, fine, type Finding } from "./finding.ts";
import { numbers } from "./tools.ts";

export function cpus(): Finding {
  const count = availableParallelism();
  if (count >= 2) return fine("CPUs", String(count));
  const means = "threads hardly overlap: races are found less often, and what needs two CPUs is not measured";
  return { what: "CPUs", state: "less", says: "1", means };
}

/** For so long the doctor looks at who uses the CPUs while it does nothing itself. */
const LOOK_MS = 250;

/** A busy machine is no fault: it is told, since throughput suffers from it. */
export async function quiet(): Promise<Finding> {
  const before = cpuTimes();
  await Bun.sleep(LOOK_MS);
  const after = cpuTimes();
  const [busy, stolen, all] = after.map((ticks, at) => ticks - before[at]!) as [number, number, number];
  const inUse = (ticks: number) => (all === 0 ? 0 : (ticks / all) * availableParallelism());
  if (inUse(busy) <= STRANGER_CPU_MAX) return fine("quiet", "nobody else uses the CPUs");
  const theft = stolen > 0 ? `, ${inUse(stolen).toFixed(1)} of them by other virtual machines` : "";
  const says = `other programs use ${inUse(busy).toFixed(1)} of the CPUs now${theft}`;
  const means = 'throughput may read "not measurable", or is told roughly; gradings take longer';
  return { what: "quiet", state: "known", says, means, mend: "top -o %CPU    # who it is" };
}

/** Ticks of all CPUs since boot: in use, stolen, all. */
function cpuTimes(): [number, number, number] {
  const fields = readFileSync("/proc/stat", "utf8").split("\n")[0]!.trim().split(/ +/).slice(1, 9).map(Number);
  const all = fields.reduce((sum, ticks) => sum + ticks, 0);
  const [, , , idle = 0, iowait = 0, , , steal = 0] = fields;
  return [all - idle - iowait, steal, all];
}

const MIB = 1 << 20;
/** All katas of today pass in a container of 512 MiB; each grading took 160 MiB at most. */
const MEMORY_MIB_MIN = 512;

export function memory(): Finding {
  const free_mib = Math.floor(process.availableMemory() / MIB);
  if (free_mib >= MEMORY_MIB_MIN) return fine("memory", `${free_mib.toLocaleString("en")} MiB are free`);
  const says = `${free_mib} MiB are free, ${MEMORY_MIB_MIN} are needed`;
  const means = "the kernel may end a right program for lack of memory, which looks like a crash";
  return { what: "memory", state: "stops", says, means, mend: "ps axo rss,comm --sort=-rss | head    # who has it" };
}

/** A kata's builds take some MiB, all of a shelf's some hundred. */
const ROOM_MIB = { needed: 64, wanted: 1024 };

/** Compilers write to TMPDIR, and what they make is kept below .cache. */
export function room(): Finding[] {
  const cache = join(ROOT, ".cache");
  const temporary = existsSync(tmpdir()) ? tmpdir() : "/tmp";
  const emptied = "rm -r .cache/builds    # made again when needed";
  return [
    roomFor("room in .cache", existsSync(cache) ? cache : ROOT, emptied),
    roomFor(`room in ${temporary}`, temporary, "mkdir -p .cache && export TMPDIR=$PWD/.cache"),
  ];
}

function roomFor(what: string, folder: string, mend: string): Finding {
  const free_mib = Math.floor(roomIn(folder) / MIB);
  const says = `${free_mib.toLocaleString("en")} MiB are free`;
  if (free_mib >= ROOM_MIB.wanted) return fine(what, says);
  const short = free_mib < ROOM_MIB.needed;
  const means = short ? 'compilers run out of it, and gradings end in "harness error"' : "enough for now";
  return { what, state: short ? "stops" : "known", says, means, mend };
}

export function checkout(): Finding {
  const places = [ROOT, ...[".cache", ".kata"].map((name) => join(ROOT, name)).filter(existsSync)];
  const refused = places.filter((place) => !writable(place));
  if (refused.length === 0) return fine("checkout", "builds and scores can be kept");
  const means = "no kata can be graded, and no score is kept";
  const mend = "git clone . ~/c10kata && cd ~/c10kata    # or: sudo chown -R $USER .";
  return { what: "checkout", state: "stops", says: `cannot be written: ${refused.join(", ")}`, means, mend };
}

function writable(place: string): boolean {
  try {
    accessSync(place, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** A shell's own limit, which commands that it starts inherit. */
const raise = (limit: string, to: number | string) => asRoot(`prlimit --pid $$ --${limit}=${to}`);

/** Ten thousand clients, and a connection to each. */
const DESCRIPTORS = 20_000;

/** As prlimit(1) calls what `ulimit` calls so. */
const NAMES: Record<string, string> = { n: "nofile", u: "nproc", v: "as", f: "fsize", t: "cpu" };

export function limits(): Finding[] {
  const low = shortages().map(({ says, flag }): Finding => {
    const mend = raise(NAMES[flag]!, flag === "n" ? DESCRIPTORS : "unlimited");
    return { what: "limits", state: "stops", says, means: "no kata can be graded", mend };
  });
  return low.length > 0 ? low : [fine("limits", "high enough")];
}

export function descriptors(katas: Kata[]): Finding {
  const limits = readFileSync("/proc/self/limits", "utf8");
  const hard = /^Max open files +\S+ +(\d+)/m.exec(limits)?.[1];
  if (hard === undefined || Number(hard) >= DESCRIPTORS)
    return fine("descriptors", `${hard ?? "any number"} in a process`);
  return {
    what: "descriptors",
    state: "less",
    says: `${hard} in a process at most, ${DESCRIPTORS} are wanted (ulimit -Hn)`,
    means: `${numbers(katas, ({ simulated }) => simulated)}: fewer than 10,000 clients are tried, and some counts are not measurable`,
    mend: `${raise("nofile", DESCRIPTORS)}    # in a container: docker run --ulimit nofile=${DESCRIPTORS}`,
  };
}

export function colours(): Finding {
  if (!wantsColours()) {
    return {
      what: "colours",
      state: "known",
      says: "NO_COLOR is set",
      means: "reports have none",
      mend: "unset NO_COLOR",
    };
  }
  if (process.env.TERM !== "dumb") return fine("colours", "as the terminal has them");
  const mend = "export TERM=xterm-256color";
  return { what: "colours", state: "known", says: "TERM is dumb", means: "reports have none", mend };
}
