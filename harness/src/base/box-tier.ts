// SPDX-License-Identifier: MIT
/** What holds a program while it runs, the best first. Pure. */

/**
 * A: a box whose memory is bounded as a whole, which is not built. B: a box. C: walls around its files, and a filter,
 * without namespaces. D: nothing but the grader's watch.
 */
export const BOX_TIERS = ["A", "B", "C", "D"] as const;
export type BoxTier = (typeof BOX_TIERS)[number];

export const isWeaker = (tier: BoxTier, than: BoxTier) => BOX_TIERS.indexOf(tier) > BOX_TIERS.indexOf(than);
