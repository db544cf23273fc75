/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and the world of those with one thread. */
#include "driver.h"

#include <stddef.h>

#include "evidence.h"
#include "scenario.h"

const struct scenario scenarios[] = {
    {"early", early},   {"hour", hour},           {"herd", herd},   {"abreast", abreast}, {"crowd", crowd},
    {"counts", counts}, {"no_memory", no_memory}, {"bench", bench}, {NULL, NULL},
};

double world_now(void *world) {
    return ((struct world *)world)->now_s;
}

double unit(struct rng *rng) {
    return (double)(rng_next(rng) >> 11) * 0x1p-53;
}

double world_uniform(void *world) {
    struct world *w = world;
    w->draws++;
    return unit(&w->rng);
}

uint64_t world_value(uint64_t key) {
    return key * 0x9e3779b97f4a7c15u + 1;
}

bool world_load(void *world, uint64_t key, uint64_t *value, double *ttl_s) {
    struct world *w = world;
    w->loads++;
    w->now_s += w->load_s;
    if (w->fails) return false;
    *value = world_value(key);
    *ttl_s = w->ttl_s;
    return true;
}

struct xfetch_env world_env(struct world *world) {
    return (struct xfetch_env){world_now, world_uniform, world_load, world};
}

struct xfetch_cache *new_cache(uint64_t capacity, double beta, struct xfetch_env env) {
    struct xfetch_cache *cache = xfetch_new(capacity, beta, env);
    if (cache) return cache;
    evidence_broken_off("xfetch_new", "answered NULL, with memory to be had", "a cache", "xfetch_new");
}
