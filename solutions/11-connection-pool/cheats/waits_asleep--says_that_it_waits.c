/* SPDX-License-Identifier: MIT */
/* A pool in which nobody waits: a caller that finds nothing is sent away, and the stats count it as one that waits.
 *
 * Research B 16. Refused with: 3 of 3 callers waited for the only connection */
#include "conn_pool.h"

#include <stdlib.h>

struct conn_pool {
    struct pool_env env;
    size_t size_max, used, idle_count;
    _Atomic size_t sent_away;
    void *idle[64];
};

struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    if (limits.size_max == 0 || limits.size_max > 64 || limits.idle_min > limits.size_max) return NULL;
    struct conn_pool *p = calloc(1, sizeof *p);
    if (p) p->env = env, p->size_max = limits.size_max;
    return p;
}

enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    if (p->idle_count > 0) {
        *connection = p->idle[--p->idle_count];
    } else {
        if (p->used == p->size_max) {
            p->sent_away++;
            return CONN_BUSY;
        }
        *connection = p->env.open(p->env.world);
        if (!*connection) return CONN_FAILED;
    }
    p->used++;
    return CONN_OK;
}

void conn_release(struct conn_pool *p, void *connection, bool broken) {
    p->used--;
    if (broken)
        p->env.close(p->env.world, connection);
    else
        p->idle[p->idle_count++] = connection;
}

void conn_pool_tend(struct conn_pool *p) {
    (void)p;
}

struct conn_stats conn_pool_stats(struct conn_pool *p) {
    return (struct conn_stats){p->idle_count + p->used, p->idle_count, p->used, 0, p->sent_away};
}

void conn_pool_close(struct conn_pool *p) {
    while (p->idle_count > 0) p->env.close(p->env.world, p->idle[--p->idle_count]);
}

void conn_pool_free(struct conn_pool *p) {
    if (!p) return;
    conn_pool_close(p);
    free(p);
}
