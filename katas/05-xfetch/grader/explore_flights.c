/* SPDX-License-Identifier: MIT */
/* explore_flights.c -- who loads, who waits, and who is served meanwhile.
 *
 *   missing     two or three threads want a value that is missing or expired
 *   small       two threads want a missing value: for exhaustive search
 *   refreshing  an early refresh ends only when another reader has been served
 *   apart       a load ends only when another key has been served, or the same
 *               one by another cache; or a draw for another key ends only when
 *               the end of the load has been timed
 *   overtaken   the value expires while its refresh runs */
#include "explored.h"

#include <semaphore.h>

static sem_t served;

static void note_served(void) {
    sem_post(&served);
}

/* The load goes on when a get of another thread has returned. */
static void wait_until_served(const char *failure) {
    explore_wait_for(failure);
    sem_wait(&served);
    explore_wait_for(NULL);
}

static void wait_for_same_key(int key) {
    (void)key;
    wait_until_served("while one get refreshes key 0, whose value is live, another get(0) does not return");
}

/* Key 0 has a value, live for `left_s` more; its delta is 1 s. */
static void open_with_value(size_t capacity, double left_s) {
    open_cache(capacity);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    get(0, NEVER);
    pass_time(100 - left_s);
}

void run_missing(void) {
    struct reader readers[2] = {{1, 0, 1, NEVER, NULL}, {2, 0, 1, NEVER, NULL}};
    unsigned more = explore_choose(2);
    if (explore_choose(2)) {
        open_with_value(2, -5);
    } else {
        open_cache(2);
        origin = (struct origin){.load_s = 1, .ttl_s = 100};
    }
    for (unsigned i = 0; i <= more; i++) start_reader(&readers[i]);
    get(0, NEVER);
    for (unsigned i = 0; i <= more; i++) join_reader(&readers[i]);
    get(0, NEVER);
    close_cache();
}

void run_small(void) {
    struct reader reader = {1, 0, 1, NEVER, NULL};
    open_cache(1);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    start_reader(&reader);
    get(0, NEVER);
    join_reader(&reader);
    close_cache();
}

/* Only an early refresh waits, so the value's first load does not. */
void run_refreshing(void) {
    struct reader reader = {1, 0, 1, NEVER, note_served};
    sem_init(&served, 0, 0);
    open_with_value(2, 5);
    if (explore_choose(2)) reader.draw = EARLY;
    origin.during = wait_for_same_key;
    origin.may_fail = explore_choose(2);
    start_reader(&reader);
    get(0, EARLY);
    note_served(); /* the other one may be the one that loads, and waits for us */
    join_reader(&reader);
    origin.during = NULL;
    get(0, NEVER);
    close_cache();
    sem_destroy(&served);
}

static sem_t timed;

static void note_timed(void) {
    sem_post(&timed);
}

static void wait_until_load_is_timed(int key) {
    if (key != 1) return;
    explore_wait_for("a get that has loaded key 0 does not look at the clock while another get draws for key 1");
    sem_wait(&timed);
    explore_wait_for(NULL);
}

static struct reader drawer;

static void start_drawer(int key) {
    if (key == 0) start_reader(&drawer);
    explore_yield();
}

/* Delta is the load alone: whatever a get holds while it draws, another that
 * has loaded does not wait for it before it looks at the clock. */
static void draw_beside_load(void) {
    sem_init(&timed, 0, 0);
    open_cache(2);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    drawer = (struct reader){1, 1, 1, NEVER, NULL};
    get(1, NEVER);
    pass_time(95);
    origin.during = start_drawer, origin.drawing = wait_until_load_is_timed, origin.looked = note_timed;
    get(0, NEVER);
    join_reader(&drawer);
    origin.during = NULL, origin.drawing = NULL, origin.looked = NULL;
    close_cache();
    sem_destroy(&timed);
}

static void wait_for_other_key(int key) {
    if (key == 0) wait_until_served("while key 0 is being loaded, get(1) does not return");
}

/* Key 0 is missing, expired or due; key 1 is missing, expired or live. */
static void load_beside_get(void) {
    struct reader reader = {1, 1, 1, NEVER, note_served};
    sem_init(&served, 0, 0);
    open_cache(2);
    origin = (struct origin){.load_s = 1, .ttl_s = 100};
    unsigned slow = explore_choose(3), other = explore_choose(3);
    if (slow) get(0, NEVER);
    if (other == 1) get(1, NEVER);
    pass_time(slow == 2 ? 95 : 120);
    if (other == 2) get(1, NEVER);
    origin.during = wait_for_other_key;
    start_reader(&reader);
    get(0, EARLY);
    join_reader(&reader);
    origin.during = NULL;
    get(1, NEVER);
    close_cache();
    sem_destroy(&served);
}

void run_apart(void) {
    unsigned which = explore_choose(5);
    if (which == 0)
        draw_beside_load();
    else if (which == 1)
        load_beside_other_cache();
    else
        load_beside_get();
}

/* The refresh moves the clock past the expiry, and others come then. */
static void outlast(int key) {
    (void)key;
    pass_time(50);
    explore_yield();
    explore_yield();
}

void run_overtaken(void) {
    struct reader readers[2] = {{1, 0, 1, NEVER, NULL}, {2, 0, 1, EARLY, NULL}};
    open_with_value(2, 5);
    origin.during = outlast;
    origin.fails = explore_choose(2);
    origin.ttl_s = explore_choose(2) ? 0 : 1000;
    start_reader(&readers[0]);
    start_reader(&readers[1]);
    get(0, EARLY);
    join_reader(&readers[0]);
    join_reader(&readers[1]);
    origin.fails = false, origin.during = NULL;
    get(0, NEVER);
    close_cache();
}
