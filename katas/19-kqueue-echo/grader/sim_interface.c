/* SPDX-License-Identifier: MIT */
/* sim_interface.c -- kqueue: what of the drivers is its own. */
#include "sim.h"

#include <errno.h>

const struct interface interface = {.make = "kqueue", .watch = "kevent", .watch_errno = ENOMEM};

/* Those that break off while bytes are owed to them have an event of each filter,
 * in one batch; and newcomers have the numbers of those who left. */
static void life_two_filters(void) {
    clients_begin();
    for (unsigned n = 3 + world_choose(6); n > 0; n--) {
        struct client *c = client_talker(400);
        c->ends = world_choose(2), c->ends_early = world_choose(2);
        c->resets = world_choose(2), c->resets_at = world_choose((unsigned)c->wants + 1);
        if (!c->resets || world_choose(2)) continue;
        c->never_reads = true, c->in_step = false, c->resets_at = 1;
    }
    clients_serve();
}

const struct world_scenario world_scenarios[] = {ECHO_SCENARIOS, {"two_filters", life_two_filters}, {0}};
