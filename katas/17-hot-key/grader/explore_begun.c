/* SPDX-License-Identifier: MIT */
/* explore_begun.c -- a fetch that was begun before the key became hot, before a put, or when the key was
 * hot the last time, comes back to a key of which nothing, or something else, is known by then. */
#include "explored.h"

enum { KEY, OTHER };

/* Where the first call of a kind waits until it is told to go on. */
static struct gate {
    int split; /* NOWHERE: nobody waits */
    sem_t inside, open;
} gates[2]; /* by enum call */
static sem_t put_over, read_now;

#define NOWHERE (-1)

EXPLORE_QUIET static void set_gate(enum call call, int split) {
    gates[call].split = split;
}

EXPLORE_QUIET static int gate_at(enum call call) {
    return gates[call].split;
}

static void wait_at_gate(enum call call, int key, int split) {
    if (key != KEY || split != gate_at(call)) return;
    set_gate(call, NOWHERE);
    sem_post(&gates[call].inside);
    while (sem_wait(&gates[call].open) != 0) continue;
}

static void make_gates(void) {
    for (int i = 0; i < 2; i++) {
        set_gate((enum call)i, NOWHERE);
        sem_init(&gates[i].inside, 0, 0), sem_init(&gates[i].open, 0, 0);
    }
    sem_init(&put_over, 0, 0), sem_init(&read_now, 0, 0);
    world.during = wait_at_gate;
}

static void unmake_gates(void) {
    world.during = NULL;
    for (int i = 0; i < 2; i++) sem_destroy(&gates[i].inside), sem_destroy(&gates[i].open);
    sem_destroy(&put_over), sem_destroy(&read_now);
}

static pthread_t start_slow(void *(*slow)(void *), enum call call, int split) {
    set_gate(call, split);
    pthread_t thread = start(slow, NULL);
    explore_wait_for("a call should fetch or store a copy, and does not");
    while (sem_wait(&gates[call].inside) != 0) continue;
    explore_wait_for(NULL);
    return thread;
}

static void *get_once(void *unused) {
    explore_name_thread("reader");
    (void)get(KEY);
    return unused;
}

static void *get_twice(void *unused) {
    explore_name_thread("slow reader");
    (void)get(KEY);
    (void)get(KEY);
    return unused;
}

static void *put_then_get(void *unused) {
    explore_name_thread("slow writer");
    put_ok(KEY);
    sem_post(&put_over);
    while (sem_wait(&read_now) != 0) continue;
    get_ok(KEY), get_ok(KEY);
    return unused;
}

static void *get_now_and_later(void *unused) {
    explore_name_thread("second reader");
    get_ok(KEY);
    while (sem_wait(&read_now) != 0) continue;
    get_ok(KEY);
    return unused;
}

static pthread_t start_and_let_run(void *(*run)(void *)) {
    pthread_t thread = start(run, NULL);
    explore_wait_for("a thread that needs what another one fetches should wait for it, asleep, or go on");
    explore_wait_idle(0);
    explore_wait_for(NULL);
    return thread;
}

/* Its reads make the key hot, and all of them fail: nothing is known of it. */
static void make_hot_and_empty(void) {
    world.fetches_fail = true;
    get_often(KEY, ENOUGH);
    world.fetches_fail = false;
}

/* A fetch begins while the key is not hot. The key becomes hot, and a put is its replica. Then somebody else writes,
 * and that is what the fetch brings: whoever reads it reads it again. */
static void begun_cold(void) {
    pthread_t others[2];
    open_cache(1, explore_choose(2) ? FOREVER : 50, 2);
    put_ok(KEY);
    get_often(KEY, ENOUGH - 3);
    world.early = true;
    pthread_t slow = start_slow(get_twice, FETCH, 0);
    for (int i = 0; i < 2; i++) others[i] = start_and_let_run(get_once);
    put_ok(KEY);
    write_home(KEY);
    sem_post(&gates[FETCH].open);
    pthread_join(slow, NULL);
    for (int i = 0; i < 2; i++) pthread_join(others[i], NULL);
    write_rest(KEY);
}

/* A hot key of which nothing is known. A put may not be its replica, as a later put may have been faster. A fetch
 * that has read an older version comes back: that is not what the writer reads. */
