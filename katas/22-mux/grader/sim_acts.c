/* SPDX-License-Identifier: MIT */
/* sim_acts.c -- whatever a caller may do, between waits and in callbacks. */
#include "sim.h"

unsigned any_events(const struct thing *t) {
    unsigned may = thing_may_ask(t), events = world_choose(4) & may;
    return events || world_choose(3) == 2 ? events : may;
}

static void add_some(void) {
    struct thing *t = world_choose(3) == 2 ? thing_any(false) : thing_new((enum thing_kind)world_choose(3));
    if (!t) t = thing_any(false);
    if (t) watch_add(t, any_events(t));
}

/* The number is given out again at once, and watched anew; or watched anew as it is. */
static void replace(struct thing *t) {
    watch_del(t);
    if (world_choose(3) < 2) {
        thing_close(t);
        t = thing_new((enum thing_kind)world_choose(3));
    }
    unsigned events = any_events(t);
    if (events && world_choose(2)) thing_make_ready(t, events);
    watch_add(t, events);
}

static void rest_and_back(struct thing *t) {
    watch_mod(t, 0);
    if (world_choose(2)) watch_mod(t, any_events(t));
}

void act(void) {
    struct thing *t = thing_any(true);
    unsigned what = world_choose(12);
    if (!t || what < 3) {
        add_some();
    } else if (what < 7) {
        thing_change(t);
    } else if (what < 9) {
        watch_mod(t, any_events(t));
    } else if (what == 9) {
        watch_del(t);
        if (world_choose(2)) thing_close(t);
    } else if (what == 10) {
        replace(t);
    } else {
        rest_and_back(t);
    }
}

/* More than fit into what was there before. */
static void add_many(void) {
    story.most = THINGS;
    for (struct thing *t; (t = thing_new(EVENT));) watch_add(t, MUX_IN);
}

void act_inside(void) {
    if (world_choose(12) == 11 && !world_faults.first_descriptor) add_many();
    for (unsigned n = world_choose(4); n > 0; n--) act();
}

static bool hope(void) {
    for (struct thing *t = story.things; t < story.things + THINGS; t++)
        if (t->open && t->watched.on && t->watched.events) return true;
    return false;
}

void wait_some_time(void) {
    static const int times_ms[] = {0, 10, 50, -1, -7};
    int timeout_ms = times_ms[world_choose(5)];
    (void)wait_for(timeout_ms < 0 && !hope() ? 5 : timeout_ms);
}
