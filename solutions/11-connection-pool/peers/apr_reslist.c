/* SPDX-License-Identifier: MIT */
/* peer: APR reslist (no order among those who wait)
 * package: libaprutil1-dev
 * pkg-config: apr-util-1 apr-1
 * metrics: waiting alone crowded */
#include "conn_pool.h"

#include <apr_general.h>
#include <apr_reslist.h>
#include <stdlib.h>

struct conn_pool {
    apr_pool_t *memory;
    apr_reslist_t *list;
    struct pool_env env;
};

static apr_status_t open_one(void **connection, void *pool, apr_pool_t *memory) {
    struct conn_pool *p = pool;
    (void)memory;
    *connection = p->env.open(p->env.world);
    return *connection ? APR_SUCCESS : APR_EGENERAL;
}

static apr_status_t close_one(void *connection, void *pool, apr_pool_t *memory) {
    struct conn_pool *p = pool;
    (void)memory;
    p->env.close(p->env.world, connection);
    return APR_SUCCESS;
}

struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    struct conn_pool *p = calloc(1, sizeof *p);
    if (!p || apr_initialize() != APR_SUCCESS || apr_pool_create(&p->memory, NULL) != APR_SUCCESS) return NULL;
    p->env = env;
    int most = (int)limits.size_max;
    if (apr_reslist_create(&p->list, 0, most, most, 0, open_one, close_one, p, p->memory) != APR_SUCCESS) return NULL;
    return p;
}

enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    for (;;) {
        if (apr_reslist_acquire(p->list, connection) != APR_SUCCESS) return CONN_FAILED;
        if (p->env.alive(p->env.world, *connection)) return CONN_OK;
        apr_reslist_invalidate(p->list, *connection);
    }
}

void conn_release(struct conn_pool *p, void *connection, bool broken) {
    if (broken)
        apr_reslist_invalidate(p->list, connection);
    else
        apr_reslist_release(p->list, connection);
}

void conn_pool_free(struct conn_pool *p) {
    if (!p) return;
    apr_reslist_destroy(p->list);
    apr_pool_destroy(p->memory);
    free(p);
}
