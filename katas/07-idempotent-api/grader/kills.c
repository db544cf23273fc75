/* SPDX-License-Identifier: MIT */
/* kills.c -- a process dies at every place of a request, and others go on.
 *
 * It dies by SIGKILL before its 1st, 2nd, ... call of SQLite (`by` 0), and
 * before the 1st, 2nd, ... write of SQLite to a file (`by` 1). Then a retry goes
 * to another process that was there all the time (`survivor` 1), or to a new
 * one when all are dead (0); as long as it gets 409 or 503, again, 20 s later.
 *
 * Evidence: `rows`, one for each death. */
#include <stdio.h>
#include <string.h>

#include "driver.h"
#include "evidence.h"

#define PLACES_MAX 60
#define RETRIES_MAX 4 /* the last one 60 s after the request that died */
#define RETRY_MS 20000

EVIDENCE_ROW(death, by, survivor, place, done, /* was the transfer committed when the process died? */
             outcome,                          /* of the last retry */
             replayed,                         /* was it? */
             retries, again,                   /* outcome of one request more */
             again_replayed, transfers,        /* rows under the key, at the end */
             sum);                             /* of all balances */

static struct death deaths[4 * PLACES_MAX];
static uint64_t count;

static uint64_t start(struct peer *peer) {
    peer_start(peer);
    return outcome_of(peer, peer_call(peer, &(struct ask){.reopen = true}));
}

static void retry(struct death *d, struct peer *peer, struct ask *ask) {
    for (d->retries = 0; d->retries < RETRIES_MAX; ask->now_ms += RETRY_MS) {
        d->retries++;
        d->outcome = outcome_of(peer, peer_call(peer, ask)), d->replayed = (uint64_t)peer->reply.replayed;
        if (d->outcome != 409 && d->outcome != 503) break;
    }
    d->again = outcome_of(peer, peer_call(peer, ask)), d->again_replayed = (uint64_t)peer->reply.replayed;
}

/* One death; false if the request has no such place. */
static bool die_at(uint64_t by, uint64_t with_survivor, uint64_t place) {
    struct death *d = &deaths[count];
    struct peer dying, survivor;
    char key[32];
    snprintf(key, sizeof key, "dead-%llu", (unsigned long long)count);
    struct ask ask = ask_transfer(key, NOW_MS), dies = ask;
    *d = (struct death){.by = by, .survivor = with_survivor, .place = place};
    if (by == 0) dies.kill_at = place;
    if (by == 1) dies.fault = DISK_KILL, dies.fault_from = place;
    bool opened = start(&dying) == 0 && (!with_survivor || start(&survivor) == 0);
    bool died = peer_call(&dying, &dies) == PEER_GONE;
    peer_end(&dying);
    d->done = (uint64_t)bank_transfers(key);
    if (!with_survivor) opened = opened && start(&survivor) == 0;
    if (opened && died) retry(d, &survivor, &ask);
    if (!opened) d->outcome = 2000;
    peer_end(&survivor);
    d->transfers = (uint64_t)bank_transfers(key), d->sum = (uint64_t)bank_sum();
    if (died || !opened) count++;
    return died && opened;
}

void kills(uint64_t seed) {
    (void)seed; /* every place, every time */
    struct peer maker;
    bank_remove();
    uint64_t opened = start(&maker);
    if (opened == 0) (void)bank_fill();
    peer_end(&maker);
    for (uint64_t way = 0; way < 4 && opened == 0; way++) {
        for (uint64_t place = 1; place <= PLACES_MAX && die_at(way / 2, way % 2, place); place++) evidence_progress();
    }
    evidence_count("opened", opened);
    evidence_rows("rows", death, deaths, count);
}
