/* SPDX-License-Identifier: MIT */
/* memory.c -- what the cache takes, and gives back.
 *
 *   no_memory   see refusals.h */
#include "driver.h"

#include "refusals.h"

static uint64_t kept[2][2];

static bool fetch_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)world, (void)shard, (void)key;
    *value = kept[split][0], *version = kept[split][1];
    return kept[split][1];
}

static bool store_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)world, (void)shard, (void)key;
    kept[split][0] = value, kept[split][1] = version;
    return true;
}

static uint64_t count(void *world) {
    static uint64_t next = 1;
    (void)world;
    return next++;
}

static const struct hot_env env = {fetch_one, store_one, count, count, NULL};

static void *make(void) {
    return hot_new(2, 3, 5, 2, env);
}

/* A key becomes hot, and is read. */
static bool works(void *cache) {
    uint64_t value = 0;
    if (!hot_put(cache, 7, 1)) return false;
    for (int i = 0; i < 100; i++)
        if (!hot_get(cache, 7, &value)) return false;
    return hot_stats(cache).hot == 1 && value == 1;
}

static void end(void *cache) {
    hot_free(cache);
}

static void live(uint64_t number) {
    uint64_t value = 0;
    struct hot_cache *cache = new_cache(2, number % 3, 5, 2, env);
    for (uint64_t i = 0; i < number * 10; i++) (void)hot_get(cache, i % 3, &value);
    if (number % 2) (void)hot_put(cache, 1, number);
    hot_free(cache);
}

void no_memory(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
}
