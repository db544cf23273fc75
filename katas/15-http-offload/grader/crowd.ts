// SPDX-License-Identifier: MIT
/** Checks of two servers on real sockets and real threads. */
import { constants } from "node:os";
import { fail, pass, type Check, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count, numbers } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";

export const crowdEvidence = z.strictObject({
  /** Answers as they have to be, of clients that stayed for them. */
  right: count,
  /** Times that a client went away without its answers. */
  left: count,
  begun: count,
  released: count,
  /** What http_serve answered, negated. */
  served: count,
  second_served: count,
  /** Open, before and after. */
  descriptors: numbers,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

const errnoName = (number: number) =>
  Object.entries(constants.errno).find(([, value]) => value === number)?.[0] ?? `${number}`;

function judge(evidence: CrowdEvidence, { params }: RunRequest): Judgement {
  const { right, left, begun, released, descriptors } = evidence;
  const asked = params.clients! * params.rounds! * params.pipelined! - left * params.pipelined!;
  const answer = evidence.served || evidence.second_served;
  if (answer !== 0) return fail({ saw: `http_serve answered -${errnoName(answer)}`, expected: "0, after a stop" });
  if (right !== asked) {
    return fail({
      saw: `${english(right)} right answers to ${english(asked)} requests of clients that stayed`,
      expected: "all of them",
      lookAt: "what do two connections, or two servers, share?",
    });
  }
  if (released !== begun) {
    return fail({
      saw: `${plural(begun, "handler")} ran, and ${english(released)} bodies were released`,
      expected: "one for each",
      lookAt: "who has the body when its client has left?",
    });
  }
  const open = descriptors[1]! - descriptors[0]!;
  if (open === 0) return pass(`${english(right)} answers`);
  return fail({
    saw: `${english(Math.abs(open))} descriptors ${open > 0 ? "left open" : "too many closed"}`,
    expected: "as many open as before",
    lookAt: "the stop: which descriptors does http_serve open itself?",
  });
}

/** Many clients, of whom some leave, and two servers at once. */
export const everyAnswer: Check<CrowdEvidence> = {
  id: "every_answer",
  points: 3,
  needs: "first_life",
  run: judge,
};

/** ThreadSanitizer watches. */
export const raceFree: Check<CrowdEvidence> = { id: "race_free", points: 6, needs: "first_life", run: judge };
