// SPDX-License-Identifier: MIT
/** Checks of threads that come and go, and of the machine that they run on. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const comeAndGoEvidence = z.strictObject({
  /** `came`: threads so far, each of which added 1. */
  parts: rows("came", "sum", "bytes"),
  grown_bytes: count,
});
export type ComeAndGoEvidence = z.infer<typeof comeAndGoEvidence>;

/** What a thread has added stays when it ends. */
export const threadsComeAndGo: Check<ComeAndGoEvidence> = {
  id: "threads_come_and_go",
  points: 5,
  needs: "counts_up",
  run({ parts }) {
    const wrong = parts.find(({ came, sum }) => sum !== came);
    if (parts.length === 0) return fail({ saw: "no thread came", expected: "threads that add and end" });
    if (!wrong) return pass();
    return fail({
      saw: `${english(wrong.came)} threads had come, added 1, and ended: counter_read answered ${english(wrong.sum)}`,
      expected: english(wrong.came),
      lookAt:
        "what becomes of a thread's part when it ends, and who gets its place? How many threads has the file room for?",
    });
  },
};

/** The counter's own 8 KiB, and a line that malloc may add. */
export const COUNTER_MAX = 8192 + 64;
/** What the process itself may take meanwhile. */
const GROWN_MAX = 3 * 2 ** 20;

/** However many threads have added, it is no larger. */
export const nothingGrows: Check<ComeAndGoEvidence> = {
  id: "nothing_grows",
  points: 3,
  needs: "counts_up",
  run({ parts, grown_bytes }) {
    const [first] = parts;
    if (!first) return fail({ saw: "no thread came", expected: "threads that add and end" });
    const grown = parts.find(({ bytes }) => bytes > first.bytes || bytes > COUNTER_MAX);
    const lookAt = "what is kept of a thread that has ended?";
    if (grown) {
      return fail({
        saw: `the counter held ${english(first.bytes)} bytes after ${english(first.came)} threads, ${english(grown.bytes)} after ${english(grown.came)}`,
        expected: "at most 8 KiB, and no more for more threads",
        lookAt,
      });
    }
    if (grown_bytes <= GROWN_MAX) return pass();
    return fail({
      saw: `while ${english(parts[1]!.came)} threads came and went, the process took ${(grown_bytes / 2 ** 20).toFixed(1)} MiB more`,
      expected: "nothing that grows with the number of threads",
      lookAt,
    });
  },
};

export const machinesEvidence = z.strictObject({ machines: rows("working", "largest", "added", "sum", "bytes") });
export type MachinesEvidence = z.infer<typeof machinesEvidence>;

/** Whatever the machine: one processor, hundreds, and gaps in their numbers. */
export const anyMachine: Check<MachinesEvidence> = {
  id: "any_machine",
  points: 3,
  needs: "counts_up",
  run({ machines }) {
    const wrong = machines.find(({ added, sum }) => sum !== added);
    if (machines.length === 0) return fail({ saw: "no machine was tried", expected: "machines" });
    const large = machines.find(({ bytes }) => bytes > COUNTER_MAX);
    if (!wrong && large) {
      return fail({
        saw: `on a machine of ${english(large.working)} processors a counter takes ${english(large.bytes)} bytes`,
        expected: "at most 8 KiB (8,192 bytes), on any machine",
        lookAt: "how many shards are there on a large machine, and how many threads need one each?",
      });
    }
    if (!wrong) return pass();
    const { working, largest, added, sum } = wrong;
    return fail({
      saw: `on a machine of which ${english(working)} processors work, the last of them with number ${english(largest)}: ${english(added)} were added, and counter_read answered ${english(sum)}`,
      expected: english(added),
      lookAt: "which numbers can a processor have, and how many shards does the counter have then?",
    });
  },
};
