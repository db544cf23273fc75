/* SPDX-License-Identifier: MIT */
/* explore_entries.c -- what readers find while values change and leave.
 *
 *   whole    a value is replaced, and the old one expires, while others read; or
 *            its room goes to another key, which two threads ask for
 *   evicted  three keys and room for one or two, on two or three threads; a
 *            value is being loaded again when another one needs its room; what is
 *            kept while a load runs; waiters for a value that leaves
 *   traffic  anything: failures, refreshes, short lives, time that passes */
#include "explored.h"

/* Longer than the old value's life: from here on no get may be given it. */
static void outlast(int key) {
    (void)key;
    pass_time(10);
}

static void replace(void) {
    struct reader readers[2] = {{1, 0, 2, NEVER, NULL}, {2, 0, 2, NEVER, NULL}};
    unsigned more = explore_choose(2);
    open_cache(2);
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
    struct reader reader = {1, 1, 1, NEVER, NULL};
    open_cache(1);
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
    struct reader readers[2] = {{1, 1, 2, NEVER, NULL}, {2, 2, 1, NEVER, NULL}};
    unsigned more = explore_choose(2);
    open_cache(1 + explore_choose(2));
    origin = (struct origin){.load_s = 1, .ttl_s = 100, .may_fail = explore_choose(2)};
    get(0, NEVER);
    pass_time(explore_choose(2) ? 95 : 0);
    for (unsigned i = 0; i <= more; i++) start_reader(&readers[i]);
    get(0, EARLY);
    get(0, NEVER);
    for (unsigned i = 0; i <= more; i++) join_reader(&readers[i]);
    close_cache();
}

static bool again_fails, has_expired, has_begun;
static struct reader again;

/* While key 0 is loaded again, key 1 is loaded, for which there is no room
 * besides; then key 0 is asked for once more. */
static void get_another_and_again(int key) {
    struct reader another = {1, 1, 1, NEVER, NULL};
    if (key != 0 || has_begun) return;
    has_begun = true;
    origin.fails = false;
    read_beside(&another, "while key 0 is being loaded, get(1) does not return");
    origin.fails = again_fails;
    again = (struct reader){2, 0, 1, NEVER, NULL};
    if (has_expired)
        start_reader(&again); /* it waits for this load */
    else
        read_beside(&again, "get(0) does not return while key 0 is being refreshed, although its value is live: has "
                            "it left for that of key 1, which was loaded meanwhile?");
}

static void check_not_left(const char *who, enum xfetch_result answer) {
    if (answer != (has_expired && again_fails ? XFETCH_STALE : XFETCH_FRESH))
        explore_fail("%s: the %s value of key 0 left while it was being loaded again, and the load failed", who,
                     has_expired ? "expired" : "live");
}

static void load_again_in_full_cache(void) {
    open_cache(1);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    get(0, NEVER);
    has_expired = explore_choose(2), again_fails = explore_choose(2);
    pass_time(has_expired ? 110 : 90);
    origin.during = get_another_and_again;
    check_not_left("the get that loads", get(0, EARLY));
    if (has_expired) join_reader(&again); /* it may have come too late to share the load */
    if (!has_expired || again.answer != XFETCH_FAILED) check_not_left("a get beside it", again.answer);
    origin.fails = true;
    if (get(0, NEVER) != XFETCH_FAILED && get(1, NEVER) != XFETCH_FAILED)
        explore_fail("two values are kept, none of them in flight; the capacity is 1");
    close_cache();
}

static unsigned kept;

static void get_kept(int key) {
    struct reader reader = {1, (int)kept, 1, NEVER, NULL};
    if (key == KEYS - 1) read_beside(&reader, "while key 2 is being loaded, a get of a live value does not return");
}

/* No room is made for what has not been loaded yet: what is kept is there while
 * a load runs, and after it if the load has failed. */
static void keep_during_load(void) {
    unsigned capacity = 1 + explore_choose(KEYS - 1);
    open_cache(capacity);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    for (unsigned key = 0; key < capacity; key++) get((int)key, NEVER);
    kept = explore_choose(capacity);
    origin.during = get_kept, origin.fails = explore_choose(2);
    get(KEYS - 1, NEVER);
    for (unsigned key = 0; key < capacity && origin.fails; key++) get((int)key, NEVER);
    close_cache();
}

/* Two want key 0, and its room goes to other keys, perhaps before the one that
 * has waited looks for its answer. */
static void wait_and_leave(void) {
    struct reader readers[2] = {{1, 0, 1, NEVER, NULL}, {2, 1, 1, NEVER, NULL}};
    open_cache(1);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    if (explore_choose(2)) {
        get(0, NEVER);
        pass_time(110);
    }
    origin.may_fail = explore_choose(2);
    start_reader(&readers[0]), start_reader(&readers[1]);
    get(0, NEVER);
    get(2, NEVER);
    join_reader(&readers[0]), join_reader(&readers[1]);
    close_cache();
}

void run_evicted(void) {
    static void (*const parts[])(void) = {evict_at_random, load_again_in_full_cache, keep_during_load, wait_and_leave};
    parts[explore_choose(4)]();
}

/* A value that is new, due, or expired, as far as there is one. */
static void draw_beginning(void) {
    static const double ttls[] = {100, 3, 0}, ages[] = {0, 98, 200};
    open_cache(2);
    origin = (struct origin){.load_s = 1, .ttl_s = ttls[explore_choose(3)], .may_fail = explore_choose(2)};
    if (explore_choose(2)) get(0, NEVER);
    pass_time(ages[explore_choose(3)]);
}

static double draw_of_chance(void) {
    return explore_choose(2) ? EARLY : NEVER;
}

void run_traffic(void) {
    struct reader readers[2] = {{1, 0, 2, draw_of_chance(), NULL},
                                {2, (int)explore_choose(2), 2, draw_of_chance(), NULL}};
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
