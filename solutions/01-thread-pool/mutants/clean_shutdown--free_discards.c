/* SPDX-License-Identifier: MIT */
/* free_discards.c -- pool_free drops what is queued in a pool that is still
 * open, where the header promises a drain. */
#include "thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u
#define NO_JOB UINT64_MAX

struct queued_job {
    pool_job run;
    void *arg;
};

/* Threads that sleep for the same event. */
struct sleepers {
    pthread_cond_t wakeup;
    size_t count;
    bool waking; /* one has been signalled and has not come back yet */
};

struct worker {
    struct thread_pool *pool;
    pthread_t thread;
    uint64_t running; /* a job's number, or NO_JOB */
};

struct thread_pool {
    pthread_mutex_t lock;
    struct sleepers workers_asleep, submitters_asleep;
    pthread_cond_t oldest_done, all_joined;
    uint64_t accepted;    /* jobs so far, which is the next one's number */
    uint64_t idle_target; /* the least number that a pool_wait_idle waits for, or NO_JOB */
    struct queued_job *ring;
    size_t capacity, queued, first, next;
    bool closed, joined;
    size_t worker_count;
    struct worker workers[];
};

/* Sleeps until `deadline`, if there is one. False: it has passed. Whoever comes
 * back, for whatever reason, takes the wakeup under way upon itself. */
static bool sleep_among(struct sleepers *s, struct thread_pool *p, const struct timespec *deadline) {
    s->count++;
    int late =
        deadline ? pthread_cond_timedwait(&s->wakeup, &p->lock, deadline) : pthread_cond_wait(&s->wakeup, &p->lock);
    s->count--;
    s->waking = false;
    return !late;
}

/* Should the caller signal, once it has released the lock? */
static bool claim_wakeup(struct sleepers *s) {
    bool needed = s->count > 0 && !s->waking;
    if (needed) s->waking = true;
    return needed;
}

static void let_others_run(struct thread_pool *p) {
    pthread_mutex_unlock(&p->lock);
    sched_yield();
    pthread_mutex_lock(&p->lock);
}

/* False: the pool is closed and the queue empty. */
static bool wait_for_job(struct thread_pool *p) {
    for (bool first = true; p->queued == 0; first = false) {
        if (p->closed) return false;
        if (first)
            let_others_run(p);
        else
            sleep_among(&p->workers_asleep, p, NULL);
    }
    return true;
}

static struct queued_job take(struct thread_pool *p, struct worker *me) {
    struct queued_job job = p->ring[p->first];
    p->first = p->first + 1 == p->capacity ? 0 : p->first + 1;
    me->running = p->accepted - p->queued--;
    return job;
}

/* The number of the oldest job that is queued or runs. */
static uint64_t oldest_unfinished(const struct thread_pool *p) {
    uint64_t oldest = p->accepted - p->queued;
    for (size_t i = 0; i < p->worker_count; i++)
        if (p->workers[i].running < oldest) oldest = p->workers[i].running;
    return oldest;
}

/* Wakes those in pool_wait_idle if the first of them may go on. */
static void report_progress(struct thread_pool *p) {
    if (p->idle_target == NO_JOB || oldest_unfinished(p) < p->idle_target) return;
    p->idle_target = NO_JOB; /* those who must wait on set it again */
    pthread_cond_broadcast(&p->oldest_done);
}

static void *work(void *argument) {
    struct worker *me = argument;
    struct thread_pool *p = me->pool;
    pthread_mutex_lock(&p->lock);
    while (wait_for_job(p)) {
        struct queued_job job = take(p, me);
        bool more = p->queued > 0 && claim_wakeup(&p->workers_asleep);
        bool room = claim_wakeup(&p->submitters_asleep);
        pthread_mutex_unlock(&p->lock);
        /* Before the job: it may take for ever, or need what it has let in. */
        if (more) pthread_cond_signal(&p->workers_asleep.wakeup);
        if (room) pthread_cond_signal(&p->submitters_asleep.wakeup);
        job.run(job.arg);
        pthread_mutex_lock(&p->lock);
        me->running = NO_JOB;
        report_progress(p);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

/* None of these calls can fail on Linux: they take no memory. */
static void init_locks(struct thread_pool *p) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->workers_asleep.wakeup, NULL);
    pthread_cond_init(&p->submitters_asleep.wakeup, &monotonic);
    pthread_cond_init(&p->oldest_done, NULL);
    pthread_cond_init(&p->all_joined, NULL);
    pthread_condattr_destroy(&monotonic);
}

/* Answers false when one did not start; those that did are counted. */
static bool start_workers(struct thread_pool *p, size_t workers) {
    for (; p->worker_count < workers; p->worker_count++) {
        struct worker *w = &p->workers[p->worker_count];
        *w = (struct worker){.pool = p, .running = NO_JOB};
        if (pthread_create(&w->thread, NULL, work, w) != 0) return false;
    }
    return true;
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p;
    if (workers == 0 || queue_capacity == 0) return NULL;
    if (workers > (SIZE_MAX - sizeof *p) / sizeof *p->workers) return NULL;
    p = calloc(1, sizeof *p + workers * sizeof *p->workers);
    if (!p) return NULL;
    p->ring = calloc(queue_capacity, sizeof *p->ring);
    if (!p->ring) {
        free(p);
        return NULL;
    }
    p->capacity = queue_capacity;
    p->idle_target = NO_JOB;
    init_locks(p);
    if (start_workers(p, workers)) return p;
    pool_free(p); /* joins those that have started */
    return NULL;
}

