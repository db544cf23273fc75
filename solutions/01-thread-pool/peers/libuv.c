/* SPDX-License-Identifier: MIT */
/* peer: libuv's work queue, from its loop's own thread
 * package: libuv1-dev
 * pkg-config: libuv
 * metrics: submitters_1
 *
 * uv_queue_work may be called from the loop's thread only. Here that is the
 * submitting thread, which turns the loop when it needs a request back: as a
 * libuv program does, and nothing is handed from thread to thread twice. */
#include "thread_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

struct request {
    uv_work_t work; /* first: libuv hands it back */
    struct thread_pool *pool;
    struct request *next;
    pool_job run;
    void *arg;
};

struct thread_pool {
    uv_loop_t loop;
    struct request *all, *unused;
};

static void call(uv_work_t *work) {
    struct request *r = (struct request *)work;
    r->run(r->arg);
}

static void give_back(uv_work_t *work, int status) {
    (void)status; /* nothing is cancelled */
    struct request *r = (struct request *)work;
    r->next = r->pool->unused;
    r->pool->unused = r;
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    char text[24];
    snprintf(text, sizeof text, "%zu", workers);
    setenv("UV_THREADPOOL_SIZE", text, 1); /* read when the first request comes */
    struct thread_pool *p = calloc(1, sizeof *p);
    size_t requests = workers + queue_capacity;
    if (!p || uv_loop_init(&p->loop) != 0) return NULL;
    p->all = calloc(requests, sizeof *p->all);
    if (!p->all) return NULL;
    for (struct request *r = p->all; r < p->all + requests; r++) {
        r->pool = p;
        give_back(&r->work, 0);
    }
    return p;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    while (!p->unused) uv_run(&p->loop, UV_RUN_ONCE);
    struct request *r = p->unused;
    p->unused = r->next;
    r->run = job, r->arg = arg;
    uv_queue_work(&p->loop, &r->work, call, give_back);
    return POOL_OK;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    (void)how;
    uv_run(&p->loop, UV_RUN_DEFAULT); /* until no request is left */
    return 0;
}

void pool_free(struct thread_pool *p) {
    uv_loop_close(&p->loop);
    free(p->all);
    free(p);
}
