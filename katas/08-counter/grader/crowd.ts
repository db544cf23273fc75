// SPDX-License-Identifier: MIT
/** Checks of many threads that add and read at once. */
import { fail, notReached, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";

export const crowdEvidence = z.strictObject({
  added: count,
  sum: count,
  reads: count,
  /** Of 4 sums that wrapped, how many were right. */
  wrapped: count,
  /** Reads that answered less than the same thread had added (`own`), or had read before. */
  drops: rows("reader", "nth", "own", "before", "answered"),
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

function judgeSum({ added, sum, wrapped }: CrowdEvidence) {
  if (added === 0) return fail({ saw: "nothing was added", expected: "adds" });
  if (sum === added && wrapped < 4) {
    return fail({
      saw: `threads added 2^63 - 1 and the like one after another: ${4 - wrapped} of 4 answers were wrong`,
      expected: "sums modulo 2^64, whoever has added what",
      lookAt: "which number becomes too large, and what is it then?",
    });
  }
  if (sum === added) return pass();
  return fail({
    saw: `all threads had ended, and counter_read answered ${english(sum)}: ${english(Math.abs(added - sum))} too ${sum < added ? "little" : "much"}`,
    expected: `${english(added)}, what they had added`,
    lookAt: "counter_add: which two steps of one thread may another thread, or another processor, come between?",
  });
}

/** When nobody adds any more, the answer is exact. */
export const nothingLost: Check<CrowdEvidence> = {
  id: "nothing_lost",
  points: 5,
  needs: "counts_up",
  run: judgeSum,
};

/** Of one thread's reads, a later one has all that an earlier one had, and all that the thread itself has added. */
export const readsNeverShrink: Check<CrowdEvidence> = {
  id: "reads_never_shrink",
  points: 5,
  needs: "counts_up",
  run({ reads, drops }) {
    const [drop] = drops;
    if (reads === 0) return fail({ saw: "nothing was read", expected: "reads" });
    if (!drop) return pass();
    const { nth, own, before, answered } = drop;
    const known = own > before ? "it had itself added" : "its read before had answered";
    return fail({
      saw: `read ${english(nth)} of one thread answered ${english(answered)}; ${known} ${english(Math.max(own, before))}, and all adds were positive`,
      expected: "a later read has all adds that an earlier one had, and all that happened before it",
      lookAt: "counter_read: in which order does it look at its parts, and what may be on its way from one to another?",
    });
  },
};

/** The traffic is real; AddressSanitizer's report counts. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 2,
  needs: "counts_up",
  run: (evidence) => wholeTraffic(evidence),
};

/** The same for ThreadSanitizer's. */
export const raceFree: Check<CrowdEvidence> = {
  id: "race_free",
  points: 3,
  needs: "counts_up",
  run: (evidence) => wholeTraffic(evidence),
};

const wholeTraffic = (evidence: CrowdEvidence) =>
  judgeSum(evidence).verdict === "pass"
    ? pass()
    : notReached("the sum was not exact: see nothing_lost", "all the traffic, to judge by");
