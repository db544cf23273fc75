/* SPDX-License-Identifier: MIT */
/* thread_pool.c -- a linked list of nodes that were all taken beforehand, and a
 * signal for each event.
 *
 * Everything is guarded by `lock`. A node is on the free list, on the queue, or
 * with the worker that runs its job; there are capacity + workers of them, so
 * the free list is never empty while there is room. Who waits for jobs to end
 * leaves a count on a list of waiters, which the end of each older job lowers. */
#include "thread_pool.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct node {
    struct node *next;
    pool_job job;
    void *arg;
    uint64_t number;
};

struct waiter {
    struct waiter *next;
    uint64_t before;  /* jobs with lower numbers count */
    size_t remaining; /* of them */
};

struct thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t job_came, room_came, waiter_done, pool_ended;
    struct node *free, *oldest, **newest, *nodes;
    size_t queued, running, capacity;
    uint64_t accepted;
    struct waiter *waiters;
    bool closed, ended;
    pthread_t *threads;
    size_t thread_count;
};

static void finish(struct thread_pool *p, uint64_t number) {
    bool any = false;
    for (struct waiter *w = p->waiters; w; w = w->next)
        if (number < w->before && --w->remaining == 0) any = true;
    if (any) pthread_cond_broadcast(&p->waiter_done);
}

static struct node *take(struct thread_pool *p) {
    while (!p->oldest && !p->closed) pthread_cond_wait(&p->job_came, &p->lock);
    struct node *node = p->oldest;
    if (!node) return NULL;
    p->oldest = node->next;
    if (!p->oldest) p->newest = &p->oldest;
    p->queued--;
    p->running++;
    pthread_cond_signal(&p->room_came);
    return node;
}

static void *work(void *argument) {
    struct thread_pool *p = argument;
    pthread_mutex_lock(&p->lock);
    for (struct node *node; (node = take(p));) {
        pthread_mutex_unlock(&p->lock);
        node->job(node->arg);
        pthread_mutex_lock(&p->lock);
        p->running--;
        finish(p, node->number);
        node->next = p->free;
        p->free = node;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool take_memory(struct thread_pool *p, size_t workers, size_t capacity) {
    if (workers > SIZE_MAX - capacity) return false;
    p->nodes = calloc(workers + capacity, sizeof *p->nodes);
    p->threads = calloc(workers, sizeof *p->threads);
    if (!p->nodes || !p->threads) return false;
    for (size_t i = 0; i < workers + capacity; i++) {
        p->nodes[i].next = p->free;
        p->free = &p->nodes[i];
    }
    p->newest = &p->oldest;
    p->capacity = capacity;
    return true;
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p = workers && queue_capacity ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->job_came, NULL);
    pthread_cond_init(&p->room_came, NULL);
    pthread_cond_init(&p->waiter_done, NULL);
    pthread_cond_init(&p->pool_ended, NULL);
    bool ok = take_memory(p, workers, queue_capacity);
    while (ok && p->thread_count < workers) {
        ok = pthread_create(&p->threads[p->thread_count], NULL, work, p) == 0;
        p->thread_count += ok;
    }
    if (ok) return p;
    pool_free(p);
    return NULL;
}

static void append(struct thread_pool *p, pool_job job, void *arg) {
    struct node *node = p->free;
    p->free = node->next;
    *node = (struct node){NULL, job, arg, p->accepted++};
    *p->newest = node;
    p->newest = &node->next;
    p->queued++;
    pthread_cond_signal(&p->job_came);
}

static enum pool_status append_if_open(struct thread_pool *p, pool_job job, void *arg) {
    if (p->closed) return POOL_CLOSED;
    if (p->queued == p->capacity) return POOL_FULL;
    append(p, job, arg);
    return POOL_OK;
}

enum pool_status pool_try_submit(struct thread_pool *p, pool_job job, void *arg) {
    pthread_mutex_lock(&p->lock);
    enum pool_status status = append_if_open(p, job, arg);
    pthread_mutex_unlock(&p->lock);
    return status;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    enum pool_status status;
    pthread_mutex_lock(&p->lock);
    while ((status = append_if_open(p, job, arg)) == POOL_FULL) pthread_cond_wait(&p->room_came, &p->lock);
    pthread_mutex_unlock(&p->lock);
    return status;
}

enum pool_status pool_submit_within(struct thread_pool *p, pool_job job, void *arg, uint64_t timeout_ns) {
    enum pool_status status;
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)(timeout_ns / 1000000000u);
    end.tv_nsec += (long)(timeout_ns % 1000000000u);
    if (end.tv_nsec >= 1000000000) end.tv_nsec -= 1000000000, end.tv_sec++;
    int late = 0;
    pthread_mutex_lock(&p->lock);
    while ((status = append_if_open(p, job, arg)) == POOL_FULL && late != ETIMEDOUT)
        late = pthread_cond_clockwait(&p->room_came, &p->lock, CLOCK_MONOTONIC, &end);
    pthread_mutex_unlock(&p->lock);
    return status == POOL_FULL ? POOL_TIMEOUT : status;
}

void pool_wait_idle(struct thread_pool *p) {
    pthread_mutex_lock(&p->lock);
    struct waiter me = {p->waiters, p->accepted, p->queued + p->running};
    p->waiters = &me;
    while (me.remaining > 0) pthread_cond_wait(&p->waiter_done, &p->lock);
    struct waiter **at = &p->waiters;
    while (*at != &me) at = &(*at)->next;
    *at = me.next;
    pthread_mutex_unlock(&p->lock);
}

/* Empties the queue. The nodes stay where they are: no job comes any more. */
static size_t discard(struct thread_pool *p) {
    size_t dropped = p->queued;
    for (struct node *node = p->oldest; node; node = node->next) finish(p, node->number);
    p->oldest = NULL;
    p->newest = &p->oldest;
    p->queued = 0;
    return dropped;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    size_t dropped = 0;
    pthread_mutex_lock(&p->lock);
    if (p->closed) {
        while (!p->ended) pthread_cond_wait(&p->pool_ended, &p->lock);
        pthread_mutex_unlock(&p->lock);
        return 0;
    }
    p->closed = true;
    if (how == POOL_DISCARD) dropped = discard(p);
    pthread_cond_broadcast(&p->job_came);
    pthread_cond_broadcast(&p->room_came);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; i < p->thread_count; i++) pthread_join(p->threads[i], NULL);
    pthread_mutex_lock(&p->lock);
    p->ended = true;
    pthread_cond_broadcast(&p->pool_ended);
    pthread_mutex_unlock(&p->lock);
    return dropped;
}

void pool_free(struct thread_pool *p) {
    if (!p) return;
    pool_shutdown(p, POOL_DRAIN);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->job_came);
    pthread_cond_destroy(&p->room_came);
    pthread_cond_destroy(&p->waiter_done);
    pthread_cond_destroy(&p->pool_ended);
    free(p->nodes);
    free(p->threads);
    free(p);
}
