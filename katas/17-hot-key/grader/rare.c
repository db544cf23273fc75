/* SPDX-License-Identifier: MIT */
/* rare.c -- one key that is read often, among many more keys than there are counters.
 *
 *   rare  shards, background (keys that come first), times (each is read), replicas
 *
 * In one window: background keys, so many times each; then one key that is read again and again, and between two of its
 * reads a key that nobody reads before or after. Then a window of keys that are each read once.
 *
 * Evidence: `hot_at`, the read of the one key after which hot_stats said that a key was hot, from 1; `reads` of it;
 * `hot` at the end of its window, and `hot_after` one more. */
#include "driver.h"

#include "evidence.h"
#include "scenario.h"

#define OFTEN UINT64_C(0xfeed)

static bool fetch_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)world, (void)shard, (void)split;
    *value = key, *version = 1;
    return true;
}

static bool store_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)world, (void)shard, (void)key, (void)split, (void)value, (void)version;
    return true;
}

static uint64_t zero(void *world) {
    (void)world;
    return 0;
}

static uint64_t strangers;

static void read_one(struct hot_cache *cache, uint64_t key) {
    uint64_t value;
    (void)hot_get(cache, key, &value);
}

static void read_stranger(struct hot_cache *cache) {
    read_one(cache, UINT64_C(1) << 32 | strangers++);
    if (strangers % 1024 == 0) evidence_progress();
}

void rare(uint64_t seed) {
    (void)seed; /* the same reads every time */
    uint64_t shards = scenario_param("shards"), window = HOT_READS_PER_SHARD * shards, left = window;
    uint64_t background = scenario_param("background"), times = scenario_param("times"), reads = 0, hot_at = 0;
    struct hot_cache *cache =
        new_cache(shards, scenario_param("replicas"), 1, 1, (struct hot_env){fetch_one, store_one, zero, zero, NULL});
    for (uint64_t i = 0; i < background * times; i++, left--) read_one(cache, (UINT64_C(1) << 33) + i / times);
    for (; left >= 2; left -= 2) {
        read_one(cache, OFTEN);
        reads++;
        if (!hot_at && hot_stats(cache).hot) hot_at = reads;
        read_stranger(cache);
    }
    evidence_count("hot", hot_stats(cache).hot);
    for (uint64_t i = 0; i < window + left + 1; i++) read_stranger(cache);
    evidence_count("reads", reads);
    evidence_count("hot_at", hot_at);
    evidence_count("hot_after", hot_stats(cache).hot);
    hot_free(cache);
}
