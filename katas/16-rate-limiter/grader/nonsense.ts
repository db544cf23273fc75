// SPDX-License-Identifier: MIT
/** What no limiter and no window is made of. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import { LOCAL } from "./files.ts";

const WORDS = 2n ** 64n;
const TOO_MANY = [WORDS - 1n, 2n ** 60n, ...[16n, 24n, 32n, 40n, 48n, 64n].map((size) => WORDS / size + 1n)];

const refusedNew = (call: string, args: bigint[]): Step => ({
  call,
  args,
  expect: null,
  show: `${call}(${args.join(", ")})`,
});

/** Each with a bucket of one token for the same key. */
function twoOfEach(): Step[] {
  const two = (call: string, first: bigint[], second: bigint[]): Step[] =>
    [first, second].map((args, at) => ({
      ...{ call, args, as: "ab"[at]!, expect: "not NULL" as const },
      show: `${"ab"[at]} = ${call}(${args.join(", ")})`,
    }));
  const ask = (call: string, of: string, args: bigint[], text: string): Step => ({
    ...{ call, args: [{ ref: of }, ...args], expect: { text } },
    show: `allow(${[of, ...args].join(", ")})`,
  });
  const free = (call: string): Step[] => ["a", "b"].map((ref) => ({ call, args: [{ ref }], show: `${call}(${ref})` }));
  return [
    ...two("limiter_new", [1n, 1n, 2n], [1_000n, 2n, 1n]),
    ask("script_allow", "a", [7n, 1n, 0n], "allowed"),
    ask("script_allow", "b", [7n, 2n, 0n], "allowed"),
    ask("script_allow", "a", [7n, 1n, 0n], "refused, retry after 1000000000 ns"),
    ask("script_allow", "b", [7n, 1n, 0n], "refused, retry after 1000000 ns"),
    ...free("limiter_free"),
    ...two("window_new", [1n, 64n, 2n], [1n, 6_400n, 1n]),
    ask("script_count", "a", [7n, 0n], "allowed"),
    ask("script_count", "b", [7n, 0n], "allowed"),
    ask("script_count", "a", [7n, 0n], "refused, retry after 65 ns"),
    ask("script_count", "b", [7n, 0n], "refused, retry after 6500 ns"),
    ...free("window_free"),
  ];
}

/** Arguments that make no sense, and sizes that no memory could hold; and two of each share nothing. */
export const refusesNonsense: ScriptCheck = {
  id: "refuses_nonsense",
  file: LOCAL,
  points: 2,
  needs: "bucket_some_tokens",
  ...once,
  plan: () => [
    ...[
      [0n, 1n, 1n],
      [1n, 0n, 1n],
      [1n, 1n, 0n],
      [10n ** 18n + 1n, 1n, 1n],
    ].map((args) => refusedNew("limiter_new", args)),
    ...[
      [0n, 64n, 1n],
      [1n, 0n, 1n],
      [1n, 63n, 1n],
      [1n, 96n, 1n],
      [1n, 64n, 0n],
    ].map((args) => refusedNew("window_new", args)),
    ...TOO_MANY.flatMap((keys) => [
      refusedNew("limiter_new", [1n, 1n, keys]),
      refusedNew("window_new", [1n, 64n, keys]),
    ]),
    { call: "limiter_free", args: [null], show: "limiter_free(NULL)" },
    { call: "window_free", args: [null], show: "window_free(NULL)" },
    ...twoOfEach(),
  ],
  lookAt: "limiter_new, window_new: what is the product of keys_max and the size of what it counts?",
};
