/* SPDX-License-Identifier: MIT */
/* explore_traffic.c -- threads that get and put as the explorer chooses; two that put at a time. */
#include "explored.h"

enum { HOT, COLD };

static void use_some(int times) {
    for (int i = 0; i < times; i++) {
        int key = explore_choose(4) == 3 ? COLD : HOT;
        if (explore_choose(2))
            (void)put(key);
        else
            (void)get(key);
    }
}

static void *use(void *times) {
    explore_name_thread("user");
    use_some((int)(intptr_t)times);
    return NULL;
}

static void *write_it(void *unused) {
    explore_name_thread("somebody else");
    write_home(HOT);
    let_others_run();
    write_rest(HOT);
    return unused;
}

void run_traffic(void) {
    static const uint64_t stalenesses[] = {0, 30, FOREVER};
    unsigned threads = 2 + explore_choose(2), others = explore_choose(2);
    pthread_t users[2], other;
    open_cache(explore_choose(4) ? 2 : 0, stalenesses[explore_choose(3)], 1 + explore_choose(2));
    put_ok(HOT), put_ok(COLD);
    get_often(HOT, 62 + (int)explore_choose(6)); /* about to be hot, or just hot */
    world.may_fail[FETCH] = explore_choose(2), world.may_fail[STORE] = explore_choose(2);
    world.takes_ns[FETCH] = 20, world.takes_ns[STORE] = 10;
    world.slow = explore_choose(2), world.draw = explore_choose(2);
    for (unsigned i = 0; i + 1 < threads; i++) users[i] = start(use, (void *)(intptr_t)2);
    if (others) other = start(write_it, NULL);
    use_some(2);
    for (unsigned i = 0; i + 1 < threads; i++) pthread_join(users[i], NULL);
    if (others) pthread_join(other, NULL);
    world.may_fail[FETCH] = world.may_fail[STORE] = false;
    pass_time(1000);
    for (int i = 0; i < 4; i++, world.draw++) get_ok(HOT); /* too late for whatever was replaced */
    close_cache();
}

static void *put_and_get(void *unused) {
    explore_name_thread("writer");
    put_ok(HOT);
    get_ok(HOT);
    return unused;
}

void run_small(void) {
    open_cache(0, 0, 1);
    put_ok(HOT);
    pthread_t writer = start(put_and_get, NULL);
    get_ok(HOT);
    pthread_join(writer, NULL);
    get_ok(HOT);
    close_cache();
}

static void *put_once(void *unused) {
    explore_name_thread("writer");
    (void)put(HOT);
    return unused;
}

static void *get_other_copy(void *unused) {
    explore_name_thread("reader");
    (void)get(HOT);
    (void)get(HOT);
    return unused;
}

/* Two writers, one after the other or at a time, and a get that fills the copy; stores may fail. */
void run_racing(void) {
    bool filled = explore_choose(2), reads = explore_choose(2);
    pthread_t reader;
    open_cache(1, 0, 2);
    put_ok(HOT);
    make_hot(HOT);
    world.draw = 1;
    if (filled) get_ok(HOT);
    world.slow = explore_choose(2);
    world.may_fail[STORE] = explore_choose(4) > 0;
    pthread_t writer = start(put_once, NULL);
    if (reads) reader = start(get_other_copy, NULL);
    int before = stores_so_far(HOT, 1), fills = reads || !filled ? 2 : 0;
    bool both = put(HOT);
    pthread_join(writer, NULL);
    if (reads) pthread_join(reader, NULL);
    if (both && stores_so_far(HOT, 1) == before && fills == 0)
        explore_fail("a put of a hot key has answered true, and its copy was not stored");
    world.may_fail[STORE] = false;
    pass_time(1000);
    for (int i = 0; i < 4; i++, world.draw++) get_ok(HOT);
    close_cache();
}
