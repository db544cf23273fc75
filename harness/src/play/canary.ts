// SPDX-License-Identifier: MIT
/**
 * Before a sanitizer's silence counts, a known-bad program must be reported and a known-good one must not. Where
 * ThreadSanitizer does not start because addresses are too random (vm.mmap_rnd_bits), `setarch -R` is tried.
 */
import { join } from "node:path";
import { linkProgram } from "../build/link.ts";
import { ROOT } from "../base/cache.ts";
import { command, Unusable } from "../base/command.ts";

export type Sanitizer = "asan" | "tsan";

export interface Canary {
  /** To be put before every program of this build. */
  prefix: string[];
  /** Why its silence means nothing here; then no verdict may rest on it. */
  problem?: string;
}

const asked = new Map<Sanitizer, Promise<Canary>>();

/** Tries once per process. */
export function canary(sanitizer: Sanitizer): Promise<Canary> {
  if (!asked.has(sanitizer)) asked.set(sanitizer, probe(sanitizer));
  return asked.get(sanitizer)!;
}

async function probe(sanitizer: Sanitizer): Promise<Canary> {
  let program: string;
  try {
    program = await linkProgram(join(ROOT, "native", "canary", `${sanitizer}.c`), sanitizer);
  } catch (error) {
    if (error instanceof Unusable) return { prefix: [], problem: error.message.trim() };
    throw error;
  }
  let problem = "";
  for (const prefix of [[], ["setarch", "-R"]]) {
    const good = await command([...prefix, program]);
    const bad = await command([...prefix, program, "bad"]);
    if (good.code === 0 && bad.code !== 0 && bad.stderr.includes("Sanitizer:")) return { prefix };
    problem = good.code !== 0 ? `accuses a correct program: ${good.stderr}` : `misses a wrong program: ${bad.stderr}`;
  }
  return { prefix: [], problem: `${sanitizer} ${problem.trim().slice(0, 300)}` };
}
