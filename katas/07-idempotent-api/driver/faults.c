/* SPDX-License-Identifier: MIT */
/* faults.c -- the disk fails while a transfer is handled, and then no more.
 *
 * Kinds: 1 disk full (ENOSPC), 2 file size limit 0 with SIGXFSZ ignored, 3 write
 * error (EIO), 4 the file system has become read-only (EROFS), 5 read error, 6
 * read error in a GET, 7 no memory for the program's own allocations, 8 none
 * in api_open. Each from the 1st, 2nd, ... read or write of the request on, until a request
 * meets none. Before a request another process has written, so that pages are read.
 *
 * Evidence: `opened`, and `rows`, WIDTH numbers for each fault; see below. */
#include <stdio.h>

#include "driver.h"
#include "evidence.h"

#define PLACES_MAX 40
enum other_fault { GET_UNREADABLE = DISK_READ_ERROR + 1, NO_MEMORY, OPEN_NO_MEMORY };
#define RETRIES_MAX 4 /* of what gets 409, each 20 s later than the one before */
#define RETRY_MS 20000

struct failure {
    uint64_t kind, place;
    uint64_t hit;                   /* did the request meet the fault? */
    uint64_t outcome;               /* of the request that met the fault */
    uint64_t transfers;             /* rows under its key then */
    uint64_t again, again_replayed; /* the same request once the fault is over, in the same process */
    uint64_t transfers_again, sum;
};
#define WIDTH (sizeof(struct failure) / 8)

static struct failure failures[8 * PLACES_MAX];
static uint64_t count;
static struct peer peer, other;

static bool fail_at(int kind, uint64_t place) {
    struct failure *f = &failures[count++];
    char key[32], beside[32];
    snprintf(key, sizeof key, "fault-%d-%llu", kind, (unsigned long long)place);
    snprintf(beside, sizeof beside, "beside-%d-%llu", kind, (unsigned long long)place);
    struct ask ask = ask_transfer(key, NOW_MS), before = ask_transfer(beside, NOW_MS);
    (void)peer_call(&other, &before);
    *f = (struct failure){.kind = (uint64_t)kind, .place = place};
    if (kind == NO_MEMORY)
        ask.refuse_from = place;
    else
        ask.fault = (enum disk_fault)kind, ask.fault_from = place;
    f->outcome = outcome_of(&peer, peer_call(&peer, &ask)), f->hit = (uint64_t)peer.reply.fault_hit;
    f->transfers = (uint64_t)bank_transfers(key);
    ask.fault = DISK_OK, ask.refuse_from = 0;
    for (int retry = 0; retry < RETRIES_MAX; retry++, ask.now_ms += RETRY_MS) {
        f->again = outcome_of(&peer, peer_call(&peer, &ask)), f->again_replayed = (uint64_t)peer.reply.replayed;
        if (f->again != 409) break;
    }
    f->transfers_again = (uint64_t)bank_transfers(key), f->sum = (uint64_t)bank_sum();
    return f->hit && kind != DISK_LIMIT;
}

static bool fail_get_at(uint64_t place) {
    struct failure *f = &failures[count++];
    char beside[32];
    snprintf(beside, sizeof beside, "beside-get-%llu", (unsigned long long)place);
    struct ask before = ask_transfer(beside, NOW_MS);
    struct ask ask = {.method = "GET", .path = "/accounts/alice", .now_ms = NOW_MS};
    (void)peer_call(&other, &before);
    *f = (struct failure){.kind = GET_UNREADABLE, .place = place};
    ask.fault = DISK_READ_ERROR, ask.fault_from = place;
    f->outcome = outcome_of(&peer, peer_call(&peer, &ask)), f->hit = (uint64_t)peer.reply.fault_hit;
    ask.fault = DISK_OK;
    f->again = outcome_of(&peer, peer_call(&peer, &ask));
    return f->hit;
}

static bool fail_open_at(uint64_t place) {
    struct failure *f = &failures[count++];
    struct ask ask = {.reopen = true, .refuse_from = place};
    *f = (struct failure){.kind = OPEN_NO_MEMORY, .place = place};
    f->outcome = outcome_of(&peer, peer_call(&peer, &ask)), f->hit = (uint64_t)peer.reply.fault_hit;
    ask.refuse_from = 0;
    f->again = outcome_of(&peer, peer_call(&peer, &ask));
    return f->hit;
}

void faults(uint64_t seed) {
    (void)seed;
    bank_remove();
    peer_start(&peer), peer_start(&other);
    uint64_t opened = outcome_of(&peer, peer_call(&peer, &(struct ask){.reopen = true}));
    if (opened == 0 && bank_fill()) opened = outcome_of(&other, peer_call(&other, &(struct ask){.reopen = true}));
    for (int kind = DISK_FULL; kind <= NO_MEMORY && opened == 0; kind++) {
        if (kind == GET_UNREADABLE) continue;
        for (uint64_t place = 1; place <= PLACES_MAX && fail_at(kind, place); place++) evidence_progress();
    }
    for (uint64_t place = 1; place <= PLACES_MAX && opened == 0 && fail_get_at(place); place++) evidence_progress();
    for (uint64_t place = 1; place <= PLACES_MAX && opened == 0 && fail_open_at(place); place++) evidence_progress();
    evidence_count("opened", opened);
    evidence_series("rows", (uint64_t *)failures, count * WIDTH);
    peer_end(&peer), peer_end(&other);
}
