/* SPDX-License-Identifier: MIT */
/* peer: GLib GThreadPool (no bound)
 * package: libglib2.0-dev
 * metrics: submitters_1 submitters_4
 * pkg-config: glib-2.0 */
#include "thread_pool.h"

#include <glib.h>

struct thread_pool {
    GThreadPool *threads;
};

struct call {
    pool_job run;
    void *arg;
};

static void call(void *argument, void *unused) {
    (void)unused;
    struct call c = *(struct call *)argument;
    g_free(argument);
    c.run(c.arg);
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    (void)queue_capacity; /* the library has no bound */
    struct thread_pool *p = g_new0(struct thread_pool, 1);
    p->threads = g_thread_pool_new(call, NULL, (int)workers, TRUE, NULL);
    return p;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    struct call *c = g_new(struct call, 1);
    *c = (struct call){job, arg};
    g_thread_pool_push(p->threads, c, NULL);
    return POOL_OK;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    (void)how;
    g_thread_pool_free(p->threads, FALSE, TRUE); /* every job first */
    p->threads = NULL;
    return 0;
}

void pool_free(struct thread_pool *p) {
    if (p->threads) pool_shutdown(p, POOL_DRAIN);
    g_free(p);
}
