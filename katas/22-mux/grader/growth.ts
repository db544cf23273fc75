// SPDX-License-Identifier: MIT
/** The check of each kind's cost: steps of the learner's own code, and what the kernel was asked for. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { costsEvidence, judgeGrowth, perCall, stepsOf, type Cost } from "@c10kata/harness/costs";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const KINDS = ["select", "poll", "epoll"] as const;
export type Kind = (typeof KINDS)[number];

/** By which a mux of each kind waits. */
export const OWN_CALLS = {
  select: "select or pselect",
  poll: "poll or ppoll",
  epoll: "epoll_wait or epoll_pwait",
} as const;

export const growthEvidence = z.strictObject({
  ...costsEvidence,
  asked: rows("phase", "size", "calls", "watches", "highest", "waits", "entries_most", "changes", "others").optional(),
  stopped_call: count.optional(),
  stopped_steps: count.optional(),
});
export type GrowthEvidence = z.infer<typeof growthEvidence>;

/** In the order of growth.c. */
const PHASES = [
  "mux_wait, one watch of many ready",
  "mux_wait, all watches ready",
  "mux_wait with two silent watches, after others were deleted",
  "mux_add and mux_del of one watch",
  "mux_mod",
  "mux_del of one after the other",
  "mux_add and mux_del of the highest number, again and again",
  "mux_add of one after the other, none higher than the first",
];
const [ONE_READY, ALL_READY, AFTER_DELETIONS, FAR_ABOVE] = [0, 1, 2, 6];

/** A wait may cost so much for each thing it is allowed to look at, if it costs that at the small size. */
const STEEPER = 1.5;
const CONSTANT_STEPS = 40;

const lookAt = {
  search: "which loop goes over all of them, and what would lead to the one that is meant?",
  order: "what is kept in order, and who needs the order?",
};

const same = (things: string) => ({
  phases: PHASES,
  things,
  worse: (few: number, many: number) => many > 2 * few + CONSTANT_STEPS,
  lookAt,
});

/** In proportion at most: with 16 times the watches 16 times the steps, and not 256 times. */
function judgeProportion(costs: Cost[], phase: number): Judgement {
  const [few, many] = costs.filter((cost) => cost.phase === phase);
  if (!few || !many) return fail({ saw: "no wait was counted", expected: "waits that are counted" });
  const most = STEEPER * ((perCall(few) + CONSTANT_STEPS) / few.size) * many.size;
  if (!many.overran && perCall(many) <= most) return pass();
  return fail({
    saw: `${PHASES[phase]}: ${stepsOf(few)} steps a call with ${english(few.size)} watches, ${stepsOf(many)} with ${english(many.size)}`,
    expected: `steps in proportion to the watches: about ${english(Math.round((perCall(few) / few.size) * many.size))} with ${english(many.size)}`,
    lookAt: "which loop runs inside which?",
  });
}

type Asked = NonNullable<GrowthEvidence["asked"]>[number];

/** What one wait asks the kernel for, at most. */
function judgeAsked(kind: Kind, asked: Asked): Judgement {
  const most = { select: asked.highest + 1, poll: asked.watches, epoll: 0 }[kind];
  const bound = { select: "the highest watched descriptor plus one", poll: "the number of watches", epoll: "" }[kind];
  if (asked.others > 0) {
    return fail({
      saw: `${PHASES[asked.phase]}: ${english(asked.others)} of ${english(asked.waits)} system calls that wait were not ${OWN_CALLS[kind]}`,
      expected: `a mux of ${kind} waits by ${OWN_CALLS[kind]} alone`,
      lookAt: "which kind is the mux, and which call asks for it?",
    });
  }
  if (asked.entries_most > most) {
    return fail({
      saw: `${kind} was asked for ${english(asked.entries_most)} descriptors, with ${english(asked.watches)} watches, the highest being ${english(asked.highest)}`,
      expected: `at most ${english(most)}: ${bound}`,
      lookAt: "what becomes of that number when a watch is deleted?",
    });
  }
  if (asked.waits > asked.calls) {
    return fail({
      saw: `${PHASES[asked.phase]}: ${english(asked.waits)} system calls that wait, in ${english(asked.calls)} waits of ${english(asked.watches)} watches`,
      expected: "one for each wait in which no signal comes",
      lookAt: "how many events does one call have room for?",
    });
  }
  if (asked.changes > 0) {
    return fail({
      saw: `${PHASES[asked.phase]}: ${english(asked.changes)} calls of epoll_ctl in ${english(asked.calls)} waits`,
      expected: "none: the kernel keeps what it was told once",
      lookAt: "what does a level-triggered watch need after it was told?",
    });
  }
  return pass();
}

const wrongAnswers = (costs: Cost[]): Judgement => {
  const wrong = costs.find((cost) => cost.wrong > 0);
  if (!wrong) return pass();
  return fail({
    saw: `${PHASES[wrong.phase]}, ${english(wrong.size)} watches: not the callbacks or answers that were due`,
    expected: "each watch that is ready is told, once in each wait",
    lookAt: "what changes when there are many watches?",
  });
};

export function judgeCosts(kind: Kind, { costs, asked = [] }: GrowthEvidence): Judgement {
  const constant = (phase: number) =>
    (phase > AFTER_DELETIONS! && phase !== FAR_ABOVE) || (kind === "epoll" && phase === ONE_READY);
  const judgements = [
    wrongAnswers(costs),
    judgeGrowth(
      costs.filter(({ phase }) => constant(phase)),
      same("watches"),
    ),
    judgeGrowth(
      costs.filter(({ phase }) => phase === AFTER_DELETIONS),
      same("deleted watches"),
    ),
    judgeGrowth(
      costs.filter(({ phase }) => phase === FAR_ABOVE),
      same("numbers below it"),
    ),
    ...[ONE_READY!, ALL_READY!].filter((phase) => !constant(phase)).map((phase) => judgeProportion(costs, phase)),
    ...asked.map((row) => judgeAsked(kind, row)),
  ];
  const bad = judgements.find(({ verdict }) => verdict !== "pass");
  if (bad) return bad;
  const waits = costs.filter(({ phase }) => phase === ONE_READY);
  return pass(
    `one ready: ${waits.map((cost) => `${stepsOf(cost)} steps with ${english(cost.size)} watches`).join(", ")}`,
  );
}

export const costOf = (kind: Kind): Check<GrowthEvidence> => ({
  id: `${kind}_cost`,
  points: 5,
  needs: `${kind}_tells`,
  run: (evidence) => judgeCosts(kind, evidence),
});
