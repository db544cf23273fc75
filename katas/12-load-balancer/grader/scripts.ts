// SPDX-License-Identifier: MIT
/** What 12-load-balancer answers on one thread, policy by policy. */
import type { ScriptCheck, Step } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import fc from "fast-check";
import { pointsOf, POLICIES, type Backend, type Policy } from "./model.ts";
import { finalizer, labelOf, ringHash } from "../../06-hash-ring/grader/ring.ts";
import { done, down, fail, free, pass, pick, shown, tell, up, type Command, type Tale } from "./story.ts";

const SECOND = 1_000_000_000n;
const WORD = 2n ** 64n;
const many = (count: number, command = pick()) => Array.from({ length: count }, () => command);
const named = (...weights: number[]): Backend[] => weights.map((weight, i) => ({ name: `b${i}`, weight }));
const tale = (policy: Policy, backends: Backend[], ...commands: (Command | Command[])[]): [Tale] => [
  { policy, backends, commands: commands.flat() },
];

/** The only backend is picked, unless it is down. */
export const somebodyIsPicked: ScriptCheck = {
  id: "somebody_is_picked",
  points: 5,
  ...once,
  plan: () => [
    ...tell(tale("round_robin", named(1), pick(), pick(), done(), down(0), pick(), up(0), pick())[0]),
    { call: "lb_free", args: [null], show: "free(NULL)" },
  ],
  lookAt: "lb_pick: who is up, and what is the answer when nobody is?",
};

const NAMES = ["a", "b", "ab", "a ", "node-1", "node-10", "10.0.0.1:80", "b\u00fccher", "%s%n", "n".repeat(255)];
const CLIENTS = ["", "x", "10.0.0.7", "10.0.0.8", "\u00ff", "a\0b", "k".repeat(300), labelOf("a", 0), labelOf("b", 99)];
const clientOf = fc.oneof(fc.constantFrom(...CLIENTS), fc.string({ maxLength: 6 }));
const weightOf = fc.oneof(fc.integer({ min: 1, max: 6 }), fc.constantFrom(1, 2, 999, 1000));
const drawOf = fc.bigInt({ min: 0n, max: WORD - 1n });
const timeOf = fc.constantFrom(1n, 5n * SECOND, 10n * SECOND - 1n, 10n * SECOND);

interface Habits {
  picks: number;
  failures: number;
}

const commandOf = ({ picks, failures }: Habits): fc.Arbitrary<Command> =>
  fc.oneof(
    { weight: picks, arbitrary: clientOf.map(pick) },
    { weight: 4, arbitrary: fc.record({ done: fc.nat(20), failed: fc.constant(false) }) },
    { weight: failures, arbitrary: fc.record({ done: fc.nat(20), failed: fc.constant(true) }) },
    { weight: failures, arbitrary: timeOf.map(pass) },
    { weight: 1, arbitrary: fc.record({ set: fc.nat(7), up: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ draws: fc.tuple(drawOf, drawOf) }) },
  );

function talesOf(policies: readonly Policy[], habits: Habits, most = 7): fc.Arbitrary<[Tale]> {
  const backends = fc
    .record({
      names: fc.shuffledSubarray(NAMES, { minLength: 1, maxLength: most }),
      weights: fc.array(weightOf, { minLength: most, maxLength: most }),
    })
    .map(({ names, weights }) => names.map((name, i): Backend => ({ name, weight: weights[i]! })));
  return fc
    .record({
      policy: fc.constantFrom(...policies),
      backends,
      commands: fc.array(commandOf(habits), { maxLength: 60, size: "max" }),
    })
    .map((drawn) => [drawn]);
}

/** One policy, exactly, while backends go down and come back. */
const ofPolicy = (
  policy: Policy,
  check: Pick<ScriptCheck<Tale>, "points" | "lookAt"> & { always: [Tale][] },
): ScriptCheck<Tale> => ({
  id: policy,
  needs: "somebody_is_picked",
  runs: 80,
  commands: talesOf([policy], { picks: 10, failures: 1 }),
  plan: ([only]) => tell(only!),
  ...check,
});

export const roundRobin = ofPolicy("round_robin", {
  points: 6,
  always: [
    tale("round_robin", named(1, 1, 1), many(7)),
    // Who is down is left out, and the place is kept.
    tale("round_robin", named(1, 1, 1, 1), many(2), down(2), many(5), up(2), many(5)),
    tale("round_robin", named(1, 1, 1), pick(), down(1), down(2), many(2), up(1), pick(), up(2), many(3)),
    tale("round_robin", named(1, 1, 1), many(2), down(0), down(1), down(2), many(2), up(0), up(1), up(2), many(4)),
    // What has ended, and weights, do not matter.
    tale("round_robin", named(5, 1, 1), many(3), done(1), many(3)),
  ],
  lookAt: "where is the place after each of these picks, and what moves it?",
});

