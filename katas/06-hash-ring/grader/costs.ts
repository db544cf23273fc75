// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring about cost, in counted steps and allocations. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";
import { labelOf, ringHash } from "./ring.ts";
import { keyBytes, nodeName, several } from "./traffic.ts";

const WINDOWS = ["few", "many", "wide"] as const;
export const countsEvidence = z.strictObject({
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
});
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** Lookups ask for no memory. */
export const noAllocation: Check<CountsEvidence> = {
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
};

/** A step more or less per halving is a matter of taste; 16 is more than any search by halving takes. */
const STEPS_PER_DOUBLING = 16;
const OVERRUNS = ["", "ring_add_node", "ring_remove_node", "ring_get_node", "ring_get_nodes"];

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
    saw: `among ${points.toLocaleString("en")} points (${nodes.toLocaleString("en")} nodes of ${vnodes.toLocaleString("en")}) key ${at} -> node ${nodeName(owners[at]!)}`,
    expected: `node ${right[at]}`,
    lookAt: "how many points can the ring count, and how many the search? (vnodes are numbered without an end)",
  });
}

/** Steps per lookup grow no faster than the logarithm of the number of points, and the answers stay right. */
export const lookupCost: Check<CountsEvidence> = {
  id: "lookup_cost",
  points: 5,
  needs: "some_key_finds_node",
  run(counts) {
    if (counts.overrun === 3 || counts.overrun === 4) {
      const call = OVERRUNS[counts.overrun];
      return fail({
        saw: `${call} had not ended after 20,000 steps`,
        expected: "O(log points) steps to the first node, and from there a few points for each of the next",
        lookAt: `${call}: which loop visits point after point?`,
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
};

/** By how much the steps per point may differ. Right designs take fewer per point as the ring grows. */
const GROWTH = { many: 1.2, wide: 2 } as const;
const SLACK = { many: 0.5, wide: 3 } as const;
const RINGS: Record<(typeof WINDOWS)[number], string> = {
  few: "about 50 nodes of 4 points",
  many: "about 1,500 nodes of 4",
  wide: "about 50 nodes of 256",
};

/** Steps per change grow no faster than the number of points: nothing is sorted again, or inserted point by point. */
export const changeCost: Check<CountsEvidence> = {
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
};
