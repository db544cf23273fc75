// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring: pure functions from the driver's raw counts to a judgement. */
import { fail, pass, type Check, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";
import { labelOf, Ring, ringHash } from "./ring.ts";

/** What a driver reports instead of traffic when ring_new answered NULL, or a change was refused. */
const noTraffic = z.union([z.strictObject({ no_ring: count }), z.strictObject({ refused: count })]);
type NoTraffic = z.infer<typeof noTraffic>;

/** Makes a check of traffic also say what happened where there was none. */
function withRing<E extends object>(check: Check<E>): Check<E | NoTraffic> {
  return {
    ...check,
    run(evidence, request) {
      if ("no_ring" in evidence)
        return fail({ saw: "ring_new -> NULL, with memory to be had", expected: "a ring", lookAt: "ring_new" });
      if (!("refused" in evidence)) return check.run(evidence, request);
      const call = evidence.refused === 1 ? "ring_add_node" : "ring_remove_node";
      const node = evidence.refused === 1 ? "a node that the ring did not have" : "a node that the ring had";
      return fail({ saw: `${call} refused ${node}`, expected: "0", lookAt: `${call}: what makes it refuse?` });
    },
  };
}

const numbers = (values: BigUint64Array) => [...values].map(Number);
const several = (number: number, what: string) => `${number.toLocaleString("en")} ${what}${number === 1 ? "" : "s"}`;
const percent = (share: number) => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** How far a share may lie from its mean, in standard deviations. Shares are skewed: it is once in 10^8 by chance. */
const Z_BOUND = 7;

/** Relative standard deviation of one node's share of the keys: of its points' arcs, and of the keys that fell there. */
export function shareDeviation(nodes: number, vnodes: number, keys: number): number {
  return Math.sqrt((nodes - 1) / (nodes * vnodes + 1) + (nodes - 1) / keys);
}

export const movementEvidence = z.union([
  z
    .strictObject({ change_nodes: series, changed: series, moved: series, strayed: series, stuck: series })
    .transform(({ change_nodes, changed, moved, strayed, stuck }) => ({
      changes: numbers(change_nodes).map((nodes, at) => ({
        nodes,
        node: Number(changed[at]),
        moved: Number(moved[at]),
        strayed: Number(strayed[at]),
        stuck: Number(stuck[at]),
      })),
    })),
  noTraffic,
]);
export interface MovementEvidence {
  /** `nodes` before the change; keys that moved to or from the changed node, in another way, or not at all. */
  changes: { nodes: number; node: number; moved: number; strayed: number; stuck: number }[];
}

/** A change moves keys only to the node that comes, or from the one that goes, and about a node's share of them. */
export const minimalMovement = withRing<MovementEvidence>({
  id: "minimal_movement",
  points: 5,
  needs: "some_key_finds_node",
  run({ changes }, { params }) {
    const judgements = changes.map((change, at) => judgeChange(change, at < params.nodes! - 1, params));
    if (changes.length === 0) return fail({ saw: "no node came or went", expected: "nodes that come and go" });
    return judgements.find(({ verdict }) => verdict !== "pass") ?? pass();
  },
});

function judgeChange(
  { nodes, node, moved, strayed, stuck }: MovementEvidence["changes"][number],
  added: boolean,
  params: Record<string, number>,
): Judgement {
  const [keys, vnodes] = [params.keys!, params.vnodes!];
  const larger = added ? nodes + 1 : nodes;
  const mean = keys / larger;
  const change = `${added ? "adding" : "removing"} node ${node}, ${nodes} before it,`;
  if (strayed > 0) {
    return fail({
      saw: `${change} moved ${several(strayed, "key")} of ${keys.toLocaleString("en")} between nodes that stayed`,
      expected: `about ${percent(1 / larger)} of the keys moved, all of them ${added ? "to the new node" : "from the node that goes"}`,
      lookAt: "does a key's owner depend on how many nodes there are?",
    });
  }
  if (stuck > 0) {
    return fail({
      saw: `after ${change} ${several(stuck, "key")} still belonged to it`,
      expected: "every key with a node of the ring",
      lookAt: "ring_remove_node: which points stay behind?",
    });
  }
  const allowed = Z_BOUND * shareDeviation(larger, vnodes, keys);
  if (Math.abs(moved / mean - 1) <= allowed) return pass();
  return fail({
    saw: `${change} moved ${several(moved, "key")} of ${keys.toLocaleString("en")}`,
    expected: `${range(mean, allowed)} of them`,
    lookAt: "how many points does a node have, and how are they spread?",
  });
}

const range = (mean: number, allowed: number) =>
  `${Math.max(0, Math.ceil(mean * (1 - allowed)))} to ${Math.floor(mean * (1 + allowed))}`;

export const sharesEvidence = z.union([
  z.strictObject({ owned: series }).transform(({ owned }) => ({ owned: numbers(owned) })),
  noTraffic,
]);
export interface SharesEvidence {
  /** Keys per node, ring after ring. */
  owned: number[];
}

/** The pooled standard deviation may exceed its expectation by this factor: seven times what chance explains. */
const SPREAD_BOUND = 1.5;

/** Every node's share is what random points would give it, and the shares' spread is that of random points. */
export const balance = withRing<SharesEvidence>({
  id: "balance",
  points: 5,
  needs: "some_key_finds_node",
  run({ owned }, { params }) {
    const [nodes, vnodes, keys] = [params.nodes!, params.vnodes!, params.keys!];
    const mean = keys / nodes;
    const expected = shareDeviation(nodes, vnodes, keys);
    const spread = Math.sqrt(owned.reduce((sum, own) => sum + (own / mean - 1) ** 2, 0) / owned.length);
    const worst = owned.toSorted((a, b) => Math.abs(b - mean) - Math.abs(a - mean))[0]!;
    const lookAt = "ring_hash: what has to happen to FNV-1a before labels that differ in one digit lie far apart?";
    if (spread > SPREAD_BOUND * expected) {
      return fail({
        saw: `${owned.length / nodes} rings of ${nodes} nodes: shares differ by ${percent(spread)} of their mean (standard deviation); the oddest node owns ${percent(worst / keys)} of the keys`,
        expected: `${percent(expected)}, at most ${percent(SPREAD_BOUND * expected)}: as ${vnodes} random points per node would`,
        lookAt,
      });
    }
    if (Math.abs(worst / mean - 1) <= Z_BOUND * expected) return pass();
    return fail({
      saw: `a node of ${nodes} owns ${worst.toLocaleString("en")} of ${keys.toLocaleString("en")} keys`,
      expected: range(mean, Z_BOUND * expected),
      lookAt,
    });
  },
});

export const readersEvidence = z.union([z.strictObject({ owners: series, trios: series }), noTraffic]);
export interface ReadersEvidence {
  owners: BigUint64Array;
  trios: BigUint64Array;
}

/** As driver/readers.c has them. */
const READERS_NODES = 5;
const TRIO_EVERY = 4;

/** Threads that look up at once all get what one thread alone would get. */
export const readersAgree = withRing<ReadersEvidence>({
  id: "readers_agree",
  points: 5,
  needs: "matches_model",
  run({ owners, trios }, request) {
    const { threads, keys, rounds } = request.params as Record<"threads" | "keys" | "rounds", number>;
    const trios_each = keys / TRIO_EVERY;
    if (owners.length !== rounds * threads * 2 * keys || trios.length !== rounds * threads * trios_each)
      return fail({ saw: `${owners.length} lookups`, expected: `${rounds * threads * 2 * keys}` });
    for (let round = 0; round < rounds; round++) {
      const right = expectedAnswers(request, round);
      for (let thread = 0; thread < threads; thread++) {
        const place = round * threads + thread;
        const own = owners.subarray(place * 2 * keys, (place + 1) * 2 * keys);
        const wrong = own.findIndex((owner, at) => owner !== right.owners[at >> 1]);
        if (wrong >= 0)
          return disagreement(thread, wrong >> 1, String(right.owners[wrong >> 1]), nodeName(own[wrong]!));
        const ownTrios = trios.subarray(place * trios_each, (place + 1) * trios_each);
        const at = ownTrios.findIndex((trio, key) => trio !== right.trios[key]);
        if (at >= 0)
          return disagreement(thread, at * TRIO_EVERY, trioNames(right.trios[at]!), trioNames(ownTrios[at]!));
      }
    }
    return pass();
  },
});

const disagreement = (thread: number, key: number, right: string, saw: string) =>
  fail({
    saw: `thread ${thread}, while others looked up other keys: key ${key} -> node ${saw}`,
    expected: `node ${right}, as one thread alone gets it`,
    lookAt: "what does a lookup leave behind that another lookup finds?",
  });

const nodeName = (number: bigint) => (number >= 2n ** 48n ? "that is none" : String(number));
const trioNames = (code: bigint) => [0n, 16n, 32n].map((shift) => (code >> shift) & 0xffffn).join(", ");

/** The model's answers for one round: the nodes from `round` on, five of them. */
function expectedAnswers({ seed, params }: RunRequest, round: number): { owners: bigint[]; trios: bigint[] } {
  const nameOf = (node: number) => `set-${seed}.node-${node}`;
  const numberOf = (name: string) => BigInt(name.slice(name.lastIndexOf("-") + 1));
  const names = Array.from({ length: READERS_NODES }, (_, at) => nameOf(round + at));
  const ring = new Ring(params.vnodes!, names);
  const answers = Array.from({ length: params.keys! }, (_, key) => ring.nodes(keyBytes(seed, key), 3).map(numberOf));
  return {
    owners: answers.map(([owner]) => owner!),
    trios: answers
      .filter((_, key) => key % TRIO_EVERY === 0)
      .map((nodes) => nodes.reduceRight((code, node) => (code << 16n) | node, 0n)),
  };
}

/** Key `number` of a set, as driver/nodes.c makes it. */
export function keyBytes(set: number, number: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, (BigInt(set) << 16n) ^ BigInt(number), true);
  return bytes;
}

