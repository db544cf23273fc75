// SPDX-License-Identifier: MIT
/** The checks of 02-mpsc-queue: pure functions from the driver's raw history to a judgement. */
import { fail, notReached, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What a driver reports instead of traffic when mpsc_new answered NULL. */
const noQueue = z.strictObject({ no_queue: count });
type NoQueue = z.infer<typeof noQueue>;

/** Makes a check of traffic also say what happened where there was none. */
function withQueue<E extends object>(check: Check<E>): Check<E | NoQueue> {
  return {
    ...check,
    run: (evidence, request) =>
      "no_queue" in evidence
        ? fail({ saw: "mpsc_new() -> NULL, with memory to be had", expected: "a queue", lookAt: "mpsc_new" })
        : check.run(evidence, request),
  };
}

/** One node as it came out: item `seq` of thread `producer`. Both are -1 for memory that nobody pushed. */
interface Item {
  producer: number;
  seq: number;
}

const STRANGER = 2n ** 64n - 1n;
const toItem = (code: bigint): Item =>
  code === STRANGER ? { producer: -1, seq: -1 } : { producer: Number(code >> 32n), seq: Number(code & 0xffffffffn) };

/** What the crowd reports instead when a call did not end within 200,000 of its own steps: 1 push, 2 pop. */
const endlessEvidence = z.strictObject({ endless_call: count });
type Endless = z.infer<typeof endlessEvidence>;

function withTraffic(check: Check<CrowdEvidence>): Check<CrowdEvidence | Endless | NoQueue> {
  return withQueue<CrowdEvidence | Endless>({
    ...check,
    run: (evidence, request) =>
      "endless_call" in evidence
        ? fail({
            saw: `mpsc_${evidence.endless_call === 1 ? "push" : "pop"} had not ended after 200,000 of its own steps`,
            expected: "an end",
            lookAt: "which loop has no end once the list leads back into itself?",
          })
        : check.run(evidence, request),
  });
}

export const crowdEvidence = z.union([
  z
    .strictObject({ pushed: count, drained: series, left_after_null: count })
    .transform(({ drained, ...rest }) => ({ ...rest, drained: [...drained].map(toItem) })),
  endlessEvidence,
  noQueue,
]);
export interface CrowdEvidence {
  pushed: number;
  drained: Item[];
  left_after_null: number;
}

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

export const nothingLost = withTraffic({
  id: "nothing_lost",
  points: 5,
  needs: "some_node_arrives",
  run: exactlyOnce,
});

/** One producer's nodes come out in the order it pushed them. */
export const fifoPerProducer = withTraffic({
  id: "fifo_per_producer",
  points: 5,
  needs: "some_node_arrives",
  run: inOrder,
});

function inOrder({ drained }: CrowdEvidence): Judgement {
  const newest = new Map<number, number>();
  for (const { producer, seq } of drained) {
    const before = newest.get(producer) ?? -1;
    if (producer >= 0 && seq < before) {
      return fail({
        saw: `producer ${producer}: node ${seq} came out after node ${before}`,
        expected: `producer ${producer}: node ${seq} first, as it was pushed`,
        lookAt: "which store decides a node's place in the order, and which load reads it back?",
      });
    }
    newest.set(producer, seq);
  }
  return drained.length > 0 ? pass() : fail({ saw: "no node came out", expected: "nodes in order" });
}

/** The consumer's role moves between threads that synchronize, and nothing of the queue stays behind. */
export const consumerMoves = withTraffic({
  id: "consumer_moves",
  points: 5,
  needs: "some_node_arrives",
  run(evidence) {
    const once = exactlyOnce(evidence);
    const judgement = once.verdict === "pass" ? inOrder(evidence) : once;
    if (judgement.verdict === "pass") return judgement;
    return { ...judgement, lookAt: "does mpsc_pop keep something that belongs to the thread and not to the queue?" };
  },
});

/** No access of the queue's races with another one: ThreadSanitizer's report counts, and the traffic must be real. */
export const raceFree = withTraffic({
  id: "race_free",
  points: 5,
  needs: "some_node_arrives",
  run: someTraffic,
});

/** No access outside live memory, nothing leaked: AddressSanitizer's report counts, and the traffic must be real. */
export const memoryClean = withTraffic({
  id: "memory_clean",
  points: 5,
  needs: "some_node_arrives",
  run: someTraffic,
});

/** Threads may come and go in any number: a table of so many threads is too short one day, and writes behind itself. */
export const manyThreads = withTraffic({
  id: "many_threads",
  points: 5,
  needs: "some_node_arrives",
  run(evidence) {
    const once = exactlyOnce(evidence);
    const judgement = once.verdict === "pass" ? inOrder(evidence) : once;
    if (judgement.verdict === "pass") return judgement;
    return { ...judgement, lookAt: "how many threads may push before something in the queue runs out?" };
  },
});

/** A sanitizer's silence about a run in which not everything happened is no evidence. */
function someTraffic({ drained, pushed }: CrowdEvidence): Judgement {
  if (drained.length === pushed) return pass();
  return notReached(`${drained.length} of ${pushed} nodes came out: see nothing_lost`, "all the traffic, to judge by");
}

export const stalledEvidence = z.union([
  z
    .strictObject({
      stage: series,
      stopped: series,
      parked_at: series,
      arrived: series,
      push_steps: series,
      pop_steps: series,
      parked_points: count,
      overrun_call: count.optional(),
      overrun_stopped: count.optional(),
      overrun_stage: count.optional(),
      overrun_at: count.optional(),
      overtaken: count.optional(),
      lockstep: series.optional(),
    })
    .transform(({ stage, stopped, parked_at, arrived, parked_points, overrun_call, overtaken, lockstep }) => ({
      parked_points,
      ...(overrun_call && { overrun: overrun_call === 1 ? ("push" as const) : ("pop" as const) }),
      ...(lockstep && { overtaken, lockstep: [...lockstep].map(Number) }),
      runs: [...stage].map((_, at) => ({
        stage: Number(stage[at]),
        stopped: Number(stopped[at]),
        parked_at: Number(parked_at[at]),
        arrived: digitsOf(arrived[at]!),
      })),
    })),
  noQueue,
]);
export interface StalledEvidence {
  /** How many places inside mpsc_push a producer was stopped at. */
  parked_points: number;
  /** The call of another thread that did not end while one producer or two were stopped. */
  overrun?: "push" | "pop";
  /**
   * Nodes in order of popping: 1 is the stopped producer's, 2 and 3 another's, 4 was inside before, 5 is the second
   * stopped producer's, 15 a stranger.
   */
  runs: { stage: number; stopped: number; parked_at: number; arrived: number[] }[];
  /** Pushes made between the steps of producer A's push, and all nodes as they came out: 0 is A's. */
  overtaken?: number;
  lockstep?: number[];
}

const digitsOf = (code: bigint) =>
  [...(code === 0n ? "" : code.toString(16))].map((digit) => Number.parseInt(digit, 16));
const STEPS_ENOUGH = "100,000";

/** With one producer stopped anywhere inside mpsc_push, another finishes; nothing is lost when the first goes on. */
export const stalledProducer = withQueue<StalledEvidence>({
  id: "stalled_producer",
  points: 5,
  needs: "some_node_arrives",
  run(evidence) {
    const { parked_points, overrun, runs } = evidence;
    if (overrun === "push") {
      return fail({
        saw: `with others stopped inside mpsc_push, producer B's push had not ended after ${STEPS_ENOUGH} steps`,
        expected: "an end within a bounded number of producer B's own steps",
        lookAt: "mpsc_push: for which store of another thread does it wait?",
      });
    }
    if (parked_points === 0)
      return fail({ saw: "mpsc_push has no step at all", expected: "a push that does something" });
    const bad = runs.find((run) => !allOnce(run));
    return bad ? lostWhileStopped(bad) : overtakenRightly(evidence);
  },
});

type StalledRun = StalledEvidence["runs"][number];

function lostWhileStopped(run: StalledRun): Judgement {
  const [who, what] = run.stopped === 2 ? ["producers A and C", "A1 and C1"] : ["producer A", "A1"];
  return fail({
    saw: `${who} stopped at step ${run.parked_at} of pushing ${what}, B pushed B1 and B2, the stopped went on: ${namesOf(run.arrived)} came out`,
    expected: `${namesOf(expectedNodes(run))} each once, in any order with B1 before B2`,
    lookAt: "mpsc_push: what may another push change between two of its steps?",
  });
}

function overtakenRightly({ overtaken = 0, lockstep = [] }: StalledEvidence): Judgement {
  const ofB = lockstep.filter((node) => node !== 0);
  const right = ofB.length === overtaken && ofB.every((node, at) => node === at + 1);
  if (right && lockstep.length === overtaken + 1) return pass();
  return fail({
    saw: `producer B pushed ${overtaken} nodes between the steps of A's push: ${ofB.length} of B's and ${lockstep.length - ofB.length} of A's came out${ofB.length === overtaken ? ", B's not in order" : ""}`,
    expected: `${overtaken} of B's in order, and 1 of A's`,
    lookAt: "mpsc_push: what does it do when others were quicker for the hundredth time?",
  });
}

const expectedNodes = ({ stage, stopped }: StalledRun) => [
  ...(stage === 2 ? [4] : []),
  ...[1, 2, 3],
  ...(stopped === 2 ? [5] : []),
];
const NODE_NAMES: Record<number, string> = { 1: "A1", 2: "B1", 3: "B2", 4: "one from before", 5: "C1" };
const namesOf = (nodes: number[]) => nodes.map((node) => NODE_NAMES[node] ?? "a stranger").join(", ") || "nothing";

function allOnce(run: StalledRun): boolean {
  const { arrived } = run;
  return Bun.deepEquals(arrived.toSorted(), expectedNodes(run).toSorted()) && arrived.indexOf(2) < arrived.indexOf(3);
}

/** mpsc_pop waits for nobody: with a producer stopped inside mpsc_push it answers, if only NULL. */
export const popNeverWaits = withQueue<StalledEvidence>({
  id: "pop_never_waits",
  points: 5,
  needs: "some_node_arrives",
  run({ overrun }) {
    if (overrun !== "pop") return pass();
    return fail({
      saw: `with a producer stopped inside mpsc_push, mpsc_pop had not ended after ${STEPS_ENOUGH} steps`,
      expected: "an answer within a bounded number of the consumer's own steps; NULL is one",
      lookAt: "mpsc_pop: for which store of a producer does it wait?",
    });
  },
});

const phases = ["1000", "200000"] as const;
export const countsEvidence = z.union([
  z.strictObject({
    push_steps_1000: count,
    pushes_1000: count,
    pop_steps_1000: count,
    pops_1000: count,
    push_steps_200000: count,
    pushes_200000: count,
    pop_steps_200000: count,
    pops_200000: count,
    steady_steps: count,
    steady_calls: count,
    mixed_steps: count,
    mixed_calls: count,
    misplaced: count,
    early_nulls: count,
    allocations_in_push: count,
    allocations_in_pop: count,
    overrun: count,
  }),
  noQueue,
]);
export type CountsEvidence = Exclude<z.infer<typeof countsEvidence>, NoQueue>;

/** Neither push nor pop asks for memory. */
export const noAllocation = withQueue<CountsEvidence>({
  id: "no_allocation",
  points: 5,
  needs: "some_node_arrives",
  run({ allocations_in_push, allocations_in_pop, pushes_1000 }) {
    if (pushes_1000 === 0) return fail({ saw: "no push ended", expected: "1,000 pushes" });
    if (allocations_in_push + allocations_in_pop === 0) return pass();
    const call = allocations_in_push > 0 ? "mpsc_push" : "mpsc_pop";
    const times = Math.max(allocations_in_push, allocations_in_pop).toLocaleString("en");
    return fail({
      saw: `${call} asked for memory ${times} times`,
      expected: "no allocation: the node brings all the memory that its place in the queue needs",
      lookAt: `${call}: what is the new memory for that the caller's node does not hold?`,
    });
  },
});

/** Steps per call do not grow with the queue: amortised O(1). The margin is for the constant part of small counts. */
export const constantCost = withQueue<CountsEvidence>({
  id: "constant_cost",
  points: 5,
  needs: "some_node_arrives",
  run(counts) {
    if (counts.overrun > 0) {
      return fail({
        saw: "over 1,000 steps per call before all nodes were through",
        expected: "a number of steps per call that does not depend on the queue's length",
        lookAt: "which loop runs once per node inside?",
      });
    }
    const bad = [...growths(counts)].find(({ few, many }) => many > 2 * few + 2);
    if (!bad) return pass();
    return fail({
      saw: `${bad.call} takes ${bad.few.toFixed(1)} steps with 1,000 nodes inside and ${bad.many.toFixed(1)} with ${bad.inside}`,
      expected: "as many steps per call, whatever the number of nodes",
      lookAt: "which loop runs once per node inside?",
    });
  },
});

/** Steps per call with few nodes and with many. A held queue is measured over pushes and pops together. */
function* growths(counts: CountsEvidence) {
  const perCall = phases.map((n) => ({
    push: counts[`push_steps_${n}`] / Number(n),
    pop: counts[`pop_steps_${n}`] / Number(n),
  }));
  const [few, many] = perCall as [(typeof perCall)[0], (typeof perCall)[0]];
  yield { call: "mpsc_push", few: few.push, many: many.push, inside: "200,000" };
  yield { call: "mpsc_pop", few: few.pop, many: many.pop, inside: "200,000" };
  const steady = counts.steady_steps / counts.steady_calls;
  yield { call: "a call", few: Math.max(few.push, few.pop), many: steady, inside: "100,000 staying" };
}

/** However many nodes are inside, they come out in order, and NULL means that none is left. */
export const longQueue = withQueue<CountsEvidence>({
  id: "long_queue",
  points: 5,
  needs: "some_node_arrives",
  run({ overrun, misplaced, early_nulls, pops_200000 }) {
    if (overrun > 0) return notReached("a phase was stopped: see constant_cost", "200,000 nodes through the queue");
    if (misplaced + early_nulls === 0 && pops_200000 === 200_000) return pass();
    const nodes = (n: number) => n.toLocaleString("en");
    return fail({
      saw: `200,000 pushes, then 200,000 pops: ${nodes(early_nulls)} answered NULL, ${nodes(misplaced)} another node than the oldest`,
      expected: "the nodes in the order of their pushes; a queue is never full",
      lookAt: "which number in the queue has a largest value?",
    });
  },
});
export const noMemoryEvidence = z.union([
  z
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
    })),
  noQueue,
]);
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
export const noMemory = withQueue<NoMemoryEvidence>({
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
});

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

