// SPDX-License-Identifier: MIT
/** The checks of 05-xfetch on many threads and more keys than room; the sanitizers watch some of them. */
import { fail, pass, type Judgement, type RunRequest, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";

export const crowdEvidence = z.strictObject({
  fresh: count,
  stale: count,
  failed: count,
  loads: count,
  strangers: count,
  touched: count,
  most_loads: count,
  most_draws: count,
  held: count,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

/** More keys than room, many threads: every value is its key's, one load of a key runs at a time, and few are kept. */
export const rightValues: Check<CrowdEvidence> = {
  id: "right_values",
  points: 3,
  needs: "some_value_arrives",
  run(evidence, request) {
    const { strangers, touched, most_loads, most_draws, held } = evidence;
    const { capacity } = request.params as { capacity: number };
    if (strangers > 0) {
      return fail({
        saw: `${plural(strangers, "answer")} of ${plural(answersOf(evidence), "get")} with a value that no load of that key had brought`,
        expected: "a value of the key that was asked for",
        lookAt: "between finding the entry of a key and copying its value: what may become of it?",
      });
    }
    if (touched > 0) {
      return fail({
        saw: `*value was overwritten by ${plural(touched, "get")} that answered XFETCH_FAILED`,
        expected: "*value untouched",
        lookAt: "which variable is handed to load?",
      });
    }
    if (most_loads > 1) {
      return fail({
        saw: `${most_loads} loads of one key ran at a time`,
        expected: "at most 1",
        lookAt: "how does a get know that a load of its key is running, when the value was thrown out in the meantime?",
      });
    }
    if (most_draws > 1) {
      return fail({
        saw: `${most_draws} draws in one get`,
        expected: "at most 1",
        lookAt: "is a draw forgotten when the get has to look again?",
      });
    }
    return someAnswers(evidence, request, held > capacity ? tooMany(held, capacity) : pass());
  },
};

const tooMany = (held: number, capacity: number) =>
  fail({
    saw: `${held} values were kept in the end`,
    expected: `at most ${capacity}, the capacity`,
    lookAt: "two loads that end at the same moment: for which of them does each value leave?",
  });

const answersOf = ({ fresh, stale, failed }: CrowdEvidence) => fresh + stale + failed;

/** A sanitizer's silence about a run in which nothing happened is no evidence. */
function someAnswers(evidence: CrowdEvidence, { params }: RunRequest, otherwise: Judgement = pass()): Judgement {
  const asked = params.threads! * params.gets!;
  if (answersOf(evidence) === asked && evidence.fresh > 0 && evidence.loads > 0) return otherwise;
  return fail({
    saw: `${plural(answersOf(evidence), "answer")} to ${plural(asked, "get")}, ${evidence.fresh} of them fresh, ${plural(evidence.loads, "load")}`,
    expected: "an answer to each, fresh ones among them",
  });
}

/** No access outside live memory, nothing leaked: AddressSanitizer's report counts, and the traffic must be real. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 3,
  needs: "some_value_arrives",
  run: (evidence, request) => someAnswers(evidence, request),
};

/** No access of the cache's races with another one: ThreadSanitizer's report counts, and the traffic must be real. */
export const raceFree: Check<CrowdEvidence> = {
  id: "race_free",
  points: 3,
  needs: "some_value_arrives",
  run: (evidence, request) => someAnswers(evidence, request),
};