/** No two accesses race: ThreadSanitizer's report counts, and the lookups must be real. */
export const raceFree = withRing<ReadersEvidence>({
  id: "race_free",
  points: 5,
  needs: "some_key_finds_node",
  run({ owners }) {
    const answered = owners.filter((owner) => owner < 2n ** 48n).length;
    if (answered >= owners.length / 2 && answered > 0) return pass();
    return fail({ saw: `${answered} of ${owners.length} lookups answered with a node`, expected: "all of them" });
  },
});

export const churnEvidence = z.union([z.strictObject({ lookups: count, strangers: count, stale: count }), noTraffic]);
export interface ChurnEvidence {
  lookups: number;
  strangers: number;
  stale: number;
}

/** No access outside live memory, nothing leaked, and names stay what they were: AddressSanitizer's report counts. */
export const memoryClean = withRing<ChurnEvidence>({
  id: "memory_clean",
  points: 5,
  needs: "some_key_finds_node",
  run({ lookups, strangers, stale }, { params }) {
    if (lookups < params.changes!) return fail({ saw: several(lookups, "lookup"), expected: "lookups that answer" });
    if (strangers > 0) {
      return fail({
        saw: `${strangers} of ${lookups} answers were not the name of a node in the ring`,
        expected: "names of nodes in the ring, each as it was given: 1 to 255 bytes of any value",
        lookAt: "how are names copied and compared?",
      });
    }
    if (stale === 0) return pass();
    return fail({
      saw: `a name that a lookup had returned read differently ${stale} times after other nodes had come and gone`,
      expected: "the same name for as long as its node is in the ring",
      lookAt: "where do the names lie, and what moves them?",
    });
  },
});

