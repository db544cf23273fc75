/* SPDX-License-Identifier: MIT */
/* explore_entries.c -- what readers find while values change and leave.
 *
 *   whole    a value is replaced, and the old one expires, while others read; or
 *            its room goes to another key, which two threads ask for
 *   evicted  three keys and room for one or two, on two or three threads; or a
 *            value is being loaded again when another one needs its room
 *   traffic  anything: failures, refreshes, short lives, time that passes */
#include "explored.h"

/* Longer than the old value's life: from here on nobody may be given it. */
static void outlast(int key) {
    (void)key;
    pass_time(10);
}

static void replace(void) {
    struct reader readers[2] = {{1, 0, 2, NEVER, NULL, 0}, {2, 0, 2, NEVER, NULL, 0}};
    unsigned more = explore_choose(2);
    open_cache(2, true);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    get(0, NEVER);
    pass_time(99.5);
    origin.during = outlast;
    for (unsigned i = 0; i <= more; i++) start_reader(&readers[i]);
    get(0, EARLY);
    for (unsigned i = 0; i <= more; i++) join_reader(&readers[i]);
    close_cache();
}

/* The only room goes to another key, which two threads ask for. */
static void change_hands(void) {
    struct reader reader = {1, 1, 1, NEVER, NULL, 0};
    open_cache(1, false);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    get(0, NEVER);
    start_reader(&reader);
    get(1, NEVER);
    join_reader(&reader);
    close_cache();
}

void run_whole(void) {
    if (explore_choose(2))
        replace();
    else
        change_hands();
}

static void evict_at_random(void) {
    struct reader readers[2] = {{1, 1, 2, NEVER, NULL, 0}, {2, 2, 1, NEVER, NULL, 0}};
    unsigned more = explore_choose(2);
    open_cache(1 + explore_choose(2), false);
    origin = (struct origin){.load_s = 1, .ttl_s = 100, .may_fail = explore_choose(2)};
    get(0, NEVER);
    pass_time(explore_choose(2) ? 95 : 0);
    for (unsigned i = 0; i <= more; i++) start_reader(&readers[i]);
    get(0, EARLY);
    get(0, NEVER);
    for (unsigned i = 0; i <= more; i++) join_reader(&readers[i]);
    close_cache();
}

static bool refresh_fails;

/* While key 0 is being refreshed, key 1 is loaded, for which there is no room. */
static void get_another(int key) {
    struct reader reader = {1, 1, 1, NEVER, NULL, 0};
    if (key != 0) return;
    origin.fails = false;
    start_reader(&reader);
    join_reader(&reader);
    origin.fails = refresh_fails;
}

static void load_again_in_full_cache(void) {
    bool expired = explore_choose(2);
    open_cache(1, false);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    get(0, NEVER);
    pass_time(expired ? 110 : 90);
    origin.during = get_another;
    refresh_fails = explore_choose(2);
    if (get(0, EARLY) != (expired && refresh_fails ? XFETCH_STALE : XFETCH_FRESH))
        explore_fail("the %s value of key 0 left while it was being loaded again, and the load failed",
                     expired ? "expired" : "live");
    origin.during = NULL;
    origin.fails = true;
    if (get(0, NEVER) != XFETCH_FAILED && get(1, NEVER) != XFETCH_FAILED)
        explore_fail("two values are kept, none of them in flight; the capacity is 1");
    close_cache();
}

void run_evicted(void) {
    if (explore_choose(4))
        evict_at_random();
    else
        load_again_in_full_cache();
}

/* A value that is new, due, or expired, as far as there is one. */
static void draw_beginning(void) {
    static const double ttls[] = {100, 3, 0}, ages[] = {0, 98, 200};
    open_cache(2, true);
    origin = (struct origin){.load_s = 1, .ttl_s = ttls[explore_choose(3)], .may_fail = explore_choose(2)};
    if (explore_choose(2)) get(0, NEVER);
    pass_time(ages[explore_choose(3)]);
}

static double draw_of_chance(void) {
    return explore_choose(2) ? EARLY : NEVER;
}

void run_traffic(void) {
    struct reader readers[2] = {{1, 0, 2, draw_of_chance(), NULL, 0},
                                {2, (int)explore_choose(2), 2, draw_of_chance(), NULL, 0}};
    draw_beginning();
    start_reader(&readers[0]);
    start_reader(&readers[1]);
    get(0, draw_of_chance());
    pass_time(2);
    get((int)explore_choose(2), NEVER);
    join_reader(&readers[0]);
    join_reader(&readers[1]);
    close_cache();
}
