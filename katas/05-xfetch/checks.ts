// SPDX-License-Identifier: MIT
/** The checks of 05-xfetch: pure functions from the driver's raw counts to a judgement. */
import { fail, pass, type Check, type Judgement, type RunRequest } from "@c10kata/harness/check";
import { count, series } from "@c10kata/harness/evidence";
import { z } from "zod";

/** What a driver reports instead of traffic when xfetch_new answered NULL. */
const noCache = z.strictObject({ no_cache: count });
type NoCache = z.infer<typeof noCache>;

/** Makes a check of traffic also say what happened where there was none. */
function withCache<E extends object>(check: Check<E>): Check<E | NoCache> {
  return {
    ...check,
    run: (evidence, request) =>
      "no_cache" in evidence
        ? fail({ saw: "xfetch_new answered NULL, with memory to be had", expected: "a cache", lookAt: "xfetch_new" })
        : check.run(evidence, request),
  };
}

const RESULTS = ["XFETCH_FRESH", "XFETCH_STALE", "XFETCH_FAILED"];
const [FRESH, STALE, FAILED] = [0, 1, 2];
const plural = (n: number, one: string) => `${n.toLocaleString("en")} ${one}${n === 1 ? "" : "s"}`;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
const showSeed = ({ seed }: RunRequest) => `seed ${seed}`;

export const earlyEvidence = z.union([
  z
    .strictObject({ ahead: series, near: count, far: count, far_refreshes: count, draws_most: count })
    .transform(({ ahead, ...rest }) => ({ ...rest, ahead: [...ahead].map((billionths) => Number(billionths) / 1e9) })),
  noCache,
]);
export interface EarlyEvidence {
  /** For each early refresh what was left of the value's life, in units of beta * delta; below NEAR. */
  ahead: number[];
  /** Gets with less than NEAR left, and with more than 40. */
  near: number;
  far: number;
  far_refreshes: number;
  draws_most: number;
}

/** As driver/early.c has it. */
const NEAR = 10;
const ALPHA = 1e-6;

/** Exp(1), as far as NEAR. */
const expected = (x: number) => (1 - Math.exp(-x)) / (1 - Math.exp(-NEAR));

/** The largest distance between the two distribution functions, and where it is. */
export function kolmogorovSmirnov(sample: number[]): { distance: number; at: number; share: number } {
  const sorted = sample.toSorted((a, b) => a - b);
  let worst = { distance: 0, at: 0, share: 0 };
  sorted.forEach((x, i) => {
    for (const share of [i / sorted.length, (i + 1) / sorted.length]) {
      const distance = Math.abs(share - expected(x));
      if (distance > worst.distance) worst = { distance, at: x, share };
    }
  });
  return worst;
}

/** Massart's bound: a right sample exceeds it with probability ALPHA at most. */
const critical = (n: number) => Math.sqrt(Math.log(2 / ALPHA) / (2 * n));

/** Early refreshes follow Exp(1 / (beta * delta)) before expiry, and there are as many as there should be. */
export const earlyRefreshes = withCache<EarlyEvidence>({
  id: "early_refreshes",
  points: 5,
  needs: "some_value_arrives",
  run({ ahead, near }, request) {
    const beta = request.params.beta_thousandths! / 1000;
    const due = (1 - Math.exp(-NEAR)) / NEAR;
    const share = ahead.length / near;
    const off = Math.abs(ahead.length - due * near);
    // Six standard deviations of a binomial count: one in 500 million.
    if (off > 6 * Math.sqrt(near * due * (1 - due))) {
      return fail({
        saw: `${percent(share)} of ${plural(near, "get")} with less than 10 * beta * delta of life left refreshed (beta ${beta}, ${showSeed(request)})`,
        expected: `${percent(due)}: with r left, exp(-r / (beta * delta)) of them`,
        lookAt: "xfetch_get: what does it give to xfetch_due, and does every get that is due refresh?",
      });
    }
    const { distance, at, share: seen } = kolmogorovSmirnov(ahead);
    if (distance <= critical(ahead.length)) return pass();
    return fail({
      saw: `of ${ahead.length.toLocaleString("en")} early refreshes ${percent(seen)} came with less than ${at.toFixed(2)} * beta * delta left (beta ${beta}, ${showSeed(request)})`,
      expected: `${percent(expected(at))}, give or take ${percent(critical(ahead.length))}: Exp(1 / (beta * delta)) before expiry`,
      lookAt: "which delta is it: the one of this value's last load, in seconds?",
    });
  },
});