const WINDOWS = ["few", "many", "wide"] as const;
export const countsEvidence = z.union([
  z.strictObject({
    add_few: count,
    add_many: count,
    add_wide: count,
    remove_few: count,
    remove_many: count,
    remove_wide: count,
    lookup_256: count,
    lookup_8192: count,
    lookup_262144: count,
    owners_256: series,
    owners_8192: series,
    owners_262144: series,
    allocations_in_get: count,
    allocations_in_get_nodes: count,
    overrun: count,
  }),
  noTraffic,
]);
export type CountsEvidence = Exclude<z.infer<typeof countsEvidence>, NoTraffic>;

/** Lookups ask for no memory. */
export const noAllocation = withRing<CountsEvidence>({
  id: "no_allocation",
  points: 5,
  needs: "some_key_finds_node",
  run({ allocations_in_get, allocations_in_get_nodes }) {
    if (allocations_in_get + allocations_in_get_nodes === 0) return pass();
    const call = allocations_in_get > 0 ? "ring_get_node" : "ring_get_nodes";
    return fail({
      saw: `${call} asked for memory ${several(Math.max(allocations_in_get, allocations_in_get_nodes), "time")}`,
      expected: "no allocation in a lookup: it has no way to say that there is no memory",
      lookAt: `${call}: what is the new memory for?`,
    });
  },
});

