/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of reads by Zipf's law, timed from outside.
 *
 *   bench  threads, reads (each), shards, keys
 *
 * Shards answer at once, with values that only they know. Replicas are good for ever, so most reads of the first keys
 * are hits. The other keys' shares are far too small for any window to make them hot, and they are fetched each time.
 *
 * Evidence: `right`, gets that answered their key's value; `cold`, 1 if no replica ever answered; `kept`, 1 if fewer
 * than 99 in a hundred reads of keys that cannot be hot were fetched. */
#include "driver.h"

#include <math.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "graders_own.h"
#include "rng.h"
#include "scenario.h"

enum { DRAWS = 1 << 16, RARE = 100, THREADS_MAX = 16 };

static struct {
    struct hot_cache *cache;
    uint64_t draws[DRAWS]; /* keys, drawn beforehand */
} b;

/* A thread writes in its own place, at each read. */
static GRADERS_OWN struct {
    uint64_t reads, salt;
    _Atomic uint64_t fetched; /* of rare keys */
    struct tally {
        uint64_t right, rare;
    } of[THREADS_MAX];
} own_counts;

static uint64_t value_of(uint64_t key) {
    return (key + 1) * own_counts.salt;
}

static bool fetch_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)world, (void)shard, (void)split;
    *value = value_of(key), *version = 1;
    if (key > RARE) own_fetch_add(&own_counts.fetched, 1);
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

/* Inverse of the continuous distribution: near enough to Zipf's with exponent 1.2. */
static void draw_keys(uint64_t keys) {
    struct rng rng = rng_new(17, 0);
    for (int i = 0; i < DRAWS; i++) {
        double u = (double)(rng_next(&rng) >> 11) / 9007199254740992.0;
        double most = 1 - pow((double)keys, -0.2);
        b.draws[i] = (uint64_t)pow(1 - u * most, -5.0);
    }
}

static void read_all(uint64_t me) {
    struct tally OWN *mine = own_at(&own_counts.of[me]);
    for (uint64_t i = 0; i < own_counts.reads; i++) {
        uint64_t key = b.draws[(me * 7919 + i) % DRAWS], value = 0;
        mine->right += hot_get(b.cache, key, &value) && value == value_of(key);
        mine->rare += key > RARE;
    }
}

void bench(uint64_t seed) {
    uint64_t shards = scenario_param("shards"), threads = scenario_param("threads"), right = 0, rare = 0;
    struct rng salts = rng_new(seed, 0); /* the same work every time, and other values */
    own_store(&own_counts.salt, rng_next(&salts) | 1);
    own_store(&own_counts.reads, scenario_param("reads"));
    draw_keys(scenario_param("keys"));
    b.cache = new_cache(shards, SIZE_MAX, UINT64_MAX, 1, (struct hot_env){fetch_one, store_one, zero, zero, NULL});
    crew_join(crew_start(threads, read_all));
    for (uint64_t i = 0; i < threads; i++) right += own_counts.of[i].right, rare += own_counts.of[i].rare;
    evidence_count("right", right);
    evidence_count("kept", 100 * own_counts.fetched < 99 * rare);
    evidence_count("cold", hot_stats(b.cache).hits == 0);
    hot_free(b.cache);
}
