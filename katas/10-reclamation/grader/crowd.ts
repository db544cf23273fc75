// SPDX-License-Identifier: MIT
/** Checks of many threads at once: tagged_crowd.c and hp_crowd.c. */
import { fail, notReached, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, numbers, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { HAZARD, TAGGED } from "./files.ts";

export const taggedCrowdEvidence = z.strictObject({
  uses: count,
  used: count,
  strange: count,
  twice: rows("slot", "thread", "other"),
  left: numbers,
});
export type TaggedCrowd = z.infer<typeof taggedCrowdEvidence>;

function judgeSlots({ uses, used, strange, twice, left }: TaggedCrowd, slots: number): Judgement {
  const lookAt = "tagged_pop: between which two of its steps may the top be popped and pushed again?";
  const [first] = twice;
  if (uses === 0) return fail({ saw: "no slot was popped", expected: "slots" });
  if (strange > 0)
    return fail({ saw: `tagged_pop answered ${english(strange)} numbers that are no slot's`, expected: "slots" });
  if (first) {
    return fail({
      saw: `slot ${first.slot} came to thread ${first.thread} while thread ${first.other} had it`,
      expected: "a slot that was popped comes out again after it was pushed again",
      lookAt,
    });
  }
  const lost = Array.from({ length: slots }, (_, slot) => slot).filter((slot) => !left.includes(slot));
  if (lost.length > 0 || left.length !== slots) {
    return fail({
      saw: `all threads had ended, and ${left.length} slots came out${lost.length > 0 ? `; slot ${lost[0]} was not among them` : ""}`,
      expected: `${slots} slots, each once`,
      lookAt,
    });
  }
  if (used === uses) return pass();
  return fail({
    saw: `slots were used ${english(uses)} times, and ${english(used)} of these were still known in the end`,
    expected: "who pops a slot finds what its last owner has written",
    lookAt: "the memory orders of tagged_push and tagged_pop: what makes the owner's memory visible to the next one?",
  });
}

/** Each slot has one owner at a time, and is there in the end. */
export const taggedNothingLost: Check<TaggedCrowd> = {
  id: "tagged_nothing_lost",
  file: TAGGED,
  points: 4,
  needs: "tagged_keeps_one",
  run: (evidence, { params }) => judgeSlots(evidence, params.slots!),
};

/** The same traffic under ThreadSanitizer, whose report counts. */
export const taggedRaceFree: Check<TaggedCrowd> = {
  id: "tagged_race_free",
  file: TAGGED,
  points: 2,
  needs: "tagged_keeps_one",
  run: (evidence, { params }) =>
    judgeSlots(evidence, params.slots!).verdict === "pass"
      ? pass()
      : notReached("slots were lost: see tagged_nothing_lost", "all the traffic, to judge by"),
};

export const hpCrowdEvidence = z.strictObject({
  reads: count,
  dead: count,
  made: count,
  reclaimed: count,
  twice: count,
  pushed: count,
  popped: count,
  sum_pushed: count,
  sum_popped: count,
});
export type HpCrowd = z.infer<typeof hpCrowdEvidence>;

function judgeItems({ reads, dead, made, reclaimed, twice, ...values }: HpCrowd): Judgement {
  if (reads === 0 || made === 0) return fail({ saw: "nothing was read", expected: "traffic" });
  if (dead > 0) {
    return fail({
      saw: `of ${english(reads)} objects that hp_protect answered, ${english(dead)} looks met one that had been reclaimed`,
      expected: "what a slot protects stays until the slot is cleared",
      lookAt: "hp_protect: what may happen between its load and its store, and what must it look at after the store?",
    });
  }
  if (twice > 0 || reclaimed !== made) {
    return fail({
      saw: `${english(made)} objects were made and retired; ${english(reclaimed)} calls of reclaim, ${english(twice)} of them for an object that was reclaimed already`,
      expected: "one call for each, when the domain has been freed",
      lookAt: "what becomes of an object that one thread leaves, and two others find?",
    });
  }
  const { pushed, popped, sum_pushed, sum_popped } = values;
  if (pushed === popped && sum_pushed === sum_popped) return pass();
  return fail({
    saw: `${english(pushed)} values were pushed, with a sum of ${english(sum_pushed)}; ${english(popped)} came out, with a sum of ${english(sum_popped)}`,
    expected: "each value comes out once",
    lookAt: "hp_stack_pop: what does its compare-and-swap take for granted of the node on top?",
  });
}

/** With many threads that read, replace and leave, all is reclaimed once, and nothing early. */
export const hpReclaimsOnce: Check<HpCrowd> = {
  id: "hp_reclaims_once",
  file: HAZARD,
  points: 4,
  needs: "hp_keeps_one",
  run: judgeItems,
};

/** The same traffic under AddressSanitizer, whose report counts. */
export const hpMemoryClean: Check<HpCrowd> = {
  id: "hp_memory_clean",
  file: HAZARD,
  points: 2,
  needs: "hp_keeps_one",
  run: (evidence) =>
    judgeItems(evidence).verdict === "pass"
      ? pass()
      : notReached("objects or values were lost: see hp_reclaims_once", "all the traffic, to judge by"),
};
