/* SPDX-License-Identifier: MIT */
/* sim_quiet.c -- what a connection costs that has nothing to say: one descriptor. */
#include "sim.h"

/* For all connections together, besides the listener: an interest list or a ring, a
 * timer, a spare descriptor, a pipe for each direction. */
enum { FOR_ALL = 8 };

static const struct world_rule costly = {
    "descriptors", "one descriptor for each, and at most 8 for all together",
    "which descriptors are made for a connection besides its own, and how long does each stay?"};

static bool (*others_idle)(void);

/* The server sleeps, and all have what they want: nobody is owed anything. */
static bool idle_quiet(void) {
    int quiet = 0;
    for (int i = 0; i < story.count; i++) {
        if (!client_content(&story.clients[i])) return others_idle();
        quiet += story.clients[i].peer->state == ACCEPTED;
    }
    int open = world_open_descriptors() - 1; /* the listener is one */
    if (!story.stopping && open > quiet + FOR_ALL)
        world_fail(&costly, "%d clients are connected and quiet, and the server has %d descriptors open", quiet, open);
    return others_idle();
}

/* Some have never said anything. */
void life_quiet(void) {
    clients_begin();
    others_idle = world_hooks.idle, world_hooks.idle = idle_quiet;
    world_judge_only(&costly);
    for (unsigned n = MAX_PEERS / 2 + world_choose(MAX_PEERS / 2 + 1); n > 0; n--)
        client_new(128, 128)->wants = world_choose(4) == 3 ? 0 : 1 + world_choose(32);
    clients_serve();
}
