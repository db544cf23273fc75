/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "scenario.h"

#include <stddef.h>

#include "driver.h"
#include "evidence.h"

const struct scenario scenarios[] = {
    {"crowd", crowd}, {"zipf", zipf}, {"rare", rare}, {"no_memory", no_memory}, {"bench", bench}, {NULL, NULL},
};

struct hot_cache *new_cache(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits,
                            struct hot_env env) {
    struct hot_cache *cache = hot_new(shards, replicas_max, staleness_ns, splits, env);
    if (cache) return cache;
    evidence_broken_off("hot_new", "answered NULL, with memory to be had", "a cache", "hot_new");
}
