/* SPDX-License-Identifier: MIT */
/* zipf.c -- what each shard has to bear under reads that follow Zipf's law, counted, in virtual time.
 *
 *   zipf  shards, keys, reads, replicas, even (0: the keys' homes are where hashing puts them)
 *
 * One read each microsecond, the same ones every time: the nth key is read in proportion to n^-1.2, as evenly
 * in time as can be. With even=1 keys are chosen such that the homes of all but the first bear the same. Four
 * caches meet this, one after another: no hot keys, replicas alone, copies alone, and both.
 *
 * Evidence: `loads`, a row for each cache and shard: `setting`, `shard`, `fetches`; `wrong`, gets that did not
 * answer their value. */
#include "driver.h"

#include <math.h>
#include <stdlib.h>

#include "evidence.h"
#include "rng.h"
#include "scenario.h"

enum { NONE, REPLICA, SPLITTING, BOTH, SETTINGS };
#define EXPONENT 1.2
#define STALENESS_NS 1000000
#define GOLDEN 0.6180339887498949

EVIDENCE_ROW(load, setting, shard, fetches);

static struct {
    uint64_t shards, keys, reads, now_ns, setting;
    uint64_t *key_of; /* by rank */
    double *up_to;    /* the share of all ranks up to this one */
    struct rng rng;
    struct load loads[SETTINGS][HOT_SHARDS_MAX];
} z;

static bool fetch_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t *value, uint64_t *version) {
    (void)world;
    if (shard >= z.shards || shard != hot_shard(key, split, z.shards)) return false;
    z.loads[z.setting][shard].fetches++;
    *value = key + 1, *version = 1;
    return true;
}

static bool store_one(void *world, size_t shard, uint64_t key, uint32_t split, uint64_t value, uint64_t version) {
    (void)world, (void)shard, (void)split, (void)version;
    return value == key + 1;
}

static uint64_t now_ns(void *world) {
    (void)world;
    return z.now_ns;
}

static uint64_t draw(void *world) {
    (void)world;
    return rng_next(&z.rng);
}

static double share(uint64_t rank) {
    return z.up_to[rank] - (rank ? z.up_to[rank - 1] : 0);
}

/* The next key whose home is on this shard. */
static uint64_t next_key(size_t shard, uint64_t *after) {
    while (hot_shard(++*after, 0, z.shards) != shard) {
    }
    return *after;
}

/* The largest first, each to the shard that bears least: all but the first key, which comes last. */
static void place_keys(bool evenly) {
    double borne[HOT_SHARDS_MAX] = {0};
    uint64_t after[HOT_SHARDS_MAX] = {0};
    for (uint64_t i = 1; i <= z.keys; i++) {
        uint64_t rank = i % z.keys;
        size_t least = 0;
        for (size_t shard = 1; shard < z.shards; shard++)
            if (borne[shard] < borne[least]) least = shard;
        z.key_of[rank] = evenly ? next_key(least, &after[least]) : rank;
        borne[least] += share(rank);
    }
}

static void weigh(void) {
    double sum = 0, so_far = 0;
    for (uint64_t rank = 0; rank < z.keys; rank++) sum += pow((double)rank + 1, -EXPONENT);
    for (uint64_t rank = 0; rank < z.keys; rank++) z.up_to[rank] = so_far += pow((double)rank + 1, -EXPONENT) / sum;
}

static uint64_t rank_at(double u) {
    uint64_t low = 0, high = z.keys - 1;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (z.up_to[middle] > u)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static uint64_t read_all(void) {
    bool hot = z.setting != NONE, replica = z.setting == REPLICA || z.setting == BOTH;
    bool splits = z.setting == SPLITTING || z.setting == BOTH;
    uint64_t wrong = 0;
    z.rng = rng_new(1, z.setting);
    struct hot_cache *cache =
        new_cache(z.shards, hot ? scenario_param("replicas") : 0, replica ? STALENESS_NS : 0,
                  splits ? (uint32_t)z.shards : 1, (struct hot_env){fetch_one, store_one, now_ns, draw, NULL});
    for (uint64_t i = 0; i < z.reads; i++, z.now_ns += 1000) {
        double turns = (double)i * GOLDEN;
        uint64_t key = z.key_of[rank_at(turns - floor(turns))], value = 0;
        wrong += !hot_get(cache, key, &value) || value != key + 1;
        if (i % 4096 == 0) evidence_progress();
    }
    hot_free(cache);
    return wrong;
}

void zipf(uint64_t seed) {
    (void)seed; /* the same reads every time */
    uint64_t wrong = 0;
    z.shards = scenario_param("shards"), z.keys = scenario_param("keys"), z.reads = scenario_param("reads");
    z.key_of = calloc(z.keys, sizeof *z.key_of);
    z.up_to = calloc(z.keys, sizeof *z.up_to);
    weigh();
    place_keys(scenario_param("even"));
    for (z.setting = NONE; z.setting < SETTINGS; z.setting++) {
        for (uint64_t shard = 0; shard < z.shards; shard++)
            z.loads[z.setting][shard].setting = z.setting, z.loads[z.setting][shard].shard = shard;
        wrong += read_all();
    }
    struct load *rows = calloc(SETTINGS * z.shards, sizeof *rows);
    for (uint64_t i = 0; i < SETTINGS * z.shards; i++) rows[i] = z.loads[i / z.shards][i % z.shards];
    evidence_rows("loads", load, rows, SETTINGS * z.shards);
    evidence_count("wrong", wrong);
    free(rows), free(z.key_of), free(z.up_to);
}
