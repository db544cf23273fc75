// SPDX-License-Identifier: MIT
/** The checks of what processes heard of a real Redis. */
import { constants } from "node:os";
import { fail, notMeasurable, pass, type Check, type Judgement } from "@c10kata/harness/check";
import { english, plural } from "@c10kata/harness/words";
import * as edge from "./edge.ts";
import { SHARED } from "./files.ts";
import { MOST } from "./model.ts";
import { BURST, IMPATIENT_MS, TURNS, type AloneEvidence, type Asked, type CrowdEvidence } from "./shared.ts";

/** Of the server's microseconds and of two processes' clocks. */
const SLACK_MS = 2;
const { ETIMEDOUT, EINVAL } = constants.errno;

const shown = (answer: number | null) => {
  if (answer === null) return "nothing, since shared_new answered NULL";
  const [name] = Object.entries(constants.errno).find(([, number]) => number === -answer) ?? [];
  return name ? `-${name}` : String(answer);
};
const all = (answers: (number | null)[]) => answers.map(shown).join(", then ");

/** What a call can have found, by when its clock says that it was asked. */
class Level {
  /** Tokens lacking, at least and at most, since then. */
  #lacks = { least: 0, most: 0, from_ms: 0, to_ms: 0 };

  judge({ answer, retry_ms, kept, from_ms, to_ms, cost, burst, rate }: Asked): Judgement {
    const call = `shared_allow, cost ${cost} of ${burst}`;
    const never = cost > burst;
    const since = this.#lacks;
    const least = Math.max(0, since.least - ((to_ms - since.from_ms) * rate) / 1_000);
    const most = Math.max(0, since.most - (Math.max(0, from_ms - since.to_ms) * rate) / 1_000);
    const due = cost === 0 || (!never && most + cost <= burst) ? 1 : never || least + cost > burst ? 0 : null;
    const right = due === null ? answer === 0 || answer === 1 : answer === due;
    if (!right || kept) {
      const saw = `${call}: ${shown(answer)}${kept ? ", *retry_after_ms not written" : ""}`;
      return fail({ saw, expected: String(due ?? "0 or 1"), lookAt: "shared_allow: what does the bucket hold?" });
    }
    const [low, high] = never
      ? [MOST, MOST]
      : answer
        ? [0n, 0n]
        : waits(least + cost - burst, most + cost - burst, rate);
    const told = BigInt(retry_ms);
    if (told < low || told > high) {
      const saw = `${call}: ${answer}, retry after ${english(Number(told))} ms`;
      const expected = low === high ? english(Number(low)) : `${english(Number(low))} to ${english(Number(high))} ms`;
      return fail({ saw, expected, lookAt: "shared_allow: when will the tokens be there that are lacking now?" });
    }
    if (answer === 1 && cost > 0) this.#lacks = { least: least + cost, most: most + cost, from_ms, to_ms };
    return pass();
  }
}

const waits = (least: number, most: number, rate: number): [bigint, bigint] => [
  BigInt(Math.max(0, Math.floor((least * 1_000) / rate - SLACK_MS))),
  BigInt(Math.floor((most * 1_000) / rate + SLACK_MS)),
];

const head = { file: SHARED, needs: "shared_some_tokens" };

/** Where a server that ran has used up all of a call's time, what went wrong may be the machine's fault. */
const unlessSlow = <E extends { slow: number }>(check: Check<E>): Check<E> => ({
  ...check,
  run(evidence, request) {
    const judgement = check.run(evidence, request);
    if (judgement.verdict === "pass" || evidence.slow === 0) return judgement;
    return notMeasurable(`${plural(evidence.slow, "call")} of a server that ran took all of the time-out`);
  },
});

/** A bucket in Redis holds its burst, refills, and says when to come again; keys are any bytes. */
export const sharedSomeTokens = unlessSlow<AloneEvidence>({
  id: "shared_some_tokens",
  file: SHARED,
  points: 3,
  run({ counted, refilled, odd, long, apart }) {
    const level = new Level();
    const wrong = counted.map((asked) => level.judge(asked)).find(({ verdict }) => verdict !== "pass");
    if (wrong) return wrong;
    if (refilled !== 1) {
      const saw = `all ${BURST} tokens of a key were taken, at 1,000 a second; 50 ms later ${BURST} more: ${shown(refilled)}`;
      return fail({ saw, expected: "1", lookAt: "shared_allow: in which unit is the time, and what comes in it?" });
    }
    const one = odd.find(({ answer, again }) => answer !== 1 || again !== 0);
    if (one) {
      const saw = `key ${JSON.stringify(one.key.slice(0, 20))}: ${all([one.answer, one.again])}`;
      return fail({ saw, expected: "1, then 0: the whole bucket was taken", lookAt: "how does the key travel?" });
    }
    const [taken, gone, ...others] = apart;
    if (taken !== 1 || gone !== 0 || others.some((answer) => answer !== 1)) {
      const saw = `all 23 tokens of key "x" (1 a second), twice, with another timeout_ms: ${all([taken!, gone!])}; then all of other buckets, with other numbers or another key: ${all(others)}`;
      return fail({
        saw,
        expected: "1, then 0; then 1 each time",
        lookAt: "of what is a bucket's name in Redis made?",
      });
    }
    if (long === -EINVAL) return pass();
    return fail({ saw: `a key of 257 bytes: ${shown(long)}`, expected: "-EINVAL" });
  },
});

