// SPDX-License-Identifier: MIT
/** A timed run of 01-thread-pool counts only if it was right. */
import { fail, pass, type Judgement } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

export const benchEvidence = z.strictObject({ ran: count, discarded: count });

/** A bench run counts only if every job ran once. */
export function benchSample(
  { ran, discarded }: z.infer<typeof benchEvidence>,
  { params }: { params: Record<string, number> },
): Judgement {
  const expected = params.submitters! * params.jobs!;
  if (ran === expected && discarded === 0) return pass();
  return fail({
    saw: `${ran} of ${expected} jobs ran exactly once, ${discarded} discarded`,
    expected: "every job runs exactly once",
  });
}
