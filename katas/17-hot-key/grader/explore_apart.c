/* SPDX-License-Identifier: MIT */
/* explore_apart.c -- while one call is in fetch or store, others go on. */
#include "explored.h"

enum { HOT, OTHER, THIRD };

static sem_t inside, done;
static enum call stops_in;
static int stops_at;
static bool stopped, reenters;

static void stop(enum call call, int key, int split) {
    if (stopped || call != stops_in || key != HOT || split != stops_at) return;
    stopped = true;
    sem_post(&inside);
    while (sem_wait(&done) != 0) continue;
    if (!reenters) return;
    explore_wait_for("fetch or store calls hot_get, hot_put and hot_stats, and does not return");
    put_ok(THIRD), get_ok(THIRD);
    (void)hot_stats(cache);
    explore_wait_for(NULL);
}

static void *get_slowly(void *unused) {
    explore_name_thread("slow reader");
    get_ok(HOT);
    return unused;
}

static void *put_slowly(void *unused) {
    explore_name_thread("slow writer");
    put_ok(HOT);
    return unused;
}

static void start_slow(pthread_t *thread, void *(*slow)(void *), enum call call, int split) {
    stops_in = call, stops_at = split;
    world.during = stop;
    *thread = start(slow, NULL);
    explore_wait_for("a call should fetch or store a copy, and does not");
    while (sem_wait(&inside) != 0) continue;
    explore_wait_for(NULL);
}

/* Needs nothing of what is slow. */
static void go_on(const char *failure, bool replica, bool other_copy) {
    explore_wait_for(failure);
    get_ok(OTHER);
    put_ok(OTHER);
    (void)hot_stats(cache);
    if (replica || other_copy) get_ok(HOT);
    explore_wait_for(NULL);
}

static void beside_a_fetch(pthread_t *slow) {
    bool hot = explore_choose(2);
    int split = hot ? (int)explore_choose(2) : 0;
    open_cache(1, 0, 2);
    put_ok(HOT), put_ok(OTHER);
    if (hot) make_hot(HOT);
    world.draw = 1;
    if (hot) get_ok(HOT);
    world.draw = (uint64_t)split;
    start_slow(slow, get_slowly, FETCH, split);
    world.draw = 1 - (uint64_t)split;
    go_on("one copy of a key is being fetched, and calls for another copy and for another key do not return", false,
          hot);
    if (!explore_choose(2)) return;
    explore_wait_for("a key is being fetched, and hot_put of this key does not return");
    put_ok(HOT);
    explore_wait_for(NULL);
}

static void beside_a_store(pthread_t *slow) {
    int split = (int)explore_choose(2);
    open_cache(1, 1000, 2);
    put_ok(HOT), put_ok(OTHER);
    make_hot(HOT);
    start_slow(slow, put_slowly, STORE, split);
    go_on("a copy of a hot key is being stored, and calls for its replica and for another key do not return", true,
          false);
}

static void beside_a_filling(pthread_t *slow) {
    open_cache(1, 0, 2);
    put_ok(HOT), put_ok(OTHER);
    make_hot(HOT);
    world.draw = 1;
    start_slow(slow, get_slowly, STORE, 1);
    world.draw = explore_choose(2);
    go_on("a get fills a copy of a hot key, and gets of it and of another key do not return", false, true);
}

enum { DEEP = 130 };
static struct hot_cache *deep;

static bool fetch_deep(void *unused, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)unused, (void)shard, (void)split;
    if (key < DEEP && !hot_get(deep, key + 1, value)) return false;
    *value = key, *version = 1;
    return true;
}

static bool store_nothing(void *unused, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)unused, (void)shard, (void)key, (void)split, (void)value, (void)version;
    return true;
}

static uint64_t zero(void *unused) {
    (void)unused;
    return 0;
}

/* Any number of fetches may be under way. */
static void inside_each_other(void) {
    uint64_t value = UINT64_MAX;
    deep = hot_new(SHARDS, 1, 0, 1, (struct hot_env){fetch_deep, store_nothing, zero, zero, NULL});
    if (!deep) explore_fail("hot_new answers NULL although there is memory");
    explore_wait_for("the fetch of each of 130 keys calls hot_get for the next key, and that does not return");
    if (!hot_get(deep, 0, &value) || value != 0)
        explore_fail("the fetch of each of 130 keys calls hot_get for the next key; hot_get of the first one answers "
                     "false, or another value than was fetched");
    explore_wait_for(NULL);
    hot_free(deep);
}

static void beside_each_other(void) {
    pthread_t slow;
    sem_init(&inside, 0, 0), sem_init(&done, 0, 0);
    reenters = explore_choose(2);
    switch (explore_choose(3)) {
    case 0:
        beside_a_fetch(&slow);
        break;
    case 1:
        beside_a_store(&slow);
        break;
    default:
        beside_a_filling(&slow);
    }
    sem_post(&done);
    pthread_join(slow, NULL);
    world.during = NULL;
    get_ok(HOT);
    close_cache();
    sem_destroy(&inside), sem_destroy(&done);
}

void run_apart(void) {
    if (explore_choose(6) == 5)
        inside_each_other();
    else
        beside_each_other();
}
