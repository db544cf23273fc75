// SPDX-License-Identifier: MIT
/** What this machine can run, found out by trying. */
import { canary } from "../play/canary.ts";
import { toolchain, whyNotTimed } from "../build/toolchain.ts";

export interface Finding {
  what: string;
  ok: boolean;
  says: string;
}

/** Tries everything that a grading may need. Throws Unusable when there is no compiler at all. */
export async function examine(): Promise<Finding[]> {
  const tools = await toolchain();
  const [asan, tsan] = await Promise.all([canary("asan"), canary("tsan")]);
  const timed = whyNotTimed();
  const started = (prefix: string[]) => (prefix.length > 0 ? `works, under ${prefix.join(" ")}` : "works");
  return [
    { what: "bun", ok: true, says: Bun.version },
    { what: "compiler", ok: true, says: `${tools.cc}: ${tools.version}` },
    { what: "AddressSanitizer", ok: !asan.problem, says: asan.problem ?? started(asan.prefix) },
    { what: "ThreadSanitizer", ok: !tsan.problem, says: tsan.problem ?? started(tsan.prefix) },
    { what: "throughput", ok: timed === null, says: timed ?? "hyperfine and taskset are there" },
    {
      what: "CPUs",
      ok: tools.cpus >= 2,
      says: tools.cpus >= 2 ? String(tools.cpus) : "1: threads will hardly overlap, races are found less often",
    },
  ];
}
