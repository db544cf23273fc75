// SPDX-License-Identifier: MIT
/** Balancer and proxy together, before real backends that are killed one after another. */
import { fail, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";

export const killedEvidence = z.strictObject({
  /** Of the clients that came before the first death, those that were served. */
  first: count,
  /** Clients that half-closed, and those of them that got the rest and an ordinary end. */
  half_closed: count,
  ends: count,
  served: count,
  deaths: rows("joined", "ended", "others", "whole", "wrong", "asked", "fresh"),
});
export type KilledEvidence = z.infer<typeof killedEvidence>;
type Death = KilledEvidence["deaths"][number];

/** What is wrong with one death; `left`: backends that are alive after it. */
function judgeDeath({ joined, ended, others, whole, wrong, asked, fresh }: Death, left: number): Judgement | null {
  const after = `after a backend was killed, with ${left} left`;
  if (wrong > 0) {
    return fail({
      saw: `${plural(wrong, "byte")} of answers wrong, ${after}`,
      expected: "each client gets the answers of the backend with which it is joined, every byte, in order",
      lookAt: "which pair does a descriptor belong to that was closed, and given out again?",
    });
  }
  if (whole < others) {
    return fail({
      saw: `${others - whole} of ${plural(others, "client")} of other backends did not get a whole answer, ${after}`,
      expected: "nobody else notices",
      lookAt: "which pairs are closed when one backend's connection fails?",
    });
  }
  if (ended < joined) {
    return fail({
      saw: `${joined - ended} of ${plural(joined, "client")} of that backend got no end, ${after}`,
      expected: "its clients get what it had answered, and then an end or a reset",
      lookAt: "which events tell that a process is gone?",
    });
  }
  const due = left > 0 ? asked : 0;
  if (fresh === due) return null;
  return fail({
    saw: `${fresh} of ${plural(asked, "new client")} were served, ${after}`,
    expected: left > 0 ? "all: who is refused is led to the next backend" : "none",
    lookAt: "what does the balancer hear of a connect that was refused, and what is done then?",
  });
}

export const oneByteEvidence = z.strictObject({ answered: count });

/** What only the simulated kernel has seen earns nothing: these are the points of its first check. */
export const someRealByte: Check<z.infer<typeof oneByteEvidence>> = {
  id: "proxy_some_real_byte",
  points: 3,
  needs: "proxy_some_bytes",
  run: ({ answered }) =>
    answered === 1
      ? pass()
      : fail({
          saw: "a client on a real connection sent a byte, and did not get its backend's answer",
          expected: "the answer of the only backend, which sends back what it gets",
          lookAt: "which conditions lead to close, and is each of them about this very pair?",
        }),
};

export const realBackends: Check<KilledEvidence> = {
  id: "real_backends",
  points: 4,
  needs: ["somebody_is_picked", "round_robin", "health", "proxy_every_byte", "proxy_ends", "proxy_next_backend"],
  run({ first, half_closed, ends, served, deaths }) {
    if (first === 0) return fail({ saw: "no client was served by three backends", expected: "all" });
    for (const [at, death] of deaths.entries()) {
      const bad = judgeDeath(death, deaths.length - 1 - at);
      if (bad) return bad;
    }
    if (ends < half_closed) {
      return fail({
        saw: `${half_closed - ends} of ${plural(half_closed, "client")} that half-closed did not get the rest and an ordinary end`,
        expected: "all",
        lookAt: "what is passed on first, and what does close do while something was not read?",
      });
    }
    if (served !== 0) return fail({ saw: `proxy_serve answered an error: ${served}`, expected: "0 after the stop" });
    return pass(`${plural(deaths.length, "backend")} killed; ${plural(first, "client")} served before`);
  },
};