/** Nothing is refreshed right after it was loaded: that is what ttl in delta's place does. */
export const neverFar = withCache<EarlyEvidence>({
  id: "never_far",
  points: 3,
  needs: "some_value_arrives",
  run({ far, far_refreshes }, request) {
    if (far_refreshes === 0 && far > 0) return pass();
    return fail({
      saw: `${far_refreshes.toLocaleString("en")} refreshed in ${plural(far, "get")} with 40 to 60 * beta * delta of life left (${showSeed(request)})`,
      expected: "none: the probability of one is below exp(-40)",
      lookAt: "what is the draw's logarithm multiplied with: how long a load takes, or how long a value lives?",
    });
  },
});

export const hourEvidence = z.union([
  z
    .strictObject({ gets: count, loads: count, late_loads: count, ahead_us: series, longest_wait_us: count })
    .transform(({ ahead_us, ...rest }) => ({ ...rest, ahead_s: [...ahead_us].map((us) => Number(us) / 1e6) })),
  noCache,
]);
export interface HourEvidence {
  gets: number;
  loads: number;
  /** Begun when the value had expired: readers had to wait. */
  late_loads: number;
  ahead_s: number[];
  longest_wait_us: number;
}

const EULER = 0.5772;

/** One load per expiry, before it, by as much as theory says; nobody waits. The count decides, no clock. */
export const loadsPerExpiry = withCache<HourEvidence>({
  id: "loads_per_expiry",
  points: 4,
  needs: "some_value_arrives",
  run({ gets, loads, late_loads, ahead_s, longest_wait_us }, { params, seed }) {
    const { clients, period_ms, load_ms, ttl_ms, seconds } = params as Record<string, number>;
    const delta_s = load_ms! / 1000;
    const perDelta = (clients! / period_ms!) * load_ms!;
    const theory_s = delta_s * (Math.log(perDelta) + EULER);
    const ahead_mean_s = ahead_s.reduce((sum, s) => sum + s, 0) / (ahead_s.length || 1);
    const perTtl = loads / ((seconds! * 1000) / ttl_ms!);
    const where = `${clients} clients, ${plural(gets, "get")} in ${seconds} s of virtual time, seed ${seed}`;
    if (late_loads > 0) {
      return fail({
        saw: `${plural(late_loads, "load")} of ${loads} began when the value had expired; the longest wait was ${(longest_wait_us / 1000).toFixed(1)} ms (${where})`,
        expected: "none: with so many readers somebody is early for sure",
        lookAt: "which get begins a load, and when does it ask itself?",
      });
    }
    if (perTtl > 1.15) {
      return fail({
        saw: `${perTtl.toFixed(2)} loads per ttl (${where})`,
        expected: `about ${(ttl_ms! / (ttl_ms! + load_ms! - 1000 * theory_s)).toFixed(2)}`,
        lookAt: "how much of a value's life is left when it is refreshed?",
      });
    }
    if (Math.abs(ahead_mean_s / theory_s - 1) <= 0.1) return pass();
    return fail({
      saw: `loads began ${(1000 * ahead_mean_s).toFixed(0)} ms before expiry on average (${where})`,
      expected: `${(1000 * theory_s).toFixed(0)} ms: beta * delta * (ln(reads per beta * delta) + 0.577)`,
      lookAt: "xfetch_get: what does it give to xfetch_due?",
    });
  },
});

