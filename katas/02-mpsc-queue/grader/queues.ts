// SPDX-License-Identifier: MIT
/** Checks of several queues at once and one after another. */
import { fail, notReached, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { z } from "zod";

export const queuesEvidence = z.strictObject({
  queues: count,
  /** To each queue. */
  pushed: count,
  /** The queue that a node came out of, and the one that it went into: -1 for memory that nobody pushed. */
  drained: rows("from", "into", "producer", "seq"),
});
export type QueuesEvidence = z.infer<typeof queuesEvidence>;

/** A queue shares nothing with the one beside it or the one before it, even at the same address. */
export const separateQueues: Check<QueuesEvidence> = {
  id: "separate_queues",
  points: 3,
  needs: "some_node_arrives",
  run: eachItsOwn,
};

/** Two consumers of two queues share no memory: ThreadSanitizer's report counts, and the traffic must be real. */
export const queuesRaceFree: Check<QueuesEvidence> = {
  id: "queues_race_free",
  points: 2,
  needs: "some_node_arrives",
  run(evidence) {
    if (eachItsOwn(evidence).verdict === "pass") return pass();
    return notReached("not every node came out in order: see separate_queues", "all the traffic, to judge by");
  },
};

const SHARED = "what in the file is there once, and not once per queue? What does a thread remember of a queue?";

function eachItsOwn({ pushed, queues, drained }: QueuesEvidence): Judgement {
  const came = Array.from({ length: queues }, () => 0);
  const next = new Map<string, number>();
  for (const { producer, seq, from, into } of drained) {
    const place = `${from}/${producer}`;
    const expected = next.get(place) ?? 0;
    if (from !== into || seq !== expected) {
      const what = into < 0 ? "a node that nobody had pushed" : `producer ${producer}'s node ${seq} of queue ${into}`;
      const due = into < 0 ? "only nodes that were pushed to it" : `its own node ${expected} of that producer`;
      return fail({ saw: `queue ${from} of ${queues} returned ${what}`, expected: due, lookAt: SHARED });
    }
    next.set(place, expected + 1);
    came[from]!++;
  }
  const short = came.findIndex((n) => n !== pushed);
  if (short < 0) return pass();
  return fail({
    saw: `queue ${short} of ${queues}: ${came[short]} of ${pushed} nodes came out, then NULL; all producers had finished`,
    expected: `${pushed} nodes, each once`,
    lookAt: SHARED,
  });
}
