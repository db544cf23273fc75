// SPDX-License-Identifier: MIT
/** Backends that fail, and come back. */
import type { ScriptCheck } from "@c10kata/harness/check";
import { POLICIES } from "./model.ts";
import { done, down, fail, pass, pick, tell, up, type Tale } from "./story.ts";
import { many, named, SECOND, tale, talesOf, WORD } from "./tales.ts";

const ONE = named(1);
const out = [...many(3), ...many(3, fail())];
const LATE = WORD - 5n * SECOND;

/** Three failures in a row take a backend out for 10 s; a success brings it back. */
export const health: ScriptCheck<Tale> = {
  id: "health",
  points: 5,
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
    // The first one that went out has failed again since: the other is back before it.
    tale(
      "round_robin",
      named(1, 1),
      [...many(8), fail(0), fail(1), fail(2), pass(5n * SECOND), fail(0), fail(0), fail(0), pass(3n * SECOND), fail(0)],
      [pick(), pass(7n * SECOND), ...many(2), pass(3n * SECOND), ...many(2)],
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
