// SPDX-License-Identifier: MIT
/** The check on real descriptors: every kind tells what poll says. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english } from "@c10kata/harness/words";
import { z } from "zod";
import { KINDS } from "./growth.ts";

export const realEvidence = z.strictObject({
  rounds: count,
  callbacks: count,
  differences: rows("round", "kind", "type", "due", "told"),
  /** Waits that ended before their time, or told something of nothing. */
  early: count,
  high_tried: count,
  high_refused: count,
  high_told: count,
});
export type RealEvidence = z.infer<typeof realEvidence>;

/** In the order of real.c. */
const TYPES = ["a pipe's reading end", "a pipe's writing end", "a local socket", "a TCP socket", "an eventfd"];
const TWICE = 98;

const eventsName = (events: number) =>
  events === TWICE ? "two callbacks" : ["nothing", "MUX_IN", "MUX_OUT", "MUX_IN | MUX_OUT"][events]!;

/** Three muxes on the same descriptors, beside what the kernel says to the driver at that moment. */
export const realDescriptors: Check<RealEvidence> = {
  id: "real_descriptors",
  points: 4,
  needs: KINDS.map((kind) => `${kind}_tells`),
  run({ rounds, callbacks, differences, early, high_tried, high_refused, high_told }) {
    const first = differences[0];
    if (first) {
      return fail({
        saw: `a mux of ${KINDS[first.kind]} told ${eventsName(first.told)} of ${TYPES[first.type]} in round ${english(first.round + 1)}`,
        expected: `${eventsName(first.due)}, as poll says`,
        lookAt: "which of the kernel's events make a read or a write not wait?",
      });
    }
    if (early > 0) {
      return fail({
        saw: `${early} of 3 waits of 12 ms ended before their time, with signals in between`,
        expected: "a signal ends no wait",
        lookAt: "what does the call answer that a signal interrupts, and how much time is left then?",
      });
    }
    if (high_tried && (!high_refused || high_told !== 2)) {
      return fail({
        saw: high_refused
          ? "descriptor 1,500 was ready, and poll or epoll did not tell"
          : "mux_add of descriptor 1,500 to a mux of select did not answer -ERANGE",
        expected: "poll and epoll take every descriptor, and select none from 1,024 on",
        lookAt: "how many bits does an fd_set have, and what lies behind them?",
      });
    }
    if (callbacks === 0) return fail({ saw: "no callback in all rounds", expected: "callbacks" });
    return pass(`${english(rounds)} rounds, ${english(callbacks)} callbacks`);
  },
};