export const sharedMicroseconds = unlessSlow<AloneEvidence>(edge.sharedMicroseconds);

/** What has come stays, and comes once. */
export const sharedClockBack = unlessSlow<AloneEvidence>({
  id: "shared_clock_back",
  ...head,
  points: 1,
  run({ turned }) {
    const at = TURNS.findIndex(({ due }, i) => turned[i] !== due);
    if (at < 0) return pass();
    const said = TURNS.slice(0, at + 1).map(
      ({ ahead_s, cost }, i) => `${english(cost)} at ${english(ahead_s)} s: ${shown(turned[i]!)}`,
    );
    return fail({
      saw: `a bucket of 1,000,000, a token a second; tokens asked for when the server's clock said so: ${said.join("; ")}`,
      expected: `${TURNS[at]!.due}: what has been taken is taken at all times, and what has come does not come again`,
      lookAt: "the script: which moment does it keep when the server's clock has gone back?",
    });
  },
});

/** One request, one answer. */
export const sharedOneTrip = unlessSlow<AloneEvidence>({
  id: "shared_one_trip",
  ...head,
  points: 2,
  run({ trips: { first, calls, trips, allowed } }) {
    if (allowed === 0) return fail({ saw: "nothing was allowed", expected: "29 calls that are" });
    if (trips === calls && first <= 2) return pass();
    if (trips === calls) {
      const saw = `the first call on a connection: ${plural(first, "round trip")} to the server`;
      return fail({ saw, expected: "2 at most", lookAt: "what has to be known before the question?" });
    }
    return fail({
      saw: `${calls} calls on one connection: ${plural(trips, "round trip")} to the server`,
      expected: `${calls}`,
      lookAt: "shared_allow: what is asked before the question, or after it?",
    });
  },
});

/** A server that has forgotten its scripts is told again, within the call. */
export const sharedNoScript = unlessSlow<AloneEvidence>({
  id: "shared_no_script",
  ...head,
  points: 2,
  run({ flushed, flushed_trips }) {
    if (flushed[0] === 1 && flushed[1] === 0) {
      if (flushed_trips <= 3) return pass();
      const saw = `after SCRIPT FLUSH two calls, of which the first met NOSCRIPT: ${flushed_trips} round trips`;
      return fail({
        saw,
        expected: "3 at most",
        lookAt: "which command knows its script without another one before it?",
      });
    }
    const saw = `after SCRIPT FLUSH, all tokens of a full bucket, twice: ${all(flushed)}`;
    return fail({ saw, expected: "1, then 0", lookAt: "what does the server answer when it does not know a digest?" });
  },
});

/** No server, or none that answers: negative, and soon; a new one is asked again. */
export const sharedRestarts = unlessSlow<AloneEvidence>({
  id: "shared_restarts",
  ...head,
  points: 2,
  run({ dead, restarted }) {
    const lookAt = "what is left of the connection after a call that failed?";
    if (dead.some((answer) => answer === null || answer >= 0))
      return fail({ saw: `the server was killed: ${all(dead)}`, expected: "a negative errno, each time", lookAt });
    const [now, next, after, second] = restarted;
    if (now !== 1 || next !== 1) {
      const saw = `two calls had failed, and the server was started again: ${all([now!, next!])}`;
      return fail({ saw, expected: "1, then 1: what it has forgotten is full", lookAt });
    }
    if (second === 1 && (after === 1 || after! < 0)) return pass();
    const saw = `the server was killed and started again between two calls: ${all([after!, second!])}`;
    return fail({ saw, expected: "1 or a negative errno, then 1", lookAt });
  },
});

