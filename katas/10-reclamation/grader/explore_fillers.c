/* SPDX-License-Identifier: MIT */
/* explore_fillers.c -- see fillers.h. */
#include "fillers.h"

#include "explored.h"

enum { FILLERS_MAX = 1000 };

static char fillers[FILLERS_MAX];
static unsigned retired, reclaimed;

/* Whoever reclaims it: the count must order nothing. */
EXPLORE_QUIET static void note_reclaimed(void) {
    reclaimed++;
}

EXPLORE_QUIET static unsigned reclaimed_so_far(void) {
    return reclaimed;
}

static void reclaim(void *filler) {
    (void)filler;
    note_reclaimed();
}

static void retire_one(struct hp_thread *me) {
    if (retired < FILLERS_MAX) hp_retire(me, &fillers[retired++], reclaim);
}

void retire_fillers(struct hp_thread *me, unsigned may_wait) {
    unsigned before = reclaimed_so_far(), period = 0;
    while (reclaimed_so_far() == before && period++ <= may_wait) retire_one(me);
    for (unsigned i = 1 + explore_choose(2); i < period; i++) retire_one(me);
}
