// SPDX-License-Identifier: MIT
/** The checks of 18-green-threads of whose turn it is. Pure. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";
import { FIRST } from "./threads.ts";

export const turnsEvidence = z.strictObject({ turns: series });
type Turns = z.infer<typeof turnsEvidence>;

/** The first turn before which another one, that could run, was passed over: [who, its turn, who was left out]. */
function passedOver(turns: number[]): [number, number, number] | undefined {
  const last = new Map<number, number>();
  const end = new Map(turns.map((who, at) => [who, at]));
  for (const [at, who] of turns.entries()) {
    const before = last.get(who);
    const others = before === undefined ? [] : [...end].filter(([other, until]) => other !== who && until > at);
    const left = others.find(([other]) => (last.get(other) ?? -1) < before!);
    if (left) return [who, at, left[0]];
    last.set(who, at);
  }
  return undefined;
}

/** On one worker, who yields lets all others have a turn. */
export const takesTurns: Check<Turns> = {
  id: "takes_turns",
  points: 2,
  needs: FIRST,
  run({ turns }, { params }) {
    const due = params.threads! * params.rounds!;
    const order = [...turns].map(Number);
    if (order.length !== due) return fail({ saw: `${order.length} turns`, expected: `${due}` });
    const found = passedOver(order);
    if (!found) return pass();
    return fail({
      saw: `thread ${found[0]} yielded and went on, at turn ${found[1]}, before thread ${found[2]}, which could run, had one`,
      expected: "all that can run have a turn first",
      lookAt: "green_yield: which end of which queue?",
    });
  },
};

export const starvingEvidence = z.strictObject({ late_start: count, late_sleep: count, late_read: count });
type Starving = z.infer<typeof starvingEvidence>;
const TURNS_MAX = 1_000;

/** Whoever can run does, although others are busy with each other. */
function leavesNobodyOut(id: string, busy: string, threads: number): Check<Starving> {
  const who: [keyof Starving, string][] = [
    ["late_start", "a thread that had been started did not run"],
    ["late_sleep", "a thread whose sleep was over did not run"],
    ["late_read", "a thread whose socket was ready did not run"],
  ];
  return {
    id,
    points: 2,
    needs: FIRST,
    run(evidence) {
      const late = who.find(([name]) => evidence[name] > threads * (TURNS_MAX + 2));
      if (!late) return pass();
      return fail({
        saw: `${late[1]} while ${busy} had ${english(evidence[late[0]])} turns`,
        expected: "it runs before any other thread has had 1,000",
        lookAt: "when does a worker that always has something to run look at clocks and descriptors?",
      });
    },
  };
}

export const nobodyStarves = leavesNobodyOut("nobody_starves", "four that yield", 4);
export const aloneStarvesNobody = leavesNobodyOut("alone_starves_nobody", "one that yields", 1);
export const pairsLeaveNobodyOut = leavesNobodyOut("pairs_starve_nobody", "two that hand a number to and fro", 2);

export const leftOutEvidence = z.strictObject({
  seen: count,
  turns: count,
  started: count,
  slept: count,
  read_it: count,
});
type LeftOut = z.infer<typeof leftOutEvidence>;

/** With several workers, all of them busy, whoever can run does. */
export const nobodyLeftOut: Check<LeftOut> = {
  id: "nobody_left_out",
  points: 1,
  needs: ["nobody_starves", "runs_together"],
  run({ seen, turns, started, slept, read_it }, { params }) {
    const workers = params.workers!;
    const busy = `${params.busy} that yield, on ${workers} workers, had ${english(turns)} turns and 1.5 s of CPU time`;
    if (seen < workers) {
      return fail({
        saw: `while ${busy}, all of these turns were on ${plural(seen, "worker")}`,
        expected: "no worker sleeps while a green thread can run that no other worker runs",
        lookAt: "who wakes a worker that sleeps when a second thread can run?",
      });
    }
    if (started && slept && read_it) return pass(`after ${english(turns)} turns`);
    const who = !started
      ? "a thread that had been started"
      : !slept
        ? "a thread whose sleep was over"
        : "a thread whose socket was ready";
    return fail({
      saw: `${who} did not run while ${busy}`,
      expected: "none that can run is left out because others yield, however many workers there are",
      lookAt:
        "which worker looks at the queue, at clocks and at descriptors when all of them always have something to run?",
    });
  },
};
