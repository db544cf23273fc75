/* SPDX-License-Identifier: MIT */
/* openings.c -- two processes open a new database at the same time, or after a
 * third one that died of it.
 *
 * The first stops in api_open, before its 1st, 2nd, ... call of SQLite (`by` 0),
 * and before its 1st, 2nd, ... write to a file (`by` 1); there the second one
 * opens the same file. Then the first goes on, the second tries
 * again if it was told that the database is locked, and both pay once. Or it is
 * killed there (`by` 2 and 3), and a new process takes its place.
 *
 * Evidence: `rows`, one for each meeting. */
#include <stdio.h>

#include "driver.h"
#include "evidence.h"

#define PLACES_MAX 80

EVIDENCE_ROW(opening, by, place, first, second, /* outcomes of api_open: 0 or 1000 and a code */
             second_slept_ms, again,            /* of the second's second try; 0 without one */
             paid_first, paid_second);

static struct opening openings_seen[4 * PLACES_MAX];
static uint64_t count;

static void pay(struct opening *o, struct peer *first, struct peer *second) {
    struct ask ask = ask_transfer("one", NOW_MS), other = ask_transfer("two", NOW_MS);
    if (o->first != 0 || (o->second != 0 && o->again != 0) || !bank_fill()) return;
    o->paid_first = outcome_of(first, peer_call(first, &ask));
    o->paid_second = outcome_of(second, peer_call(second, &other));
}

static const struct ask open_it = {.reopen = true};

static void open_second(struct opening *o, struct peer *second) {
    o->second = outcome_of(second, peer_call(second, &open_it));
    o->second_slept_ms = (uint64_t)second->reply.slept_us / 1000;
}

/* The first is dead, and there is a new one. */
static void replace(struct opening *o, struct peer *first) {
    peer_end(first);
    peer_start(first);
    o->first = outcome_of(first, peer_call(first, &open_it));
}

static struct ask interrupted(uint64_t by, uint64_t place) {
    struct ask ask = {.reopen = true, .fault_from = place};
    if (by == 0) ask.stop_at = place;
    if (by == 1) ask.fault = DISK_STOP;
    if (by == 2) ask.kill_at = place;
    if (by == 3) ask.fault = DISK_KILL;
    return ask;
}

/* False if the first does not get to that place. */
static bool meet(uint64_t by, uint64_t place) {
    struct opening *o = &openings_seen[count];
    struct peer first, second;
    bank_remove();
    peer_start(&first), peer_start(&second);
    *o = (struct opening){.by = by, .place = place};
    struct ask ask = interrupted(by, place);
    enum peer_news news = peer_call(&first, &ask);
    if (news != PEER_REPLIED) {
        open_second(o, &second);
        if (news != PEER_GONE) o->first = peer_finish(&first, news);
        if (news == PEER_GONE) replace(o, &first);
        if (o->second != 0) o->again = outcome_of(&second, peer_call(&second, &open_it));
        pay(o, &first, &second);
        count++;
    }
    peer_end(&first), peer_end(&second);
    return news != PEER_REPLIED;
}

void openings(uint64_t seed) {
    (void)seed;
    for (uint64_t by = 0; by < 4; by++) {
        for (uint64_t place = 1; place <= PLACES_MAX && meet(by, place); place++) evidence_progress();
    }
    evidence_rows("rows", opening, openings_seen, count);
}
