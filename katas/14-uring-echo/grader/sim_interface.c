/* SPDX-License-Identifier: MIT */
/* sim_interface.c -- io_uring: what of the drivers is its own. */
#include "sim.h"

#include <errno.h>

static const struct world_rule words[] = {
    {"queue", "every client that connects is accepted",
     "after which completions of accept is the next one asked for, also where a multishot has ended?"},
    {"queue_behind", "every client that connects is accepted, also behind one for which accept fails",
     "after which completions of accept is the next one asked for?"},
    {0}};

const struct interface interface = {
    .make = "io_uring_setup", .watch = "io_uring_register", .watch_errno = ENOMEM, .words = words};

static const struct world_rule unreaped = {
    "unreaped", "every operation has completed, and its completion was taken, before the ring is closed",
    "how does the server know at the stop what is still under way?"};

static void ring_closing(unsigned under_way, unsigned not_taken) {
    if (under_way > 0)
        world_fail(&unreaped, "the ring is closed while %u operation%s under way", under_way,
                   under_way == 1 ? " is" : "s are");
    if (not_taken > 0)
        world_fail(&unreaped, "the ring is closed with %u completion%s that nobody has taken", not_taken,
                   not_taken == 1 ? "" : "s");
}

static void some_clients(void) {
    for (unsigned n = 1 + world_choose(6); n > 0; n--) {
        struct client *c = client_talker(400);
        c->ends = world_choose(2), c->ends_early = world_choose(2);
    }
}

/* More at once than a connection may be owed: a ring of buffers is empty after it. */
static void burst(void) {
    struct client *c = client_new(RING_BYTES - 1, RING_BYTES);
    c->wants = 200000, c->ends = c->ends_early = true;
}

/* A queue that is full after a few completions, multishots that end, operations that go on late. */
static void life_completions(void) {
    clients_begin();
    some_clients();
    bool bursts = world_choose(4) == 3;
    if (bursts) burst();
    world_faults.completion_room = bursts ? 0 : 1 + world_choose(4);
    world_faults.multishot_ends = bursts ? 0 : 2 + world_choose(4);
    world_faults.later = world_choose(3) == 2 ? 0 : 2 + world_choose(3);
    clients_serve();
}

/* Some that never take their bytes back. */
static void life_buffers(void) {
    clients_begin();
    some_clients();
    for (unsigned n = world_choose(4); n > 0; n--) {
        struct client *c = client_new(4096, 1024 + any_size(4096));
        c->wants = 40000, c->reads_late = world_choose(2), c->never_reads = !c->reads_late;
    }
    world_faults.later = 2 + world_choose(3);
    clients_serve();
}

/* The stop at any moment: amid accepts, transfers, a cancel of the server's own; or while it waits to accept again. */
static void life_reaped(void) {
    clients_begin();
    world_hooks.ring_closing = ring_closing;
    some_clients();
    if (world_choose(2)) story.clients[0].never_reads = true;
    story.judged.after_stop = story.judged.stop_comes_early = true;
    world_faults.later = world_choose(2) ? 2 : 0;
    world_faults.completion_room = world_choose(3) == 2 ? 2 : 0;
    world_faults.accept_failures = world_choose(4) == 3 ? 2 : 0;
    clients_serve();
}

const struct world_scenario world_scenarios[] = {
    ECHO_SCENARIOS, {"completions", life_completions}, {"buffers", life_buffers}, {"reaped", life_reaped}, {0}};
