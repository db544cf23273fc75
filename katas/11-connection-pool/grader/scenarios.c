/* SPDX-License-Identifier: MIT */
/* scenarios.c -- the list of scenarios, and what they share. */
#include "scenario.h"

#include <stddef.h>

#include "driver.h"
#include "evidence.h"

const struct scenario scenarios[] = {
    {"crowd", crowd}, {"asleep", asleep},   {"no_memory", no_memory},
    {"bench", bench}, {"latency", latency}, {NULL, NULL},
};

struct conn_pool *new_pool(struct pool_limits limits, struct pool_env env) {
    struct conn_pool *pool = conn_pool_new(limits, env);
    if (pool) return pool;
    evidence_broken_off("conn_pool_new", "answered NULL, with memory to be had", "a pool", "conn_pool_new");
}

enum conn_status acquire(struct conn_pool *pool, void **connection) {
    *connection = NULL;
    enum conn_status status = conn_acquire(pool, connection);
    if (status == CONN_OK && !*connection)
        evidence_broken_off("conn_acquire", "answered CONN_OK and no connection", "a connection", "conn_acquire");
    return status;
}
