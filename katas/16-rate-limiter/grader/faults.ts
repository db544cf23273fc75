// SPDX-License-Identifier: MIT
/** The check of servers that give no answer. */
import { constants } from "node:os";
import { fail, notMeasurable, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";
import { SHARED } from "./files.ts";

export const faultsEvidence = z.strictObject({
  asked: rows("fault", "first", "second", "requests", "connections", "told", "kept"),
  made: rows("number", "refused"),
  early: count,
});
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
/** From this one on connections are taken; and in these the server says something to each call. */
const SERVED = 2;
const TALKS = 4;
/** Two calls: each may make a script known, ask by its digest, and ask with its text. */
const REQUESTS_MAX = 8;

/** No answer is a refusal, whatever comes instead, and takes its time-out at most. */
export const sharedFaults: Check<FaultsEvidence> = {
  id: "shared_faults",
  file: SHARED,
  points: 3,
  run({ asked, early }) {
    if (asked.length === 0) return fail({ saw: "nothing was asked", expected: "calls" });
    if (early > 0) {
      const saw = "shared_new has connected to the server";
      return fail({
        saw,
        expected: "no connection before the first call",
        lookAt: "shared_new: which of its calls connects?",
      });
    }
    for (const { fault, first, second, requests, connections, kept } of asked) {
      const what = FAULTS[fault]!;
      const answers = [first, second].map((errno) => (errno === 0 ? "no negative number" : `-${nameOf(errno)}`));
      const saw = `${what}: shared_allow answered ${answers.join(", then ")}`;
      const lookAt = "shared_allow: what can come instead of the answer?";
      if (first === 0 || second === 0) return fail({ saw, expected: "a negative errno: nobody knows", lookAt });
      if (SILENT.includes(fault) && [first, second].some((errno) => errno !== constants.errno.ETIMEDOUT))
        return fail({ saw, expected: "-ETIMEDOUT", lookAt });
      if (!kept) return fail({ saw: `${saw}, and changed *retry_after_ms`, expected: "as it was", lookAt });
      if (fault >= SERVED && connections < 2) {
        const called = `${saw}, both on ${plural(connections, "connection")}`;
        return fail({ saw: called, expected: "a new connection after a negative answer", lookAt });
      }
      if (requests <= REQUESTS_MAX) continue;
      return fail({ saw: `${what}: two calls made ${english(requests)} requests`, expected: "an end", lookAt });
    }
    const late = asked.find(({ fault, told }) => fault >= TALKS && told < 2);
    return late
      ? notMeasurable(`${FAULTS[late.fault]}: it did so ${late.told} of 2 times in the time of a call`)
      : pass();
  },
};

/** In the order of faults.c; and whether shared_new has to refuse them. */
const ARGUMENTS: [string, boolean][] = [
  ["a path, 1, 1, 1", false],
  ["a path, 1000000, 1000000, 4294967295", false],
  ["a path of 99 bytes, 1, 1, 1", false],
  ["a path of 100 bytes, 1, 1, 1", true],
  ["a path, per_second 0, 1, 1", true],
  ["a path, per_second 1000001, 1, 1", true],
  ["a path, per_second 4294967297, 1, 1", true],
  ["a path, 1, burst 0, 1", true],
  ["a path, 1, burst 1000001, 1", true],
  ["a path, 1, burst 4294967297, 1", true],
  ["a path, 1, 1, timeout_ms 0", true],
];

/** Arguments at the ends of their ranges, and beyond them. */
export const sharedRefusesNonsense: Check<FaultsEvidence> = {
  id: "shared_refuses_nonsense",
  file: SHARED,
  points: 1,
  run({ made }) {
    if (made.length === 0) return fail({ saw: "nothing was made", expected: "limiters" });
    const wrong = made.find(({ number, refused }) => Boolean(refused) !== ARGUMENTS[number]![1]);
    if (!wrong) return pass();
    const answers = ["a limiter", "NULL"];
    return fail({
      saw: `shared_new(${ARGUMENTS[wrong.number]![0]}) -> ${answers[wrong.refused]}`,
      expected: answers[1 - wrong.refused]!,
      lookAt: "shared_new: which arguments are out of their range?",
    });
  },
};

const nameOf = (errno: number) =>
  Object.entries(constants.errno).find(([, number]) => number === errno)?.[0] ?? `errno ${errno}`;