export const queuesEvidence = z.union([
  z.strictObject({ queues: count, pushed: count, from: series, into: series, drained: series }).transform((raw) => ({
    pushed: raw.pushed,
    queues: raw.queues,
    drained: [...raw.drained].map((code, at) => ({
      ...toItem(code),
      from: Number(raw.from[at]),
      into: Number(BigInt.asIntN(64, raw.into[at]!)),
    })),
  })),
  noQueue,
]);
export interface QueuesEvidence {
  /** To each queue. */
  pushed: number;
  queues: number;
  /** The queue that a node came out of, and the one that it went into: -1 for memory that nobody pushed. */
  drained: (Item & { from: number; into: number })[];
}

/** A queue shares nothing with the one beside it or the one before it, even at the same address. */
export const separateQueues = withQueue<QueuesEvidence>({
  id: "separate_queues",
  points: 3,
  needs: "some_node_arrives",
  run: eachItsOwn,
});

/** Two consumers of two queues share no memory: ThreadSanitizer's report counts, and the traffic must be real. */
export const queuesRaceFree = withQueue<QueuesEvidence>({
  id: "queues_race_free",
  points: 2,
  needs: "some_node_arrives",
  run(evidence) {
    if (eachItsOwn(evidence).verdict === "pass") return pass();
    return notReached("not every node came out in order: see separate_queues", "all the traffic, to judge by");
  },
});

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

export const abandonedEvidence = z.union([z.strictObject({ abandoned: count }), noQueue]);

/** mpsc_free neither reads nor writes the nodes inside: their memory is gone before it is called. */
export const freeLeavesNodes = withQueue<{ abandoned: number }>({
  id: "free_leaves_nodes",
  points: 5,
  needs: "some_node_arrives",
  run: ({ abandoned }) => (abandoned > 0 ? pass() : fail({ saw: "no queue was freed", expected: "mpsc_free returns" })),
});

export const benchEvidence = z.strictObject({ received: count, out_of_order: count });

/** A bench run counts only if its traffic was right. */
export function benchSample(
  { received, out_of_order }: z.infer<typeof benchEvidence>,
  { params }: { params: Record<string, number> },
): Judgement {
  const expected = params.producers! * params.items!;
  if (received === expected && out_of_order === 0) return pass();
  return fail({
    saw: `${received} of ${expected} nodes, ${out_of_order} out of order`,
    expected: "all nodes, in each producer's order",
  });
}
