// SPDX-License-Identifier: MIT
/** The checks of 04-lru-lfu: pure functions from the driver's raw facts to a judgement. */
import { fail, pass, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count, rows, series } from "@c10kata/harness/evidence";
import { judgeRefusals, refusalsEvidence, type Refusals } from "@c10kata/harness/refusals";
import { english, times } from "@c10kata/harness/words";
import { z } from "zod";
import { kindOf, pair } from "./caches.ts";
import { oddAnswers, tellOdd } from "./odd.ts";

export * from "./growth.ts";
export * from "./held.ts";

const STRANGER = 2n ** 64n - 1n;
const itemName = (code: bigint) => `entry ${code & 0xffffffffn} of thread ${(code >> 32n) + 1n}`;

export const crowdEvidence = z.strictObject({
  /** Items by the way in which they left, or stayed: thread << 32 | number. */
  evicted: series,
  removed: series,
  inside: series,
  /** The first answers of each thread that were wrong by themselves. */
  odd: oddAnswers,
  size_max: count,
  size_end: count,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;

/** Each entry leaves once or is inside at the end; values and sizes are right all the time. */
function everyEntryOnce(evidence: CrowdEvidence, request: RunRequest): Judgement {
  const { odd, size_max, size_end } = evidence;
  const { capacity, threads, items } = request.params as { capacity: number; threads: number; items: number };
  const kind = kindOf(request);
  if (odd[0]) return tellOdd(odd[0], kind);
  if (size_max > capacity) {
    return fail({
      saw: `${kind}_size answered ${size_max}, with a capacity of ${capacity}`,
      expected: `at most ${capacity}`,
      lookAt: "two puts at the same moment, with room for one: what does each of them see?",
    });
  }
  const twice = whereTwice(evidence);
  if (twice) {
    return fail({
      saw: twice,
      expected: "each entry leaves once",
      lookAt: "two threads evict or remove at the same moment: can both choose the same entry?",
    });
  }
  const inside = [...evidence.inside].length;
  const seen = [...evidence.evicted, ...evidence.removed].length + inside;
  if (seen !== threads * items) {
    return fail({
      saw: `${english(threads * items)} entries were put, and ${english(seen)} of them were evicted, removed or inside at the end`,
      expected: "all of them",
      lookAt: "two puts at the same moment: can one undo what the other did?",
    });
  }
  if (inside === size_end) return pass();
  return fail({
    saw: `${kind}_size answered ${size_end} at the end, with ${inside} entries inside`,
    expected: String(inside),
    lookAt: "which call counts twice, or not at all, when another runs beside it?",
  });
}

function whereTwice({ evicted, removed, inside }: CrowdEvidence): string | undefined {
  const ways = new Map<bigint, string>();
  for (const [way, items] of Object.entries({ evicted, removed, inside })) {
    const said = way === "inside" ? "inside at the end" : way;
    for (const item of items) {
      if (item === STRANGER) return "an entry was evicted that no thread had put";
      const before = ways.get(item);
      if (before) return `${itemName(item)} was ${before}, and ${said}${before === said ? " again" : " too"}`;
      ways.set(item, said);
    }
  }
  return undefined;
}

export const nothingLost = pair<CrowdEvidence>("nothing_lost", everyEntryOnce, 3);

/** A sanitizer's silence about a run in which hardly anything happened is no evidence. */
function someTraffic({ evicted }: CrowdEvidence, { params }: RunRequest): Judgement {
  const wanted = (params.threads! * params.items!) / 4;
  const left = [...evicted].length;
  if (left >= wanted) return pass();
  return fail({ saw: `${left} entries were evicted`, expected: `at least ${wanted}` });
}

/** No access races with another one: ThreadSanitizer's report counts, and the traffic must be real. */
export const raceFree = pair<CrowdEvidence>("race_free", someTraffic, 4);

/** No access outside live memory, nothing leaked: AddressSanitizer's report counts, and the traffic must be real. */
export const memoryClean = pair<CrowdEvidence>("memory_clean", someTraffic, 2);

export const noMemoryEvidence = z.strictObject(refusalsEvidence);

/** `new` without memory answers NULL and keeps nothing; `free` gives everything back. */
const givesBack = (evidence: Refusals, request: RunRequest) =>
  judgeRefusals(evidence, {
    make: `${kindOf(request)}_new`,
    end: `${kindOf(request)}_free`,
    object: "cache",
    broken: "loses its first entry",
  });

export const noMemory = pair<Refusals>("no_memory", givesBack, 2);

export const capacitiesEvidence = z.strictObject({
  /** Too large for a number, some of them. */
  capacity: series,
  tried: rows("answered", "put", "evicted", "found", "size"),
});
export type CapacitiesEvidence = z.infer<typeof capacitiesEvidence>;

const MUST_WORK = 2n ** 24n;

/** Every capacity from 1 to 2^24 holds what it says; 0 and what overflows are refused. */
function holdsItsCapacity(evidence: CapacitiesEvidence, request: RunRequest): Judgement {
  const kind = kindOf(request);
  for (const [at, { answered, put, evicted, found, size }] of evidence.tried.entries()) {
    const capacity = evidence.capacity[at]!;
    const name = `${kind}_new(${capacity})`;
    if (capacity === 0n && answered) {
      return fail({ saw: `${name} answered a cache, and not NULL`, expected: "NULL", lookAt: `${kind}_new` });
    }
    if (!answered && capacity > 0n && capacity <= MUST_WORK) {
      return fail({ saw: `${name} -> NULL`, expected: "a cache of that capacity", lookAt: `${kind}_new` });
    }
    const hold = capacity < BigInt(put) ? Number(capacity) : put;
    if (!answered || (evicted === put - hold && found === hold && size === hold)) continue;
    return fail({
      saw: `${name}: of ${english(put)} keys put, ${english(evicted)} evicted another and ${english(found)} were found; ${kind}_size says ${english(size)}`,
      expected:
        capacity <= MUST_WORK
          ? `${english(put - hold)} evictions, ${english(hold)} keys inside`
          : "a cache of that capacity, or NULL",
      lookAt: `${kind}_new: what is the largest number that each type, and each product, can hold?`,
    });
  }
  return evidence.tried.length > 0 ? pass() : fail({ saw: "no capacity was tried", expected: "some" });
}

export const capacities = pair<CapacitiesEvidence>("capacities", holdsItsCapacity, 2);

export const countsEvidence = z.strictObject({ pairs: rows("first", "second", "left") });
export type CountsEvidence = z.infer<typeof countsEvidence>;

/** Of two entries, which one is to leave, and why. */
const DUE = {
  lru: {
    leaves: 1,
    told: (first: number, second: number) =>
      `of two entries, one was used ${times(first)} and then the other ${times(second)}`,
    expected: "the one leaves whose last use is longest ago",
    lookAt:
      "lru_get and lru_put: which number stands for the time of a use, how large can it get, and what happens to the order then?",
  },
  lfu: {
    leaves: 2,
    told: (first: number, second: number) =>
      `of two entries, one was used ${times(first)} in all, the other ${times(second)}`,
    expected: "the one with fewer uses leaves",
    lookAt: "lfu_get and lfu_put: how large can a count get, and what happens then?",
  },
} as const;

/** What counts uses goes on after 255, 65,535 and sixteen million of them. */
function goesOn({ pairs }: CountsEvidence, request: RunRequest): Judgement {
  const { leaves, told, expected, lookAt } = DUE[kindOf(request)];
  const odd = pairs.find(({ left }) => left !== leaves);
  if (!odd) return pairs.length > 0 ? pass() : fail({ saw: "no uses were compared", expected: "some" });
  const seen = ["neither of them", "the first one", "the other one"][odd.left];
  return fail({
    saw: `${told(odd.first, odd.second)}; then a put of a third key made ${seen} leave`,
    expected,
    lookAt,
  });
}

const inOrder = pair<CountsEvidence>("counts_on", goesOn, 2, 3);
export const countsOn: typeof inOrder = {
  lru: { ...inOrder.lru, needs: "lru_matches_model" },
  lfu: { ...inOrder.lfu, needs: "lfu_matches_model" },
};

export const benchEvidence = z.strictObject({ gets: count, hits: count, wrong_values: count, size: count });

/** A bench run counts only if its answers were right. On this traffic either cache hits in 73 % of its gets. */
export function benchSample(
  evidence: z.infer<typeof benchEvidence>,
  { params }: Pick<RunRequest, "params">,
): Judgement {
  const { gets, hits, wrong_values, size } = evidence;
  if (wrong_values === 0 && size === params.capacity && hits > gets * 0.4 && hits < gets * 0.8) return pass();
  return fail({
    saw: `${hits} hits in ${gets} gets, ${wrong_values} wrong values, ${size} entries at the end`,
    expected: `${Math.ceil(gets * 0.4)} to ${Math.floor(gets * 0.8)} hits, no wrong value, ${params.capacity} entries`,
  });
}
