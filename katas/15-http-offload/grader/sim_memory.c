/* SPDX-License-Identifier: MIT */
/* sim_memory.c -- each allocation that is refused may cost one request or one connection: one that has to do with it.
 */
#include <stdio.h>

#include "sim.h"

const struct world_rule costs_one = {
    "costs_one", "a refused allocation costs the request or the connection that it was for, and no other",
    "what becomes of the other clients when this allocation fails?"};

static void note_refusals(void) {
    if (story.refused != world_refused_memory) story.refused_turn = story.turns;
    story.refused = world_refused_memory;
}

/* The loop's wait has returned. */
void memory_turn(void) {
    note_refusals();
    story.turns++;
}

/* It had all that it is owed, and has sent nothing since, before the allocation was asked for. Room for its next
 * request may be asked for a turn later. */
static bool has_nothing_to_do_with_it(const struct client *c) {
    const struct peer *p = c->peer;
    bool quiet = owed(c) == 0 && p->sent == p->read && !p->fin &&
                 (c->answered == c->count || p->sent == c->requests[c->answered].begins);
    return quiet && c->moved_turn + 2 <= story.refused_turn;
}

bool memory_excuses(const struct client *c) {
    note_refusals();
    if (!story.may_lack_memory || story.lost >= story.refused || has_nothing_to_do_with_it(c)) return false;
    story.lost++;
    return true;
}

const char *memory_told(void) {
    static char told[120];
    snprintf(told, sizeof told, "refused allocations: %lu, and lost for them before: %lu", (unsigned long)story.refused,
             (unsigned long)story.lost);
    return told;
}
