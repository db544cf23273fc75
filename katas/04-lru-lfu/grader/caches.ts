// SPDX-License-Identifier: MIT
/** What the checks of 04-lru-lfu share: which cache a run was about. */
import type { Check, RunRequest } from "@c10kata/harness/check";
import { KINDS, type Kind } from "./model.ts";

export const kindOf = ({ params }: RunRequest): Kind => KINDS[params.kind ?? 0]!;

/** The file that a cache is written in. */
export const fileOf = (kind: Kind) => `${kind}_cache.c`;

/** One promise, kept in two files: a check for each. */
export function pair<E>(id: string, run: Check<E>["run"], lru: number, lfu = lru): Record<Kind, Check<E>> {
  const of = (kind: Kind, points: number) => ({
    id: `${kind}_${id}`,
    file: fileOf(kind),
    points,
    needs: `${kind}_keeps_one`,
    run,
  });
  return { lru: of("lru", lru), lfu: of("lfu", lfu) };
}