export const herdEvidence = z.union([
  z.strictObject({ loads: series, results: series, versions: series }).transform(({ loads, results, versions }) => ({
    loads: [...loads].map(Number),
    results: [...results].map(Number),
    versions: [...versions].map(Number),
  })),
  noCache,
]);
export interface HerdEvidence {
  /** By round. */
  loads: number[];
  /** By round and thread: the answer, and the number of the load whose value it was; 0: of none of this key. */
  results: number[];
  versions: number[];
}

/** As driver/herd.c has them. */
const DOWN_ROUNDS = 4;
const KEY_ROUNDS = 8;

/** What every thread must be given in a round. */
function dueInRound(round: number): { down: boolean; result: number; version: number } {
  const down = round % DOWN_ROUNDS === DOWN_ROUNDS - 1;
  const isNew = (round + 1) % KEY_ROUNDS === 0;
  const version = round + 1 - Math.floor((round + 1) / DOWN_ROUNDS);
  return down && isNew ? { down, result: FAILED!, version: 0 } : { down, result: down ? STALE! : FRESH!, version };
}

/** The first answer, of the rounds with or without an origin, that is not the due one. */
function oddAnswer({ results, versions }: HerdEvidence, threads: number, down: boolean): Judgement | undefined {
  const at = results.findIndex((result, i) => {
    const expected = dueInRound(Math.floor(i / threads));
    return expected.down === down && (result !== expected.result || versions[i] !== expected.version);
  });
  if (at < 0) return undefined;
  const round = Math.floor(at / threads);
  const { result, version } = dueInRound(round);
  const of = (n: number) => (n === 0 ? "no value of this key" : `the value of load ${n}`);
  return fail({
    saw: `round ${round}, ${down ? "the origin down" : "one load for all"}: one of ${threads} threads got ${RESULTS[results[at]!] ?? results[at]} with ${of(versions[at]!)}`,
    expected: `${RESULTS[result]} with ${of(version)}, like everybody`,
    lookAt: "where does a thread that has waited find the outcome, and what if it wakes up late?",
  });
}

const isDown = (_: number, round: number) => dueInRound(round).down;

/** However many meet an expiry, it is loaded once, and all get what it brings. */
export const oneLoad = withCache<HerdEvidence>({
  id: "one_load",
  points: 4,
  needs: "some_value_arrives",
  run(evidence, { params }) {
    const up = evidence.loads.filter((n, round) => !isDown(n, round));
    const most = Math.max(...up);
    if (up.every((n) => n === 1)) return oddAnswer(evidence, params.threads!, false) ?? pass();
    return fail({
      saw: `${params.threads} threads met one expiry: ${plural(most, "load")}; ${plural(sum(up), "load")} for ${up.length} expiries`,
      expected: "1 load each, whose outcome all of them share",
      lookAt:
        "between seeing that a value has expired and loading it: who else may have seen the same, or have done it already?",
    });
  },
});

/**
 * Those who waited for a load that fails share that as well. A thread may be so late that it has to try for itself: the
 * median round counts.
 */
export const sharedFailure = withCache<HerdEvidence>({
  id: "shared_failure",
  points: 2,
  needs: "some_value_arrives",
  run(evidence, { params }) {
    const down = evidence.loads.filter(isDown);
    const median = down.toSorted((a, b) => a - b)[down.length >> 1]!;
    if (median === 1) return oddAnswer(evidence, params.threads!, true) ?? pass();
    return fail({
      saw: `the origin down, ${params.threads} threads met one expiry: ${median} loads in the median round; ${plural(sum(down), "load")} in ${down.length} rounds`,
      expected: "1 load, whose failure all of them share",
      lookAt: "a thread wakes up and there still is no live value: was the load that it waited for in vain?",
    });
  },
});

const sum = (numbers: number[]) => numbers.reduce((all, n) => all + n, 0);

export const abreastEvidence = z.union([z.strictObject({ most: count, wrong: count }), noCache]);
export type AbreastEvidence = Exclude<z.infer<typeof abreastEvidence>, NoCache>;

