// SPDX-License-Identifier: MIT
/** Checks of what becomes of retired objects: hp_protects.c, hp_waiting.c, hp_leave.c and hp_chains.c. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english, times } from "@c10kata/harness/words";
import { z } from "zod";
import { HAZARD } from "./files.ts";

export const mayWait = (threads: number, slots: number) => threads * slots + 64 * threads;
const domainOf = ({ threads, slots }: { threads: number; slots: number }) =>
  `in a domain of ${threads} ${threads === 1 ? "handle" : "handles"} with ${slots} ${slots === 1 ? "slot" : "slots"} each`;
const atMost = (domain: { threads: number; slots: number }) =>
  `at most ${english(mayWait(domain.threads, domain.slots))}: threads_max * slots_per_thread + 64 * threads_max`;

export const hpProtectsEvidence = z.strictObject({
  lives: rows("threads", "slots", "retired", "wrong", "early", "popped", "astray", "late", "nodes", "twice", "missing"),
});
export type HpProtects = z.infer<typeof hpProtectsEvidence>;

const were = (objects: number) => (objects === 1 ? "1 object was" : `${english(objects)} objects were`);

/** So many times it went wrong, what was seen, what was expected, and the question. */
const wrongsOf = (life: HpProtects["lives"][number]): [number, string, string, string][] => [
  [
    life.wrong,
    `hp_protect answered ${english(life.wrong)} times what its place did not hold`,
    "what the place holds",
    "hp_protect",
  ],
  [
    life.popped,
    `hp_stack_pop was called while slots other than slot 0 protected objects, and ${were(life.popped)} reclaimed`,
    "none: hp_stack_pop leaves the other slots as they are",
    "hp_stack_pop: which slots does it write, and which does it clear?",
  ],
  [
    life.early,
    `${were(life.early)} reclaimed while a slot protected them`,
    "none",
    "hp_retire: does it look at every slot of every handle, and is each look still worth something at the end?",
  ],
  [
    life.astray,
    `hp_protect, hp_clear or hp_stack_push called \`reclaim\`, ${times(life.astray)}`,
    "`reclaim` is called only inside hp_retire, hp_detach, hp_stack_pop and hp_free",
    "hp_protect and hp_clear: what do they do besides changing a slot?",
  ],
  [
    life.twice,
    `${were(life.twice)} reclaimed twice, of ${english(life.retired)}`,
    "each once",
    "hp_retire and hp_free",
  ],
  [
    life.missing,
    `${were(life.missing)} retired and not reclaimed after hp_free, of ${english(life.retired)}`,
    "none",
    "hp_free: where may an object wait?",
  ],
  [
    life.late,
    `${were(life.late)} still waiting, though no slot protected them any more and as many others as may wait had been retired`,
    "none",
    "hp_retire: who looks again at what was protected the last time?",
  ],
  [
    life.nodes,
    `${english(life.nodes)} popped nodes of a stack were still allocated, when as many objects as may wait had been retired`,
    "none",
    "hp_stack_pop: what does slot 0 protect after it?",
  ],
];

/** What a slot protects stays; what no slot protects goes in time; all goes once. */
export const hpProtectsObjects: Check<HpProtects> = {
  id: "hp_protects_objects",
  file: HAZARD,
  points: 4,
  needs: "hp_keeps_one",
  run({ lives }) {
    if (lives.length === 0 || lives.some(({ retired }) => retired === 0))
      return fail({ saw: "nothing was retired", expected: "objects" });
    for (const life of lives) {
      const wrong = wrongsOf(life).find(([count]) => count > 0);
      if (!wrong) continue;
      const [, saw, expected, lookAt] = wrong;
      return fail({ saw: `${domainOf(life)}, ${saw}`, expected, lookAt });
    }
    return pass();
  },
};

export const hpWaitingEvidence = z.strictObject({
  domains: rows("manner", "threads", "slots", "retired", "most"),
});
export type HpWaiting = z.infer<typeof hpWaitingEvidence>;
const MANNERS = [
  "each handle in turn retired what all slots protected, and then was idle",
  "each handle in turn retired what all slots protected, and 200 objects more",
  "each handle in turn retired what all slots protected, and its thread was stopped inside hp_retire",
  "a thread was stopped inside hp_stack_pop, and another one pushed and popped",
];

/** Never do more objects wait than the contract says, whoever is paused. */
export const hpWaitingBounded: Check<HpWaiting> = {
  id: "hp_waiting_bounded",
  file: HAZARD,
  points: 6,
  needs: "hp_keeps_one",
  run({ domains }) {
    const unseen = MANNERS.findIndex((_, manner) => !domains.some((domain) => domain.manner === manner));
    if (unseen >= 0) return fail({ saw: `never was it so that ${MANNERS[unseen]}`, expected: "calls with steps" });
    const over = domains.find(({ threads, slots, most }) => most > mayWait(threads, slots));
    if (!over) return pass();
    return fail({
      saw: `${domainOf(over)}, ${MANNERS[over.manner]}: ${english(over.most)} objects waited`,
      expected: atMost(over),
      lookAt: "how many objects may a thread keep to itself, and who looks after them while it does nothing?",
    });
  },
};