/** A server that hangs: -ETIMEDOUT, and its late answer is nobody's. */
export const sharedHangs = unlessSlow<AloneEvidence>({
  id: "shared_hangs",
  ...head,
  points: 2,
  run({ paused, paused_ms, late }) {
    const lookAt = "to which call does an answer belong that comes after the time-out?";
    if (paused.some((answer) => answer !== -ETIMEDOUT))
      return fail({
        saw: `the server was stopped (SIGSTOP): ${all(paused)}`,
        expected: "-ETIMEDOUT, each time",
        lookAt,
      });
    if (paused_ms < IMPATIENT_MS - 1) {
      const saw = `timeout_ms is ${IMPATIENT_MS}; the server was stopped (SIGSTOP), and -ETIMEDOUT came after ${english(Math.round(paused_ms))} ms`;
      return fail({
        saw,
        expected: `not before ${IMPATIENT_MS} ms are over`,
        lookAt: "in which unit is the time-out?",
      });
    }
    if (late.at(-1) === 1) return pass();
    const saw = `the server went on; calls for full buckets: ${all(late)}`;
    return fail({ saw, expected: "1, perhaps after time-outs", lookAt });
  },
});

/** An answer that is lost does not cost twice. */
export const sharedOnce = unlessSlow<AloneEvidence>({
  id: "shared_once",
  ...head,
  points: 2,
  run({ lost: { answer, left, refill } }) {
    const saw = `of ${BURST} tokens 1 was taken; then the answer to a call for 4 was lost, and it answered ${shown(answer)}`;
    const lookAt = "shared_allow: what has the server done already when its answer does not come?";
    if (answer === null || answer >= 0) return fail({ saw, expected: "a negative errno", lookAt });
    const [least, most] = [BURST - 5, Math.ceil(BURST - 5 + refill)];
    if (left >= least && left <= most) return pass();
    return fail({ saw: `${saw}: ${plural(left, "token")} were left`, expected: String(least), lookAt });
  },
});

/** No key stays, and none leaves too soon. */
export const sharedExpires = unlessSlow<AloneEvidence>({
  id: "shared_expires",
  ...head,
  points: 2,
  run({ expiry }) {
    for (const { least_ms, most_ms, keys } of expiry) {
      const what = `a bucket that is full again after ${english(most_ms)} ms`;
      const lookAt = "when is what Redis keeps of a bucket of no use any more?";
      if (keys.length === 0 && least_ms > 0)
        return fail({ saw: `${what}: no key in Redis`, expected: "a key", lookAt });
      const wrong = keys.find(({ ttl_ms }) => ttl_ms < 0 || ttl_ms > most_ms + 2_000);
      const early = keys.length > 0 && keys.every(({ ttl_ms }) => ttl_ms < least_ms - SLACK_MS);
      if (!wrong && !early) continue;
      const { ttl_ms } = wrong ?? keys[0]!;
      return fail({
        saw: `${what}: its key in Redis ${ttl_ms === -1 ? "never expires" : `expires after ${english(ttl_ms)} ms`}`,
        expected: "not before it is full, and within 2,000 ms after that",
        lookAt,
      });
    }
    return pass();
  },
});

/** What was opened is closed. */
export const sharedCloses = unlessSlow<AloneEvidence>({
  id: "shared_closes",
  ...head,
  points: 1,
  run({ descriptors: { before, after } }) {
    if (after <= before) return pass();
    const saw = `${plural(after - before, "descriptor")} more than before, after every limiter was freed`;
    return fail({ saw, expected: "as many as before", lookAt: "what becomes of a connection that has failed?" });
  },
});

/** Several processes, some of them killed: together they get what one would. */
export const sharedProcesses = unlessSlow<CrowdEvidence>({
  id: "shared_processes",
  ...head,
  points: 2,
  run({ got, cut, kills, burst, refill, negative, together }) {
    const who = `3 processes took from one bucket, ${plural(kills, "kill")} among them`;
    const lookAt = "what may another process do between what this one reads and what it writes?";
    if (negative > 0) return fail({ saw: `${who}: ${plural(negative, "call")} had no answer`, expected: "1 or 0" });
    if (together !== 1) {
      const saw = `two processes asked for all tokens of one bucket; both requests were with the server before either answer arrived: ${together} were allowed`;
      return fail({ saw, expected: "1", lookAt });
    }
    const most = Math.floor(burst + refill + 1);
    if (got > most) return fail({ saw: `${who}: they got ${got} tokens`, expected: `${most} at most`, lookAt });
    if (got + cut >= burst) return pass();
    return fail({ saw: `${who}: they got ${got} tokens, ${cut} at most are unknown`, expected: String(burst), lookAt });
  },
});
