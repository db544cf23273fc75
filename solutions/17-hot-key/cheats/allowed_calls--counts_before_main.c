/* SPDX-License-Identifier: MIT */
/* Has its counters made before main, where nothing is counted.
 *
 * Research B 17. Refused with: uses constructor: code that runs when nobody calls it */
#include "hot_key.h"

#include <stdlib.h>

static uint64_t *counters;

__attribute__((constructor)) static void make_early(void) {
    counters = calloc(1 << 20, sizeof *counters);
}

struct hot_cache {
    size_t shards;
    struct hot_env env;
};

struct hot_cache *hot_new(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits,
                          struct hot_env env) {
    (void)replicas_max, (void)staleness_ns, (void)splits;
    struct hot_cache *c = shards ? calloc(1, sizeof *c) : NULL;
    if (c) c->shards = shards, c->env = env;
    return c;
}

bool hot_get(struct hot_cache *c, uint64_t key, uint64_t *value) {
    uint64_t version;
    counters[key >> 44]++;
    return c->env.fetch(c->env.world, hot_shard(key, 0, c->shards), key, 0, value, &version);
}

bool hot_put(struct hot_cache *c, uint64_t key, uint64_t value) {
    return c->env.store(c->env.world, hot_shard(key, 0, c->shards), key, 0, value, 1);
}

struct hot_stats hot_stats(struct hot_cache *c) {
    (void)c;
    return (struct hot_stats){0};
}

void hot_free(struct hot_cache *c) {
    free(c);
}