/** However many keys are loaded, none waits for another; nor is the capacity a limit to loads. */
export const manyFlights = withCache<AbreastEvidence>({
  id: "many_flights",
  points: 1,
  needs: "some_value_arrives",
  run({ most, wrong }, { params }) {
    const { threads, rounds, capacity } = params as Record<string, number>;
    const lookAt = "what may a get wait for that has to load: a load of its own key, or of any other, or a free place?";
    if (most < threads!) {
      return fail({
        saw: `${threads} threads asked for ${threads} keys: ${plural(most, "load")} began, and no other before one of them ended (capacity ${capacity})`,
        expected: `${threads} loads at a time: a load of one key delays no call for another`,
        lookAt,
      });
    }
    if (wrong === 0) return pass();
    return fail({
      saw: `${plural(wrong, "answer")} of ${threads! * rounds!} not XFETCH_FRESH with the value that was loaded (capacity ${capacity})`,
      expected: "each the value that its own load brought, kept or not",
      lookAt,
    });
  },
});

export const crowdEvidence = z.union([
  z.strictObject({
    fresh: count,
    stale: count,
    failed: count,
    loads: count,
    strangers: count,
    touched: count,
    most_loads: count,
    most_draws: count,
    held: count,
  }),
  noCache,
]);
export type CrowdEvidence = Exclude<z.infer<typeof crowdEvidence>, NoCache>;

/** More keys than room, many threads: every value is its key's, one load of a key runs at a time, and few are kept. */
export const rightValues = withCache<CrowdEvidence>({
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
});

