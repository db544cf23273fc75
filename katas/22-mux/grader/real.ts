// SPDX-License-Identifier: MIT
/** The check on real descriptors: every kind tells what poll says. */
import { fail, pass, type Check } from "@c10kata/harness/check";
import { count, rows } from "@c10kata/harness/evidence";
import { english, plural } from "@c10kata/harness/words";
import { z } from "zod";
import { KINDS, OWN_CALLS, type Kind } from "./growth.ts";

/** In one_byte.c. */
const ONE_BYTE_WAITS = 3;

export const oneByteEvidence = z.strictObject({
  /** Of the byte; of anything else, or of it when it was not there. */
  told: count,
  wrong: count,
  /** System calls that waited: the mux's own kind's, and another's. */
  asked: count,
  others: count,
});

/** What only the simulated kernel has seen earns nothing: these are the points of its first check of this kind. */
export const someRealByte = (kind: Kind): Check<z.infer<typeof oneByteEvidence>> => ({
  id: `${kind}_real_byte`,
  points: 2,
  needs: `${kind}_tells`,
  run({ told, wrong, asked, others }) {
    if (others > 0 || (asked < ONE_BYTE_WAITS && told > 0)) {
      return fail({
        saw: `a mux of ${kind} watches a real pipe, descriptor 0: in ${ONE_BYTE_WAITS} waits ${plural(asked, "call")} of ${OWN_CALLS[kind]}, and ${english(others)} of other calls that wait`,
        expected: `each wait asks by ${OWN_CALLS[kind]}, and by nothing else`,
        lookAt: "which kind is the mux, and which call asks for it?",
      });
    }
    if (wrong > 0) {
      return fail({
        saw: `a mux of ${kind} watches a real pipe, descriptor 0, and told ${plural(wrong, "time")} of what was not there, or of another watch`,
        expected: "one callback, while there is a byte, with MUX_IN",
        lookAt: "what does the kernel say before there is a byte, and after it was read?",
      });
    }
    if (told === 1) return pass();
    return fail({
      saw: `a mux of ${kind} watches a real pipe, descriptor 0, and told ${told === 0 ? "nothing" : plural(told, "time")} of a byte`,
      expected: "one callback in one wait, with MUX_IN",
      lookAt: "which numbers may a descriptor have?",
    });
  },
});

export const realEvidence = z.strictObject({
  rounds: count,
  callbacks: count,
  differences: rows("round", "kind", "type", "due", "told"),
  /** Waits that ended before their time, or told something of nothing. */
  early: count,
  high_tried: count,
  high_refused: count,
  high_told: count,
  /** mux_add of a regular file: epoll answered -EPERM, and it was not watched then; the others that told of it. */
  file_refused: count,
  file_told: count,
  turns: rows("kind", "which", "due", "made"),
});
export type RealEvidence = z.infer<typeof realEvidence>;

/** In the order of real.c. */
const TYPES = ["a pipe's reading end", "a pipe's writing end", "a local socket", "a TCP socket", "an eventfd"];
const TWICE = 98;

/** In the order of turns.c. */
const TURNS = [
  {
    what: "two sockets with an error, both watched for MUX_IN, and the first callback modifies the other to MUX_OUT",
    expected: "an error on a watch for MUX_IN is MUX_IN on the list, and nothing of that is asked for any more",
    lookAt: "which events does the kernel report unasked, and when are they taken away?",
  },
  {
    what: "the first callback deletes the other ready watch and adds it again, with the same callback and context",
    expected: "that is another watch, which the next wait is the first to tell",
    lookAt: "by what is a line of the list compared with the table, and can two watches have the same of it?",
  },
  {
    what: "every watch is ready",
    expected: "however many are ready, one wait tells of all",
    lookAt: "for how many events is there room when the kernel is asked?",
  },
  {
    what: "a local socket that is full and was shut down, watched for MUX_OUT",
    expected: "nothing is told: there is neither room nor an error",
    lookAt: "which of the kernel's events mean that a write would not wait?",
  },
  {
    what: "the first callback deletes the other ready watch and adds it again, 65,536 times",
    expected: "that is another watch, which the next wait is the first to tell",
    lookAt: "by what is a line of the list compared with the table, and when does a watch have the same of it again?",
  },
];

const eventsName = (events: number) =>
  events === TWICE ? "two callbacks" : ["nothing", "MUX_IN", "MUX_OUT", "MUX_IN | MUX_OUT"][events]!;

/** Three muxes on the same descriptors, beside what the kernel says to the driver at that moment. */
export const realDescriptors: Check<RealEvidence> = {
  id: "real_descriptors",
  points: 4,
  needs: KINDS.map((kind) => `${kind}_tells`),
  run({ rounds, callbacks, differences, early, high_tried, high_refused, high_told, file_refused, file_told, turns }) {
    const first = differences[0];
    if (first) {
      return fail({
        saw: `a mux of ${KINDS[first.kind]} told ${eventsName(first.told)} of ${TYPES[first.type]} in round ${english(first.round + 1)}`,
        expected: `${eventsName(first.due)}, as poll says`,
        lookAt: "which of the kernel's events make a read or a write not wait?",
      });
    }
    const turn = turns.find(({ due, made }) => due !== made);
    if (turn) {
      const { what, expected, lookAt } = TURNS[turn.which]!;
      return fail({
        saw: `a mux of ${KINDS[turn.kind]}, ${what}: ${plural(turn.made, "callback")} in one wait, and not ${english(turn.due)}`,
        expected,
        lookAt,
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
    if (!file_refused || file_told !== 2) {
      return fail({
        saw: file_refused
          ? "a regular file was watched for MUX_IN, and select or poll did not tell"
          : "mux_add of a regular file to a mux of epoll did not answer -EPERM, or mux_mod not -ENOENT then",
        expected: "select and poll take files that are always ready; epoll_ctl says EPERM, and nothing has changed",
        lookAt: "what does mux_add do with the answer of epoll_ctl?",
      });
    }
    if (callbacks === 0) return fail({ saw: "no callback in all rounds", expected: "callbacks" });
    return pass(`${english(rounds)} rounds, ${english(callbacks)} callbacks`);
  },
};
