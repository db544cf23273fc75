// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring about memory: what is read and freed, and what happens when there is none. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";
import { numbers, several } from "./traffic.ts";

export const churnEvidence = z.strictObject({ lookups: count, strangers: count, stale: count });
export interface ChurnEvidence {
  lookups: number;
  strangers: number;
  stale: number;
}

/** No access outside live memory, nothing leaked, and names stay what they were: AddressSanitizer's report counts. */
export const memoryClean: Check<ChurnEvidence> = {
  id: "memory_clean",
  points: 5,
  needs: "some_key_finds_node",
  run({ lookups, strangers, stale }, { params }) {
    if (lookups < params.changes!) return fail({ saw: several(lookups, "lookup"), expected: "lookups that answer" });
    if (strangers > 0) {
      return fail({
        saw: `${strangers} of ${lookups} answers were not the name of a node in the ring`,
        expected: "names of nodes in the ring, each as it was given: 1 to 255 bytes of any value",
        lookAt: "how are names copied and compared?",
      });
    }
    if (stale === 0) return pass();
    return fail({
      saw: `a name that a lookup had returned read differently ${stale} times after other nodes had come and gone`,
      expected: "the same name for as long as its node is in the ring",
      lookAt: "where do the names lie, and what moves them?",
    });
  },
};

const ENOMEM = 12;
export const noMemoryEvidence = z
  .strictObject({
    new_kept: series,
    add_answer: series,
    add_changed: series,
    remove_answer: series,
    differs: count,
    kept: count,
    live_after_free: count,
  })
  .transform(({ new_kept, add_answer, add_changed, remove_answer, ...rest }) => ({
    new_kept: numbers(new_kept),
    adds: numbers(add_answer).map((answer, at) => ({ answer, changed: Number(add_changed[at]) })),
    removes: numbers(remove_answer),
    ...rest,
  }));
export interface NoMemoryEvidence {
  /** Allocations still held after each ring_new that answered NULL. */
  new_kept: number[];
  /** Answers without their sign, and keys whose owner a refused addition changed. */
  adds: { answer: number; changed: number }[];
  removes: number[];
  differs: number;
  kept: number;
  live_after_free: number;
}

/** Without memory an addition answers -ENOMEM and changes nothing, a removal succeeds, and nothing is ever lost. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 5,
  needs: "some_key_finds_node",
  run: (evidence) => refusedAdditions(evidence) ?? refusedRemovals(evidence) ?? lostMemory(evidence) ?? pass(),
};

function refusedAdditions({ adds }: NoMemoryEvidence): Judgement | undefined {
  const odd = adds.find(({ answer }) => answer !== 0 && answer !== ENOMEM);
  if (odd) {
    return fail({
      saw: `ring_add_node, an allocation refused, answered -${odd.answer}`,
      expected: "-12, which is -ENOMEM",
      lookAt: "ring_add_node: after a call that failed, what does the next one find?",
    });
  }
  const changed = adds.find((add) => add.changed > 0);
  if (changed) {
    return fail({
      saw: `ring_add_node answered -ENOMEM, and ${changed.changed} of 64 keys had another owner afterwards`,
      expected: "the ring unchanged",
      lookAt: "ring_add_node: what has been changed before the last thing that can fail?",
    });
  }
  if (adds.at(-1)?.answer === 0) return undefined;
  return fail({
    saw: "ring_add_node answered -ENOMEM also when there was memory",
    expected: "a node added",
    lookAt: "ring_add_node: what does a failed call leave behind?",
  });
}

function refusedRemovals({ removes, differs }: NoMemoryEvidence): Judgement | undefined {
  const refused = removes.find((answer) => answer !== 0);
  if (refused !== undefined) {
    return fail({
      saw: `ring_remove_node, without memory to be had, answered -${refused}`,
      expected: "0: removing needs less room, not more",
      lookAt: "ring_remove_node: what is the memory for?",
    });
  }
  if (differs === 0) return undefined;
  return fail({
    saw: `${differs} keys had another owner than in a ring of the same nodes that never lacked memory`,
    expected: "the same owners",
    lookAt: "which call goes on after an allocation was refused, as if it had succeeded?",
  });
}

function lostMemory({ new_kept, kept, live_after_free }: NoMemoryEvidence): Judgement | undefined {
  const expected = "everything given back";
  if (new_kept.some((allocations) => allocations !== 0))
    return fail({ saw: "ring_new answered NULL and kept memory", expected, lookAt: "ring_new" });
  if (kept !== 0) {
    const lookAt = "what does a failed call leave behind, and what does ring_free forget?";
    return fail({ saw: `${held(kept)} still held after ring_free`, expected, lookAt });
  }
  if (live_after_free === 0) return undefined;
  return fail({ saw: `${held(live_after_free)} left behind by 100 rings`, expected, lookAt: "ring_free" });
}

const held = (allocations: number) =>
  allocations > 2 ** 53 ? "more freed than allocated" : several(allocations, "allocation");
