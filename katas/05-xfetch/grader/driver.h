/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share: a world for one thread, whose
 * clock moves only when it is told to; and the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stdbool.h>
#include <stdint.h>

#include "rng.h"
#include "xfetch.h"

/* What the cache of a single-threaded scenario sees. A load takes `load_s` of
 * virtual time and no other. */
struct world {
    double now_s;
    double load_s, ttl_s;
    bool fails;
    struct rng rng;
    uint64_t loads, draws;
};

double world_now(void *world);
double world_uniform(void *world);
bool world_load(void *world, uint64_t key, uint64_t *value, double *ttl_s); /* *value: world_value(key) */
struct xfetch_env world_env(struct world *world);
uint64_t world_value(uint64_t key);

/* 53 random bits as a number in [0, 1). */
double unit(struct rng *rng);

/* A new cache. Without one there is no traffic, and the process ends saying so. */
struct xfetch_cache *new_cache(uint64_t capacity, double beta, struct xfetch_env env);

/* A part of the scenario abreast. False: the process must end, as threads may hang. */
bool alike(uint64_t seed);

void early(uint64_t seed);     /* early.c */
void hour(uint64_t seed);      /* early.c */
void herd(uint64_t seed);      /* herd.c */
void abreast(uint64_t seed);   /* abreast.c */
void crowd(uint64_t seed);     /* crowd.c */
void counts(uint64_t seed);    /* counts.c */
void no_memory(uint64_t seed); /* memory.c */
void bench(uint64_t seed);     /* bench.c */

#endif