static void put_beside_a_fetch(void) {
    open_cache(1, explore_choose(2) ? FOREVER : 50, 2);
    put_ok(KEY);
    make_hot_and_empty();
    check_hot("a key has had 65 reads of a window of 128, all of which failed", 1);
    pthread_t writer = start_slow(put_then_get, STORE, 0);
    pthread_t reader = start_slow(get_once, FETCH, 0);
    put_ok(OTHER);
    sem_post(&gates[STORE].open);
    while (sem_wait(&put_over) != 0) continue;
    sem_post(&gates[FETCH].open);
    pthread_join(reader, NULL);
    sem_post(&read_now);
    pthread_join(writer, NULL);
}

/* A get waits for a fetch of a filled copy. When that is over, the copy is filled no longer, and is about to be filled
 * again. If the get fetches it all the same, that brings an old version, and who knows of the newer one may not share
 * it. */
static void copy_left_behind(void) {
    open_cache(1, 0, 2);
    put_ok(KEY), make_hot(KEY), put_ok(KEY);
    world.draw = 1;
    pthread_t slow = start_slow(get_once, FETCH, 1);
    put_ok(KEY);
    pthread_t waiting = start_and_let_run(get_once);
    write_home(KEY);
    world.draw = 0;
    pthread_t second = start_and_let_run(get_now_and_later);
    world.draw = 1;
    pthread_t filling = start_slow(get_once, STORE, 1);
    set_gate(FETCH, 1);
    sem_post(&gates[FETCH].open);
    pthread_join(slow, NULL);
    explore_wait_idle(0); /* `waiting` fetches, or not */
    sem_post(&gates[STORE].open);
    pthread_join(filling, NULL);
    set_gate(FETCH, NOWHERE);
    sem_post(&read_now);
    explore_wait_idle(0);
    sem_post(&gates[FETCH].open);
    pthread_join(waiting, NULL), pthread_join(second, NULL);
    write_rest(KEY);
}

void run_begun(void) {
    make_gates();
    switch (explore_choose(3)) {
    case 0:
        begun_cold();
        break;
    case 1:
        put_beside_a_fetch();
        break;
    default:
        copy_left_behind();
    }
    get_ok(KEY);
    close_cache();
    unmake_gates();
}

/* A copy is being fetched, and perhaps somebody waits for it. The key cools down, is put, which goes to the home copy
 * alone, and is hot again. */
void run_again(void) {
    bool waits = explore_choose(2);
    pthread_t waiting;
    world.cools = true;
    make_gates();
    open_cache(2, explore_choose(2) ? 50 : 0, 2);
    put_ok(OTHER), put_ok(KEY);
    make_hot(KEY);
    put_ok(KEY);
    pass_time(100);
    world.draw = 1;
    pthread_t slow = start_slow(get_once, FETCH, 1);
    if (waits) put_ok(KEY), pass_time(100), waiting = start_and_let_run(get_once);
    world.draw = 0;
    get_often(OTHER, 2 * WINDOW - ENOUGH); /* the last one or two begin a window, and it cools down */
    put_ok(KEY);
    make_hot_and_empty();
    sem_post(&gates[FETCH].open);
    pthread_join(slow, NULL);
    if (waits) pthread_join(waiting, NULL);
    for (unsigned i = 0; i < 4; i++, pass_time(i == 2 ? 100 : 0)) world.draw = 1 - i % 2, get_ok(KEY);
    close_cache();
    unmake_gates();
}

/* A get fills a copy. The key cools down, and is hot again: another get is about to fill the copy when the first one
 * comes back, of whom nobody waits any more. A third one is not to fill it, too. */
void run_refill(void) {
    make_gates();
    open_cache(2, 0, 2);
    put_ok(OTHER), put_ok(KEY);
    make_hot(KEY);
    world.draw = 1;
    pthread_t old = start_slow(get_once, STORE, 1);
    world.draw = 0;
    get_often(OTHER, 2 * WINDOW - ENOUGH); /* the last one or two begin a window, and it cools down */
    if (explore_choose(2)) put_ok(KEY);
    begin_life(KEY);
    get_often(KEY, ENOUGH);
    world.draw = 1;
    pthread_t filling = start_slow(get_once, FETCH, 0);
    sem_post(&gates[STORE].open);
    pthread_join(old, NULL);
    pthread_t third = start_and_let_run(get_once);
    set_gate(STORE, 1);
    sem_post(&gates[FETCH].open);
    explore_wait_idle(0); /* whoever fills is at the gate, and whoever fills, too, has been seen */
    set_gate(STORE, NOWHERE);
    sem_post(&gates[STORE].open);
    pthread_join(filling, NULL), pthread_join(third, NULL);
    get_ok(KEY);
    close_cache();
    unmake_gates();
}
