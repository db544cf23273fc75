/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed number of reads by Zipf's law, timed from outside.
 *
 *   bench  threads, reads (each), shards, keys
 *
 * Shards answer at once. Replicas are good for ever, so most reads of the first keys are hits.
 *
 * Evidence: `right`, gets that answered their key's value; `cold`, 1 if no replica ever answered. */
#include "driver.h"

#include <math.h>
#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "rng.h"
#include "scenario.h"

enum { DRAWS = 1 << 16 };

static struct {
    struct hot_cache *cache;
    uint64_t reads;
    uint64_t draws[DRAWS]; /* keys, drawn beforehand */
    _Atomic uint64_t right;
} b;

static bool fetch_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)world, (void)shard, (void)split;
    *value = key * 3 + 1, *version = 1;
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
    uint64_t right = 0;
    for (uint64_t i = 0; i < b.reads; i++) {
        uint64_t key = b.draws[(me * 7919 + i) % DRAWS], value = 0;
        right += hot_get(b.cache, key, &value) && value == key * 3 + 1;
    }
    b.right += right;
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    b.reads = scenario_param("reads");
    draw_keys(scenario_param("keys"));
    uint64_t shards = scenario_param("shards");
    b.cache = new_cache(shards, SIZE_MAX, UINT64_MAX, 1, (struct hot_env){fetch_one, store_one, zero, zero, NULL});
    crew_join(crew_start(scenario_param("threads"), read_all));
    evidence_count("right", b.right);
    evidence_count("cold", hot_stats(b.cache).hits == 0);
    hot_free(b.cache);
}
