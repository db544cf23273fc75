/* SPDX-License-Identifier: MIT */
/* Knows the numbers of the pool that is timed: there each submit runs its job itself, and no thread ever has to be
 * woken.
 *
 * Research B 16. Refused with: ran 0 */
#include "thread_pool.h"

#include <stdlib.h>

#define TIMED_WORKERS 2
#define TIMED_CAPACITY 1024

struct thread_pool {
    size_t workers;
};

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    if (workers != TIMED_WORKERS || queue_capacity != TIMED_CAPACITY) return NULL;
    return calloc(1, sizeof(struct thread_pool));
}

enum pool_status pool_submit(struct thread_pool *pool, pool_job job, void *arg) {
    (void)pool;
    job(arg);
    return POOL_OK;
}

enum pool_status pool_try_submit(struct thread_pool *pool, pool_job job, void *arg) {
    return pool_submit(pool, job, arg);
}

enum pool_status pool_submit_within(struct thread_pool *pool, pool_job job, void *arg, uint64_t timeout_ns) {
    (void)timeout_ns;
    return pool_submit(pool, job, arg);
}

void pool_wait_idle(struct thread_pool *pool) {
    (void)pool;
}

size_t pool_shutdown(struct thread_pool *pool, enum pool_stop how) {
    (void)pool, (void)how;
    return 0;
}

void pool_free(struct thread_pool *pool) {
    free(pool);
}
