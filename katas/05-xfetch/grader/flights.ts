// SPDX-License-Identifier: MIT
/** The checks of 05-xfetch about loads at the same time: one for a key, any number for many. */
import { fail, pass, type Judgement, type Check } from "@c10kata/harness/check";
import { count, numbers, rows, series } from "@c10kata/harness/evidence";
import { plural } from "@c10kata/harness/words";
import { z } from "zod";
import { RESULTS, FRESH, STALE, FAILED } from "./caches.ts";

export const herdEvidence = z.strictObject({
  /** By round. */
  loads: numbers,
  /** By round and thread: the answer, and the number of the load whose value it was; 0: of none of this key. */
  answers: rows("result", "version"),
});
export type HerdEvidence = z.infer<typeof herdEvidence>;

/** As herd.c has them. */
const DOWN_ROUNDS = 4;
const KEY_ROUNDS = 8;

/** What every thread must be given in a round. */
function dueInRound(round: number): { down: boolean; result: number; version: number } {
  const down = round % DOWN_ROUNDS === DOWN_ROUNDS - 1;
  const isNew = (round + 1) % KEY_ROUNDS === 0;
  const version = round + 1 - Math.floor((round + 1) / DOWN_ROUNDS);
  return down && isNew ? { down, result: FAILED!, version: 0 } : { down, result: down ? STALE! : FRESH!, version };
}

/** The first answer, of the rounds with or without an origin, that is not the due one. `asking` threads were asked. */
function oddAnswer(
  { answers }: HerdEvidence,
  { threads, asking, down }: { threads: number; asking: number; down: boolean },
): Judgement | undefined {
  const at = answers.findIndex(({ result, version }, i) => {
    const expected = dueInRound(Math.floor(i / threads));
    if (expected.down !== down || i % threads >= asking) return false;
    return result !== expected.result || version !== expected.version;
  });
  if (at < 0) return undefined;
  const round = Math.floor(at / threads);
  const [seen, due] = [answers[at]!, dueInRound(round)];
  const of = (n: number) => (n === 0 ? "no value of this key" : `the value of load ${n}`);
  return fail({
    saw: `round ${round}, ${down ? "the origin down" : "one load for all"}: one of ${asking} threads got ${RESULTS[seen.result] ?? seen.result} with ${of(seen.version)}`,
    expected: `${RESULTS[due.result]} with ${of(due.version)}, like all others`,
    lookAt: "where does a thread that has waited find the outcome, and what if it wakes up late?",
  });
}

const isDown = (_: number, round: number) => dueInRound(round).down;

/** However many meet an expiry, it is loaded once, and all get what it brings. */
export const oneLoad: Check<HerdEvidence> = {
  id: "one_load",
  points: 4,
  needs: "some_value_arrives",
  run(evidence, { params }) {
    const threads = params.threads!;
    const up = evidence.loads.filter((n, round) => !isDown(n, round));
    const most = Math.max(...up);
    if (up.every((n) => n === 1)) return oddAnswer(evidence, { threads, asking: threads, down: false }) ?? pass();
    return fail({
      saw: `${threads} threads met one expiry: ${plural(most, "load")}; ${plural(sum(up), "load")} for ${up.length} expiries`,
      expected: "1 load each, whose outcome all of them share",
      lookAt:
        "between seeing that a value has expired and loading it: which other thread may have seen the same, or have loaded it already?",
    });
  },
};

/**
 * The gets that waited for a load that fails share that as well. A thread may be so late that it has to try for itself: the
 * median round counts.
 */
export const sharedFailure: Check<HerdEvidence> = {
  id: "shared_failure",
  points: 2,
  needs: "some_value_arrives",
  run(evidence, { params }) {
    const { threads, few } = params as { threads: number; few: number };
    const down = evidence.loads.filter(isDown);
    const median = down.toSorted((a, b) => a - b)[down.length >> 1]!;
    if (median === 1) return oddAnswer(evidence, { threads, asking: few, down: true }) ?? pass();
    return fail({
      saw: `the origin down, ${few} threads met one expiry: ${median} loads in the median round; ${plural(sum(down), "load")} in ${down.length} rounds`,
      expected: "1 load, whose failure all of them share",
      lookAt: "a thread wakes up and there still is no live value: was the load that it waited for in vain?",
    });
  },
};

const sum = (numbers: number[]) => numbers.reduce((all, n) => all + n, 0);

export const abreastEvidence = z.strictObject({
  most: count,
  wrong: count,
  /** Gets of keys that are nearly that of a load. */
  asked: count,
  /** 0: none. */
  mistaken: count,
  /** The key of the load, and the other one. */
  alike: series,
});
export type AbreastEvidence = z.infer<typeof abreastEvidence>;

/** Keys whose hashes are nearly equal are two keys all the same: of loads, and of values. */
function tookForAnother(mistaken: number, alike: bigint[]): Judgement {
  const [key, other] = alike.map((key) => `0x${key.toString(16)}`);
  const saw = [
    `while key ${key} was being loaded, xfetch_get(${other}) neither called load nor returned for five seconds`,
    `while key ${key} was being loaded, xfetch_get(${other}) did not answer XFETCH_FRESH with the value that its own load had brought`,
    `xfetch_get(${key}) and xfetch_get(${other}), one after the other: one of them did not answer XFETCH_FRESH with the value of its own key`,
    `xfetch_get(${key}) and xfetch_get(${other}), one after the other: one of them did not return for five seconds`,
  ][mistaken - 1]!;
  return fail({
    saw,
    expected: `a load and a value for each: ${key} and ${other} are two keys, also where they share a half, or most bits of a hash`,
    lookAt: "xfetch_get looks for a value, and for a load that runs: does it compare the whole key each time?",
  });
}

/** However many keys are loaded, none waits for another; nor is the capacity a limit to loads. */
export const manyFlights: Check<AbreastEvidence> = {
  id: "many_flights",
  points: 1,
  needs: "some_value_arrives",
  run({ most, wrong, asked, mistaken, alike }, { params }) {
    if (mistaken > 0) return tookForAnother(mistaken, [...alike]);
    if (asked === 0) return fail({ saw: "no two keys were tried", expected: "some" });
    const { threads, rounds, capacity } = params as Record<string, number>;
    const lookAt = "what may a get wait for that has to load: a load of its own key, or of any other, or a free place?";
    if (most < threads!) {
      return fail({
        saw: `${threads} threads asked for ${threads} keys: ${plural(most, "load")} began, and no other before one of them ended (capacity ${capacity})`,
        expected: `${threads} loads at a time: a load of one key delays no call for another`,
        lookAt,
      });
    }
    if (wrong === 0) return pass();
    return fail({
      saw: `${plural(wrong, "answer")} of ${threads! * rounds!} not XFETCH_FRESH with the value that was loaded (capacity ${capacity})`,
      expected: "each the value that its own load brought, kept or not",
      lookAt,
    });
  },
};
