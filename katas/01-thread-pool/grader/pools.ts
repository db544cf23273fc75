// SPDX-License-Identifier: MIT
/** What the checks of 01-thread-pool share: runs without a pool, and words. */
import { fail, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What a driver reports instead of traffic when pool_new answered NULL. */
export const noPool = z.strictObject({ no_pool: count });
type NoPool = z.infer<typeof noPool>;

/** Makes a check of traffic also say what happened where there was none. */
export function withPool<E extends object>(check: Check<E>): Check<E | NoPool> {
  return {
    ...check,
    run: (evidence, request) =>
      "no_pool" in evidence
        ? fail({
            saw: "pool_new answered NULL, with memory and threads to be had",
            expected: "a pool",
            lookAt: "pool_new",
          })
        : check.run(evidence, request),
  };
}

export const times = (n: number) => (n === 1 ? "once" : n === 2 ? "twice" : `${n} times`);
export const plural = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
