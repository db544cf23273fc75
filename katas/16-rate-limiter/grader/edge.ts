// SPDX-License-Identifier: MIT
/** Buckets in Redis that are about to hold what they are asked for, by the microseconds of the server's own clock. */
import { fail, notMeasurable, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { english } from "@c10kata/harness/words";
import { SHARED } from "./files.ts";

/** A call, and what the server's clock said just before it and just after it. */
export interface Timed {
  cost: number;
  answer: number | null;
  from_us: number;
  to_us: number;
}

/** The most that there may be: a token each microsecond. */
export const EDGE = { rate: 1_000_000, burst: 1_000_000 };
/** So many buckets; of each all is taken, and then time and again what comes in about the time of a call. */
export const EDGES = 100;
export const EDGE_CALLS = 20;
/** Of so many more two processes take a half each, and a little more, in requests that go together. */
export const PAIRS = 100;
/** What a call may round, against the caller: the moment and what the bucket holds then. */
const ROUNDED = 2;
/** The server did all three things without a pause. */
const CLOSE_US = 100;

/** Such a bucket: the moment at which it is full, at the earliest and at the latest. */
export class Edge {
  #earliest_us = 0;
  #latest_us = 0;

  /** null: either answer. */
  due({ cost, from_us, to_us }: Timed): 0 | 1 | null {
    if (cost <= this.tokensFrom(from_us)) return 1;
    return cost > this.tokensAt(to_us) ? 0 : null;
  }

  note({ cost, answer, from_us, to_us }: Timed): void {
    const taken = answer === 1 ? cost : 0;
    if (taken > 0) this.#earliest_us = Math.max(this.#earliest_us, from_us) + taken;
    this.#latest_us = Math.max(this.#latest_us, taken > 0 ? to_us : 0) + taken + ROUNDED;
  }

  /** At least, and at most. */
  tokensFrom = (us: number) => EDGE.burst - Math.max(0, this.#latest_us - us);
  tokensAt = (us: number) => EDGE.burst - Math.max(0, this.#earliest_us - us);
}

/** The first call whose answer the bucket could not give. */
function firstWrong(timed: Timed[]): Judgement {
  const edge = new Edge();
  for (const one of timed) {
    const due = edge.due(one);
    if (due !== null && one.answer !== due) {
      const [least, most] = [edge.tokensFrom(one.from_us), edge.tokensAt(one.to_us)].map(english);
      return fail({
        saw: `a token each microsecond; by the server's clock ${least} to ${most} were there; a call for ${english(one.cost)}: ${one.answer}`,
        expected: String(due),
        lookAt: "the script: how many digits of the server's time, and of what the bucket holds, are kept?",
      });
    }
    edge.note(one);
  }
  return pass();
}

/** What a bucket holds is right to the microsecond, however often it was written and read. */
function judgeEdges(edges: Timed[][], pairs: Timed[][]): Judgement {
  const wrong = [...edges, ...pairs].map(firstWrong).find(({ verdict }) => verdict !== "pass");
  if (wrong) return wrong;
  const timed = edges.flat();
  const all = EDGES * EDGE_CALLS;
  const [had, wanted] = [timed.length + pairs.flat().length, all + 2 * PAIRS];
  if (had < wanted)
    return fail({
      saw: `${english(had)} of ${english(wanted)} calls had an answer`,
      expected: "1 or 0 each time",
    });
  const close = timed.filter(({ from_us, to_us }) => to_us - from_us < CLOSE_US).length;
  return close >= all / 2 ? pass() : notMeasurable("the server was often stopped within a call");
}

export const sharedMicroseconds: Check<{ edges: Timed[][]; pairs: Timed[][] }> = {
  id: "shared_microseconds",
  file: SHARED,
  points: 1,
  needs: "shared_some_tokens",
  run: ({ edges, pairs }) => judgeEdges(edges, pairs),
};
