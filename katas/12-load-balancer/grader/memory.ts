// SPDX-License-Identifier: MIT
/** The check of 12-load-balancer about allocations that are refused. */
import type { Check } from "@c10kata/harness/check";
import { judgeRefusals, refusalsEvidence, type Refusals } from "@c10kata/harness/refusals";
import { z } from "zod";

export const noMemoryEvidence = z.strictObject(refusalsEvidence);
const balancer = {
  make: "lb_new",
  end: "lb_free",
  object: "balancer",
  broken: "does not send a client to one backend twice",
};

/** lb_new without memory answers NULL and keeps nothing; lb_free gives everything back. */
export const noMemory: Check<Refusals> = {
  id: "no_memory",
  points: 1,
  needs: "somebody_is_picked",
  run: (evidence) => judgeRefusals(evidence, balancer),
};
