// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring about who owns how much, and what moves when nodes come and go. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { numbers, rows } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";

const percent = (share: number) => `${(share * 100).toFixed(share < 0.0995 ? 1 : 0)} %`;

/** How far a share may lie from its mean, in standard deviations. Shares are skewed: it is once in 10^8 by chance. */
const Z_BOUND = 7;

/** Relative standard deviation of one node's share of the keys: of its points' arcs, and of the keys that fell there. */
export function shareDeviation(nodes: number, vnodes: number, keys: number): number {
  return Math.sqrt((nodes - 1) / (nodes * vnodes + 1) + (nodes - 1) / keys);
}

export const movementEvidence = z.strictObject({
  /** `nodes` before the change; keys that moved to or from the changed node, in another way, or not at all. */
  changes: rows("nodes", "node", "moved", "strayed", "stuck"),
});
export type MovementEvidence = z.infer<typeof movementEvidence>;

/** A change moves keys only to the node that comes, or from the one that goes, and about a node's share of them. */
export const minimalMovement: Check<MovementEvidence> = {
  id: "minimal_movement",
  points: 4,
  needs: "some_key_finds_node",
  run({ changes }, { params }) {
    const judgements = changes.map((change, at) => judgeChange(change, at < params.nodes! - 1, params));
    if (changes.length === 0) return fail({ saw: "no node came or went", expected: "nodes that come and go" });
    return judgements.find(({ verdict }) => verdict !== "pass") ?? pass();
  },
};

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
      saw: `${change} moved ${plural(strayed, "key")} of ${english(keys)} between nodes that stayed`,
      expected: `about ${percent(1 / larger)} of the keys moved, all of them ${added ? "to the new node" : "from the node that goes"}`,
      lookAt: "does a key's owner depend on how many nodes there are?",
    });
  }
  if (stuck > 0) {
    return fail({
      saw: `after ${change} ${plural(stuck, "key")} still belonged to it`,
      expected: "every key with a node of the ring",
      lookAt: "ring_remove_node: which points stay behind?",
    });
  }
  const allowed = Z_BOUND * shareDeviation(larger, vnodes, keys);
  if (Math.abs(moved / mean - 1) <= allowed) return pass();
  return fail({
    saw: `${change} moved ${plural(moved, "key")} of ${english(keys)}`,
    expected: `${range(mean, allowed)} of them`,
    lookAt: "how many points does a node have, and how are they spread?",
  });
}

const range = (mean: number, allowed: number) =>
  `${Math.max(0, Math.ceil(mean * (1 - allowed)))} to ${Math.floor(mean * (1 + allowed))}`;

export const sharesEvidence = z.strictObject({
  /** Keys per node, ring after ring. */
  owned: numbers,
});
export type SharesEvidence = z.infer<typeof sharesEvidence>;

/** The pooled standard deviation may exceed its expectation by this factor: seven times what chance explains. */
const SPREAD_BOUND = 1.5;

/** Every node's share is what random points would give it, and the shares' spread is that of random points. */
export const balance: Check<SharesEvidence> = {
  id: "balance",
  points: 4,
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
      saw: `a node of ${nodes} owns ${english(worst)} of ${english(keys)} keys`,
      expected: range(mean, Z_BOUND * expected),
      lookAt,
    });
  },
};
