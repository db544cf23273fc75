// SPDX-License-Identifier: MIT
/** 07-idempotent-api, as data. */
import { dirname } from "node:path";
import { defineKata } from "@c10kata/harness";
import { calls } from "@c10kata/harness/calls";
import { auditAfterKills, servedOverHttp } from "./audit.ts";
import {
  benchEvidence,
  benchSample,
  boundedFiles,
  churnEvidence,
  countsEvidence,
  faultsEvidence,
  faultsLeaveNoTrace,
  filesEvidence,
  flatCost,
  interleavedEvidence,
  killsEvidence,
  lockedEvidence,
  memoryClean,
  neverExpiresInFlight,
  noFullScan,
  noNeedlessBusy,
  oneAnswer,
  oneBody,
  oneEffect,
  openingsEvidence,
  opensTogether,
  preparedOnce,
  survivesKills,
  takeoverEvidence,
  waitsForLock,
} from "./checks.ts";
import {
  expires,
  fingerprints,
  firstTransfer,
  keepsNothing,
  largeAmounts,
  matchesBank,
  opensOrSaysWhy,
  readsForms,
  replaysFirstAnswer,
  statuses,
  wholeKeys,
} from "./scripts.ts";
import { playServers } from "./servers.ts";

/** Calls of SQLite that pass through calls.c and connections.c. */
const COUNTED = [
  "step",
  "reset",
  "finalize",
  "exec",
  "prepare_v2",
  "prepare_v3",
  "open",
  "open_v2",
  "close",
  "close_v2",
];

const SQLITE =
  "open open_v2 close close_v2 exec prepare_v2 prepare_v3 step reset finalize clear_bindings " +
  "bind_blob bind_blob64 bind_int bind_int64 bind_null bind_parameter_index bind_text bind_text64 bind_zeroblob " +
  "column_blob column_bytes column_count column_int column_int64 column_text column_type " +
  "changes changes64 total_changes last_insert_rowid get_autocommit txn_state db_readonly " +
  "errcode extended_errcode extended_result_codes errmsg errstr busy_timeout busy_handler sleep " +
  "wal_autocheckpoint wal_checkpoint_v2 free malloc malloc64 realloc realloc64 mprintf vmprintf snprintf vsnprintf stricmp strnicmp randomness db_handle next_stmt stmt_busy";

const LIBC = "strtok qsort usleep nanosleep getpid";

export default defineKata({
  id: "07-idempotent-api",
  title: "Idempotent API",
  idea: "exactly-once effects: retries of a transfer, two stateless processes, one database",
  folder: dirname(import.meta.dir),
  edits: ["idempotent_api.c"],
  baseline: "baseline.c",
  box: "B",
  exports: ["api_open", "api_handle", "api_close"],
  imports: [...calls("memory"), ...SQLITE.split(" ").map((name) => `sqlite3_${name}`), ...LIBC.split(" ")],
  link: [...COUNTED.map((name) => `-Wl,--wrap=sqlite3_${name}`), "-lsqlite3"],
  functions: {
    script_open: { args: [], returns: "cstring" },
    script_open_case: { args: ["i32"], returns: "cstring" },
    script_sql: { args: ["pointer"], returns: "cstring" },
    script_ask: { args: ["pointer"], returns: "cstring" },
    script_send: { args: ["pointer", "pointer", "pointer", "pointer", "usize", "i64", "i32"], returns: "cstring" },
    script_close: { args: [], returns: "void" },
  },
  scripts: [
    firstTransfer,
    statuses,
    largeAmounts,
    readsForms,
    replaysFirstAnswer,
    fingerprints,
    wholeKeys,
    expires,
    keepsNothing,
    matchesBank,
    opensOrSaysWhy,
  ],
  scenarios: [
    {
      id: "interleaved",
      build: "stress",
      evidence: interleavedEvidence,
      checks: [oneEffect, oneAnswer, neverExpiresInFlight, noNeedlessBusy],
    },
    { id: "takeover", build: "stress", evidence: takeoverEvidence, checks: [oneBody] },
    { id: "kills", build: "stress", evidence: killsEvidence, checks: [survivesKills] },
    { id: "openings", build: "stress", evidence: openingsEvidence, checks: [opensTogether] },
    { id: "locked", build: "stress", evidence: lockedEvidence, checks: [waitsForLock] },
    { id: "faults", build: "stress", evidence: faultsEvidence, checks: [faultsLeaveNoTrace] },
    {
      id: "counts",
      build: "stress",
      params: { few: 250, many: 4_000 },
      deadline_ms: 30_000,
      evidence: countsEvidence,
      checks: [preparedOnce, noFullScan, flatCost],
    },
    {
      id: "files",
      build: "stress",
      params: { transfers: 10_000, others: 2_000 },
      evidence: filesEvidence,
      checks: [boundedFiles],
    },
    {
      id: "churn",
      build: "asan",
      params: { lives: 12, requests: 60 },
      deadline_ms: 20_000,
      runs: 2,
      evidence: churnEvidence,
      checks: [memoryClean],
    },
  ],
  staged: [
    {
      id: "servers",
      params: { kills: 20, clients: 4 },
      deadline_ms: 40_000,
      play: playServers,
      checks: [servedOverHttp, auditAfterKills],
    },
  ],
  throughput: {
    id: "throughput",
    points: 10,
    needs: ["matches_bank", "one_effect", "survives_kills", "prepared_once"],
    metrics: [
      {
        id: "two_processes",
        title: "2 processes, 20 % retries",
        params: { processes: 2, transfers: 2_000 },
        tiers: { pass: 0.6, silver: 1.6, gold: 2.2 },
      },
      { id: "one_process", title: "1 process, 20 % retries", params: { processes: 1, transfers: 4_000 } },
    ],
    evidence: benchEvidence,
    sample: benchSample,
    lookAt: "what is done again for each request that could be done once, and how long is the lock held meanwhile?",
  },
  hints: [
    `Write down, for one transfer, every fact that must be true in the database before the answer leaves: the two balances,
the record, the answer. Now draw a line between any two of them and let the process die there. For which lines can a
retry tell what has happened? What would have to be true so that no such line exists?`,
    `Two requests with one key arrive at two processes at the same time. A question, "is the key taken?", has an answer that is
old when it arrives. Something in the database can refuse the second one instead of being asked. And a transaction that
first reads and then wants to write can find that another process has written in between: SQLite then refuses at once, however
long it may wait. At which point could the waiting still help?`,
    `A plan: read and check the form; look whether the key has an answer, which needs no lock. If not, take the write lock
at the beginning of a transaction, claim the key in a way that fails if it is taken, move the money with statements
that change nothing when they must not, store the answer beside the claim, commit. Whatever is not final ends in a
rollback, also after an error, so that the handle can go on. Prepare each statement once, when the handle is opened.`,
  ],
});
