// SPDX-License-Identifier: MIT
/** A timed run of 05-xfetch counts only if it was right. */
import { fail, pass, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { z } from "zod";

export const benchEvidence = z.strictObject({ loads: count, wrong_values: count, not_fresh: count });

/** A bench run counts only if every value was right, and about as often loaded as it should be. */
export function benchSample(evidence: z.infer<typeof benchEvidence>, { params }: RunRequest): Judgement {
  const { loads, wrong_values, not_fresh } = evidence;
  const expected_loads = benchLoads(params.gets!, params.threads!);
  const usual = loads >= 0.8 * expected_loads - 2 && loads <= 1.3 * expected_loads + 3;
  if (wrong_values === 0 && not_fresh === 0 && usual) return pass();
  return fail({
    saw: `${wrong_values} wrong values, ${not_fresh} that were not fresh, ${loads} loads`,
    expected: `right and fresh values, about ${Math.round(expected_loads)} loads`,
  });
}

/** As bench.c has them: of `gets`, the first thread's move the clock by 10 ms in every 1,024. */
function benchLoads(gets: number, threads: number): number {
  const seconds = (gets / threads / 1024) * 0.01;
  return 1 + seconds / 60;
}
