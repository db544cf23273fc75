// SPDX-License-Identifier: MIT
/** Checks of many threads that pick at the same time. */
import { fail, notReached, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";
import { POLICIES } from "./model.ts";

export const crowdEvidence = z.strictObject({
  picks: count,
  /** Answers of -1; and those that are no backend. */
  nobody: count,
  strangers: count,
  /** Between lb_new and lb_free. */
  allocations: count,
  /** By policy: when nothing is active any more, backends that get one of as many picks. */
  rests: rows("policy", "different"),
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

/**
 * Policies of which each backend gets one pick of n then, when weights are equal. Not the weighted one: credits that were kept while
 * a backend was down may differ by more than a pick.
 */
const EVEN = ["round_robin", "least_connections"];
/** Of the bounded ring all but a fifth do: the bound is 2 when more than that have one. */
const SHARE_BELOW_TWO = 0.8;

const least = (policy: string, backends: number) => {
  if (EVEN.includes(policy)) return backends;
  return policy === "consistent" ? Math.floor(backends * SHARE_BELOW_TWO) : 1;
};

function judge({ picks, nobody, strangers, rests }: CrowdEvidence, backends: number): Judgement {
  if (picks === nobody) return fail({ saw: "no pick answered a backend", expected: "backends" });
  if (strangers > 0)
    return fail({
      saw: `${plural(strangers, "pick")} answered no backend`,
      expected: "an index from 0 to n - 1, or -1",
    });
  for (const { policy, different } of rests) {
    const name = POLICIES[policy]!;
    if (different >= least(name, backends)) continue;
    return fail({
      saw: `LB_${name.toUpperCase()}: after ${english(picks)} picks of several threads all requests had ended, and ${backends} picks more went to ${plural(different, "backend")}`,
      expected: `${least(name, backends)} of the ${backends}, of equal weight: nothing is active, and all are up`,
      lookAt: "what may another thread do between the two halves of a pick, or of an end?",
    });
  }
  return pass();
}

/** When all requests of all threads have ended, none is counted any more. */
export const nothingLost: Check<CrowdEvidence> = {
  id: "nothing_lost",
  points: 2,
  needs: "somebody_is_picked",
  run: (evidence, { params }) => judge(evidence, params.backends!),
};

/** Only lb_new allocates. */
export const noAllocation: Check<CrowdEvidence> = {
  id: "no_allocation",
  points: 1,
  needs: "somebody_is_picked",
  run({ allocations, picks, nobody }) {
    if (picks === nobody) return fail({ saw: "no pick answered a backend", expected: "backends" });
    if (allocations === 0) return pass();
    return fail({
      saw: `${plural(allocations, "allocation")} during ${english(picks)} picks`,
      expected: "none: memory is taken by lb_new alone",
      lookAt: "what is the new memory for, and when is its size known?",
    });
  },
};

const wholeTraffic = (evidence: CrowdEvidence, backends: number) =>
  judge(evidence, backends).verdict === "pass"
    ? pass()
    : notReached("the traffic was not whole: see nothing_lost", "all of it, to judge by");

/** The traffic is real; AddressSanitizer's report counts. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 1,
  needs: "somebody_is_picked",
  run: (evidence, { params }) => wholeTraffic(evidence, params.backends!),
};

/** The same for ThreadSanitizer's. */
export const raceFree: Check<CrowdEvidence> = {
  id: "race_free",
  points: 1,
  needs: "somebody_is_picked",
  run: (evidence, { params }) => wholeTraffic(evidence, params.backends!),
};
