/* SPDX-License-Identifier: MIT */
/* memory.c -- what the pool takes, and gives back.
 *
 *   no_memory   see refusals.h */
#include "driver.h"

#include <stddef.h>

#include "refusals.h"

#define SIZE 3

static int opened, closed;
static char connections[1024];

static void *open_one(void *world) {
    (void)world;
    return &connections[opened++ % (int)sizeof connections];
}

static void close_one(void *world, void *connection) {
    (void)world, (void)connection;
    closed++;
}

static bool is_alive(void *world, void *connection) {
    (void)world;
    return connection;
}

static const struct pool_env env = {open_one, close_one, is_alive, NULL};
static const struct pool_limits limits = {SIZE, 1, 1, UINT64_MAX, 0, 0};

static void *make(void) {
    return conn_pool_new(limits, env);
}

/* As many as it should hold, at once. */
static bool works(void *pool) {
    void *got[SIZE];
    int had = 0;
    while (had < SIZE && conn_acquire(pool, &got[had]) == CONN_OK) had++;
    for (int i = 0; i < had; i++) conn_release(pool, got[i], i == 1);
    return had == SIZE && conn_pool_stats(pool).idle == SIZE - 1;
}

static void end(void *pool) {
    conn_pool_free(pool);
}

static void live(uint64_t number) {
    struct conn_pool *pool = new_pool(limits, env);
    if (number % 2 == 0) works(pool);
    if (number % 3 == 0) conn_pool_tend(pool);
    if (number % 5 == 0) conn_pool_close(pool);
    conn_pool_free(pool);
}

void no_memory(uint64_t seed) {
    (void)seed;
    refuse_each(&(struct refused_object){make, works, end, live});
}
