/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share. explored.h is the explorer's. */
#ifndef DRIVER_H
#define DRIVER_H

#include "conn_pool.h"

/* A new pool. Without one there is no traffic, and the process ends saying so. */
struct conn_pool *new_pool(struct pool_limits limits, struct pool_env env);

/* conn_acquire, which must not answer CONN_OK without a connection. */
enum conn_status acquire(struct conn_pool *pool, void **connection);

void crowd(uint64_t seed);     /* crowd.c */
void asleep(uint64_t seed);    /* asleep.c */
void no_memory(uint64_t seed); /* memory.c */
void bench(uint64_t seed);     /* bench.c */
void latency(uint64_t seed);   /* latency.c */

#endif
