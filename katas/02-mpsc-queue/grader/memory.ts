// SPDX-License-Identifier: MIT
/** Checks of a queue's own memory: refused, given back, and the nodes that it never owned. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";

export const noMemoryEvidence = z
  .strictObject({
    refused: series,
    alone: series,
    answered: series,
    kept: series,
    popped: series,
    side_by_side: count,
    live_after_free: count,
  })
  .transform(({ refused, alone, answered, kept, popped, ...rest }) => ({
    ...rest,
    attempts: [...refused].map((which, at) => ({
      refused: Number(which),
      alone: alone[at] === 1n,
      queue: answered[at] === 1n,
      kept: Number(BigInt.asIntN(64, kept[at]!)),
      popped: popped[at] === 1n,
    })),
  }));
export interface NoMemoryEvidence {
  /** mpsc_new with an allocation refused, and all later ones or not; the last of either kind lacked nothing. */
  attempts: Attempt[];
  /** Of 100 queues alive at once, how many returned their node. */
  side_by_side: number;
  live_after_free: number;
}
interface Attempt {
  refused: number;
  alone: boolean;
  queue: boolean;
  kept: number;
  popped: boolean;
}

/** mpsc_new without memory answers NULL and keeps nothing; mpsc_free gives everything back. */
export const noMemory: Check<NoMemoryEvidence> = {
  id: "no_memory",
  points: 5,
  needs: "some_node_arrives",
  run({ attempts, side_by_side, live_after_free }) {
    const bad = attempts.find(({ kept, queue, popped }) => kept !== 0 || (queue && !popped));
    if (bad) return refusedBadly(bad);
    const whole = [false, true].map((alone) => attempts.findLast((attempt) => attempt.alone === alone));
    if (!whole.every((attempt) => attempt?.queue)) {
      return fail({ saw: "mpsc_new never succeeds", expected: "a queue that works, or NULL", lookAt: "mpsc_new" });
    }
    if (side_by_side !== 100) {
      return fail({
        saw: `of 100 queues alive at once, ${side_by_side} returned the node that was pushed`,
        expected: "100 queues that know nothing of each other",
        lookAt: "what in the file is there once, and not once per queue?",
      });
    }
    if (live_after_free === 0) return pass();
    return fail({
      saw: `${live_after_free} allocations left behind by 1,000 queues`,
      expected: "mpsc_free gives everything back, also with nodes inside",
      lookAt: "mpsc_free",
    });
  },
};

function refusedBadly({ refused, alone, queue, kept }: Attempt): Judgement {
  const what = `its allocation ${refused} ${alone ? "alone " : ""}refused`;
  if (kept === 0) {
    return fail({
      saw: `mpsc_new answered a queue that loses its first node, ${what}`,
      expected: "a queue that works, or NULL",
      lookAt: "mpsc_new: which failure goes unnoticed?",
    });
  }
  const when = queue ? "after mpsc_free" : `after mpsc_new answered NULL, ${what}`;
  return fail({
    saw: `${kept} allocation${kept === 1 ? "" : "s"} still held ${when}`,
    expected: "everything given back",
    lookAt: queue ? "mpsc_free" : "mpsc_new: what was taken before the one that failed?",
  });
}

export const abandonedEvidence = z.strictObject({ abandoned: count });

/** mpsc_free neither reads nor writes the nodes inside: their memory is gone before it is called. */
export const freeLeavesNodes: Check<{ abandoned: number }> = {
  id: "free_leaves_nodes",
  points: 5,
  needs: "some_node_arrives",
  run: ({ abandoned }) => (abandoned > 0 ? pass() : fail({ saw: "no queue was freed", expected: "mpsc_free returns" })),
};
