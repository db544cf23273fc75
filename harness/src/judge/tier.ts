// SPDX-License-Identifier: MIT
/** What a measured ratio is worth. Pure. */
import type { Interval } from "../base/statistics.ts";
import { TIERS, type Tier, type Tiers } from "../kata/kata.ts";

/** The highest tier that the whole interval reaches; null below `pass`. */
export function tierOf({ low }: Pick<Interval, "low">, tiers: Tiers): Tier | null {
  return TIERS.findLast((tier) => low >= tiers[tier]) ?? null;
}
