// SPDX-License-Identifier: MIT
/** What lb_new refuses, and what has no limit. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import { finalizer, ringHash } from "../../06-hash-ring/grader/ring.ts";
import { POLICIES, type Backend, type Policy } from "./model.ts";
import { free, shown, tell } from "./story.ts";
import { many, named, SECOND, tale, WORD } from "./tales.ts";

const refused = (...backends: [name: string | null, weight: number][]) => ({ backends, policy: 0 });
const REFUSED = [
  refused(),
  refused(["a", 0]),
  refused(["a", 1], ["b", 1001]),
  refused(["a", 2 ** 32 - 1]),
  refused(["", 1]),
  refused(["a", 1], [null, 1]),
  refused(["n".repeat(256), 1]),
  refused(["a", 1], ["b", 1], ["a", 1]),
  refused(["b", 1], ["a", 1], ["a", 2]),
  { backends: [["a", 1]], policy: 6 },
  { backends: [["a", 1]], policy: -1 },
] as const;
const TOO_MANY = [2n ** 31n, 2n ** 32n, 2n ** 32n + 1n, 2n ** 63n, WORD - 1n];

function refusals(): Step[] {
  const names = [...new Set(REFUSED.flatMap(({ backends }) => backends.map(([name]) => name ?? "")))];
  const memory = names.flatMap((name, i): Step[] => [
    { alloc: `name${i}`, size: name.length + 1 },
    { write: `name${i}`, hex: Buffer.from(`${name}\0`).toString("hex") },
  ]);
  const tried = REFUSED.flatMap(({ backends, policy }): Step[] => [
    ...backends.map(
      ([name, weight]): Step => ({
        call: "script_backend",
        args: [name === null ? null : { ref: `name${names.indexOf(name)}` }, weight],
        show: `backend ${name === null ? "NULL" : shown(name)}, weight ${weight}`,
      }),
    ),
    { call: "script_new", args: [policy, 0], expect: null, show: `new(${backends.length} backends, policy ${policy})` },
  ]);
  const tooMany = TOO_MANY.map(
    (n): Step => ({ call: "script_new_of", args: [n], expect: null, show: `new(${n} backends)` }),
  );
  return [...memory, ...tried, ...tooMany];
}

/** Backends and policies that make no sense are refused; the longest name, and the largest weight, are not. */
export const refusesNonsense: ScriptCheck = {
  id: "refuses_nonsense",
  points: 2,
  needs: "somebody_is_picked",
  ...once,
  plan: () => [
    ...refusals(),
    ...tell(tale("weighted", [{ name: "n".repeat(255), weight: 1000 }, ...named(1)], many(3))[0]),
  ],
  lookAt: "lb_new: which policies, counts, names and weights are there?",
};

const calls = (call: string, args: (number | bigint | { ref: string })[], expect: bigint, show: string): Step => ({
  call,
  args,
  expect,
  show,
});
const onBalancer = { ref: "lb" };
/** More than 8 bits number, and more than 16. */
const [MANY, CROWD] = [300, 70_000];
/** Times a weight of 1000, half of them are more than 32 bits hold. */
const BUSY = 8_590_200;

const crowd = (policy: string, size: number, steps: Step[]): Step[] => [
  {
    call: "script_crowd",
    args: [POLICIES.indexOf(policy as Policy), size],
    as: "lb",
    expect: "not NULL",
    show: `new(LB_${policy.toUpperCase()}, ${size} backends)`,
  },
  ...steps,
  free,
];

/** Steps on a balancer of least connections, from its beginning to its end. */
const around = (backends: Backend[], steps: Step[]): Step[] =>
  tell(tale("least_connections", backends)[0]).toSpliced(-1, 0, ...steps);

const pickStep = (text: string): Step => ({
  call: "script_pick",
  args: [onBalancer, null, 0],
  expect: { text },
  show: "pick()",
});

/** All of them at once; then a pick when the backend is due again, and one failure more. */
const failOften = (times: number): Step[] =>
  around(named(1), [
    calls("script_fail_often", [onBalancer, 0, times], 1n, `${times} picks, and all of them fail`),
    pickStep("nobody"),
    { call: "script_pass", args: [10n * SECOND], show: "10 s pass" },
    pickStep("0"),
    { call: "lb_done", args: [onBalancer, 0, true], show: "done(0, failed)" },
    pickStep("nobody"),
  ]);

/** So many picks of two whose fractions hardly differ then, and some more, one by one. */
function nearlyEqual(picks: number, more: number): Step[] {
  const [left, right] = [1000, 617];
  const got = [0, 0] as [number, number];
  let latest = 1;
  const next = () => {
    const difference = got[0] * right - got[1] * left;
    latest = difference === 0 ? 1 - latest : Number(difference > 0);
    got[latest]!++;
    return latest;
  };
  for (let i = 0; i < picks; i++) next();
  const first: Step = {
    call: "script_picks",
    args: [onBalancer, picks],
    expect: { text: `0: ${got[0]}, 1: ${got[1]}` },
    show: `${picks} picks`,
  };
  return around(named(left, right), [first, ...many(more).map(() => pickStep(`${next()}`))]);
}

/** Many backends, many failures in a row, many requests: nothing has a size at which it ends. */
export const anySize: ScriptCheck = {
  id: "any_size",
  points: 2,
  needs: ["round_robin", "least_connections", "health"],
  ...once,
  plan: () => [
    ...["round_robin", "least_connections"].flatMap((policy) =>
      crowd(policy, MANY, [
        calls("script_turns", [onBalancer, MANY], 0n, `two picks of each, and more: those that are not the next one's`),
      ]),
    ),
    ...crowd("two_choices", CROWD, [
      ...[CROWD - 1, 65_536, 65_537].flatMap((index) => [
        { call: "script_draws", args: [index, index], show: `random is ${index}, twice` },
        pickStep(`${index}, after 2 draws`),
      ]),
    ]),
    ...crowd("ip_hash", CROWD, [pickStep(String(finalizer(ringHash(Buffer.alloc(0))) % BigInt(CROWD)))]),
    ...[256, 65_536].flatMap(failOften),
    ...nearlyEqual(2_000_000, 300),
    ...around(named(1000, 1000), [
      {
        call: "script_picks",
        args: [onBalancer, BUSY],
        expect: { text: `0: ${BUSY / 2}, 1: ${BUSY / 2}` },
        show: `${BUSY} picks`,
      },
    ]),
  ],
  lookAt: "which numbers have fewer bits than they need? Can a count, or a product, begin anew from 0?",
};

/** What one balancer remembers, another does not know. */
export const separateBalancers: ScriptCheck = {
  id: "separate_balancers",
  points: 1,
  needs: "round_robin",
  ...once,
  plan: () => [
    {
      call: "script_two_balancers",
      args: [],
      expect: { text: "0 0 1 1 2 2 and 6, 6 draws" },
      show: "two balancers in turn, and two that draw",
    },
  ],
  lookAt: "what do two balancers share?",
};
