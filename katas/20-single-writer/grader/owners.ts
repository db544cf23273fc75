// SPDX-License-Identifier: MIT
/** The check of the owners: who could guess one? */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";

const BITS = 128;

export const ownersEvidence = z.strictObject({
  /** Random bits that an acquire asked for, how many of them were turned round, and how many of those changed the owner. */
  drawn: count,
  tried: count,
  decide: count,
  /** 1: the same random bytes made the same owner. */
  alike: count,
  /** Bytes of a part in two different draws that made the same owner; 0: none did. */
  confused: count,
});
export type OwnersEvidence = z.infer<typeof ownersEvidence>;

/** An owner depends on at least 128 random bits. */
export const unguessable: Check<OwnersEvidence> = {
  id: "unguessable",
  points: 5,
  needs: "first_lease",
  run({ drawn, decide, alike, confused }) {
    const lookAt = "lease_acquire: who else could come upon the same owner?";
    if (!alike) {
      return fail({
        saw: "two processes that were given the same random bytes had different owners",
        expected: "nothing that only looks random: env.random alone",
        lookAt,
      });
    }
    if (decide >= BITS && confused) {
      return fail({
        saw: `random bytes that begin with the numbers 1 and 23, ${plural(confused, "byte")} each, and others that begin with 12 and 3: the same owner`,
        expected: "different owners: 1 and 23, written one after the other, read like 12 and 3",
        lookAt: "lease_acquire: how long is what is written of each random number?",
      });
    }
    if (decide >= BITS) return pass();
    return fail({
      saw: `the owner depends on ${plural(decide, "bit")} of the ${plural(drawn, "bit")} that env.random gave`,
      expected: `at least ${BITS}`,
      lookAt,
    });
  },
};
