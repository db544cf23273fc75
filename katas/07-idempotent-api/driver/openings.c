/* SPDX-License-Identifier: MIT */
/* openings.c -- two processes open a new database at the same time.
 *
 * The first stops in api_open, before its 1st, 2nd, ... call of SQLite (`by` 0),
 * and before its 1st, 2nd, ... write to a file (`by` 1); there the second one
 * opens the same file. Then the first goes on, the second tries
 * again if it was told that the database is locked, and both pay once.
 *
 * Evidence: `rows`, WIDTH numbers for each meeting; see struct opening. */
#include <stdio.h>

#include "driver.h"
#include "evidence.h"

#define PLACES_MAX 80

struct opening {
    uint64_t by, place;
    uint64_t first, second; /* outcomes of api_open: 0 or 1000 and a code */
    uint64_t second_slept_ms;
    uint64_t again; /* of the second's second try; 0 without one */
    uint64_t paid_first, paid_second;
};
#define WIDTH (sizeof(struct opening) / 8)

static struct opening openings_seen[2 * PLACES_MAX];
static uint64_t count;

static void pay(struct opening *o, struct peer *first, struct peer *second) {
    struct ask ask = ask_transfer("one", NOW_MS), other = ask_transfer("two", NOW_MS);
    if (o->first != 0 || (o->second != 0 && o->again != 0) || !bank_fill()) return;
    o->paid_first = outcome_of(first, peer_call(first, &ask));
    o->paid_second = outcome_of(second, peer_call(second, &other));
}

static bool meet(uint64_t by, uint64_t place) {
    struct opening *o = &openings_seen[count];
    struct peer first, second;
    bank_remove();
    peer_start(&first), peer_start(&second);
    *o = (struct opening){.by = by, .place = place};
    struct ask stops = {.reopen = true, .stop_at = by == 0 ? place : 0, .fault_from = place};
    if (by == 1) stops.fault = DISK_STOP;
    bool stopped = peer_call(&first, &stops) == PEER_STOPPED;
    if (stopped) {
        struct ask open = {.reopen = true};
        o->second = outcome_of(&second, peer_call(&second, &open));
        o->second_slept_ms = (uint64_t)second.reply.slept_us / 1000;
        peer_go(&first);
        enum peer_news news;
        while ((news = peer_wait(&first)) == PEER_STOPPED) peer_go(&first);
        o->first = outcome_of(&first, news);
        if (o->second != 0) o->again = outcome_of(&second, peer_call(&second, &open));
        pay(o, &first, &second);
        count++;
    }
    peer_end(&first), peer_end(&second);
    return stopped;
}

void openings(uint64_t seed) {
    (void)seed;
    for (uint64_t by = 0; by < 2; by++) {
        for (uint64_t place = 1; place <= PLACES_MAX && meet(by, place); place++) evidence_progress();
    }
    evidence_series("rows", (uint64_t *)openings_seen, count * WIDTH);
}
