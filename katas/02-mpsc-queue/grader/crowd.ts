// SPDX-License-Identifier: MIT
/** Checks of many producers and one consumer, under several builds. */
import { fail, notReached, pass, type Check, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";
import { toItem } from "./items.ts";

export const crowdEvidence = z.strictObject({
  pushed: count,
  drained: series.transform((codes) => [...codes].map(toItem)),
  left_after_null: count,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

/** Every node pushed is popped exactly once, and NULL without a push in progress means empty. */
function exactlyOnce({ drained, pushed, left_after_null }: CrowdEvidence): Judgement {
  const seen = new Set<string>();
  for (const { producer, seq } of drained) {
    if (producer < 0) {
      return fail({
        saw: `mpsc_pop returned a node that nobody had pushed, after ${seen.size} of ${pushed}`,
        expected: "only nodes that were pushed",
        lookAt: "mpsc_pop: whose memory does the pointer it returns belong to?",
      });
    }
    const name = `producer ${producer}: node ${seq}`;
    if (seen.has(name)) {
      return fail({
        saw: `${name} came out twice`,
        expected: "every node once",
        lookAt: "mpsc_pop: what is left behind that still leads to a node already handed out?",
      });
    }
    seen.add(name);
  }
  if (left_after_null > 0) {
    return fail({
      saw: `mpsc_pop answered NULL with ${left_after_null} nodes inside, after all producers had finished`,
      expected: "NULL only when the queue is empty, once no push is in progress",
      lookAt: "mpsc_pop: which state of the queue does it take for empty?",
    });
  }
  if (drained.length === pushed) return pass();
  return fail({
    saw: `${drained.length} of ${pushed} nodes came out, then NULL; all producers had finished`,
    expected: `${pushed} nodes, each once`,
    lookAt: "two pushes at the same moment: can one undo what the other did?",
  });
}

export const nothingLost: Check<CrowdEvidence> = {
  id: "nothing_lost",
  points: 5,
  needs: "some_node_arrives",
  run: exactlyOnce,
};

/** crowd.c moves the last producer from processor to processor; a consumer that hands over is a producer too. */
const mover = ({ producers, handover }: RunRequest["params"]) => producers! + (handover ? 2 : 0);
const MOVED =
  "mpsc_push: which part of the queue does a push go to, and what may change that from one push to the next?";

/** One producer's nodes come out in the order it pushed them. */
export const fifoPerProducer: Check<CrowdEvidence> = {
  id: "fifo_per_producer",
  points: 5,
  needs: "some_node_arrives",
  run: (evidence, { params }) =>
    inOrder(evidence, params, "which store decides a node's place in the order, and which load reads it back?"),
};

function inOrder({ drained }: CrowdEvidence, params: RunRequest["params"], lookAt: string): Judgement {
  const newest = new Map<number, number>();
  for (const { producer, seq } of drained) {
    const before = newest.get(producer) ?? -1;
    if (producer >= 0 && seq < before) {
      const moved = producer === mover(params);
      return fail({
        saw: `producer ${producer}${moved ? ", which was on another processor at each push" : ""}: node ${seq} came out after node ${before}`,
        expected: `producer ${producer}: node ${seq} first, as it was pushed`,
        lookAt: moved ? MOVED : lookAt,
      });
    }
    newest.set(producer, seq);
  }
  return drained.length > 0 ? pass() : fail({ saw: "no node came out", expected: "nodes in order" });
}

function allInOrder(evidence: CrowdEvidence, params: RunRequest["params"], lookAt: string): Judgement {
  const once = exactlyOnce(evidence);
  return once.verdict === "pass" ? inOrder(evidence, params, lookAt) : { ...once, lookAt };
}

/** The consumer's role moves between threads that synchronize, and nothing of the queue stays behind. */
export const consumerMoves: Check<CrowdEvidence> = {
  id: "consumer_moves",
  points: 5,
  needs: "some_node_arrives",
  run: (evidence, { params }) =>
    allInOrder(evidence, params, "does mpsc_pop keep something that belongs to the thread and not to the queue?"),
};

/** No access of the queue's races with another one: ThreadSanitizer's report counts, and the traffic must be real. */
export const raceFree: Check<CrowdEvidence> = {
  id: "race_free",
  points: 5,
  needs: "some_node_arrives",
  run: someTraffic,
};

/** No access outside live memory, nothing leaked: AddressSanitizer's report counts, and the traffic must be real. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 5,
  needs: "some_node_arrives",
  run: someTraffic,
};

/** Threads may come and go in any number: a table of so many threads is too short one day, and writes behind itself. */
export const manyThreads: Check<CrowdEvidence> = {
  id: "many_threads",
  points: 5,
  needs: "some_node_arrives",
  run: (evidence, { params }) =>
    allInOrder(evidence, params, "how many threads may push before something in the queue runs out?"),
};

/** A sanitizer's silence about a run in which not everything happened is no evidence. */
function someTraffic({ drained, pushed }: CrowdEvidence): Judgement {
  if (drained.length === pushed) return pass();
  return notReached(`${drained.length} of ${pushed} nodes came out: see nothing_lost`, "all the traffic, to judge by");
}
