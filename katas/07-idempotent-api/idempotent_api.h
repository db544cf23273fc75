/* SPDX-License-Identifier: MIT */
/* idempotent_api.h -- money transfers over a network that loses answers: a
 * client that does not know asks again, with the same key, and the money moves
 * once.
 *
 * Several processes serve requests and share one SQLite file; any of them may
 * be killed at any instruction, and none keeps state of its own that matters.
 *
 * Tables. api_open creates them if they are not there. The grader fills and
 * reads these two by SQL, under these names; further columns (with defaults),
 * constraints, indexes and tables are yours:
 *
 *     accounts(name TEXT PRIMARY KEY, balance INTEGER)      minor units
 *     transfers(key TEXT, source TEXT, target TEXT, amount INTEGER)
 *
 * A transfer moves `amount` between two balances and adds one row. The journal
 * mode is WAL.
 *
 * Requests, judged in this order:
 *
 *   path    POST /transfers, and GET /accounts/NAME, where NAME is the rest of
 *           the path as it stands. Paths and methods are compared byte for
 *           byte. Any other path: 404. Another method on one of the two: 405,
 *           whether there is such an account or not.
 *   GET     200, and the first number in the body is the balance, in decimal;
 *           404 for an unknown account. Needs no key.
 *   body    a form of any length: fields from, to and amount, once each, in any
 *           order, joined by '&'; a field's first '=' parts its name from its
 *           value. In both, "%XX" is the byte XX and '+' a space. Malformed is
 *           400: another field or an empty one, one twice or missing, one
 *           without '=', a '%' without two hex digits, a zero byte, an amount
 *           that, decoded, is not decimal digits alone (zeros may lead) of a
 *           value from 1 to 9223372036854775807, from = to. An account's name
 *           is any bytes but zero, or none, compared byte for byte.
 *   key     the Idempotency-Key, 1 to 255 bytes of any value, all of which
 *           count; NULL, empty or longer: 400.
 *   replay  a key that has an answer: the same body, byte for byte and not
 *           only in meaning, gets that answer again, status and body, with
 *           `replayed` set; another body gets 422. Nothing else happens.
 *   doing   201, and the money has moved. Or, in this order: 404 for an unknown
 *           account, 402 if the source has less than `amount`, 400 if the
 *           target's balance would exceed 9223372036854775807. All
 *           amounts and balances up to that count exactly, to the last unit.
 *
 * Answers. 201 and 402 are final: stored under the key, and the only ones that
 * are. Effect and answer are committed together: if a process dies after that and
 * before it has answered, the retry is a replay, 201 with `replayed` set.
 * 400, 404, 405, 409, 422 and 503 leave no trace, so that the same request
 * may be tried again. Bodies are free. `replayed` is set for a replay only.
 *
 * Expiry. To a request with its key whose now_ms is 86,400,000 or more after
 * that of the request it was given to, an answer is forgotten; replays prolong
 * nothing. Once any later request has come with such a now_ms, it may be
 * forgotten to all. now_ms is the only clock, and may differ between processes:
 * smaller values than before are no error.
 *
 * In flight. While a request with the key is being worked on elsewhere, another
 * one waits, at most 30 s, or gets 409; once the first is done, it gets the
 * first's answer. A key in flight does not expire: what was begun happens at
 * most once, however long it takes. If the process that works on it dies, a
 * retry takes over: at once, or at the latest one whose now_ms is 60,000
 * greater.
 *
 * The database. While others hold its lock a call waits, asleep, up to 5 s (by
 * sqlite3_busy_timeout, sqlite3_sleep and the like), and goes on when it gets
 * the lock; after 5 s or more, and at most 30, it answers 503 and returns 0.
 * Others that use the database without holding its lock never cause a 503. A
 * claim that could not be taken back, because the lock was lost for so long in
 * the middle of a request, lapses as that of a dead process does.
 *
 * Between calls a handle holds no lock, no read lock either: no transaction is
 * open, and no statement under way.
 *
 * Files. The database, and all files beside it whose names begin with its name,
 * take together at most 64 MiB, and 2 KiB beside the body for each answer that
 * is stored, however many requests have come, unless another process keeps a lock.
 * Replays, and what leaves no trace, make the tables no larger.
 *
 * Costs. Once every kind of request has been handled, none prepares a statement
 * (sqlite3_exec prepares too); no statement walks through a table that is
 * stored; the cost of a request does not grow with the keys that are stored. It
 * may delete what has expired, up to 100 keys at a time. */
#ifndef IDEMPOTENT_API_H
#define IDEMPOTENT_API_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct api;

struct api_request {
    const char *method, *path;
    const char *idempotency_key; /* NULL: none */
    const void *body;            /* not a string; may be NULL if body_size is 0 */
    size_t body_size;
    int64_t now_ms; /* not negative; a day can be added to it */
};

struct api_response {
    int status;
    bool replayed;
    size_t body_size; /* at most 4096 */
    char body[4096];
};

/* Opens the database, which may be new, and creates the schema if need be.
 * Other processes may be doing the same, or be at work: while one of them holds a
 * lock, this waits, asleep, for 5 s at least, and for 60 s at most; then it may
 * answer SQLITE_BUSY, or SQLITE_PROTOCOL, and can be called again. Without such
 * a lock it does not answer these. 0 and a handle, which
 * one thread uses at a time; or an SQLite result code, with `*out` NULL and
 * nothing left open. SQLITE_NOMEM if there is not the memory that it needs. A
 * process that dies in here leaves a database that opens. */
int api_open(const char *database_path, struct api **out);

/* Handles one request. 0: `response` is the answer, and if it is final, it and
 * its effect are committed. Not 0: the database or the memory failed (disk
 * full, an I/O error), nothing has happened, `response` means nothing, and the
 * handle works again once the fault is over; a claim that could not be taken
 * back for it lapses as that of a dead process does. Keeps no pointer into
 * `request`. */
int api_handle(struct api *api, const struct api_request *request, struct api_response *response);

/* Closes the handle. NULL does nothing. */
void api_close(struct api *api);

#endif