static struct timespec monotonic_after(uint64_t timeout_ns) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail: the clock exists, and `t` is ours */
    uint64_t ns = (uint64_t)t.tv_nsec + timeout_ns % NS_PER_S;
    /* In seconds even 2^64 ns are far from overflowing. */
    t.tv_sec += (time_t)(timeout_ns / NS_PER_S + ns / NS_PER_S);
    t.tv_nsec = (long)(ns % NS_PER_S);
    return t;
}

/* Waits while the queue is full: for ever if `timeout_ns` is NULL. False: the
 * time is over. The clock is read only by those who have to wait. */
static bool wait_for_room(struct thread_pool *p, const uint64_t *timeout_ns) {
    struct timespec deadline;
    bool in_time = true;
    for (bool first = true; p->queued == p->capacity && !p->closed; first = false) {
        if (!in_time || (timeout_ns && *timeout_ns == 0)) return false;
        if (first && timeout_ns) deadline = monotonic_after(*timeout_ns);
        if (first)
            let_others_run(p);
        else
            in_time = sleep_among(&p->submitters_asleep, p, timeout_ns ? &deadline : NULL);
    }
    return true;
}

static void put(struct thread_pool *p, pool_job job, void *arg) {
    p->ring[p->next] = (struct queued_job){job, arg};
    p->next = p->next + 1 == p->capacity ? 0 : p->next + 1;
    p->queued++;
    p->accepted++;
}

static enum pool_status submit(struct thread_pool *p, pool_job job, void *arg, const uint64_t *timeout_ns) {
    enum pool_status status = POOL_OK;
    bool more = false, room = false;
    pthread_mutex_lock(&p->lock);
    if (!wait_for_room(p, timeout_ns)) {
        status = POOL_TIMEOUT;
    } else if (p->closed) {
        status = POOL_CLOSED;
    } else {
        put(p, job, arg);
        more = claim_wakeup(&p->workers_asleep);
        room = p->queued < p->capacity && claim_wakeup(&p->submitters_asleep);
    }
    pthread_mutex_unlock(&p->lock);
    if (more) pthread_cond_signal(&p->workers_asleep.wakeup);
    if (room) pthread_cond_signal(&p->submitters_asleep.wakeup);
    return status;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    return submit(p, job, arg, NULL);
}

enum pool_status pool_try_submit(struct thread_pool *p, pool_job job, void *arg) {
    enum pool_status status = submit(p, job, arg, &(uint64_t){0});
    return status == POOL_TIMEOUT ? POOL_FULL : status;
}

enum pool_status pool_submit_within(struct thread_pool *p, pool_job job, void *arg, uint64_t timeout_ns) {
    return submit(p, job, arg, &timeout_ns);
}

void pool_wait_idle(struct thread_pool *p) {
    pthread_mutex_lock(&p->lock);
    for (uint64_t target = p->accepted; oldest_unfinished(p) < target;) {
        if (target < p->idle_target) p->idle_target = target;
        pthread_cond_wait(&p->oldest_done, &p->lock);
    }
    pthread_mutex_unlock(&p->lock);
}

/* Closes the pool and wakes everybody whom that concerns. Needs the lock. */
static size_t close_pool(struct thread_pool *p, enum pool_stop how) {
    size_t discarded = how == POOL_DISCARD ? p->queued : 0;
    p->closed = true;
    p->queued -= discarded;
    report_progress(p); /* what is discarded is done */
    pthread_cond_broadcast(&p->workers_asleep.wakeup);
    pthread_cond_broadcast(&p->submitters_asleep.wakeup);
    return discarded;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    pthread_mutex_lock(&p->lock);
    bool first = !p->closed;
    size_t discarded = first ? close_pool(p, how) : 0;
    while (!first && !p->joined) pthread_cond_wait(&p->all_joined, &p->lock);
    pthread_mutex_unlock(&p->lock);
    if (!first) return 0;

    /* A join waits for the thread's destructors; a counter of ends would not. */
    for (size_t i = 0; i < p->worker_count; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_mutex_lock(&p->lock);
    p->joined = true;
    pthread_cond_broadcast(&p->all_joined);
    pthread_mutex_unlock(&p->lock);
    return discarded;
}

void pool_free(struct thread_pool *p) {
    if (!p) return;
    pool_shutdown(p, POOL_DISCARD);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->workers_asleep.wakeup);
    pthread_cond_destroy(&p->submitters_asleep.wakeup);
    pthread_cond_destroy(&p->oldest_done);
    pthread_cond_destroy(&p->all_joined);
    free(p->ring);
    free(p);
}
