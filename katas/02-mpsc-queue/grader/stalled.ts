// SPDX-License-Identifier: MIT
/** Checks of a push that stops half-way: it stops nobody else. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, numbers, rows } from "@c10kata/harness/evidence";
import { z } from "zod";

/** The nodes of a run, a hexadecimal digit each, in order of popping. */
const digitsOf = (code: number) =>
  [...(code === 0 ? "" : code.toString(16))].map((digit) => Number.parseInt(digit, 16));

export const stalledEvidence = z.strictObject({
  /**
   * 1 is the stopped producer's node, 2 and 3 another's, 4 was inside before, 5 is the second stopped producer's, 15 a
   * stranger.
   */
  runs: rows("pushes", "stage", "stopped", "parked_at", "arrived").transform((runs) =>
    runs.map((run) => ({ ...run, arrived: digitsOf(run.arrived) })),
  ),
  /** The call of another thread that did not end: 1 push, 2 pop. */
  overrun_call: count.optional(),
  /** Whether one producer or two were stopped then. */
  while_stopped: count.optional(),
  /** Pushes made between the steps of producer A's push, and all nodes as they came out: 0 is A's. */
  overtaken: count.optional(),
  lockstep: numbers.optional(),
});
export type StalledEvidence = z.infer<typeof stalledEvidence>;
const [PUSH, POP] = [1, 2];

const STEPS_ENOUGH = "100,000";

/** With one producer stopped anywhere inside mpsc_push, another finishes; nothing is lost when the first goes on. */
export const stalledProducer: Check<StalledEvidence> = {
  id: "stalled_producer",
  points: 5,
  needs: "some_node_arrives",
  run(evidence) {
    const { overrun_call, runs } = evidence;
    if (overrun_call === PUSH) {
      return fail({
        saw: `with other producers stopped inside mpsc_push, producer B's push had not ended after ${STEPS_ENOUGH} steps`,
        expected: "an end within a bounded number of producer B's own steps",
        lookAt: "mpsc_push: for which store of another thread does it wait?",
      });
    }
    if (overrun_call === POP) return endlessPop;
    if (runs.length === 0) return noStep;
    const bad = runs.find((run) => !allOnce(run));
    return bad ? lostWhileStopped(bad, PUSH_BETWEEN) : overtakenRightly(evidence);
  },
};

type StalledRun = StalledEvidence["runs"][number];

const noStep = fail({ saw: "mpsc_push has no step at all", expected: "a push that does something" });
const endlessPop = fail({
  saw: `all pushes had ended, and mpsc_pop had not ended after ${STEPS_ENOUGH} steps`,
  expected: "an end within a bounded number of the consumer's own steps",
  lookAt: "mpsc_pop: which loop has no end once a producer was stopped, and overtaken, in its push?",
});

const PUSH_BETWEEN = "mpsc_push: what may another push change between two of its steps?";
const POP_BETWEEN = "mpsc_pop: what does it find, and change, where a push is half done?";

function lostWhileStopped(run: StalledRun, lookAt: string): Judgement {
  const meanwhile =
    lookAt === POP_BETWEEN
      ? run.pushes
        ? "B pushed B1 and B2, mpsc_pop was called four times"
        : "mpsc_pop was called four times"
      : "B pushed B1 and B2";
  const [who, what, they] =
    run.stopped === 2 ? ["producers A and C were", "A1 and C1", "A and C"] : ["producer A was", "A1", "A"];
  return fail({
    saw: `${who} stopped at step ${run.parked_at} of pushing ${what}, ${meanwhile}, then ${they} went on: ${namesOf(run.arrived)} came out`,
    expected: `${namesOf(expectedNodes(run))} each once, in any order${run.pushes ? " with B1 before B2" : ""}`,
    lookAt,
  });
}

function overtakenRightly({ overtaken = 0, lockstep = [] }: StalledEvidence): Judgement {
  const ofB = lockstep.filter((node) => node !== 0);
  const right = ofB.length === overtaken && ofB.every((node, at) => node === at + 1);
  if (right && lockstep.length === overtaken + 1) return pass();
  return fail({
    saw: `producer B pushed ${overtaken} nodes between the steps of A's push: ${ofB.length} of B's and ${lockstep.length - ofB.length} of A's came out${ofB.length === overtaken ? ", B's not in order" : ""}`,
    expected: `${overtaken} of B's in order, and 1 of A's`,
    lookAt: "mpsc_push: what does it do when another producer has been quicker a hundred times in a row?",
  });
}

const expectedNodes = ({ pushes, stage, stopped }: StalledRun) => [
  ...(stage === 2 ? [4] : []),
  ...(pushes ? [1, 2, 3] : [1]),
  ...(stopped === 2 ? [5] : []),
];
const NODE_NAMES: Record<number, string> = { 1: "A1", 2: "B1", 3: "B2", 4: "the earlier node", 5: "C1" };
const namesOf = (nodes: number[]) =>
  nodes.map((node) => NODE_NAMES[node] ?? "a node that nobody pushed").join(", ") || "nothing";

function allOnce(run: StalledRun): boolean {
  const { arrived } = run;
  if (!Bun.deepEquals(arrived.toSorted(), expectedNodes(run).toSorted())) return false;
  return !run.pushes || arrived.indexOf(2) < arrived.indexOf(3);
}

/** mpsc_pop waits for nobody: with a producer stopped inside mpsc_push it answers, if only NULL, and loses nothing. */
export const popNeverWaits: Check<StalledEvidence> = {
  id: "pop_never_waits",
  points: 5,
  needs: "some_node_arrives",
  run({ overrun_call, while_stopped, runs }) {
    if (overrun_call === POP && !while_stopped) return endlessPop;
    if (overrun_call === POP) {
      return fail({
        saw: `with a producer stopped inside mpsc_push, mpsc_pop had not ended after ${STEPS_ENOUGH} steps`,
        expected: "an answer within a bounded number of the consumer's own steps; NULL is one",
        lookAt: "mpsc_pop: for which store of a producer does it wait?",
      });
    }
    if (runs.length === 0) return noStep;
    const bad = runs.find((run) => !allOnce(run));
    return bad ? lostWhileStopped(bad, POP_BETWEEN) : pass();
  },
};
