// SPDX-License-Identifier: MIT
/** What the checks of 04-lru-lfu share: which cache a run was about. */
import type { RunRequest } from "@c10kata/harness/check";
import { KINDS, type Kind } from "./model.ts";

export const kindOf = ({ params }: RunRequest): Kind => KINDS[params.kind ?? 0]!;

/** One promise, kept in two files: a check for each. */
export const split = (id: string, lru: number, lfu = lru) => ({
  lru: { id: `lru_${id}`, points: lru, needs: "lru_keeps_one" },
  lfu: { id: `lfu_${id}`, points: lfu, needs: "lfu_keeps_one" },
});
