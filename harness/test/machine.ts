// SPDX-License-Identifier: MIT
/** What runs on this machine, and waiting for a condition instead of for a while. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "../src/base/cache.ts";

const DEADLINE_MS = 30_000;

/** Waits until `holds`; throws after a deadline with what was waited for. */
export async function until(
  holds: () => boolean,
  what: string | (() => string),
  deadline_ms = DEADLINE_MS,
): Promise<void> {
  for (const started = performance.now(); !holds(); await Bun.sleep(5)) {
    if (performance.now() - started < deadline_ms) continue;
    throw new Error(`not within ${deadline_ms} ms: ${typeof what === "string" ? what : what()}`);
  }
}

/** What a process was started as; "" when it is over. */
export function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}

const BUILDS = join(ROOT, ".cache", "builds");

/** Folders that a grader has under way: builds, and its guests' own. */
export const halfMade = (pid: number) =>
  [...readdirSync(BUILDS), ...readdirSync("/dev/shm")].filter(
    (name) => /^(new|c10kata)-(\d+)-/.exec(name)?.[2] === `${pid}`,
  );

interface Process {
  pid: number;
  parent: number;
  /** Z: over, and only waiting to be collected. */
  state: string;
}

function allProcesses(): Process[] {
  return readdirSync("/proc").flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "latin1");
      const [state, parent] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return [{ pid: Number(name), parent: Number(parent), state: state! }];
    } catch {
      return []; // it has just ended
    }
  });
}

/** Children, grandchildren and so on that are alive. */
export function ownProcesses(of = process.pid): number[] {
  const all = allProcesses().filter(({ state }) => state !== "Z");
  const found = new Set([of]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  found.delete(of);
  return [...found];
}

/** Processes whose environment says `mark`. */
export function processesWith(mark: string): number[] {
  return allProcesses()
    .filter(({ state }) => state !== "Z")
    .map(({ pid }) => pid)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark);
      } catch {
        return false;
      }
    });
}
