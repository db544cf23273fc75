/* SPDX-License-Identifier: MIT
 *
 * pool.c -- a bounded job queue with two workers, one mutex and two condition variables.
 *
 * planted 1 (property): `if` around the workers' wait
 * planted 2 (all_asleep): one signal at shutdown instead of a broadcast
 * planted 3 (all_asleep): room is signalled only when the queue was full
 * planted 4 (all_asleep): one condition variable for both meanings, woken by signals
 * planted 5 (race): the stop flag is read without the lock
 * planted 6 (property): shutdown drops queued jobs
 * planted 7 (use_after_free): the queue is freed before the workers are joined
 * planted 8 (deadlock): a refused submit keeps the lock
 * planted 9 (deadlock): jobs run with the lock held, and one of them submits
 * planted 10 (thread_leak|race): the last worker is never joined
 * planted 11 (misuse|race): the mutex is destroyed while a worker still uses it
 * planted 12 (crash|misuse): a failed pthread_create is ignored */
#include "explore.h"

#include <pthread.h>
#include <stdlib.h>

#ifndef PLANTED
#define PLANTED 0
#endif

enum { WORKERS = 2, JOBS = 4 };

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more, room;
    int *jobs;
    int capacity, count, first, workers;
    bool stop;
    pthread_t threads[WORKERS];
};

static int runs[JOBS + 1]; /* each written by the worker that runs the job */

static bool submit(struct pool *pool, int job);

static void run_job(struct pool *pool, int job) {
    runs[job]++;
    if (job == 0 && PLANTED == 9) submit(pool, JOBS);
}

static pthread_cond_t *room_of(struct pool *pool) {
    return PLANTED == 4 ? &pool->more : &pool->room;
}

static bool wait_for_job(struct pool *pool) {
    if (PLANTED == 1) {
        if (!pool->count && !pool->stop) pthread_cond_wait(&pool->more, &pool->lock);
        return pool->count || !pool->stop;
    }
    while (!pool->count && !pool->stop) pthread_cond_wait(&pool->more, &pool->lock);
    return PLANTED == 6 ? !pool->stop : pool->count > 0;
}

static int take_job(struct pool *pool) {
    if (!pool->count) explore_fail("a worker takes a job from an empty queue");
    int job = pool->jobs[pool->first];
    pool->first = (pool->first + 1) % pool->capacity;
    pool->count--;
    if (PLANTED != 3 || pool->count == pool->capacity - 1) pthread_cond_signal(room_of(pool));
    return job;
}

static void *work(void *argument) {
    struct pool *pool = argument;
    for (;;) {
        if (PLANTED == 5 && pool->stop && !pool->count) return NULL;
        pthread_mutex_lock(&pool->lock);
        if (!wait_for_job(pool)) break;
        int job = take_job(pool);
        if (PLANTED == 9) run_job(pool, job);
        pthread_mutex_unlock(&pool->lock);
        if (PLANTED != 9) run_job(pool, job);
    }
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static bool start_workers(struct pool *pool) {
    for (; pool->workers < WORKERS; pool->workers++)
        if (pthread_create(&pool->threads[pool->workers], NULL, work, pool) && PLANTED != 12) return false;
    return true;
}

static void shut_down(struct pool *pool);

static struct pool *open_pool(int capacity) {
    struct pool *pool = calloc(1, sizeof *pool);
    pool->jobs = calloc((size_t)capacity, sizeof *pool->jobs);
    pool->capacity = capacity;
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->more, NULL);
    pthread_cond_init(&pool->room, NULL);
    if (start_workers(pool)) return pool;
    shut_down(pool);
    return NULL;
}

static bool submit(struct pool *pool, int job) {
    pthread_mutex_lock(&pool->lock);
    while (pool->count == pool->capacity && !pool->stop) pthread_cond_wait(room_of(pool), &pool->lock);
    bool accepted = !pool->stop;
    if (!accepted && PLANTED == 8) return false;
    if (accepted) {
        pool->jobs[(pool->first + pool->count++) % pool->capacity] = job;
        pthread_cond_signal(&pool->more);
    }
    pthread_mutex_unlock(&pool->lock);
    return accepted;
}

static void shut_down(struct pool *pool) {
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    if (PLANTED == 2)
        pthread_cond_signal(&pool->more);
    else
        pthread_cond_broadcast(&pool->more);
    pthread_cond_broadcast(&pool->room);
    pthread_mutex_unlock(&pool->lock);
    if (PLANTED == 7) free(pool->jobs);
    if (PLANTED == 11) pthread_mutex_destroy(&pool->lock);
    for (int i = 0; i < pool->workers - (PLANTED == 10); i++) pthread_join(pool->threads[i], NULL);
    if (PLANTED == 10) return; /* the pool stays behind with its thread */
    if (PLANTED != 11) pthread_mutex_destroy(&pool->lock);
    pthread_cond_destroy(&pool->more);
    pthread_cond_destroy(&pool->room);
    if (PLANTED != 7) free(pool->jobs);
    free(pool);
}

static void *submit_second_half(void *argument) {
    for (int job = JOBS / 2; job < JOBS; job++)
        if (!submit(argument, job)) explore_fail("job %d was refused before shutdown", job);
    return NULL;
}

static void run_drain(void) {
    pthread_t submitter;
    struct pool *pool = open_pool(1 + (int)explore_choose(2));
    pthread_create(&submitter, NULL, submit_second_half, pool);
    for (int job = 0; job < JOBS / 2; job++) submit(pool, job);
    pthread_join(submitter, NULL);
    shut_down(pool);
    for (int job = 0; job < JOBS; job++)
        if (runs[job] != 1) explore_fail("job %d was accepted and ran %d times", job, runs[job]);
}

static bool accepted[2];

static void *submit_late(void *argument) {
    for (int job = 0; job < 2; job++) accepted[job] = submit(argument, job);
    return NULL;
}

/* A submitter meets the shutdown. It is joined before the pool is freed. */
static void run_late(void) {
    pthread_t submitter;
    struct pool *pool = open_pool(1);
    pthread_create(&submitter, NULL, submit_late, pool);
    pthread_mutex_lock(&pool->lock);
    pool->stop = true;
    pthread_cond_broadcast(&pool->more);
    pthread_cond_broadcast(&pool->room);
    pthread_mutex_unlock(&pool->lock);
    pthread_join(submitter, NULL);
    shut_down(pool);
    for (int job = 0; job < 2; job++)
        if (runs[job] != accepted[job])
            explore_fail("job %d was %s and ran %d times", job, accepted[job] ? "accepted" : "refused", runs[job]);
}

static void run_failing_threads(void) {
    explore_fail_threads(1);
    struct pool *pool = open_pool(1);
    if (pool) shut_down(pool);
}

const struct explore_scenario explore_scenarios[] = {
    {"drain", run_drain}, {"late", run_late}, {"failing_threads", run_failing_threads}, {NULL, NULL}};
