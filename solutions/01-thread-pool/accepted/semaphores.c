/* SPDX-License-Identifier: MIT */
/* thread_pool.c -- a semaphore counts the jobs, another the room.
 *
 * A worker takes a unit of `jobs`, a submitter one of `room`; the mutex is held
 * only to move an index. A submit that may have to give up asks for its unit
 * under a condition variable instead, since a semaphore's timeout follows the
 * wrong clock (or, as sem_clockwait, ThreadSanitizer's blind spot).
 *
 * Jobs are numbered by acceptance. Each worker keeps a place for the number that
 * it runs; how many jobs below X are unfinished is counted when somebody asks. */
#include "thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u

struct slot {
    pool_job job;
    void *arg;
};

struct worker {
    struct thread_pool *pool;
    pthread_t thread;
    uint64_t number;
    bool running; /* the job of that number */
};

struct thread_pool {
    sem_t jobs;
    pthread_mutex_t lock;
    pthread_cond_t room_came, job_ended, all_ended;
    struct slot *slots;
    size_t capacity, worker_count, waiting, idle_waiters;
    uint64_t accepted, taken;
    bool closed, ended;
    struct worker *workers;
};

static struct slot *slot_of(struct thread_pool *p, uint64_t number) {
    return &p->slots[number % p->capacity];
}

/* Needs the lock. */
static void finish(struct thread_pool *p, struct worker *me) {
    me->running = false;
    if (p->idle_waiters > 0) pthread_cond_broadcast(&p->job_ended);
}

static void *work(void *argument) {
    struct worker *me = argument;
    struct thread_pool *p = me->pool;
    pthread_mutex_lock(&p->lock);
    for (;;) {
        if (sem_trywait(&p->jobs) != 0) {
            pthread_mutex_unlock(&p->lock);
            sched_yield();                            /* a sleep, and a wakeup for each job, cost more */
            while (sem_wait(&p->jobs) != 0) continue; /* interrupted by a signal */
            pthread_mutex_lock(&p->lock);
        }
        if (p->taken == p->accepted) break; /* a unit without a job: the pool is closed */
        me->number = p->taken++;
        me->running = true;
        struct slot slot = *slot_of(p, me->number);
        if (p->waiting > 0) pthread_cond_signal(&p->room_came);
        pthread_mutex_unlock(&p->lock);
        slot.job(slot.arg);
        pthread_mutex_lock(&p->lock);
        finish(p, me);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool fill(struct thread_pool *p, size_t workers, size_t capacity) {
    p->capacity = capacity;
    p->slots = calloc(capacity, sizeof *p->slots);
    p->workers = calloc(workers, sizeof *p->workers);
    if (!p->slots || !p->workers) return false;
    for (; p->worker_count < workers; p->worker_count++) {
        struct worker *w = &p->workers[p->worker_count];
        w->pool = p;
        if (pthread_create(&w->thread, NULL, work, w) != 0) return false;
    }
    return true;
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p = workers && queue_capacity ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->room_came, &monotonic);
    pthread_cond_init(&p->job_ended, NULL);
    pthread_cond_init(&p->all_ended, NULL);
    pthread_condattr_destroy(&monotonic);
    sem_init(&p->jobs, 0, 0);
    if (fill(p, workers, queue_capacity)) return p;
    pool_free(p);
    return NULL;
}

static bool is_full(const struct thread_pool *p) {
    return p->accepted - p->taken == p->capacity;
}

/* POOL_OK: there is room, and the caller still has the lock that it had. */
static enum pool_status wait_for_room(struct thread_pool *p, const struct timespec *deadline) {
    int late = 0;
    if (!p->closed && is_full(p)) {
        pthread_mutex_unlock(&p->lock);
        sched_yield();
        pthread_mutex_lock(&p->lock);
    }
    p->waiting++;
    while (!p->closed && is_full(p) && !late)
        late = deadline ? pthread_cond_timedwait(&p->room_came, &p->lock, deadline)
                        : pthread_cond_wait(&p->room_came, &p->lock);
    p->waiting--;
    if (p->closed) return POOL_CLOSED;
    return is_full(p) ? POOL_TIMEOUT : POOL_OK;
}

/* Ends what a submit began by taking the lock. */
static enum pool_status append(struct thread_pool *p, pool_job job, void *arg, enum pool_status status) {
    if (status == POOL_OK) *slot_of(p, p->accepted++) = (struct slot){job, arg};
    pthread_mutex_unlock(&p->lock);
    if (status == POOL_OK) sem_post(&p->jobs);
    return status;
}

enum pool_status pool_try_submit(struct thread_pool *p, pool_job job, void *arg) {
    pthread_mutex_lock(&p->lock);
    return append(p, job, arg, p->closed ? POOL_CLOSED : is_full(p) ? POOL_FULL : POOL_OK);
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    pthread_mutex_lock(&p->lock);
    return append(p, job, arg, wait_for_room(p, NULL));
}

enum pool_status pool_submit_within(struct thread_pool *p, pool_job job, void *arg, uint64_t timeout_ns) {
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    uint64_t ns = (uint64_t)end.tv_nsec + timeout_ns % NS_PER_S;
    end.tv_sec += (time_t)(timeout_ns / NS_PER_S + ns / NS_PER_S);
    end.tv_nsec = (long)(ns % NS_PER_S);
    pthread_mutex_lock(&p->lock);
    return append(p, job, arg, wait_for_room(p, &end));
}

static bool is_unfinished_below(const struct thread_pool *p, uint64_t target) {
    bool found = p->taken < target;
    for (size_t i = 0; i < p->worker_count; i++) found |= p->workers[i].running && p->workers[i].number < target;
    return found;
}

void pool_wait_idle(struct thread_pool *p) {
    pthread_mutex_lock(&p->lock);
    p->idle_waiters++;
    for (uint64_t target = p->accepted; is_unfinished_below(p, target);) pthread_cond_wait(&p->job_ended, &p->lock);
    p->idle_waiters--;
    pthread_mutex_unlock(&p->lock);
}

static size_t discard(struct thread_pool *p) {
    uint64_t first = p->taken;
    p->taken = p->accepted;
    pthread_cond_broadcast(&p->job_ended);
    return (size_t)(p->accepted - first);
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    pthread_mutex_lock(&p->lock);
    bool first = !p->closed;
    p->closed = true;
    size_t dropped = first && how == POOL_DISCARD ? discard(p) : 0;
    pthread_cond_broadcast(&p->room_came);
    while (!first && !p->ended) pthread_cond_wait(&p->all_ended, &p->lock);
    pthread_mutex_unlock(&p->lock);
    if (!first) return 0;

    /* One more unit for each worker: whoever finds no job behind it leaves. */
    for (size_t i = 0; i < p->worker_count; i++) sem_post(&p->jobs);
    for (size_t i = 0; i < p->worker_count; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_mutex_lock(&p->lock);
    p->ended = true;
    pthread_cond_broadcast(&p->all_ended);
    pthread_mutex_unlock(&p->lock);
    return dropped;
}

void pool_free(struct thread_pool *p) {
    if (!p) return;
    pool_shutdown(p, POOL_DRAIN);
    sem_destroy(&p->jobs);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->room_came);
    pthread_cond_destroy(&p->job_ended);
    pthread_cond_destroy(&p->all_ended);
    free(p->slots);
    free(p->workers);
    free(p);
}
