// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring about cost, in counted steps and allocations. */
import { fail, notReached, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { costsEvidence, judgeAllocations, perCall } from "@c10kata/harness/costs";
import { series } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { labelOf, ringHash } from "./ring.ts";
import { keyBytes, nodeName } from "./traffic.ts";

/** As counts.c numbers them: phases, and windows of a ring that grows or shrinks. */
const CALLS = ["ring_add_node", "ring_remove_node", "ring_get_node", "ring_get_nodes"];
const [ADD, REMOVE, GET, GET_NODES] = [0, 1, 2, 3];
const [FEW, MANY, WIDE] = [0, 1, 2];

export const countsEvidence = z.strictObject({
  ...costsEvidence,
  owners_256: series.optional(),
  owners_8192: series.optional(),
  owners_262144: series.optional(),
});
export type CountsEvidence = z.infer<typeof countsEvidence>;

const costOf = ({ costs }: CountsEvidence, phase: number, size: number) =>
  costs.find((cost) => cost.phase === phase && cost.size === size);
/** The call that was given up, if one was; what comes after it was not tried. */
const overrunOf = ({ costs }: CountsEvidence, phases: number[]) =>
  costs.find(({ overran, phase }) => overran && phases.includes(phase));

/** Lookups ask for no memory. */
export const noAllocation: Check<CountsEvidence> = {
  id: "no_allocation",
  points: 5,
  needs: "some_key_finds_node",
  run: ({ costs }) =>
    judgeAllocations(
      costs.filter(({ phase }) => phase === GET || phase === GET_NODES),
      CALLS,
      {
        expected: "no allocation in a lookup: it has no way to say that there is no memory",
        lookAt: "what is the new memory for?",
      },
    ),
};

/** A step more or less per halving is a matter of taste; 16 is more than any search by halving takes. */
const STEPS_PER_DOUBLING = 16;

/** The rings of counts.c, by the number of their points. */
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
    saw: `among ${english(points)} points (${english(nodes)} nodes of ${english(vnodes)}) key ${at} -> ${nodeName(owners[at]!)}`,
    expected: `node ${right[at]}`,
    lookAt: "how many points can the ring count, and how many the search? (vnodes are numbered without an end)",
  });
}

/** Steps per lookup grow no faster than the logarithm of the number of points, and the answers stay right. */
export const lookupCost: Check<CountsEvidence> = {
  id: "lookup_cost",
  points: 5,
  needs: "some_key_finds_node",
  run(evidence) {
    const overrun = overrunOf(evidence, [GET!, GET_NODES!]);
    if (overrun) {
      const call = CALLS[overrun.phase];
      return fail({
        saw: `${call} had not ended after 20,000 steps`,
        expected: "O(log points) steps to the first node, and from there a few points for each of the next",
        lookAt: `${call}: which loop visits point after point?`,
      });
    }
    const { owners_256 } = evidence;
    const few = costOf(evidence, GET!, 256);
    for (const points of [8_192, 262_144] as const) {
      const [owners, many] = [evidence[`owners_${points}`], costOf(evidence, GET!, points)];
      if (!few || !many || !owners || !owners_256)
        return notReached("a change was stopped: see change_cost", "lookups");
      const wrong = wrongOwner(256, owners_256) ?? wrongOwner(points, owners);
      if (wrong) return wrong;
      const allowed = perCall(few) + STEPS_PER_DOUBLING * Math.log2(points / 256);
      if (perCall(many) <= allowed) continue;
      return fail({
        saw: `a lookup takes ${perCall(few).toFixed(0)} steps among 256 points and ${perCall(many).toFixed(0)} among ${english(points)}`,
        expected: `at most ${STEPS_PER_DOUBLING} steps more per doubling, ${allowed.toFixed(0)}: O(log points)`,
        lookAt: "ring_get_node: which loop visits point after point, and what could it leave out?",
      });
    }
    return pass();
  },
};

/** By how much the steps per point may differ. Right designs take fewer per point as the ring grows. */
const WINDOWS = [
  { window: MANY!, growth: 1.2, slack: 0.5, ring: "about 1,500 nodes of 4" },
  { window: WIDE!, growth: 2, slack: 3, ring: "about 50 nodes of 256" },
];

/** Steps per change grow no faster than the number of points: nothing is sorted again, or inserted point by point. */
export const changeCost: Check<CountsEvidence> = {
  id: "change_cost",
  points: 5,
  needs: "some_key_finds_node",
  run(evidence) {
    const overrun = overrunOf(evidence, [ADD!, REMOVE!]);
    if (overrun) {
      const call = CALLS[overrun.phase];
      return fail({
        saw: `${call} had not ended after 400 steps per point in the ring`,
        expected: "O(points) steps",
        lookAt: `${call}: how often is a point that stays looked at?`,
      });
    }
    for (const change of [ADD!, REMOVE!]) {
      for (const { window, growth, slack, ring } of WINDOWS) {
        const [few, now] = [costOf(evidence, change, FEW!), costOf(evidence, change, window)];
        if (!few || !now) return notReached("a lookup was stopped: see lookup_cost", "changes");
        if (perCall(now) <= growth * perCall(few) + slack) continue;
        return fail({
          saw: `${CALLS[change]} takes ${perCall(few).toFixed(1)} steps per point in the ring with about 50 nodes of 4 points, and ${perCall(now).toFixed(1)} with ${ring}`,
          expected: "no more per point in a larger ring: O(points) in all",
          lookAt: `${CALLS[change]}: is what was in order before put in order again?`,
        });
      }
    }
    return pass();
  },
};