export const weighted = ofPolicy("weighted", {
  points: 8,
  always: [
    tale("weighted", named(5, 1, 1), many(15)),
    tale("weighted", named(1, 1, 1), many(4)),
    tale("weighted", named(1000, 999, 1), many(40)),
    tale("weighted", named(3, 2), many(2), down(0), many(3), up(0), many(6)),
    tale("weighted", named(4, 2, 1), many(3), down(0), down(1), many(2), up(1), many(4), up(0), many(8)),
    tale("weighted", named(2, 1), many(2), down(0), down(1), many(2), up(0), up(1), many(4)),
  ],
  lookAt: "write down each backend's credit after each of these picks; what is added, to whom, and what is taken?",
});

export const leastConnections = ofPolicy("least_connections", {
  points: 8,
  always: [
    tale("least_connections", named(1, 1, 1), many(4), done(1), many(2)),
    // 3 of 2 is more than 4 of 3, and 333 of 1000 is less than 1 of 3.
    tale("least_connections", named(2, 3), many(8)),
    tale("least_connections", named(1000, 999, 3), many(60)),
    tale("least_connections", named(999, 1000), many(60)),
    // Of equal ones that whose latest pick is longest ago.
    tale("least_connections", named(1, 1, 1), many(3), done(0), done(0), done(0), many(3)),
    tale("least_connections", named(1, 1, 1), many(3), done(2), pick(), done(1), pick(), done(0), done(0), many(4)),
    tale("least_connections", named(1, 1, 1), pick(), done(), pick(), done(), pick(), done(), pick(), done(), pick()),
    // What is active stays so while its backend is down.
    tale("least_connections", named(1, 1), many(6), down(0), done(0), many(2), up(0), many(4)),
    tale("least_connections", named(1, 1, 1, 1), many(8), down(1), done(1), done(1), up(1), many(4)),
  ],
  lookAt:
    "of how many requests, and of which weight, is each of them at this moment? Of equal ones, who waits longest?",
});

const HUNDREDS = named(...many(200).map(() => 1));
const allBut = (index: number) => HUNDREDS.map((_, i) => down(i)).filter((_, i) => i !== index);

export const ipHash = ofPolicy("ip_hash", {
  points: 7,
  always: [
    tale("ip_hash", named(1, 1, 1), CLIENTS.map(pick), CLIENTS.map(pick)),
    // It moves with its backend, and comes back.
    tale("ip_hash", named(1, 1, 1), CLIENTS.map(pick), down(1), CLIENTS.map(pick), up(1), CLIENTS.map(pick)),
    tale("ip_hash", named(1, 1, 1), down(0), down(2), CLIENTS.map(pick)),
    // No attempt finds the only one that is up.
    tale("ip_hash", HUNDREDS, allBut(0), CLIENTS.map(pick), up(199), CLIENTS.map(pick)),
  ],
  lookAt: "which backends do the attempts ask for, one after another? (% n: n is all backends, up or not)",
});

const inOrder = (backends: Backend[]) =>
  backends
    .flatMap(({ name }) => pointsOf(name).map((place) => ({ name, place })))
    .sort((a, b) => (a.place < b.place ? -1 : 1));

/** Two, of which one has the first point and the other the last one; and a client behind that. */
function roundTheRing(): { backends: Backend[]; client: string } {
  for (let i = 1; ; i++) {
    const backends = ["b0", `b${i}`].map((name) => ({ name, weight: 1 }));
    const points = inOrder(backends);
    if (points[0]!.name === points.at(-1)!.name) continue;
    for (let c = 0; ; c++)
      if (ringHash(Buffer.from(`c${c}`)) > points.at(-1)!.place) return { backends, client: `c${c}` };
  }
}
const { backends: ROUND, client: BEHIND } = roundTheRing();

export const consistent = ofPolicy("consistent", {
  points: 8,
  always: [
    tale("consistent", named(1, 1, 1), CLIENTS.map(pick)),
    tale("consistent", named(1, 1), pick(labelOf("b0", 7)), done(), pick(labelOf("b1", 42))),
    tale("consistent", ROUND, pick(BEHIND), done(), pick(BEHIND)),
    // One client's requests overflow, and come back.
    tale("consistent", named(1, 1, 1), many(13), many(13, done(0)), many(3)),
    tale("consistent", named(1, 1, 1, 1), many(16), many(6, done(1)), many(5)),
    // Who is down counts for nothing, whatever is active there.
    tale("consistent", named(1, 1, 1), many(8), down(0), many(4), up(0), many(4), down(1), down(2), many(4)),
    tale("consistent", named(9, 1), many(12)),
  ],
  lookAt: "with this pick, how many requests are active at those that are up, and which bound follows for each?",
});

