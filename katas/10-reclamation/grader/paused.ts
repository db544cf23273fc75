// SPDX-License-Identifier: MIT
/** Checks of a thread that stops half-way: tagged_paused.c, tagged_wrap.c and hp_paused.c. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { HAZARD, TAGGED } from "./files.ts";

const NONE = 0xffff_ffff;
const STEPS = { tagged: 20_000, hp: 40_000 };

/** Slots, as a driver packs them: one more than each in four bits. */
export function unpacked(left: number): number[] {
  const slots: number[] = [];
  for (let rest = BigInt(left); rest > 0n; rest >>= 4n) slots.push(Number(rest & 15n) - 1);
  return slots;
}

/** Slots that came out, of all that there are: what is wrong with them, in words. */
function wrongWith(out: number[], all: number[]): string | undefined {
  const twice = out.find((slot, at) => out.indexOf(slot) !== at);
  const lost = all.find((slot) => !out.includes(slot));
  if (twice === undefined && lost === undefined) return undefined;
  return [
    ...(twice === undefined ? [] : [`slot ${twice} came out twice`]),
    ...(lost === undefined ? [] : [`slot ${lost} never came out`]),
  ].join(", ");
}

export const taggedPausedEvidence = z.strictObject({
  runs: rows("call", "parked_at", "kept", "newcomers", "answered", "left"),
  overrun_call: count.optional(),
  overrun_in: count.optional(),
});
export type TaggedPaused = z.infer<typeof taggedPausedEvidence>;
const TAGGED_CALLS = ["tagged_push", "tagged_pop"];

const endless = (call: string, where: string, steps: number): Judgement =>
  fail({
    saw: `with thread A stopped inside ${where}, thread B's ${call} had not ended after ${english(steps)} steps`,
    expected: "an end within a bounded number of thread B's own steps",
    lookAt: `${call}: for which store of another thread does it wait?`,
  });

/** With a thread stopped anywhere inside push or pop, others push and pop; nothing is lost when it goes on. */
export const taggedPausedThread: Check<TaggedPaused> = {
  id: "tagged_paused_thread",
  file: TAGGED,
  points: 5,
  needs: "tagged_keeps_one",
  run({ runs, overrun_call, overrun_in = 0 }) {
    if (overrun_call !== undefined)
      return endless(TAGGED_CALLS[overrun_call]!, `a ${TAGGED_CALLS[overrun_in]}`, STEPS.tagged);
    if (!TAGGED_CALLS.every((_, call) => runs.some((run) => run.call === call)))
      return fail({ saw: "tagged_push or tagged_pop has no step at all", expected: "calls that do something" });
    for (const { call, parked_at, kept, newcomers, answered, left } of runs) {
      const out = [kept, newcomers, answered].filter((slot) => slot !== NONE).concat(unpacked(left));
      const wrong = wrongWith(out, call === 0 ? [0, 1, 2, 3, 4] : [0, 1, 2, 4]);
      if (wrong === undefined) continue;
      return fail({
        saw: `thread A was stopped at step ${parked_at} of a ${TAGGED_CALLS[call]}; others popped two slots, pushed the first again, and A went on: ${wrong}`,
        expected: "each slot comes out once",
        lookAt: "what did A read before it stopped, and which of that may be old when it goes on?",
      });
    }
    return pass();
  },
};

export const taggedWrapEvidence = z.strictObject({
  pauses: rows("parked_at", "calls", "answered", "left"),
  stuck: count.optional(),
});
export type TaggedWrap = z.infer<typeof taggedWrapEvidence>;

/** A pause in which others make 2^21 calls: a tag that is back by then was too narrow. */
export const taggedLongPause: Check<TaggedWrap> = {
  id: "tagged_long_pause",
  file: TAGGED,
  points: 7,
  needs: "tagged_paused_thread",
  run({ pauses, stuck }) {
    if (stuck) return endless("tagged_pop", "a tagged_pop", STEPS.tagged);
    if (!pauses.some(({ calls }) => calls >= 2 ** 21))
      return fail({ saw: "tagged_pop has no step before it takes its slot", expected: "a pop that looks at the top" });
    for (const { parked_at, calls, answered, left } of pauses) {
      const out = [answered].filter((slot) => slot !== NONE).concat(unpacked(left));
      const wrong = wrongWith(out, [0, 1, 2]);
      if (wrong === undefined) continue;
      return fail({
        saw: `thread A was stopped at step ${parked_at} of a tagged_pop; others made ${english(calls)} calls, after which slot 0 was on top again, above another one; then A went on: ${wrong}`,
        expected: "each slot comes out once, after up to 2^21 (2,097,152) calls of others",
        lookAt: "how many different tops are there before one comes back, and what counts as another one?",
      });
    }
    return pass();
  },
};

export const hpPausedEvidence = z.strictObject({
  runs: rows("call", "parked_at", "pushed", "popped", "early", "twice", "missing", "refused"),
  overrun_call: count.optional(),
  overrun_in: count.optional(),
});
export type HpPaused = z.infer<typeof hpPausedEvidence>;
const HP_CALLS = [
  "hp_protect",
  "hp_clear",
  "hp_retire",
  "hp_attach",
  "hp_detach",
  "hp_stack_push",
  "hp_stack_pop",
  "hp_new or hp_free",
];

/** With a thread stopped anywhere inside any call, all the others' calls end; objects and values stay whole. */
export const hpPausedThread: Check<HpPaused> = {
  id: "hp_paused_thread",
  file: HAZARD,
  points: 5,
  needs: "hp_keeps_one",
  run({ runs, overrun_call, overrun_in = 0 }) {
    if (overrun_call !== undefined) return endless(HP_CALLS[overrun_call]!, HP_CALLS[overrun_in]!, STEPS.hp);
    const silent = HP_CALLS.find((_, call) => !runs.some((run) => run.call === call));
    if (silent) return fail({ saw: `${silent} has no step at all`, expected: "calls that do something" });
    for (const run of runs) {
      const wrong = wrongIn(run);
      if (wrong === undefined) continue;
      return fail({
        saw: `thread A was stopped at step ${run.parked_at} of ${HP_CALLS[run.call]}, others were at work, and A went on: ${wrong}`,
        expected: "as if nobody had stopped",
        lookAt: "what is between two steps of this call, and what do others make of it?",
      });
    }
    return pass();
  },
};

function wrongIn({ pushed, popped, early, twice, missing, refused }: HpPaused["runs"][number]): string | undefined {
  if (early > 0) return `the object that A's slot protects was reclaimed`;
  if (twice > 0) return `${twice} objects were reclaimed twice`;
  if (missing > 0) return `${missing} retired objects were never reclaimed`;
  if (refused) return "hp_attach answered NULL with a place free";
  if (pushed === popped) return undefined;
  return `values with a sum of ${english(pushed)} were pushed, and ${english(popped)} came out`;
}
