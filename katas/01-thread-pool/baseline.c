/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple, correct, slower way: a linked list under a mutex, a
 * malloc and a signal for each job.
 *
 * It keeps every promise of thread_pool.h but the one about memory. The
 * throughput of your pool is measured against this file, in the same run. */
#include "thread_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u

struct node {
    struct node *next;
    pool_job job;
    void *arg;
    uint64_t number;
};

struct thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t job_came, room_came, job_ended, pool_ended;
    struct node *oldest, *newest;
    size_t queued, capacity, workers;
    uint64_t accepted; /* jobs so far: the next one's number */
    bool closed, ended;
    pthread_t *threads;
    uint64_t *running; /* by worker: its job's number, or UINT64_MAX */
    size_t started;
};

static void *work(void *argument) {
    struct thread_pool *p = argument;
    pthread_mutex_lock(&p->lock);
    uint64_t *running = &p->running[p->started++];
    for (;;) {
        while (!p->oldest && !p->closed) pthread_cond_wait(&p->job_came, &p->lock);
        struct node *node = p->oldest;
        if (!node) break;
        p->oldest = node->next;
        p->queued--;
        *running = node->number;
        pthread_cond_signal(&p->room_came);
        pthread_mutex_unlock(&p->lock);
        node->job(node->arg);
        free(node);
        pthread_mutex_lock(&p->lock);
        *running = UINT64_MAX;
        pthread_cond_broadcast(&p->job_ended);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* The lock and conditions cannot fail to be made on Linux: they take nothing. */
static void init_locks(struct thread_pool *p) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->job_came, NULL);
    pthread_cond_init(&p->room_came, &monotonic);
    pthread_cond_init(&p->job_ended, NULL);
    pthread_cond_init(&p->pool_ended, NULL);
    pthread_condattr_destroy(&monotonic);
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p = workers && queue_capacity ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    init_locks(p);
    p->capacity = queue_capacity;
    p->threads = calloc(workers, sizeof *p->threads);
    p->running = calloc(workers, sizeof *p->running);
    for (size_t i = 0; p->running && i < workers; i++) p->running[i] = UINT64_MAX;
    while (p->threads && p->running && p->workers < workers &&
           pthread_create(&p->threads[p->workers], NULL, work, p) == 0)
        p->workers++;
    if (p->workers == workers) return p;
    pool_free(p);
    return NULL;
}

static void append(struct thread_pool *p, struct node *node) {
    node->number = p->accepted++;
    if (p->oldest)
        p->newest->next = node;
    else
        p->oldest = node;
    p->newest = node;
    p->queued++;
    pthread_cond_signal(&p->job_came);
}

static struct timespec after(uint64_t timeout_ns) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t ns = (uint64_t)t.tv_nsec + timeout_ns % NS_PER_S;
    t.tv_sec += (time_t)(timeout_ns / NS_PER_S + ns / NS_PER_S);
    t.tv_nsec = (long)(ns % NS_PER_S);
    return t;
}

/* `status` so far is what a full queue means; POOL_OK: wait, until `deadline` if there is one. */
static enum pool_status submit(struct thread_pool *p, pool_job job, void *arg, enum pool_status if_full,
                               const struct timespec *deadline) {
    struct node *node = calloc(1, sizeof *node);
    if (!node) abort(); /* the contract has no word for it: one reason to want the memory beforehand */
    node->job = job, node->arg = arg;
    enum pool_status status = POOL_OK;
    pthread_mutex_lock(&p->lock);
    while (!p->closed && p->queued >= p->capacity && status == POOL_OK) {
        if (!deadline && if_full != POOL_OK)
            status = if_full;
        else if (!deadline)
            pthread_cond_wait(&p->room_came, &p->lock);
        else if (pthread_cond_timedwait(&p->room_came, &p->lock, deadline) && p->queued >= p->capacity)
            status = if_full;
    }
    if (p->closed) status = POOL_CLOSED;
    if (status == POOL_OK) append(p, node);
    pthread_mutex_unlock(&p->lock);
    if (status != POOL_OK) free(node);
    return status;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    return submit(p, job, arg, POOL_OK, NULL);
}

enum pool_status pool_try_submit(struct thread_pool *p, pool_job job, void *arg) {
    return submit(p, job, arg, POOL_FULL, NULL);
}

enum pool_status pool_submit_within(struct thread_pool *p, pool_job job, void *arg, uint64_t timeout_ns) {
    struct timespec deadline = after(timeout_ns);
    return submit(p, job, arg, POOL_TIMEOUT, &deadline);
}

/* The number of the oldest job that is queued or runs. */
static uint64_t oldest_unfinished(const struct thread_pool *p) {
    uint64_t oldest = p->accepted - p->queued;
    for (size_t i = 0; i < p->workers; i++)
        if (p->running[i] < oldest) oldest = p->running[i];
    return oldest;
}

void pool_wait_idle(struct thread_pool *p) {
    pthread_mutex_lock(&p->lock);
    for (uint64_t target = p->accepted; oldest_unfinished(p) < target;) pthread_cond_wait(&p->job_ended, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static size_t discard(struct thread_pool *p) {
    size_t dropped = p->queued;
    for (struct node *node; (node = p->oldest);) {
        p->oldest = node->next;
        free(node);
    }
    p->queued = 0;
    pthread_cond_broadcast(&p->job_ended);
    return dropped;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    pthread_mutex_lock(&p->lock);
    bool first = !p->closed;
    p->closed = true;
    size_t dropped = first && how == POOL_DISCARD ? discard(p) : 0;
    pthread_cond_broadcast(&p->job_came);
    pthread_cond_broadcast(&p->room_came);
    while (!first && !p->ended) pthread_cond_wait(&p->pool_ended, &p->lock);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; first && i < p->workers; i++) pthread_join(p->threads[i], NULL);
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
    pthread_cond_destroy(&p->job_ended);
    pthread_cond_destroy(&p->pool_ended);
    free(p->threads);
    free(p->running);
    free(p);
}
