// SPDX-License-Identifier: MIT
/** What each policy picks on one thread, while backends go down and come back. */
import type { ScriptCheck } from "@c10kata/harness/check";
import { once } from "@c10kata/harness/script";
import { labelOf, ringHash } from "../../06-hash-ring/grader/ring.ts";
import { pointsOf, type Backend, type Policy } from "./model.ts";
import { done, down, pick, tell, up, type Command, type Tale } from "./story.ts";
import { CLIENTS, many, named, tale, talesOf, WORD } from "./tales.ts";

/** The only backend is picked, unless it is down. */
export const somebodyIsPicked: ScriptCheck = {
  id: "somebody_is_picked",
  points: 3,
  ...once,
  plan: () => [
    ...tell(tale("round_robin", named(1), pick(), pick(), done(), down(0), pick(), up(0), pick())[0]),
    { call: "lb_free", args: [null], show: "free(NULL)" },
  ],
  lookAt: "lb_pick: who is up, and what is the answer when nobody is?",
};

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
  points: 3,
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
  points: 4,
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
  points: 4,
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
  points: 3,
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
  points: 4,
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
  points: 3,
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
