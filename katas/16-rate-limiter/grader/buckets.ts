// SPDX-License-Identifier: MIT
/** What buckets answer on one thread: call lists, and the model that knows the answers. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { bucketCall, exactTales, fullTales, KEYS, leftTales, tale, times, type Tale } from "./bucket-tales.ts";
import { LOCAL } from "./files.ts";
import { Buckets, clamped, MOST, NS } from "./model.ts";

/** A limiter's life. */
function planBuckets({ rate, burst, keysMax, start, calls }: Tale): Step[] {
  const model = new Buckets(rate, burst, keysMax);
  const limiter = { ref: "limiter" };
  const show = `limiter_new(${rate}, ${burst}, ${keysMax})`;
  const steps: Step[] = [
    { call: "limiter_new", args: [rate, burst, keysMax], as: "limiter", expect: "not NULL", show },
  ];
  let now = start;
  for (const { key, cost, step, beyond } of calls) {
    now = clamped(now + step);
    const told = `allow(key ${key}, cost ${cost}, now ${now})`;
    if (beyond) {
      steps.push({ call: "limiter_allow", args: [limiter, key, cost, now, 0n], expect: false, show: told });
      break;
    }
    const text = model.allow(key, cost, now);
    steps.push({ call: "script_allow", args: [limiter, key, cost, now], expect: { text }, show: told });
  }
  return [...steps, { call: "limiter_free", args: [limiter], show: "limiter_free()" }];
}

/** Five go on, the sixth comes again later, and is allowed then. */
export const bucketSomeTokens: ScriptCheck = {
  id: "bucket_some_tokens",
  file: LOCAL,
  points: 4,
  ...once,
  plan: () =>
    planBuckets({
      ...{ rate: 10n, burst: 5n, keysMax: 4, start: 1_000n },
      calls: [
        ...times(6, bucketCall(7n, 1n)),
        bucketCall(7n, 1n, NS / 10n - 1n),
        bucketCall(7n, 1n, 1n),
        bucketCall(8n, 5n),
        bucketCall(8n, 6n),
        bucketCall(8n, 0n),
      ],
    }),
  lookAt: "limiter_allow: how many tokens does the bucket hold at now_ns?",
};

/** Every answer of buckets that never leave, older times included. */
export const bucketMatchesModel: ScriptCheck<Tale> = {
  id: "bucket_matches_model",
  file: LOCAL,
  points: 8,
  needs: "bucket_some_tokens",
  runs: 300,
  commands: fc.tuple(tale(KEYS.length, KEYS, [-1n, -NS, -5n])) as unknown as fc.Arbitrary<Tale[]>,
  always: exactTales.map((told) => [told]),
  plan: (tales) => tales.flatMap(planBuckets),
  lookAt: "limiter_allow: which number is rounded, too small for its value, or moved by a call that was refused?",
};

/** keys_max: full buckets leave, owing ones do not, and nobody is refused while one is full; who has left gets no more by that. */
export const bucketMakesRoom: ScriptCheck<Tale> = {
  id: "bucket_makes_room",
  file: LOCAL,
  points: 5,
  needs: "bucket_some_tokens",
  runs: 200,
  commands: fc.tuple(tale(3, [0n, 1n, 2n, 3n, 4n, MOST], [])) as unknown as fc.Arbitrary<Tale[]>,
  always: [...fullTales, ...leftTales].map((told) => [told]),
  plan: (tales) => tales.flatMap(planBuckets),
  lookAt: "limiter_allow: which keys need room at now_ns, and which one gives its room to a new one?",
};