const draws = (first: bigint, second: bigint): Command => ({ draws: [first, second] });

export const twoChoices = ofPolicy("two_choices", {
  points: 6,
  always: [
    tale("two_choices", named(1, 1, 1), draws(0n, 2n), many(3), draws(2n, 1n), many(3), draws(1n, 1n), many(2)),
    // Remainders of all 64 bits.
    tale("two_choices", named(1, 1, 1), draws(WORD - 1n, 2n ** 63n), many(2), draws(2n ** 32n, 2n ** 63n + 1n), pick()),
    // Among those that are up alone.
    tale(
      "two_choices",
      named(1, 1, 1),
      down(0),
      draws(0n, 1n),
      many(3),
      down(2),
      many(2),
      down(1),
      pick(),
      up(2),
      pick(),
    ),
    // As exact fractions.
    tale("two_choices", named(2, 3), draws(0n, 1n), many(8), draws(1n, 0n), many(4)),
  ],
  lookAt: "which two does it draw, in which order, and which of them is less busy?",
});

const ONE = named(1);
const out = [...many(3), ...many(3, fail())];
const LATE = WORD - 5n * SECOND;

/** Three failures in a row take a backend out for 10 s; a success brings it back. */
export const health: ScriptCheck<Tale> = {
  id: "health",
  points: 8,
  needs: "somebody_is_picked",
  runs: 150,
  commands: talesOf(POLICIES, { picks: 10, failures: 5 }, 3),
  plan: ([only]) => tell(only!),
  always: [
    tale("round_robin", ONE, out, pick(), pass(10n * SECOND - 1n), pick(), pass(1n), pick()),
    // Not in a row, or of another backend.
    tale("round_robin", ONE, many(6), fail(), fail(), done(), fail(), fail(), pick()),
    tale("round_robin", named(1, 1), many(6), fail(0), fail(0), fail(0), fail(0), pick(), pick(), fail(0), many(2)),
    // A later one begins the 10 s anew; it takes one to be out again.
    tale("round_robin", ONE, many(4), many(3, fail()), pass(6n * SECOND), fail(), pass(6n * SECOND), pick()),
    tale(
      "round_robin",
      ONE,
      out,
      pass(10n * SECOND),
      many(2),
      fail(),
      pick(),
      pass(10n * SECOND),
      pick(),
      done(),
      pick(),
    ),
    // One success is enough, also of a request from before.
    tale("round_robin", ONE, many(4), many(3, fail()), pick(), done(), many(2), fail(), fail(), pick(), fail(), pick()),
    // lb_set_up(true) forgets, lb_set_up(false) does not, and a success does not undo it.
    tale("round_robin", ONE, out, up(0), many(3), fail(), fail(), pick(), fail(), pick()),
    tale("round_robin", ONE, many(5), fail(), fail(), up(0), fail(), fail(), pick(), fail(), pick()),
    tale("round_robin", ONE, many(2), down(0), pick(), done(), pick(), pass(20n * SECOND), pick(), up(0), pick()),
    tale("round_robin", named(1, 1), many(6), fail(0), fail(1), down(0), fail(2), pick(), up(0), many(2)),
    tale("round_robin", ONE, many(5), many(3, fail()), down(0), pass(10n * SECOND), pick(), up(0), pick()),
    // Two are out at once, and come back one after the other.
    tale(
      "least_connections",
      named(1, 1, 1),
      [...many(9), fail(0), fail(2), fail(4), pass(4n * SECOND), fail(0), fail(1), fail(2)],
      [...many(2), pass(6n * SECOND), ...many(3), pass(4n * SECOND), ...many(4)],
    ),
    // The clock begins anywhere, also near its end.
    [
      {
        policy: "round_robin",
        backends: ONE,
        from: LATE,
        commands: [...out, pass(SECOND), pick(), pass(3n * SECOND), pick()],
      },
    ],
    ...POLICIES.map((policy) =>
      tale(policy, named(1, 1), many(8), many(8, fail()), many(2), pass(10n * SECOND), many(4)),
    ),
  ],
  lookAt: "how many failures in a row has each backend at each of these calls, and when was the latest?",
};

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
  points: 4,
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
  around(ONE, [
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
  points: 4,
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
  points: 2,
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
