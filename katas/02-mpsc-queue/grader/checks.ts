// SPDX-License-Identifier: MIT
/** The checks of 02-mpsc-queue: pure functions from the driver's raw history to a judgement, a file for each scenario. */
import { fail, pass, type Judgement } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

export * from "./counts.ts";
export * from "./crowd.ts";
export * from "./memory.ts";
export * from "./queues.ts";
export * from "./stalled.ts";

export const benchEvidence = z.strictObject({ received: count, out_of_order: count });

/** A bench run counts only if its traffic was right. */
export function benchSample(
  { received, out_of_order }: z.infer<typeof benchEvidence>,
  { params }: { params: Record<string, number> },
): Judgement {
  const expected = params.producers! * params.items!;
  if (received === expected && out_of_order === 0) return pass();
  return fail({
    saw: `${received} of ${expected} nodes, ${out_of_order} out of order`,
    expected: "all nodes, in each producer's order",
  });
}
