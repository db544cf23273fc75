// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring about memory: what is read and freed, and what happens when there is none. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, numbers, rows } from "@c10kata/harness/evidence";
import { held, judgeRefusals, refusalOf, refusalsEvidence } from "@c10kata/harness/refusals";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";

export const churnEvidence = z.strictObject({ lookups: count, strangers: count, stale: count });
export type ChurnEvidence = z.infer<typeof churnEvidence>;

/** No access outside live memory, nothing leaked, and names stay what they were: AddressSanitizer's report counts. */
export const memoryClean: Check<ChurnEvidence> = {
  id: "memory_clean",
  points: 5,
  needs: "some_key_finds_node",
  run({ lookups, strangers, stale }, { params }) {
    if (lookups < params.changes!) return fail({ saw: plural(lookups, "lookup"), expected: "lookups that answer" });
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
export const noMemoryEvidence = z.strictObject({
  ...refusalsEvidence,
  /**
   * The allocation that was to be refused, alone or with all later ones, and where it was asked for, 0 if it was not; answers without
   * their sign; keys whose owner a refused addition changed.
   */
  adds: rows("nth", "alone", "refused", "answer", "changed"),
  remove_answer: numbers,
  differs: count,
  /** After ring_free: of the ring whose later allocations were refused too, and of the one that had one refused at a time. */
  kept: numbers,
});
export type NoMemoryEvidence = z.infer<typeof noMemoryEvidence>;
const ring = { make: "ring_new", end: "ring_free", object: "ring", broken: "loses its first node" };

/** Without memory an addition answers -ENOMEM and changes nothing, a removal succeeds, and nothing is ever lost. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 5,
  needs: "some_key_finds_node",
  run: (evidence) => refusedAdditions(evidence) ?? refusedRemovals(evidence) ?? lostMemory(evidence),
};

function refusedAdditions({ adds }: NoMemoryEvidence): Judgement | undefined {
  const odd = adds.find(({ answer }) => answer !== 0 && answer !== ENOMEM);
  if (odd) {
    return fail({
      saw: `ring_add_node answered -${odd.answer}: ${odd.refused ? refusalOf(odd) : "a call before it had been refused memory"}`,
      expected: "-12, which is -ENOMEM",
      lookAt: "ring_add_node: after a call that failed, what does the next one find?",
    });
  }
  const changed = adds.find((add) => add.changed > 0);
  if (changed) {
    return fail({
      saw: `ring_add_node answered -ENOMEM, and ${changed.changed} of 64 keys had another owner afterwards: ${refusalOf(changed)}`,
      expected: "the ring unchanged",
      lookAt: "ring_add_node: what has been changed before the last thing that can fail?",
    });
  }
  const last = adds.at(-1);
  if (last?.answer === 0 && adds.every(({ answer, refused }) => answer === 0 || refused)) return undefined;
  return fail({
    saw: "ring_add_node answered -ENOMEM also when there was memory",
    expected: "a node added",
    lookAt: "ring_add_node: what does a failed call leave behind?",
  });
}

function refusedRemovals({ remove_answer, differs }: NoMemoryEvidence): Judgement | undefined {
  const refused = remove_answer.find((answer) => answer !== 0);
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

function lostMemory(evidence: NoMemoryEvidence): Judgement {
  const at = evidence.kept.findIndex((kept) => kept !== 0);
  if (at < 0) return judgeRefusals(evidence, ring);
  const how = at === 0 ? "an allocation and all later ones" : "one allocation alone";
  return fail({
    saw: `${held(evidence.kept[at]!)} after ring_free, of a ring whose additions had been refused ${how}`,
    expected: "everything given back",
    lookAt: "what does a failed call leave behind, and what does ring_free forget?",
  });
}
