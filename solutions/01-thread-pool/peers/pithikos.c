/* SPDX-License-Identifier: MIT */
/* peer: Pithikos' C-Thread-Pool (no bound)
 * package: cthreadpool-dev
 * metrics: submitters_1 submitters_4
 * flags: -I/usr/share/cthreadpool -I/usr/include/cthreadpool */
#include "thread_pool.h"

#include <thpool.c> /* Debian ships it as a source file */

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    (void)queue_capacity; /* the library has no bound */
    return (struct thread_pool *)thpool_init((int)workers);
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    if (thpool_add_work((threadpool)p, job, arg) != 0) abort();
    return POOL_OK;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    (void)how;
    thpool_wait((threadpool)p);
    return 0;
}

void pool_free(struct thread_pool *p) {
    thpool_destroy((threadpool)p);
}
