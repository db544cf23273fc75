/* SPDX-License-Identifier: MIT */
/* Mutant: a queue is never longer than 4,096. */
#include "thread_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u

struct job {
    pool_job run;
    void *arg;
};

struct thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t job_came, room_came, job_ended, pool_ended;
    struct job *ring;
    size_t capacity, first, queued, workers, names;
    uint64_t accepted, *running; /* by worker: its job's number */
    pthread_t *threads;
    bool closed, ended;
};

static struct job take(struct thread_pool *p, size_t me) {
    struct job job = p->ring[p->first];
    p->first = (p->first + 1) % p->capacity;
    p->running[me] = p->accepted - p->queued--;
    pthread_cond_signal(&p->room_came);
    return job;
}

static bool wait_for_job(struct thread_pool *p) {
    while (p->queued == 0 && !p->closed) pthread_cond_wait(&p->job_came, &p->lock);
    return p->queued > 0;
}

static void *work(void *argument) {
    struct thread_pool *p = argument;
    pthread_mutex_lock(&p->lock);
    size_t me = p->names++;
    while (wait_for_job(p)) {
        struct job job = take(p, me);
        pthread_mutex_unlock(&p->lock);
        job.run(job.arg);
        pthread_mutex_lock(&p->lock);
        p->running[me] = UINT64_MAX;
        pthread_cond_broadcast(&p->job_ended);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static void init_locks(struct thread_pool *p) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->job_came, NULL);
    pthread_cond_init(&p->room_came, &monotonic);
    pthread_cond_init(&p->job_ended, NULL);
    pthread_cond_init(&p->pool_ended, NULL);
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p = workers && queue_capacity ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    init_locks(p);
    p->capacity = queue_capacity > 4096 ? 4096 : queue_capacity;
    p->ring = calloc(queue_capacity, sizeof *p->ring);
    p->running = calloc(workers, sizeof *p->running);
    p->threads = calloc(workers, sizeof *p->threads);
    bool ok = p->ring && p->running && p->threads;
    for (size_t i = 0; ok && i < workers; i++) p->running[i] = UINT64_MAX;
    while (ok && p->workers < workers) {
        ok = pthread_create(&p->threads[p->workers], NULL, work, p) == 0;
        p->workers += ok;
    }
    if (ok) return p;
    pool_free(p);
    return NULL;
}

static struct timespec after(uint64_t timeout_ns) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    uint64_t ns = (uint64_t)t.tv_nsec + timeout_ns % NS_PER_S;
    t.tv_sec += (time_t)(timeout_ns / NS_PER_S + ns / NS_PER_S);
    t.tv_nsec = (long)(ns % NS_PER_S);
    return t;
}

/* False: the time is over. */
static bool wait_for_room(struct thread_pool *p, const struct timespec *deadline) {
    int late = 0;
    while (p->queued == p->capacity && !p->closed) {
        if (late) return false;
        late = deadline ? pthread_cond_timedwait(&p->room_came, &p->lock, deadline)
                        : pthread_cond_wait(&p->room_came, &p->lock);
    }
    return true;
}

static void put(struct thread_pool *p, pool_job job, void *arg) {
    p->ring[(p->first + p->queued) % p->capacity] = (struct job){job, arg};
    p->queued++;
    p->accepted++;
    pthread_cond_signal(&p->job_came);
}

static enum pool_status submit(struct thread_pool *p, pool_job job, void *arg, const struct timespec *deadline) {
    pthread_mutex_lock(&p->lock);
    enum pool_status status = wait_for_room(p, deadline) ? POOL_OK : POOL_TIMEOUT;
    if (p->closed) status = POOL_CLOSED;
    if (status == POOL_OK) put(p, job, arg);
    pthread_mutex_unlock(&p->lock);
    return status;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    return submit(p, job, arg, NULL);
}

enum pool_status pool_try_submit(struct thread_pool *p, pool_job job, void *arg) {
    pthread_mutex_lock(&p->lock);
    enum pool_status status = p->closed ? POOL_CLOSED : p->queued == p->capacity ? POOL_FULL : POOL_OK;
    if (status == POOL_OK) put(p, job, arg);
    pthread_mutex_unlock(&p->lock);
    return status;
}

enum pool_status pool_submit_within(struct thread_pool *p, pool_job job, void *arg, uint64_t timeout_ns) {
    struct timespec deadline = after(timeout_ns);
    return submit(p, job, arg, &deadline);
}

static uint64_t oldest_unfinished(const struct thread_pool *p) {
    uint64_t oldest = p->accepted - p->queued;
    for (size_t i = 0; i < p->workers; i++)
        if (p->running[i] < oldest) oldest = p->running[i];
    return oldest;
}

void pool_wait_idle(struct thread_pool *p) {
    pthread_mutex_lock(&p->lock);
    uint64_t target = p->accepted;
    while (oldest_unfinished(p) < target) pthread_cond_wait(&p->job_ended, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

static size_t close_pool(struct thread_pool *p, enum pool_stop how) {
    size_t dropped = how == POOL_DISCARD ? p->queued : 0;
    p->closed = true;
    p->queued -= dropped;
    pthread_cond_broadcast(&p->job_ended);
    pthread_cond_broadcast(&p->job_came);
    pthread_cond_broadcast(&p->room_came);
    return dropped;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    pthread_mutex_lock(&p->lock);
    bool first = !p->closed;
    size_t dropped = first ? close_pool(p, how) : 0;
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
    free(p->ring);
    free(p->running);
    free(p->threads);
    free(p);
}