/** A step more or less per halving is a matter of taste; 16 is more than any search by halving takes. */
const STEPS_PER_DOUBLING = 16;
const OVERRUNS = ["", "ring_add_node", "ring_remove_node", "ring_get_node"];

/** The rings of driver/counts.c, by the number of their points. */
const RING_SHAPES = {
  256: { nodes: 16, vnodes: 16 },
  8_192: { nodes: 2_048, vnodes: 4 },
  262_144: { nodes: 8, vnodes: 32_768 },
} as const;
const COUNTS_SET = 6;
const ownersOnce = new Map<string, bigint[]>();

/** The model's owners of the first `keys` keys, by number. A Ring of so many points would take seconds. */
export function ownersAmong(nodes: number, vnodes: number, keys: number): bigint[] {
  const known = ownersOnce.get(`${nodes} ${vnodes} ${keys}`);
  if (known) return known;
  const text = new TextEncoder();
  const points = new BigUint64Array(nodes * vnodes);
  for (let at = 0; at < points.length; at++) {
    const name = `set-${COUNTS_SET}.node-${Math.floor(at / vnodes)}`;
    points[at] = ringHash(text.encode(labelOf(name, at % vnodes)));
  }
  const sorted = points.toSorted();
  const owners = Array.from({ length: keys }, (_, key) => {
    const point = firstFrom(sorted, ringHash(keyBytes(COUNTS_SET, key)));
    return BigInt(Math.floor(points.indexOf(point) / vnodes));
  });
  ownersOnce.set(`${nodes} ${vnodes} ${keys}`, owners);
  return owners;
}

function firstFrom(sorted: BigUint64Array, hash: bigint): bigint {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]! < hash) low = middle + 1;
    else high = middle;
  }
  return sorted[low % sorted.length]!;
}

/** A wrong answer costs nothing. */
function wrongOwner(points: keyof typeof RING_SHAPES, owners: BigUint64Array): Judgement | undefined {
  const { nodes, vnodes } = RING_SHAPES[points];
  const right = ownersAmong(nodes, vnodes, owners.length);
  const at = right.findIndex((owner, key) => owner !== owners[key]);
  if (at < 0) return undefined;
  return fail({
    saw: `among ${points.toLocaleString("en")} points (${nodes.toLocaleString("en")} nodes of ${vnodes.toLocaleString("en")}) key ${at} -> node ${nodeName(owners[at]!)}`,
    expected: `node ${right[at]}`,
    lookAt: "how many points can the ring count, and how many the search? (vnodes are numbered without an end)",
  });
}

