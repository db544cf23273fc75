/* SPDX-License-Identifier: MIT */
/* thread_per_job.c -- what a pool is there to avoid: a new thread for each job.
 * A text to read, measured by lab.ts; it does not keep the contract.
 *
 * At most workers + queue_capacity threads exist at a time, and all of them run:
 * `workers` bounds nothing. Each job costs a stack to map, a thread to start, a
 * thread to end. */
#include "thread_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

struct thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t ended;
    size_t running, most;
    bool closed;
};

struct start {
    struct thread_pool *pool;
    pool_job job;
    void *arg;
};

static void *run(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    start.job(start.arg);
    pthread_mutex_lock(&start.pool->lock);
    start.pool->running--;
    pthread_cond_broadcast(&start.pool->ended);
    pthread_mutex_unlock(&start.pool->lock);
    return NULL;
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->ended, NULL);
    p->most = workers + queue_capacity;
    return p;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    pthread_t thread;
    struct start *start = malloc(sizeof *start);
    if (!start) abort();
    *start = (struct start){p, job, arg};
    pthread_mutex_lock(&p->lock);
    while (p->running >= p->most) pthread_cond_wait(&p->ended, &p->lock);
    p->running++;
    pthread_mutex_unlock(&p->lock);
    if (pthread_create(&thread, NULL, run, start) != 0) abort();
    pthread_detach(thread);
    return POOL_OK;
}

enum pool_status pool_try_submit(struct thread_pool *p, pool_job job, void *arg) {
    return pool_submit(p, job, arg);
}

enum pool_status pool_submit_within(struct thread_pool *p, pool_job job, void *arg, uint64_t timeout_ns) {
    (void)timeout_ns;
    return pool_submit(p, job, arg);
}

void pool_wait_idle(struct thread_pool *p) {
    pthread_mutex_lock(&p->lock);
    while (p->running > 0) pthread_cond_wait(&p->ended, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    (void)how;
    pool_wait_idle(p);
    return 0;
}

void pool_free(struct thread_pool *p) {
    if (!p) return;
    pool_wait_idle(p);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->ended);
    free(p);
}
