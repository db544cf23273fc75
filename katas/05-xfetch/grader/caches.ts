// SPDX-License-Identifier: MIT
/** What the checks of 05-xfetch share: runs without a cache, and words. */
import { fail, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What a driver reports instead of traffic when xfetch_new answered NULL. */
export const noCache = z.strictObject({ no_cache: count });
export type NoCache = z.infer<typeof noCache>;

/** Makes a check of traffic also say what happened where there was none. */
export function withCache<E extends object>(check: Check<E>): Check<E | NoCache> {
  return {
    ...check,
    run: (evidence, request) =>
      "no_cache" in evidence
        ? fail({ saw: "xfetch_new answered NULL, with memory to be had", expected: "a cache", lookAt: "xfetch_new" })
        : check.run(evidence, request),
  };
}

export const RESULTS = ["XFETCH_FRESH", "XFETCH_STALE", "XFETCH_FAILED"];
export const [FRESH, STALE, FAILED] = [0, 1, 2];
export const plural = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
export const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
