// SPDX-License-Identifier: MIT
/** The check of 11-connection-pool about allocations that are refused. */
import type { Check } from "@c10kata/harness/check";
import { judgeRefusals, refusalsEvidence, type Refusals } from "@c10kata/harness/refusals";
import { z } from "zod";

export const noMemoryEvidence = z.strictObject(refusalsEvidence);
const pool = {
  make: "conn_pool_new",
  end: "conn_pool_free",
  object: "pool",
  broken: "does not lend 3 connections at once",
};

/** conn_pool_new without memory answers NULL and keeps nothing; conn_pool_free gives everything back. */
export const noMemory: Check<Refusals> = {
  id: "no_memory",
  points: 2,
  needs: "some_connection",
  run: (evidence) => judgeRefusals(evidence, pool),
};
