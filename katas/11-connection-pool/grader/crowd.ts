// SPDX-License-Identifier: MIT
/** Checks of many callers that share few connections. */
import { fail, notReached, pass, type Check } from "@c10kata/harness/check";
import { count } from "@c10kata/harness/evidence";
import { english, plural, times } from "@c10kata/harness/words";
import { z } from "zod";

export const crowdEvidence = z.strictObject({
  /** Answers of conn_acquire. */
  ok: count,
  timeouts: count,
  busy: count,
  failed: count,
  closed: count,
  unknown: count,
  /** CONN_TIMEOUT before the time was over; CONN_BUSY although fewer than waiters_max can have waited. */
  early_timeouts: count,
  early_busy: count,
  /** Connections at a time. */
  most: count,
  /** Times that a connection had two callers, or was closed under one. */
  shared: count,
  /** Stats of which open was not idle and in use. */
  torn: count,
  opens: count,
  /** Of callers; the keeper's have no answer. */
  open_failures: count,
  closes: count,
  /** By the pool, between conn_pool_new and conn_pool_free. */
  allocations: count,
  /** Stats when all callers have ended, and what exists then. */
  idle: count,
  others: count,
  existing: count,
});
export type CrowdEvidence = z.infer<typeof crowdEvidence>;
type Params = Record<string, number>;

/** Of callers who are sent away for no reason nothing is lost, since they have nothing. */
function judgeRefusals({ closed, early_timeouts, early_busy }: CrowdEvidence, { early, timeout_us, waiters }: Params) {
  if (early_timeouts > 0) {
    return fail({
      saw: `${times(early_timeouts)} conn_acquire answered CONN_TIMEOUT before ${english(timeout_us!)} µs were over`,
      expected: "CONN_TIMEOUT when the caller's time is over",
      lookAt: "conn_acquire: from when on, and by which clock, does the timeout count?",
    });
  }
  if (early_busy > 0) {
    return fail({
      saw: `${times(early_busy)} conn_acquire answered CONN_BUSY, and fewer than ${english(waiters!)} others had been in conn_acquire meanwhile`,
      expected: "CONN_BUSY when waiters_max wait",
      lookAt: "conn_acquire: how many wait when a caller is sent away?",
    });
  }
  if (closed === 0 || early) return null;
  return fail({
    saw: `${times(closed)} conn_acquire answered CONN_CLOSED, and nobody had closed the pool`,
    expected: "CONN_CLOSED after conn_pool_close",
  });
}

function judge(evidence: CrowdEvidence, params: Params) {
  const size = params.size!;
  const { ok, most, shared, opens, closes, failed, open_failures, unknown, idle, others, existing } = evidence;
  if (ok === 0) return fail({ saw: "nobody was answered CONN_OK", expected: "connections" });
  const refused = judgeRefusals(evidence, params);
  if (refused) return refused;
  if (most > size) {
    return fail({
      saw: `${most} connections existed at a time`,
      expected: `at most ${size}, size_max, those being opened and closed included`,
      lookAt: "from when to when does a connection take a place?",
    });
  }
  if (shared > 0) {
    return fail({
      saw: `${times(shared)} a connection had two callers, or was closed while a caller had it`,
      expected: "a connection belongs to one caller at a time",
      lookAt: "where is a connection between the release and the next caller?",
    });
  }
  if (evidence.torn > 0) {
    return fail({
      saw: `${times(evidence.torn)} conn_pool_stats answered an open that was not idle + in_use`,
      expected: "one moment's figures",
      lookAt: "conn_pool_stats: what may happen between two of its figures?",
    });
  }
  if (unknown > 0)
    return fail({ saw: `${plural(unknown, "answer")} that no enum conn_status has`, expected: "one of the five" });
  if (failed > open_failures) {
    return fail({
      saw: `${english(open_failures)} opens of callers failed, and ${english(failed)} callers were answered CONN_FAILED`,
      expected: "CONN_FAILED when the caller's own open has failed",
      lookAt: "conn_acquire: what does a caller answer whose open has failed, and what one that was woken?",
    });
  }
  if (idle !== existing || others > 0) {
    return fail({
      saw: `all callers had ended and ${plural(existing, "connection")} existed; the stats said ${idle} idle and ${others} in use, opening, waiting or otherwise open`,
      expected: `${existing} idle, and nothing else`,
      lookAt: "which place was not given back?",
    });
  }
  if (opens === closes) return pass();
  return fail({
    saw: `${english(opens)} connections were opened, and ${english(closes)} had been closed after conn_pool_free`,
    expected: "each is closed exactly once",
    lookAt: "which connection has nobody closed?",
  });
}

/** In a crowd, too, no connection is one too many, shared, or lost. */
export const nothingLost: Check<CrowdEvidence> = {
  id: "nothing_lost",
  points: 3,
  needs: "some_connection",
  run: (evidence, { params }) => judge(evidence, params),
};

/** Only conn_pool_new allocates. */
export const noAllocation: Check<CrowdEvidence> = {
  id: "no_allocation",
  points: 2,
  needs: "some_connection",
  run({ allocations, ok }) {
    if (ok === 0) return fail({ saw: "nobody was answered CONN_OK", expected: "connections" });
    if (allocations === 0) return pass();
    return fail({
      saw: `${plural(allocations, "allocation")} while ${english(ok)} connections were lent`,
      expected: "none: memory is taken by conn_pool_new alone",
      lookAt: "what is needed for each call, and where could it lie?",
    });
  },
};

const wholeTraffic = (evidence: CrowdEvidence, params: Params) =>
  judge(evidence, params).verdict === "pass"
    ? pass()
    : notReached("the traffic was not whole: see nothing_lost", "all of it, to judge by");

/** The traffic is real; AddressSanitizer's report counts. */
export const memoryClean: Check<CrowdEvidence> = {
  id: "memory_clean",
  points: 1,
  needs: "some_connection",
  run: (evidence, { params }) => wholeTraffic(evidence, params),
};

/** The same for ThreadSanitizer's. */
export const raceFree: Check<CrowdEvidence> = {
  id: "race_free",
  points: 1,
  needs: "some_connection",
  run: (evidence, { params }) => wholeTraffic(evidence, params),
};
