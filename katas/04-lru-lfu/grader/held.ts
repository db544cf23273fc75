// SPDX-License-Identifier: MIT
/** The check of 04-lru-lfu about threads that wait: a loop that waits yields. */
import { fail, pass, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";
import { kindOf, pair } from "./caches.ts";

export const heldEvidence = z.strictObject({
  /** How often a thread was held up in the middle of a put. */
  parked: count,
  /** 0: none. */
  impatient_call: count,
});
export type HeldEvidence = z.infer<typeof heldEvidence>;

const CALLS = ["", "get", "put", "remove", "size"];

/** A call that finds another one in progress sleeps, or yields now and then. */
function yieldsWhileItWaits({ parked, impatient_call }: HeldEvidence, request: RunRequest): Judgement {
  const kind = kindOf(request);
  if (impatient_call > 0) {
    return fail({
      saw: `while another thread was held up in ${kind}_put, ${kind}_${CALLS[impatient_call]} took 50,000 steps and did not yield`,
      expected: "sched_yield at least every 1,000 rounds, or a lock that sleeps",
      lookAt: "on a machine with one processor: can the thread that has the lock run while this loop does?",
    });
  }
  return parked > 0 ? pass() : fail({ saw: `${kind}_put took no step`, expected: "some" });
}

export const waitsPolitely = pair<HeldEvidence>("waits_politely", yieldsWhileItWaits, 1);
