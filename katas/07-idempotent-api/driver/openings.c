/* SPDX-License-Identifier: MIT */
/* openings.c -- two processes open a new database at the same time.
 *
 * The first stops before its 1st, 2nd, ... call of SQLite in api_open; there
 * the second one opens the same file. Then the first goes on, the second tries
 * again if it was told that the database is locked, and both pay once.
 *
 * Evidence: `rows`, WIDTH numbers for each meeting; see struct opening. */
#include <stdio.h>

#include "driver.h"
#include "evidence.h"

#define CALLS_MAX 80

struct opening {
    uint64_t call;
    uint64_t first, second; /* outcomes of api_open: 0 or 1000 and a code */
    uint64_t second_slept_ms;
    uint64_t again; /* of the second's second try; 0 without one */
    uint64_t paid_first, paid_second;
};
#define WIDTH (sizeof(struct opening) / 8)

static struct opening openings_seen[CALLS_MAX];
static uint64_t count;

static void pay(struct opening *o, struct peer *first, struct peer *second) {
    struct ask ask = ask_transfer("one", NOW_MS), other = ask_transfer("two", NOW_MS);
    if (o->first != 0 || (o->second != 0 && o->again != 0) || !bank_fill()) return;
    o->paid_first = outcome_of(first, peer_call(first, &ask));
    o->paid_second = outcome_of(second, peer_call(second, &other));
}

static bool meet(uint64_t call) {
    struct opening *o = &openings_seen[count];
    struct peer first, second;
    bank_remove();
    peer_start(&first), peer_start(&second);
    *o = (struct opening){.call = call};
    bool stopped = peer_call(&first, &(struct ask){.reopen = true, .stop_at = call}) == PEER_STOPPED;
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
    for (uint64_t call = 1; call <= CALLS_MAX && meet(call); call++) evidence_progress();
    evidence_series("rows", (uint64_t *)openings_seen, count * WIDTH);
}
