// SPDX-License-Identifier: MIT
/** Checks of memory: tagged_memory.c and hp_memory.c. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { judgeRefusals, refusalsEvidence } from "@c10kata/harness/refusals";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { HAZARD, TAGGED } from "./files.ts";

export const taggedMemoryEvidence = z.strictObject({
  ...refusalsEvidence,
  sizes: rows("slots", "made", "right", "refused", "bytes"),
});
export type TaggedMemory = z.infer<typeof taggedMemoryEvidence>;
const MOST_SLOTS = 2 ** 31;

/** Without memory NULL, and nothing kept; all slots of a stack work, and no others. */
export const taggedMemory: Check<TaggedMemory> = {
  id: "tagged_memory",
  file: TAGGED,
  points: 3,
  needs: "tagged_keeps_one",
  run(evidence) {
    const words = { make: "tagged_new", end: "tagged_free", object: "stack", broken: "loses its first slot" };
    const judgement = judgeRefusals(evidence, words);
    if (judgement.verdict !== "pass") return judgement;
    for (const { slots, made, right, refused, bytes } of evidence.sizes) {
      const due = slots > 0 && slots <= MOST_SLOTS;
      const told = (saw: string, expected: string, lookAt: string) =>
        fail({ saw: `${saw}, with ${english(slots)} slots`, expected, lookAt });
      if (!due && made)
        return told(
          "tagged_new answered a stack",
          "NULL: 0, or more than 2^31",
          "tagged_new: what is the largest number of slots?",
        );
      if (due && !made) return told("tagged_new answered NULL", "a stack", "tagged_new: which sizes does it refuse?");
      if (due && !right)
        return told(
          "the last slots were pushed, and others came out",
          "the same, newest first",
          "how many bits has a slot's number, wherever it is kept?",
        );
      if (due && !refused)
        return told(
          "tagged_push answered true for a slot one above the last, or for UINT32_MAX",
          "false",
          "tagged_push: which slots are there?",
        );
      if (due && bytes > 32 * slots + 4096)
        return told(
          `a stack takes ${english(bytes)} bytes`,
          `at most ${english(32 * slots + 4096)}: 32 a slot, and 4 KiB`,
          "what is kept for each slot?",
        );
    }
    return evidence.sizes.length > 0 ? pass() : fail({ saw: "no size was tried", expected: "stacks" });
  },
};

export const hpMemoryEvidence = z.strictObject({
  ...refusalsEvidence,
  sizes: rows("threads", "slots", "made", "works", "bytes"),
  succeeded: count,
  changed: count,
});
export type HpMemory = z.infer<typeof hpMemoryEvidence>;
const MOST_IN_ALL = 65_536;
/** Cells are signed. */
const sizeOf = (size: number) => (size < 0 ? `2^64 - ${-size}` : english(size));

/** Without memory NULL or false, nothing kept, nothing changed; domains of all sizes work. */
export const hpNoMemory: Check<HpMemory> = {
  id: "hp_no_memory",
  file: HAZARD,
  points: 3,
  needs: "hp_keeps_one",
  run(evidence) {
    const words = { make: "hp_new", end: "hp_free", object: "domain", broken: "protects or reclaims nothing" };
    const judgement = judgeRefusals(evidence, words);
    if (judgement.verdict !== "pass") return judgement;
    for (const { threads, slots, made, works, bytes } of evidence.sizes) {
      const due = threads > 0 && slots > 0 && threads * slots <= MOST_IN_ALL;
      const told = (saw: string, expected: string, lookAt: string) =>
        fail({ saw: `hp_new(${sizeOf(threads)}, ${sizeOf(slots)}) ${saw}`, expected, lookAt });
      if (!due && made)
        return told(
          "answered a domain",
          "NULL: one of them is 0, or their product is over 65,536",
          "hp_new: can the product be smaller than its factors?",
        );
      if (due && !(made && works))
        return told(
          made ? "answered a domain that does not work" : "answered NULL",
          "a domain",
          "hp_new: which sizes does it refuse?",
        );
      const most = 256 * (threads * slots + 64 * threads) + 4096;
      if (due && bytes > most)
        return told(`takes ${english(bytes)} bytes`, `at most ${english(most)}`, "what is kept for each slot?");
    }
    if (evidence.sizes.length === 0) return fail({ saw: "no size was tried", expected: "domains" });
    if (evidence.succeeded === 0 && evidence.changed === 0) return pass();
    return fail({
      saw:
        evidence.succeeded > 0
          ? "hp_stack_push or hp_stack_new succeeded without memory"
          : "a push that got no memory has changed the stack",
      expected: "false, or NULL, and nothing has changed",
      lookAt: "hp_stack_push: in which order does it ask for memory, and touch the stack?",
    });
  },
};
