// SPDX-License-Identifier: MIT
/** The checks of 06-hash-ring about many threads that look up at once. */
import { fail, pass, type RunRequest, type Check } from "@c10kata/harness/check";
import { series } from "@c10kata/harness/evidence";
import { z } from "zod";
import { Ring } from "./ring.ts";
import { keyBytes, nodeName } from "./traffic.ts";

export const readersEvidence = z.strictObject({ owners: series, trios: series });
export type ReadersEvidence = z.infer<typeof readersEvidence>;

/** As readers.c has them. */
const READERS_NODES = 5;
const TRIO_EVERY = 4;

/** Threads that look up at once all get what one thread alone would get. */
export const readersAgree: Check<ReadersEvidence> = {
  id: "readers_agree",
  points: 5,
  needs: "matches_model",
  run({ owners, trios }, request) {
    const { threads, keys, rounds } = request.params as Record<"threads" | "keys" | "rounds", number>;
    const trios_each = keys / TRIO_EVERY;
    if (owners.length !== rounds * threads * 2 * keys || trios.length !== rounds * threads * trios_each)
      return fail({ saw: `${owners.length} lookups`, expected: `${rounds * threads * 2 * keys}` });
    for (let round = 0; round < rounds; round++) {
      const right = expectedAnswers(request, round);
      for (let thread = 0; thread < threads; thread++) {
        const place = round * threads + thread;
        const own = owners.subarray(place * 2 * keys, (place + 1) * 2 * keys);
        const wrong = own.findIndex((owner, at) => owner !== right.owners[at >> 1]);
        if (wrong >= 0)
          return disagreement(thread, wrong >> 1, nodeName(right.owners[wrong >> 1]!), nodeName(own[wrong]!));
        const ownTrios = trios.subarray(place * trios_each, (place + 1) * trios_each);
        const at = ownTrios.findIndex((trio, key) => trio !== right.trios[key]);
        if (at >= 0)
          return disagreement(thread, at * TRIO_EVERY, trioNames(right.trios[at]!), trioNames(ownTrios[at]!));
      }
    }
    return pass();
  },
};

const disagreement = (thread: number, key: number, right: string, saw: string) =>
  fail({
    saw: `thread ${thread}, while others looked up other keys: key ${key} -> ${saw}`,
    expected: `${right}, as one thread alone gets it`,
    lookAt: "what does a lookup leave behind that another lookup finds?",
  });

const trioNames = (code: bigint) => `nodes ${[0n, 16n, 32n].map((shift) => (code >> shift) & 0xffffn).join(", ")}`;

/** The model's answers for one round: the nodes from `round` on, five of them. */
function expectedAnswers({ seed, params }: RunRequest, round: number): { owners: bigint[]; trios: bigint[] } {
  const nameOf = (node: number) => `set-${seed}.node-${node}`;
  const numberOf = (name: string) => BigInt(name.slice(name.lastIndexOf("-") + 1));
  const names = Array.from({ length: READERS_NODES }, (_, at) => nameOf(round + at));
  const ring = new Ring(params.vnodes!, names);
  const answers = Array.from({ length: params.keys! }, (_, key) => ring.nodes(keyBytes(seed, key), 3).map(numberOf));
  return {
    owners: answers.map(([owner]) => owner!),
    trios: answers
      .filter((_, key) => key % TRIO_EVERY === 0)
      .map((nodes) => nodes.reduceRight((code, node) => (code << 16n) | node, 0n)),
  };
}

/** No two accesses race: ThreadSanitizer's report counts, and the lookups must be real. */
export const raceFree: Check<ReadersEvidence> = {
  id: "race_free",
  points: 5,
  needs: "some_key_finds_node",
  run({ owners }) {
    const answered = owners.filter((owner) => owner < 2n ** 48n).length;
    if (answered >= owners.length / 2 && answered > 0) return pass();
    return fail({ saw: `${answered} of ${owners.length} lookups answered with a node`, expected: "all of them" });
  },
};
