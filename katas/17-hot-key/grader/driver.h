/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. explored.h is the explorer's. */
#ifndef DRIVER_H
#define DRIVER_H

#include "hot_key.h"

/* A new cache. Without one there is no traffic, and the process ends saying so. */
struct hot_cache *new_cache(size_t shards, size_t replicas_max, uint64_t staleness_ns, uint32_t splits,
                            struct hot_env env);

void crowd(uint64_t seed);     /* crowd.c */
void zipf(uint64_t seed);      /* zipf.c */
void rare(uint64_t seed);      /* rare.c */
void no_memory(uint64_t seed); /* memory.c */
void bench(uint64_t seed);     /* bench.c */

#endif
