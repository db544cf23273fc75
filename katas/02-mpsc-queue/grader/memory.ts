// SPDX-License-Identifier: MIT
/** Checks of a queue's own memory: refused, given back, and the nodes that it never owned. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { held, judgeRefusals, refusalsEvidence } from "@c10kata/harness/refusals";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";

export const noMemoryEvidence = z.strictObject({
  ...refusalsEvidence,
  /** A queue for each number of pushes up to 12, and each number of pops after them. */
  ended: rows("pushed", "popped", "kept"),
  /** Of 100 queues alive at once, how many returned their node. */
  side_by_side: count,
});
export type NoMemoryEvidence = z.infer<typeof noMemoryEvidence>;
const queue = { make: "mpsc_new", end: "mpsc_free", object: "queue", broken: "loses its first node" };

/** mpsc_new without memory answers NULL and keeps nothing; mpsc_free gives everything back. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 5,
  needs: "some_node_arrives",
  run(evidence) {
    const judgement = judgeRefusals(evidence, queue);
    if (judgement.verdict !== "pass") return judgement;
    const leaky = evidence.ended.find(({ kept }) => kept !== 0);
    if (leaky) {
      return fail({
        saw: `${held(leaky.kept)} after mpsc_free: ${plural(leaky.pushed, "node")} had been pushed, ${leaky.popped} popped`,
        expected: "mpsc_free gives back all that mpsc_new took, however many nodes are inside",
        lookAt: "mpsc_free: where is what mpsc_new allocated, when some nodes have come out and some have not?",
      });
    }
    if (evidence.side_by_side === 100) return pass();
    return fail({
      saw: `of 100 queues alive at once, ${evidence.side_by_side} returned the node that was pushed`,
      expected: "100 queues that know nothing of each other",
      lookAt: "what in the file is there once, and not once per queue?",
    });
  },
};

export const abandonedEvidence = z.strictObject({ abandoned: count });

/** mpsc_free neither reads nor writes the nodes inside: their memory is gone before it is called. */
export const freeLeavesNodes: Check<{ abandoned: number }> = {
  id: "free_leaves_nodes",
  points: 5,
  needs: "some_node_arrives",
  run: ({ abandoned }) => (abandoned > 0 ? pass() : fail({ saw: "no queue was freed", expected: "mpsc_free returns" })),
};
