// SPDX-License-Identifier: MIT
/** The check of servers that give no answer. */
import { constants } from "node:os";
import { fail, pass, type Check } from "@c10kata/harness/check";
import { rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { SHARED } from "./files.ts";

export const faultsEvidence = z.strictObject({ asked: rows("fault", "first", "second", "requests", "kept") });
export type FaultsEvidence = z.infer<typeof faultsEvidence>;

/** In the order of faults.c. */
const FAULTS = [
  "nobody listens at the socket",
  "the server takes no connection",
  "the server reads, and is silent",
  "the server closes the connection",
  "the server sends half an array and no more",
  "the server sends what is no reply",
  "the server answers an error",
  "the server answers +OK to everything",
  "the server answers NOSCRIPT to everything",
  "the server sends half a string and no more",
];
/** Those in which time runs out. */
const SILENT = [1, 2, 4, 9];
/** Two calls: each may make a script known, ask by its digest, and ask with its text. */
const REQUESTS_MAX = 8;

/** No answer is a refusal, whatever comes instead, and takes its time-out at most. */
export const sharedFaults: Check<FaultsEvidence> = {
  id: "shared_faults",
  file: SHARED,
  points: 3,
  run({ asked }) {
    if (asked.length === 0) return fail({ saw: "nothing was asked", expected: "calls" });
    for (const { fault, first, second, requests, kept } of asked) {
      const what = FAULTS[fault]!;
      const answers = [first, second].map((errno) => (errno === 0 ? "no negative number" : `-${nameOf(errno)}`));
      const saw = `${what}: shared_allow answered ${answers.join(", then ")}`;
      const lookAt = "shared_allow: what can come instead of the answer?";
      if (first === 0 || second === 0) return fail({ saw, expected: "a negative errno: nobody knows", lookAt });
      if (SILENT.includes(fault) && [first, second].some((errno) => errno !== constants.errno.ETIMEDOUT))
        return fail({ saw, expected: "-ETIMEDOUT", lookAt });
      if (!kept) return fail({ saw: `${saw}, and changed *retry_after_ms`, expected: "as it was", lookAt });
      if (requests <= REQUESTS_MAX) continue;
      return fail({ saw: `${what}: two calls made ${english(requests)} requests`, expected: "an end", lookAt });
    }
    return pass();
  },
};

const nameOf = (errno: number) =>
  Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