export const hpLeaveEvidence = z.strictObject({
  retired: count,
  refused: count,
  most: count,
  twice: count,
  missing: count,
  handles: count,
  one_more: count,
  kept: count,
  late: count,
});
export type HpLeave = z.infer<typeof hpLeaveEvidence>;
/** By hp_leave.c. */
const LEAVING = { threads: 4, slots: 2 };

/** Threads come and go, and leave nothing behind: neither a place, nor a slot, nor an object. */
export const hpDetach: Check<HpLeave> = {
  id: "hp_leaves_nothing",
  file: HAZARD,
  points: 4,
  needs: "hp_protects_objects",
  run({ retired, refused, most, twice, missing, handles, one_more, kept, late }) {
    const told = (saw: string, expected: string, lookAt: string) => fail({ saw, expected, lookAt });
    if (retired === 0) return told("nothing was retired", "objects", "hp_attach");
    if (refused > 0 || handles !== LEAVING.threads)
      return told(
        `with all handles detached, ${handles} of ${LEAVING.threads} could be attached at once; ${english(refused)} times before hp_attach answered NULL`,
        "threads_max different handles, as long as so many are not attached",
        "hp_detach: when is its place free again?",
      );
    if (one_more)
      return told(
        "hp_attach answered a handle with threads_max attached",
        "NULL",
        "hp_attach: how many places are there?",
      );
    if (missing > 0 || twice > 0)
      return told(
        `threads retired ${english(retired)} objects and were detached: after hp_free ${english(missing)} had never been reclaimed, and ${english(twice)} twice`,
        "each once",
        "hp_detach: where does it leave what could not be reclaimed, and what does the next one in its place find?",
      );
    if (most > mayWait(LEAVING.threads, LEAVING.slots))
      return told(
        `threads came, retired and were detached: ${english(most)} objects waited`,
        atMost(LEAVING),
        "who looks after what a detached handle has left?",
      );
    if (kept > 0)
      return told(
        `a handle was detached and attached again; ${kept} objects that its slots had protected before still waited`,
        "a new handle's slots protect nothing",
        "hp_detach: what do its slots say?",
      );
    if (late === 0) return pass();
    return told(
      `handles retired objects and were detached; ${late} of these still waited, when another handle had retired as many as may wait`,
      "none",
      "hp_detach: where does it leave what it has in hand, and who else looks there?",
    );
  },
};

export const hpChainsEvidence = z.strictObject({
  shapes: rows("kind", "threads", "slots", "retired", "reclaimed", "stack_bytes", "most", "twice", "missing", "late"),
});
export type HpChains = z.infer<typeof hpChainsEvidence>;
const SHAPES = [
  "a chain of 100,000, of which each object retires the next",
  "a tree of 32,767, of which each object retires two",
  "one object that retires 500",
  "a chain of 100,000, of which each object retires the next in another domain",
  "a chain of 4, of which each object retires the next, while its handle is detached",
];
const STACK_MAX = 64 * 1024;

/** `reclaim` may retire others: a chain takes no stack, and all go once. */
export const hpReclaimRetires: Check<HpChains> = {
  id: "hp_reclaim_retires",
  file: HAZARD,
  points: 4,
  needs: "hp_protects_objects",
  run({ shapes }) {
    if (shapes.length !== SHAPES.length) return fail({ saw: "no chain was tried", expected: "chains" });
    for (const shape of shapes) {
      const { kind, retired, reclaimed, stack_bytes, most, twice, missing, late } = shape;
      const told = (saw: string, expected: string, lookAt: string) =>
        fail({ saw: `${SHAPES[kind]}: ${saw}`, expected, lookAt });
      if (twice > 0 || missing > 0 || retired !== reclaimed)
        return told(
          `${english(retired)} of them were retired, ${english(reclaimed)} reclaimed; of all objects ${english(missing)} were never reclaimed, and ${english(twice)} twice`,
          "each that was retired, once",
          "hp_retire, called by reclaim: is the caller in the midst of a list that changes now?",
        );
      if (late > 0)
        return told(
          `${late} of them still waited, when another handle had retired as many as may wait for each of them`,
          "none",
          "hp_detach: what if an object that it reclaims retires another one through the same handle?",
        );
      if (stack_bytes > STACK_MAX)
        return told(
          `reclaim was called ${english(Math.round(stack_bytes / 1024))} KiB of stack apart`,
          "at most 64 KiB, however long a chain is",
          "hp_retire, called by reclaim: who calls reclaim for that object, and from where?",
        );
      if (most > mayWait(shape.threads, shape.slots))
        return told(
          `${english(most)} objects waited ${domainOf(shape)}`,
          atMost(shape),
          "hp_retire, called by reclaim: what if there is no room?",
        );
    }
    return pass();
  },
};
