// SPDX-License-Identifier: MIT
/** Checks of many threads that read and write a few keys. */
import { fail, notReached, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english, plural, times } from "@c10kata/harness/words";
import { z } from "zod";

export const crowdEvidence = z.strictObject({
  /** Gets that answered a value, and that answered false. */
  gets: count,
  failed: count,
  /** Puts that answered true. */
  puts: count,
  /** Gets of an older version than their thread had read or put. */
  backwards: count,
  /** Gets of a value that was never put under that key. */
  strangers: count,
  /** Fetches of a copy while another one ran. */
  at_once: count,
  /** Stores of a copy with a higher version than its home copy had. */
  ahead: count,
  /** Calls for a copy on a shard where it does not lie. */
  astray: count,
  /** Gets, when all threads had ended, that did not answer what the home copy has. */
  lost: count,
  /** By the cache, between hot_new and hot_free. */
  allocations: count,
  /** Held by a new cache, and how much it may hold. */
  bytes: count,
  bytes_most: count,
  /** Of static variables. */
  statics: count,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

function judge(evidence: CrowdEvidence) {
  const { gets, puts, backwards, strangers, at_once, ahead, astray, lost } = evidence;
  if (gets === 0 || puts === 0) {
    return fail({
      saw: `${plural(gets, "value")} read, ${english(puts)} put`,
      expected: "reads and writes that succeed",
    });
  }
  if (astray > 0) {
    return fail({
      saw: `${times(astray)} fetch or store was called for a copy on a shard where it does not lie`,
      expected: "each copy on the shard hot_shard(key, split, shards), splits below the number of splits",
    });
  }
  if (strangers > 0) {
    return fail({
      saw: `${english(strangers)} of ${plural(gets, "get")} answered a value that was never put under that key`,
      expected: "the key's own values",
      lookAt: "what may have happened to a hot key's place in memory while a fetch or a store ran?",
    });
  }
  if (backwards > 0) {
    return fail({
      saw: `${english(backwards)} of ${plural(gets, "get")} answered an older version than the same thread had read or put`,
      expected: "no thread reads backwards",
      lookAt: "which fetch had begun before the newer version was known, and who shares it?",
    });
  }
  if (at_once > 0) {
    return fail({
      saw: `${times(at_once)} a copy was fetched while another fetch of it ran`,
      expected: "one fetch of a copy at a time",
      lookAt: "hot_get: who is told that a fetch has begun, and when?",
    });
  }
  if (ahead > 0) {
    return fail({
      saw: `${times(ahead)} a copy was stored with a higher version than its home copy had`,
      expected: "the home copy first, and the others when it is stored",
      lookAt: "hot_put: in which order are the copies stored, and what if the first store fails?",
    });
  }
  if (lost > 0) {
    return fail({
      saw: `all threads had ended, and ${plural(lost, "get")} did not answer the version that the home copy has`,
      expected: "the last written one, whichever copy is read",
      lookAt: "which copies are behind after two puts at the same time, and who knows it?",
    });
  }
  return pass();
}

/** In a crowd, too, nobody reads backwards. */
export const neverBackwards: Check<CrowdEvidence> = {
  id: "never_backwards",
  points: 3,
  needs: "some_value",
  run: (evidence) => judge(evidence),
};

/** A lock, a counter of caches, a few tables: what no cache has of its own. */
const STATICS_MAX = 4_096;

/** Only hot_new takes memory, and not too much. */
export const boundedMemory: Check<CrowdEvidence> = {
  id: "bounded_memory",
  points: 3,
  needs: "some_value",
  run({ allocations, bytes, bytes_most, statics, gets }) {
    if (gets === 0) return fail({ saw: "no get answered a value", expected: "gets that are answered" });
    if (allocations > 0) {
      return fail({
        saw: `${plural(allocations, "allocation")} in hot_get and hot_put`,
        expected: "none: memory is taken by hot_new alone",
        lookAt: "what is needed for each fetch, and where could it lie?",
      });
    }
    if (statics > STATICS_MAX) {
      return fail({
        saw: `${english(statics)} bytes of static variables`,
        expected: `memory is taken by hot_new alone, for each cache its own; ${english(STATICS_MAX)} bytes beside are no matter`,
        lookAt: "which variables outside of functions hold what a cache counts or keeps?",
      });
    }
    if (bytes <= bytes_most) return pass();
    return fail({
      saw: `a new cache for 2 shards, 2 splits, and 2 keys that can be hot holds ${english(bytes)} bytes`,
      expected: `at most ${english(bytes_most)}: 128 KiB, and 128 bytes and 16 for each split of a key that can be hot`,
      lookAt: "how many counters are there, and how large is one?",
    });
  },
};

/** Its traffic is another one than never_backwards has judged. */
function wholeTraffic(evidence: CrowdEvidence) {
  const seen = judge(evidence);
  return seen.verdict === "pass" ? pass() : notReached(`the traffic was not whole: ${seen.saw}`, seen.expected);
}

/** The traffic is real; AddressSanitizer's report counts. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 2,
  needs: "some_value",
  run: wholeTraffic,
};

/** The same for ThreadSanitizer's. */
export const raceFree: Check<CrowdEvidence> = { id: "race_free", points: 2, needs: "some_value", run: wholeTraffic };
