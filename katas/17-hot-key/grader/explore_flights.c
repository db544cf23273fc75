/* SPDX-License-Identifier: MIT */
/* explore_flights.c -- threads that meet a fetch which has read its copy, and is on its way back. */
#include "explored.h"

static bool met;
static enum call at_call;
static int at_key, at_split, readers;
static void *(*meets)(void *);
static pthread_t others[3];

/* In the first fetch (or store) of this copy: the others come, and go on until they end or wait. */
static void let_others_come(enum call call, int key, int split) {
    if (met || call != at_call || key != at_key || split != at_split) return;
    met = true;
    for (int i = 0; i < readers; i++) others[i] = start(meets, NULL);
    explore_wait_for("a thread that needs what another one fetches should wait for it, asleep, or go on");
    explore_wait_idle(0);
    explore_wait_for(NULL);
}

static void join_others(void) {
    if (!met) explore_fail("get or put(%d) does not ask for split %d", at_key, at_split);
    for (int i = 0; i < readers; i++) pthread_join(others[i], NULL);
    world.during = NULL;
}

static void *get_once(void *unused) {
    explore_name_thread("reader");
    (void)get(at_key);
    return unused;
}

/* A hot key, of which the copy is filled, or one that is not hot. Then the fetch that others meet. */
static void prepare(bool hot, int split) {
    at_key = 0, at_split = split;
    put_ok(0);
    if (hot) make_hot(0);
    world.draw = (uint64_t)split;
    pass_time(100);
    if (split) get_ok(0);
    world.during = let_others_come;
}

EXPLORE_QUIET static void choose_copy(unsigned split) {
    world.draw = split;
}

/* It fetches the copy that is filled, in vain, and then needs what the first one fetches. */
static void *fail_then_share(void *unused) {
    explore_name_thread("reader");
    choose_copy(1);
    (void)get(at_key);
    return unused;
}

/* A get that has called fetch has not shared, whatever it did then. */
static void share_after_a_failure(void) {
    open_cache(1, 0, 2);
    readers = 1, meets = fail_then_share;
    prepare(true, 0);
    put_ok(0);
    world.copies_fail = true;
    (void)get(0);
    join_others();
    close_cache();
}

static void meet_in_a_fetch(void) {
    bool hot = explore_choose(2), fails = explore_choose(2);
    int split = hot ? (int)explore_choose(2) : 0;
    open_cache(1, hot && explore_choose(2) ? 40 : 0, 2);
    readers = 2, meets = get_once;
    prepare(hot, split);
    pass_time(100);
    world.may_fail[FETCH] = fails;
    int before = fetches_so_far(0, split);
    (void)get(0);
    join_others();
    int fetches = fetches_so_far(0, split) - before;
    if (fetches > 2 + (fails ? 1 : 0))
        explore_fail(
            "three gets meet, two of them while the first one fetches, and this copy is fetched %d times; those who "
            "wait can share",
            fetches);
    close_cache();
}

void run_flights(void) {
    if (explore_choose(4) == 3)
        share_after_a_failure();
    else
        meet_in_a_fetch();
}

enum way { PUTS, READS_AT_HOME, BECOMES_HOT, WAYS };
static enum way way;
static sem_t over;

/* Reads what it has put, or a second time what it has read. */
static void *put_then_get(void *unused) {
    explore_name_thread("writer");
    if (way == READS_AT_HOME) {
        write_home(at_key);
        world.draw = 0;
        (void)get(at_key);
        world.draw = 1;
    } else {
        put_ok(at_key);
    }
    (void)get(at_key);
    (void)get(at_key);
    return unused;
}

/* Puts a later version, and its read makes the key hot, without a value. */
static void *overtake(void *unused) {
    explore_name_thread("writer");
    put_ok(at_key);
    world.fetches_fail = true;
    (void)get(at_key);
    world.fetches_fail = false;
    while (sem_wait(&over) != 0) continue;
    for (int i = 0; i < 3; i++, world.draw++) get_ok(at_key);
    return unused;
}

/* A put is on its way, another one overtakes it, and then the key becomes hot. */
static void put_overtaken(void) {
    open_cache(1, explore_choose(2) ? FOREVER : 0, 2);
    sem_init(&over, 0, 0);
    put_ok(0);
    get_often(0, ENOUGH - 1);
    at_key = 0, at_split = 0, at_call = STORE, readers = 1, meets = overtake;
    world.draw = 1;
    world.during = let_others_come;
    put_ok(0);
    sem_post(&over);
    join_others();
    close_cache();
    sem_destroy(&over);
}

/* The fetch has read an old version, and a newer one is put, or read, by another thread: which then reads again. */
static void meet_a_fetch(void) {
    static const uint64_t stalenesses[] = {0, 40, FOREVER};
    way = (enum way)explore_choose(WAYS);
    bool hot = way == READS_AT_HOME || (way == PUTS && explore_choose(2));
    int split = way == READS_AT_HOME ? 1 : hot ? (int)explore_choose(2) : 0;
    uint64_t staleness_ns = stalenesses[explore_choose(way == BECOMES_HOT ? 3 : 2)];
    open_cache(1, staleness_ns, 2);
    readers = 1, meets = put_then_get;
    put_ok(0);
    if (way == BECOMES_HOT) get_often(0, ENOUGH - 2);
    if (hot) make_hot(0);
    world.draw = (uint64_t)split;
    pass_time(100);
    if (split) get_ok(0);
    pass_time(100);
    at_key = 0, at_split = split;
    world.during = let_others_come;
    if (way == BECOMES_HOT) world.draw = explore_choose(2);
    (void)get(0);
    join_others();
    (void)get(0);
    (void)get(0);
    close_cache();
}

void run_own(void) {
    switch (explore_choose(6)) {
    case 5:
        run_begun();
        break;
    case 4:
        put_overtaken();
        break;
    default:
        meet_a_fetch();
    }
}
