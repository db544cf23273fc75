// SPDX-License-Identifier: MIT
/** Checks of clients on several threads, and the store that they share. */
import { fail, notReached, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english, plural, times } from "@c10kata/harness/words";
import { z } from "zod";

export const aloneEvidence = z.strictObject({
  leases: count,
  /** Leases of which a call did not answer 0, with a Redis that always answers. */
  refused: count,
  /** By acquire, renew and release. */
  allocations: count,
});
export type AloneEvidence = z.infer<typeof aloneEvidence>;

export const crowdEvidence = z.strictObject({
  leases: count,
  refused: count,
  /** Tokens of leases: how many, their sum, the largest. */
  numbers: count,
  sum: count,
  largest: count,
  accepted: count,
  /** Reads whose value is not what was written with their token. */
  torn: count,
  /** Reads that answered less than their thread had read or written before. */
  went_back: count,
  /** Writes that were accepted with a token smaller than one that was read before. */
  stale: count,
  /** The store's token at the end, and the largest of a write that was accepted. */
  last: count,
  newest: count,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

const refusedOf = (refused: number) =>
  fail({
    saw: `${plural(refused, "lease")} of which acquire, renew or release did not answer 0`,
    expected: "0: each client has a Redis of its own, and it always answers",
    lookAt: "what do two clients share?",
  });

/** Only the constructors and store_write allocate. */
export const noAllocation: Check<AloneEvidence> = {
  id: "no_allocation",
  points: 1,
  needs: "first_lease",
  run({ leases, refused, allocations }) {
    if (refused > 0 || leases === 0) return refusedOf(refused);
    if (allocations === 0) return pass();
    return fail({
      saw: `${plural(allocations, "allocation")} in ${english(leases)} leases`,
      expected: "none: lease_client_new, store_new and store_write alone allocate",
      lookAt: "how large can a name, an owner and a number become?",
    });
  },
};

function judge(evidence: CrowdEvidence) {
  const { refused, numbers, sum, largest, accepted, torn, went_back, stale, last, newest } = evidence;
  if (refused > 0 || numbers === 0) return refusedOf(refused);
  if (largest !== numbers || sum !== (numbers * (numbers + 1)) / 2) {
    return fail({
      saw: `${english(numbers)} numbers were drawn; the largest was ${english(largest)}, and their sum ${english(sum)}`,
      expected: `1 to ${english(numbers)}, each once`,
      lookAt: "store_number: what may happen between reading the last number and keeping the next?",
    });
  }
  if (torn > 0) {
    return fail({
      saw: `${times(torn)} store_read answered a value that was not written with its token`,
      expected: "value and token of one moment",
      lookAt: "store_write, store_read: what changes together?",
    });
  }
  if (stale > 0) {
    return fail({
      saw: `${times(stale)} store_write accepted a token smaller than one that the same thread had read before`,
      expected: "false",
      lookAt: "store_write: what may happen between comparing the token and writing?",
    });
  }
  if (accepted > 0 && went_back === 0 && last === newest) return pass();
  return fail({
    saw:
      accepted === 0
        ? "no write was accepted"
        : `${times(went_back)} a thread read a smaller token than before; at the end the store had ${last}, and ${newest} had been accepted`,
    expected: "the token never becomes smaller",
    lookAt: "store_write: what may happen between comparing the token and writing?",
  });
}

/** Of many writers at once the store keeps one, and never an older one. */
export const neverGoesBack: Check<CrowdEvidence> = {
  id: "never_goes_back",
  points: 2,
  needs: ["first_lease", "store_refuses"],
  run: judge,
};

const wholeTraffic = (evidence: CrowdEvidence) =>
  judge(evidence).verdict === "pass"
    ? pass()
    : notReached("the traffic was not whole: see never_goes_back", "all of it, to judge by");

/** The traffic is real; AddressSanitizer's report counts. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 1,
  needs: ["first_lease", "store_refuses"],
  run: wholeTraffic,
};

/** The same for ThreadSanitizer's. */
export const raceFree: Check<CrowdEvidence> = {
  id: "race_free",
  points: 1,
  needs: ["first_lease", "store_refuses"],
  run: wholeTraffic,
};