/** Steps per lookup grow no faster than the logarithm of the number of points, and the answers stay right. */
export const lookupCost = withRing<CountsEvidence>({
  id: "lookup_cost",
  points: 5,
  needs: "some_key_finds_node",
  run(counts) {
    if (counts.overrun === 3) {
      return fail({
        saw: "ring_get_node had not ended after 20,000 steps",
        expected: "O(log points) steps",
        lookAt: "ring_get_node: which loop visits point after point?",
      });
    }
    for (const [points, steps] of [
      [8_192, counts.lookup_8192],
      [262_144, counts.lookup_262144],
    ] as const) {
      const wrong = wrongOwner(256, counts.owners_256) ?? wrongOwner(points, counts[`owners_${points}`]);
      if (wrong) return wrong;
      const [few, many] = [counts.lookup_256 / 100, steps / 100];
      const allowed = few + STEPS_PER_DOUBLING * Math.log2(points / 256);
      if (many <= allowed) continue;
      return fail({
        saw: `a lookup takes ${few.toFixed(0)} steps among 256 points and ${many.toFixed(0)} among ${points.toLocaleString("en")}`,
        expected: `at most ${STEPS_PER_DOUBLING} steps more per doubling, ${allowed.toFixed(0)}: O(log points)`,
        lookAt: "ring_get_node: which loop visits point after point, and what could it leave out?",
      });
    }
    return pass();
  },
});

/** By how much the steps per point may differ. Right designs take fewer per point as the ring grows. */
const GROWTH = { many: 1.2, wide: 2 } as const;
const SLACK = { many: 0.5, wide: 3 } as const;
const RINGS: Record<(typeof WINDOWS)[number], string> = {
  few: "about 50 nodes of 4 points",
  many: "about 1,500 nodes of 4",
  wide: "about 50 nodes of 256",
};

/** Steps per change grow no faster than the number of points: nothing is sorted again, or inserted point by point. */
export const changeCost = withRing<CountsEvidence>({
  id: "change_cost",
  points: 5,
  needs: "some_key_finds_node",
  run(counts) {
    if (counts.overrun === 1 || counts.overrun === 2) {
      return fail({
        saw: `${OVERRUNS[counts.overrun]} had not ended after 400 steps per point in the ring`,
        expected: "O(points) steps",
        lookAt: `${OVERRUNS[counts.overrun]}: how often is a point that stays looked at?`,
      });
    }
    for (const change of ["add", "remove"] as const) {
      for (const window of ["many", "wide"] as const) {
        const [few, now] = [counts[`${change}_few`] / 1000, counts[`${change}_${window}`] / 1000];
        if (now <= GROWTH[window] * few + SLACK[window]) continue;
        return fail({
          saw: `ring_${change}_node takes ${few.toFixed(1)} steps per point in the ring with ${RINGS.few}, and ${now.toFixed(1)} with ${RINGS[window]}`,
          expected: "no more per point in a larger ring: O(points) in all",
          lookAt: `ring_${change}_node: is what was in order before put in order again?`,
        });
      }
    }
    return pass();
  },
});

const ENOMEM = 12;
export const noMemoryEvidence = z.union([
  z
    .strictObject({
      new_kept: series,
      add_answer: series,
      add_changed: series,
      remove_answer: series,
      differs: count,
      kept: count,
      live_after_free: count,
    })
    .transform(({ new_kept, add_answer, add_changed, remove_answer, ...rest }) => ({
      new_kept: numbers(new_kept),
      adds: numbers(add_answer).map((answer, at) => ({ answer, changed: Number(add_changed[at]) })),
      removes: numbers(remove_answer),
      ...rest,
    })),
  noTraffic,
]);
export interface NoMemoryEvidence {
  /** Allocations still held after each ring_new that answered NULL. */
  new_kept: number[];
  /** Answers without their sign, and keys whose owner a refused addition changed. */
  adds: { answer: number; changed: number }[];
  removes: number[];
  differs: number;
  kept: number;
  live_after_free: number;
}

/** Without memory an addition answers -ENOMEM and changes nothing, a removal succeeds, and nothing is ever lost. */
export const noMemory = withRing<NoMemoryEvidence>({
  id: "no_memory",
  points: 5,
  needs: "some_key_finds_node",
  run: (evidence) => refusedAdditions(evidence) ?? refusedRemovals(evidence) ?? lostMemory(evidence) ?? pass(),
});

