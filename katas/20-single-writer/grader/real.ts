// SPDX-License-Identifier: MIT
/** The check of two writers, a store and a real Redis. */
import { fail, notMeasurable, pass, type Check, type Judgement } from "@c10kata/harness/check";
import type { Round, WritersEvidence } from "./writers.ts";

const [EIO, STALE, TOO_LATE] = [-5, -116, -110];
const NAMES: Record<number, string> = {
  0: "0",
  1: "true",
  [EIO]: "-EIO",
  [STALE]: "-ESTALE",
  [-16]: "-EBUSY",
  [TOO_LATE]: "-ETIMEDOUT",
  [-22]: "-EINVAL",
};
const named = (status: number) => NAMES[status] ?? String(status);
const accepted = (status: number) => (status === 1 ? "accepted" : status === 0 ? "refused" : named(status));

const MEANWHILE = {
  paused: "was paused (SIGSTOP) until its lease was over",
  killed: "was killed (SIGKILL)",
  "Redis empty": "had the lease, and Redis was killed and came back empty",
};

/** What was seen first that should not be, and what should have been. */
function wrongIn({ what, first, wrote, second, second_wrote, stale, ...rest }: Round): [string, string] | null {
  const steps: [string, string, string][] = [
    ["a process acquires a lease", named(first.status), "0"],
    ["it writes", accepted(wrote), "accepted"],
    [`it ${MEANWHILE[what]}; another process acquires`, named(second.status), "0"],
    ["whose token is", second.token > first.token ? "larger" : `${second.token}, after ${first.token}`, "larger"],
    ["the other process writes", accepted(second_wrote), "accepted"],
  ];
  if (stale)
    steps.push(
      [`the first process, which ${MEANWHILE[what]}, writes again`, accepted(stale.wrote), "refused"],
      ["it extends its lease", named(stale.renewed), "-ESTALE"],
      ["it releases its lease", named(stale.released), "-ESTALE"],
    );
  steps.push(
    ["the other one's key in Redis", rest.kept ? "is as it was" : "is gone, or another one", "is as it was"],
    ["the other one extends its lease", named(rest.second_renewed), "0"],
    ["it releases its lease", named(rest.second_released), "0"],
    ["the key in Redis", rest.left ? "is still there" : "is gone", "is gone"],
  );
  const wrong = steps.find(([, saw, expected]) => saw !== expected);
  return wrong ? [`${wrong[0]} -> ${wrong[1]}`, wrong[2]] : null;
}

function judge({ rounds, gone, silent, again }: WritersEvidence): Judgement {
  const lookAt = "what does each side know at this moment, and since when?";
  for (const round of rounds) {
    const wrong = wrongIn(round);
    if (wrong) return fail({ saw: wrong[0], expected: wrong[1], lookAt });
  }
  if (gone === EIO && silent === EIO && again === 0) return pass();
  return fail({
    saw: `acquire -> ${named(gone)} with Redis killed, ${named(silent)} with Redis paused (SIGSTOP), ${named(again)} with Redis there again`,
    expected: "-EIO, -EIO, 0",
    lookAt: "lease_acquire: what is the answer when nobody answers?",
  });
}

/** Processes that are paused, and killed, and a Redis that forgets, do no harm. */
export const realRedis: Check<WritersEvidence> = {
  id: "real_redis",
  points: 5,
  needs: ["first_lease", "store_refuses"],
  run(evidence) {
    const { refused, rounds, late, again } = evidence;
    if (refused) return fail({ saw: refused, expected: "processes that listen" });
    const judgement = judge(evidence);
    const slow = late > 0 || [again, ...rounds.map(({ first }) => first.status)].includes(TOO_LATE);
    if (judgement.verdict === "pass" || !slow) return judgement;
    return notMeasurable("a server needed more than 2 s for an answer, or all of 15 s brought no lease of 400 ms");
  },
};
