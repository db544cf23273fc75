/* SPDX-License-Identifier: MIT */
/* explore_older.c -- replicas and time; keys that cool down while something is on its way. */
#include "explored.h"

enum { HOT, OTHER, THIRD };

static sem_t inside, done;
static enum call stops_in;
static int stops_at;
static bool stopped;

/* The first one waits here until it is told to go on. */
static void stop(enum call call, int key, int split) {
    if (stopped || call != stops_in || key != HOT || split != stops_at) return;
    stopped = true;
    sem_post(&inside);
    while (sem_wait(&done) != 0) continue;
}

static void *get_slowly(void *unused) {
    explore_name_thread("slow reader");
    (void)get(HOT);
    return unused;
}

static void *put_slowly(void *unused) {
    explore_name_thread("slow writer");
    (void)put(HOT);
    return unused;
}

static pthread_t start_slow(void *(*slow)(void *), enum call call, int split) {
    stops_in = call, stops_at = split, stopped = false;
    world.during = stop;
    pthread_t thread = start(slow, NULL);
    explore_wait_for("a call should fetch or store a copy, and does not");
    while (sem_wait(&inside) != 0) continue;
    explore_wait_for(NULL);
    return thread;
}

static void let_go(pthread_t slow) {
    sem_post(&done);
    pthread_join(slow, NULL);
    world.during = NULL;
}

/* `since`: what has returned now, or so long ago. */
static void check_age(const char *since, uint64_t ago_ns) {
    pass_time(49 - ago_ns);
    int before = fetches_so_far(HOT, 0);
    get_ok(HOT);
    if (fetches_so_far(HOT, 0) != before)
        explore_fail("%s returned 49 ns ago, and a get of this hot key fetches; staleness_ns is 50", since);
    pass_time(1);
    get_ok(HOT);
    if (fetches_so_far(HOT, 0) == before)
        explore_fail("%s returned 50 ns ago, and its replica still answers; staleness_ns is 50", since);
}

/* How old is a replica, if fetch takes 30 ns, and each store 20? */
static void comes_of_age(void) {
    open_cache(1, 50, 2);
    world.takes_ns[FETCH] = 30, world.takes_ns[STORE] = 20;
    put_ok(HOT);
    make_hot(HOT);
    check_age("fetch", 0);
    put_ok(HOT);
    check_age("the store of the home copy", 20);
    check_age("fetch", 0);
    close_cache();
}

/* A fetch takes its time, and the value is replaced meanwhile, by this process or by another one. */
static void replaced_meanwhile(void) {
    bool puts = explore_choose(2), twice = explore_choose(2), later = explore_choose(2);
    int split = (int)explore_choose(2);
    sem_init(&inside, 0, 0), sem_init(&done, 0, 0);
    open_cache(1, 50, 2);
    put_ok(HOT);
    make_hot(HOT);
    pass_time(60);
    world.draw = (uint64_t)split;
    get_ok(HOT);
    pass_time(60);
    pthread_t slow = start_slow(get_slowly, FETCH, split);
    if (puts)
        put_ok(HOT);
    else
        write_home(HOT), write_rest(HOT);
    pass_time(100);
    let_go(slow);
    if (twice) get_ok(HOT);
    if (puts && later) write_home(HOT), write_rest(HOT); /* what was put is old now, too */
    for (int i = 0; i < 8; i++) {
        pass_time(20);
        world.draw = (uint64_t)i / 2;
        world.fetches_fail = i == 3;
        (void)get(HOT);
    }
    world.fetches_fail = false;
    pass_time(200);
    get_ok(HOT);
    close_cache();
    sem_destroy(&inside), sem_destroy(&done);
}

void run_older(void) {
    if (explore_choose(4) == 3)
        comes_of_age();
    else
        replaced_meanwhile();
}

/* OTHER was hot, and its copy was filled, and is not what was put last; HOT is hot now, with a copy of a higher
 * version, and two thirds of its window are over. */
static void about_to_cool(void) {
    put_ok(HOT), put_ok(OTHER), put_ok(THIRD);
    make_hot(OTHER);
    world.draw = 1;
    pass_time(100);
    get_ok(OTHER);
    get_often(THIRD, 2 * WINDOW - ENOUGH); /* the last one begins a window, and OTHER cools down */
    world.draw = 0;
    put_ok(OTHER);
    make_hot(HOT);
    put_ok(HOT);
    world.draw = 1;
    pass_time(100);
    get_ok(HOT);
}

/* While a call of HOT is on its way it cools down, and OTHER becomes hot in its place. */
static void change_places(bool put_meanwhile) {
    get_often(OTHER, 2 * WINDOW + ENOUGH);
    check_hot("one key is read alone, for more than a window", 1);
    if (put_meanwhile) put_ok(HOT);
    get_ok(OTHER);
}

/* And back. */
static void change_back(void) {
    get_often(HOT, 2 * WINDOW);
    check_hot("one key is read alone, for more than a window", 1);
}

static void cools_on_the_way(void) {
    bool put_meanwhile = explore_choose(2), back = explore_choose(2);
    unsigned what = explore_choose(4);
    sem_init(&inside, 0, 0), sem_init(&done, 0, 0);
    world.cools = true;
    open_cache(1, explore_choose(2) ? 50 : 0, 2);
    about_to_cool();
    pass_time(100);
    pthread_t slow = what == 0   ? start_slow(get_slowly, FETCH, 1)
                     : what == 1 ? start_slow(put_slowly, STORE, 1)
                     : what == 2 ? start_slow(put_slowly, STORE, 0)
                                 : (write_home(HOT), world.draw = 0, get_ok(HOT), world.draw = 1, pass_time(100),
                                    start_slow(get_slowly, STORE, 1));
    if (what == 3) write_rest(HOT);
    world.draw = 0; /* not the copy that is being fetched */
    change_places(put_meanwhile);
    if (back) change_back();
    world.draw = 1;
    let_go(slow);
    pass_time(100);
    get_ok(HOT), get_ok(OTHER);
    if (!back) change_back();
    for (unsigned i = 0; i < 4; i++, world.draw++, pass_time(100)) get_ok(HOT), get_ok(OTHER);
    close_cache();
    sem_destroy(&inside), sem_destroy(&done);
}

void run_cooling(void) {
    switch (explore_choose(4)) {
    case 3:
        run_refill();
        break;
    case 2:
        run_again();
        break;
    default:
        cools_on_the_way();
    }
}
