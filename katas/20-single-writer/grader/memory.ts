// SPDX-License-Identifier: MIT
/** The check of 20-single-writer about allocations that are refused. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { judgeRefusals, refusalsEvidence } from "@c10kata/harness/refusals";
import { z } from "zod";

export const noMemoryEvidence = z.strictObject({
  ...refusalsEvidence,
  /** A second write, of 4096 bytes, without memory: 1 if it answered true; the bytes that were stored then; 1 if it
   * answered true once there was memory. */
  write_without: count,
  kept: count,
  write_with: count,
});
export type NoMemoryEvidence = z.infer<typeof noMemoryEvidence>;
const made = {
  make: "lease_client_new with store_new",
  end: "lease_client_free with store_free",
  object: "client",
  broken: "takes no lease, or no write",
};

/** Without memory nothing is made, nothing is written, and nothing is lost. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 2,
  needs: ["first_lease", "store_refuses"],
  run({ write_without, kept, write_with, ...refusals }) {
    const judged = judgeRefusals(refusals, made);
    if (judged.verdict !== "pass") return judged;
    if (!write_without && kept === 5 && write_with) return pass();
    return fail({
      saw: `store_write of 4096 bytes without memory: ${!!write_without}; then "first" was ${kept === 5 ? "there" : "gone"}, and the write with memory: ${!!write_with}`,
      expected: 'false; "first" there; true',
      lookAt: "store_write: what has changed when it finds that there is no memory?",
    });
  },
};
