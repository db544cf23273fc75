/* SPDX-License-Identifier: MIT */
/* sim_lives.c -- lives of a mux: of each kind by itself, and of any. */
#include "sim.h"

/* One that becomes ready, as long as it is. */
static void tells(void) {
    struct thing *t = thing_new((enum thing_kind)world_choose(2));
    watch_add(t, MUX_IN);
    for (unsigned n = 1 + world_choose(2); n > 0; n--) {
        thing_make_ready(t, MUX_IN);
        (void)wait_for(world_choose(2) ? 0 : 50);
    }
    story_end();
}

/* Numbers up to the last that select takes; with the others, beyond. */
static void high_numbers(enum mux_kind kind) {
    world_faults.first_descriptor = kind == MUX_SELECT ? 1024 - 2 * FEW : 1500;
}

static void waits(void) {
    for (unsigned n = 3 + world_choose(10); n > 0; n--) {
        for (unsigned acts = world_choose(5); acts > 0; acts--) act();
        wait_some_time();
    }
    story_end();
}

static void exact(enum mux_kind kind) {
    if (world_choose(4) == 3) high_numbers(kind);
    story_begin(kind);
    waits();
}

static void callbacks(enum mux_kind kind) {
    if (world_choose(4) == 3) high_numbers(kind);
    story_begin(kind);
    story.inside = act_inside;
    waits();
}

static void select_tells(void) {
    story_begin(MUX_SELECT);
    tells();
}
static void poll_tells(void) {
    story_begin(MUX_POLL);
    tells();
}
static void epoll_tells(void) {
    story_begin(MUX_EPOLL);
    tells();
}

static void select_exact(void) {
    exact(MUX_SELECT);
}
static void poll_exact(void) {
    exact(MUX_POLL);
}
static void epoll_exact(void) {
    exact(MUX_EPOLL);
}

static void select_callbacks(void) {
    callbacks(MUX_SELECT);
}
static void poll_callbacks(void) {
    callbacks(MUX_POLL);
}
static void epoll_callbacks(void) {
    callbacks(MUX_EPOLL);
}

static void select_times(void) {
    story_begin(MUX_SELECT);
    times();
}
static void poll_times(void) {
    story_begin(MUX_POLL);
    times();
}
static void epoll_times(void) {
    story_begin(MUX_EPOLL);
    times();
}

static void select_errors(void) {
    story_begin(MUX_SELECT);
    errors();
}
static void poll_errors(void) {
    story_begin(MUX_POLL);
    errors();
}
static void epoll_errors(void) {
    story_begin(MUX_EPOLL);
    errors();
}

static enum mux_kind any_kind(void) {
    return (enum mux_kind)world_choose(3);
}

static void two(void) {
    story_begin(any_kind());
    side_by_side();
}

static void ends(void) {
    story_begin(any_kind());
    gives_back();
}

static void memory(void) {
    world_faults.refused_memory = world_choose(2) ? 2 : 0;
    story_open(any_kind());
    without_memory();
}

static void mixed(void) {
    callbacks(any_kind());
}

const struct world_scenario world_scenarios[] = {
    {"select_tells", select_tells},
    {"select_exact", select_exact},
    {"select_callbacks", select_callbacks},
    {"select_times", select_times},
    {"select_errors", select_errors},
    {"poll_tells", poll_tells},
    {"poll_exact", poll_exact},
    {"poll_callbacks", poll_callbacks},
    {"poll_times", poll_times},
    {"poll_errors", poll_errors},
    {"epoll_tells", epoll_tells},
    {"epoll_exact", epoll_exact},
    {"epoll_callbacks", epoll_callbacks},
    {"epoll_times", epoll_times},
    {"epoll_errors", epoll_errors},
    {"two", two},
    {"ends", ends},
    {"memory", memory},
    {"mixed", mixed},
    {0},
};