function refusedAdditions({ adds }: NoMemoryEvidence): Judgement | undefined {
  const odd = adds.find(({ answer }) => answer !== 0 && answer !== ENOMEM);
  if (odd) {
    return fail({
      saw: `ring_add_node, an allocation refused, answered -${odd.answer}`,
      expected: "-12, which is -ENOMEM",
      lookAt: "ring_add_node: after a call that failed, what does the next one find?",
    });
  }
  const changed = adds.find((add) => add.changed > 0);
  if (changed) {
    return fail({
      saw: `ring_add_node answered -ENOMEM, and ${changed.changed} of 64 keys had another owner afterwards`,
      expected: "the ring unchanged",
      lookAt: "ring_add_node: what has been changed before the last thing that can fail?",
    });
  }
  if (adds.at(-1)?.answer === 0) return undefined;
  return fail({
    saw: "ring_add_node answered -ENOMEM also when there was memory",
    expected: "a node added",
    lookAt: "ring_add_node: what does a failed call leave behind?",
  });
}

function refusedRemovals({ removes, differs }: NoMemoryEvidence): Judgement | undefined {
  const refused = removes.find((answer) => answer !== 0);
  if (refused !== undefined) {
    return fail({
      saw: `ring_remove_node, without memory to be had, answered -${refused}`,
      expected: "0: removing needs less room, not more",
      lookAt: "ring_remove_node: what is the memory for?",
    });
  }
  if (differs === 0) return undefined;
  return fail({
    saw: `${differs} keys had another owner than in a ring of the same nodes that never lacked memory`,
    expected: "the same owners",
    lookAt: "which call goes on after an allocation was refused, as if it had succeeded?",
  });
}

function lostMemory({ new_kept, kept, live_after_free }: NoMemoryEvidence): Judgement | undefined {
  const expected = "everything given back";
  if (new_kept.some((allocations) => allocations !== 0))
    return fail({ saw: "ring_new answered NULL and kept memory", expected, lookAt: "ring_new" });
  if (kept !== 0) {
    const lookAt = "what does a failed call leave behind, and what does ring_free forget?";
    return fail({ saw: `${held(kept)} still held after ring_free`, expected, lookAt });
  }
  if (live_after_free === 0) return undefined;
  return fail({ saw: `${held(live_after_free)} left behind by 100 rings`, expected, lookAt: "ring_free" });
}

const held = (allocations: number) =>
  allocations > 2 ** 53 ? "more freed than allocated" : several(allocations, "allocation");

export const benchEvidence = z.union([
  z.strictObject({ sum: count, nobody: count }),
  z.strictObject({ refused: count }),
]);

/** As driver/bench.c has them. */
const BENCH_KEYS = 8_192;
const BENCH_VNODES = 150;
const sums = new Map<number, number>();

/** What the names of all keys' owners add up to, each read as a number of four bytes. */
function benchSum(nodes: number): number {
  const known = sums.get(nodes);
  if (known !== undefined) return known;
  const names = Array.from({ length: nodes }, (_, node) => String(node).padStart(4, "0"));
  const ring = new Ring(BENCH_VNODES, names);
  let sum = 0;
  for (let key = 0; key < BENCH_KEYS; key++) sum += Buffer.from(ring.node(keyBytes(0, key))!).readUInt32LE();
  sums.set(nodes, sum);
  return sum;
}

/** A bench run counts only if every lookup found the owner. */
export function benchSample(evidence: z.infer<typeof benchEvidence>, { params }: RunRequest): Judgement {
  if ("refused" in evidence) return fail({ saw: "ring_add_node refused a node", expected: "0" });
  const expected = (benchSum(params.nodes!) * params.lookups!) / BENCH_KEYS;
  if (evidence.sum === expected && evidence.nobody === 0) return pass();
  return fail({
    saw: `owners that add up to ${evidence.sum}, ${evidence.nobody} of them NULL`,
    expected: `${expected}: the right owner for every key`,
  });
}
