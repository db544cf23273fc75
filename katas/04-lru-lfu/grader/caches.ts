// SPDX-License-Identifier: MIT
/** What the checks of 04-lru-lfu share: which cache a run was about, and runs without one. */
import { fail, type Check, type RunRequest } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";
import { KINDS, type Kind } from "./model.ts";

/** What a driver reports instead of traffic when `new` answered NULL. */
export const noCache = z.strictObject({ no_cache: count });
export type NoCache = z.infer<typeof noCache>;

export const kindOf = ({ params }: RunRequest): Kind => KINDS[params.kind ?? 0]!;

/** Makes a check of traffic also say what happened where there was none. */
export function withCache<E extends object>(check: Check<E>): Check<E | NoCache> {
  return {
    ...check,
    run: (evidence, request) => {
      if (!("no_cache" in evidence)) return check.run(evidence, request);
      const name = `${KINDS[evidence.no_cache]}_new`;
      return fail({ saw: `${name} answered NULL, with memory to be had`, expected: "a cache", lookAt: name });
    },
  };
}

/** One promise, kept in two files: a check for each. */
export const split = (id: string, lru: number, lfu = lru) => ({
  lru: { id: `lru_${id}`, points: lru, needs: "lru_keeps_one" },
  lfu: { id: `lfu_${id}`, points: lfu, needs: "lfu_keeps_one" },
});
