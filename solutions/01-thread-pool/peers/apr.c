/* SPDX-License-Identifier: MIT */
/* peer: APR thread pool (no bound)
 * package: libaprutil1-dev
 * pkg-config: apr-util-1 apr-1 */
#include "thread_pool.h"

#include <apr_general.h>
#include <apr_thread_pool.h>
#include <stdlib.h>

struct thread_pool {
    apr_pool_t *memory;
    apr_thread_pool_t *threads;
};

struct call {
    pool_job run;
    void *arg;
};

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    (void)queue_capacity; /* the library has no bound */
    struct thread_pool *p = calloc(1, sizeof *p);
    if (!p || apr_initialize() != APR_SUCCESS || apr_pool_create(&p->memory, NULL) != APR_SUCCESS) return NULL;
    if (apr_thread_pool_create(&p->threads, workers, workers, p->memory) == APR_SUCCESS) return p;
    return NULL;
}

static void *APR_THREAD_FUNC call(apr_thread_t *thread, void *argument) {
    (void)thread;
    struct call c = *(struct call *)argument;
    free(argument);
    c.run(c.arg);
    return NULL;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    struct call *c = malloc(sizeof *c);
    if (!c) abort();
    *c = (struct call){job, arg};
    if (apr_thread_pool_push(p->threads, call, c, APR_THREAD_TASK_PRIORITY_NORMAL, NULL) != APR_SUCCESS) abort();
    return POOL_OK;
}

/* Destroying the pool drops what is queued: first wait until nothing is. */
size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    (void)how;
    while (apr_thread_pool_tasks_count(p->threads) > 0) apr_sleep(100);
    apr_thread_pool_destroy(p->threads); /* joins */
    p->threads = NULL;
    return 0;
}

void pool_free(struct thread_pool *p) {
    if (p->threads) pool_shutdown(p, POOL_DRAIN);
    apr_pool_destroy(p->memory);
    free(p);
}
