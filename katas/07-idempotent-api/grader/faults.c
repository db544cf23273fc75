/* SPDX-License-Identifier: MIT */
/* faults.c -- the disk fails while a request is handled, and then no more.
 *
 * Kinds: 1 disk full (ENOSPC), 2 file size limit 0 with SIGXFSZ ignored, 3 write
 * error (EIO), 4 the file system has become read-only (EROFS), 5 read error, 6
 * no memory for the program's own allocations, 7 the same for one of them alone,
 * 8 and 9 the same in api_open. Each meets each kind of request (enum asked),
 * from its 1st, 2nd, ... read, write or allocation on, until one meets no fault. Before a request another process has
 * written, so that pages are read.
 *
 * Evidence: `opened`, and `rows`, one for each fault. */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"

#define PLACES_MAX 40
#define RETRIES_MAX 4 /* of what gets 409, each 20 s later than the one before */
#define RETRY_MS 20000

enum other_fault { NO_MEMORY = DISK_READ_ERROR + 1, NO_MEMORY_ONCE, OPEN_NO_MEMORY, OPEN_NO_MEMORY_ONCE };
enum asked { PAID, POOR, REPLAY, REUSED, BALANCE, ASKED };

EVIDENCE_ROW(failure, kind, asked, place, hit, /* did the request meet the fault? */
             outcome, replayed,                /* of the request that met the fault */
             transfers,                        /* rows under its key then */
             again, again_replayed,            /* the same request once the fault is over, in the same process */
             transfers_again, sum);

static struct failure failures[(NO_MEMORY_ONCE * ASKED + 2) * PLACES_MAX];
static uint64_t count;
static struct peer peer, other;

static struct ask ask_for(enum asked asked, const char *key) {
    struct ask ask = ask_transfer(key, NOW_MS);
    if (asked == POOR) strcpy(ask.body, "from=carol&to=bob&amount=1");
    if (asked == REUSED) strcpy(ask.body, "from=alice&to=bob&amount=2");
    if (asked == BALANCE) ask = (struct ask){.method = "GET", .path = "/accounts/alice", .now_ms = NOW_MS};
    return ask;
}

/* A key with an answer, where the request needs one; then a write by another process. */
static void prepare(enum asked asked, const char *key) {
    char beside[sizeof((struct ask *)NULL)->key];
    struct ask first = ask_transfer(key, NOW_MS);
    if (asked == REPLAY || asked == REUSED) (void)peer_call(&peer, &first);
    snprintf(beside, sizeof beside, "beside-%s", key);
    struct ask before = ask_transfer(beside, NOW_MS);
    (void)peer_call(&other, &before);
}

static bool fail_at(int kind, enum asked asked, uint64_t place) {
    struct failure *f = &failures[count++];
    char key[32];
    snprintf(key, sizeof key, "fault-%d-%d-%llu", kind, (int)asked, (unsigned long long)place);
    prepare(asked, key);
    struct ask ask = ask_for(asked, key);
    *f = (struct failure){.kind = (uint64_t)kind, .asked = (uint64_t)asked, .place = place};
    if (kind == NO_MEMORY || kind == NO_MEMORY_ONCE)
        ask.refuse_from = place, ask.refuse_alone = kind == NO_MEMORY_ONCE;
    else
        ask.fault = (enum disk_fault)kind, ask.fault_from = place;
    f->outcome = outcome_of(&peer, peer_call(&peer, &ask)), f->hit = (uint64_t)peer.reply.fault_hit;
    f->replayed = (uint64_t)peer.reply.replayed, f->transfers = (uint64_t)bank_transfers(key);
    ask.fault = DISK_OK, ask.refuse_from = 0;
    for (int retry = 0; retry < RETRIES_MAX; retry++, ask.now_ms += RETRY_MS) {
        f->again = outcome_of(&peer, peer_call(&peer, &ask)), f->again_replayed = (uint64_t)peer.reply.replayed;
        if (f->again != 409) break;
    }
    f->transfers_again = (uint64_t)bank_transfers(key), f->sum = (uint64_t)bank_sum();
    return f->hit && kind != DISK_LIMIT;
}

/* A handle that was opened all the same has to work: `again` is the status of a
 * GET by it, or the outcome of opening it again. */
static bool fail_open_at(int kind, uint64_t place) {
    struct failure *f = &failures[count++];
    struct ask ask = {.reopen = true, .refuse_from = place, .refuse_alone = kind == OPEN_NO_MEMORY_ONCE};
    struct ask get = ask_for(BALANCE, "");
    *f = (struct failure){.kind = (uint64_t)kind, .place = place};
    f->outcome = outcome_of(&peer, peer_call(&peer, &ask)), f->hit = (uint64_t)peer.reply.fault_hit;
    ask.refuse_from = 0;
    f->again = outcome_of(&peer, peer_call(&peer, f->outcome == 0 ? &get : &ask));
    return f->hit;
}

/* The accounts lie on pages of their own: what is read of one says nothing of another. */
static bool fill_pages(void) {
    return bank_fill() && bank_run("DELETE FROM accounts WHERE name IN ('bob', 'carol');"
                                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400) "
                                   "INSERT INTO accounts (name, balance) SELECT 'azure account ' || i, 0 FROM n;"
                                   "INSERT INTO accounts (name, balance) VALUES ('bob', 0);"
                                   "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400) "
                                   "INSERT INTO accounts (name, balance) SELECT 'brown account ' || i, 0 FROM n;"
                                   "INSERT INTO accounts (name, balance) VALUES ('carol', 0)");
}

void faults(uint64_t seed) {
    (void)seed;
    bank_remove();
    peer_start(&peer), peer_start(&other);
    uint64_t opened = outcome_of(&peer, peer_call(&peer, &(struct ask){.reopen = true}));
    if (opened == 0 && fill_pages()) opened = outcome_of(&other, peer_call(&other, &(struct ask){.reopen = true}));
    for (int way = 0; way < NO_MEMORY_ONCE * ASKED && opened == 0; way++) {
        int kind = 1 + way / ASKED;
        for (uint64_t place = 1; place <= PLACES_MAX && fail_at(kind, way % ASKED, place); place++) continue;
        evidence_progress();
    }
    for (int kind = OPEN_NO_MEMORY; kind <= OPEN_NO_MEMORY_ONCE && opened == 0; kind++)
        for (uint64_t place = 1; place <= PLACES_MAX && fail_open_at(kind, place); place++) evidence_progress();
    evidence_count("opened", opened);
    evidence_rows("rows", failure, failures, count);
    peer_end(&peer), peer_end(&other);
}