const tooMany = (held: number, capacity: number) =>
  fail({
    saw: `${held} values were kept in the end`,
    expected: `at most ${capacity}, the capacity`,
    lookAt: "two loads that end at the same moment: who makes room for which?",
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
export const memoryClean = withCache<CrowdEvidence>({
  id: "memory_clean",
  points: 3,
  needs: "some_value_arrives",
  run: (evidence, request) => someAnswers(evidence, request),
});

/** No access of the cache's races with another one: ThreadSanitizer's report counts, and the traffic must be real. */
export const raceFree = withCache<CrowdEvidence>({
  id: "race_free",
  points: 3,
  needs: "some_value_arrives",
  run: (evidence, request) => someAnswers(evidence, request),
});

export const countsEvidence = z.union([
  z.strictObject({ steps_few: count, steps_many: count, loads: count, overrun: count }),
  noCache,
]);
export type CountsEvidence = Exclude<z.infer<typeof countsEvidence>, NoCache>;

/** A hit costs as much among many values as among few. The margin is for chains of uneven length. */
export const hitCost = withCache<CountsEvidence>({
  id: "hit_cost",
  points: 2,
  needs: "some_value_arrives",
  run({ steps_few, steps_many, loads, overrun }, { params }) {
    const { few, many } = params as { few: number; many: number };
    const lookAt = "which loop runs once per value, or per value of a chain that grows?";
    if (overrun > 0) {
      return fail({ saw: "a get had not ended after 20,000 steps", expected: "a hit takes O(1) steps", lookAt });
    }
    if (loads > 0) {
      return fail({
        saw: `${plural(loads, "load")} in 2,000 gets of live values`,
        expected: "none: there is room for all of them",
        lookAt: "xfetch_get: how is a value found again?",
      });
    }
    if (steps_many <= 2 * steps_few + 800) return pass();
    return fail({
      saw: `a hit takes ${steps_few / 100} steps among ${few.toLocaleString("en")} values and ${steps_many / 100} among ${many.toLocaleString("en")}`,
      expected: "as many steps, whatever the number of values",
      lookAt,
    });
  },
});

export const noMemoryEvidence = z.union([
  z
    .strictObject({
      kept: series,
      answers: series,
      wrong: series,
      attempts: count.optional(),
      not_fresh: count,
      live_after_free: count,
      more_live: count,
    })
    .transform(({ kept, answers, wrong, not_fresh, live_after_free, more_live }) => ({
      kept: [...kept].map((n) => Number(BigInt.asIntN(64, n))),
      gets: [...answers].map((answer, at) => ({ answer: Number(answer), wrong: wrong[at] !== 0n })),
      not_fresh,
      live_after_free,
      more_live: Number(BigInt.asIntN(64, BigInt(more_live))),
    })),
  noCache,
]);
export interface NoMemoryEvidence {
  /** By refused attempt of xfetch_new: allocations still held. */
  kept: number[];
  gets: { answer: number; wrong: boolean }[];
  not_fresh: number;
  live_after_free: number;
  /** Allocations held after many loads, beyond those after a few. */
  more_live: number;
}

/** As driver/memory.c has it. What may be given back late, a few hundred at most, is spared. */
const LOADS = 20_000;
const LATE = 1_000;

/** Without memory xfetch_new answers NULL and keeps none; a get answers something that is true. */
export const noMemory = withCache<NoMemoryEvidence>({
  id: "no_memory",
  points: 2,
  needs: "some_value_arrives",
  run({ kept, gets, not_fresh, live_after_free, more_live }) {
    const leaky = kept.findIndex((allocations) => allocations !== 0);
    if (leaky >= 0 || kept.length === 0) {
      return fail({
        saw:
          leaky >= 0
            ? `xfetch_new, refused its allocation number ${leaky + 1}: ${plural(kept[leaky]!, "allocation")} still held`
            : "xfetch_new asks for no memory at all",
        expected: "NULL, and everything given back",
        lookAt: "xfetch_new: what has been allocated when the next allocation fails?",
      });
    }
    const bad = gets.find(({ answer, wrong }) => wrong || answer > FAILED!);
    if (bad) {
      return fail({
        saw: `xfetch_get, refused memory, answered ${RESULTS[bad.answer] ?? bad.answer} with a value that ${bad.answer === FAILED ? "was overwritten" : "no load had brought"}`,
        expected: "a value of the key's, or XFETCH_FAILED with *value untouched",
        lookAt: "xfetch_get: what does it do when malloc answers NULL?",
      });
    }
    if (not_fresh > 0) {
      return fail({
        saw: `${plural(not_fresh, "get")} not answered with a fresh value, when there was memory again`,
        expected: "XFETCH_FRESH",
        lookAt: "what did the get before leave behind that had no memory?",
      });
    }
    if (more_live > LATE) {
      return fail({
        saw: `after ${LOADS.toLocaleString("en")} more loads ${plural(more_live, "allocation")} more held (capacity 6)`,
        expected: "no more memory than for the values that are kept and the loads that run",
        lookAt: "when is given back what a value that was replaced or has left took, and what a failed load took?",
      });
    }
    if (live_after_free === 0) return pass();
    return fail({
      saw: `${live_after_free > 2 ** 53 ? "more freed than allocated" : `${plural(live_after_free, "allocation")} still held`} after xfetch_free`,
      expected: "everything given back",
      lookAt: "xfetch_free",
    });
  },
});

export const benchEvidence = z.union([
  z.strictObject({ loads: count, wrong_values: count, not_fresh: count }),
  noCache,
]);

/** A bench run counts only if every value was right, and about as often loaded as it should be. */
export function benchSample(evidence: z.infer<typeof benchEvidence>, { params }: RunRequest): Judgement {
  if ("no_cache" in evidence) return fail({ saw: "xfetch_new answered NULL", expected: "a cache" });
  const { loads, wrong_values, not_fresh } = evidence;
  const expected_loads = benchLoads(params.gets!, params.threads!);
  const usual = loads >= 0.8 * expected_loads - 2 && loads <= 1.3 * expected_loads + 3;
  if (wrong_values === 0 && not_fresh === 0 && usual) return pass();
  return fail({
    saw: `${wrong_values} wrong values, ${not_fresh} that were not fresh, ${loads} loads`,
    expected: `right and fresh values, about ${Math.round(expected_loads)} loads`,
  });
}

/** As driver/bench.c has them: of `gets`, the first thread's move the clock by 10 ms in every 1,024. */
function benchLoads(gets: number, threads: number): number {
  const seconds = (gets / threads / 1024) * 0.01;
  return 1 + seconds / 60;
}
