/* SPDX-License-Identifier: MIT */
/* thread_pool.c -- a condition variable for each thread that sleeps.
 *
 * Idle workers lie on a stack. A submit that finds one puts the job into that
 * worker's own hands and wakes just this one; the queue is used only when
 * nobody is idle, so it holds `capacity` jobs beside those that are on their
 * way. Blocked submitters stand in a line; who makes room moves the first one's
 * job into the queue on its behalf, and then tells it so. No signal can reach
 * the wrong thread, and no thread that wakes can be overtaken. */
#include "thread_pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

struct task {
    pool_job job;
    void *arg;
    uint64_t number;
};

struct worker {
    struct thread_pool *pool;
    struct worker *below; /* on the stack of idle workers */
    pthread_cond_t wakeup;
    pthread_t thread;
    struct task task;
    bool busy; /* `task` is to be run, or runs */
};

/* A submitter that waits, on its own stack. */
struct blocked {
    struct blocked *behind;
    pthread_cond_t wakeup;
    struct task task;
    enum { WAITING, ACCEPTED, REFUSED } state;
};

struct thread_pool {
    pthread_mutex_t lock;
    pthread_cond_t job_ended, all_ended;
    struct task *queue;
    size_t capacity, first, queued;
    struct worker *idle, *workers;
    size_t worker_count;
    struct blocked *front, **back;
    uint64_t accepted;
    size_t idle_waiters;
    bool closed, ended;
};

static void enqueue(struct thread_pool *p, struct task task) {
    task.number = p->accepted++;
    p->queue[(p->first + p->queued++) % p->capacity] = task;
}

/* The first blocked submitter's job goes into the room that has just come. */
static void let_one_in(struct thread_pool *p) {
    struct blocked *b = p->front;
    if (!b) return;
    p->front = b->behind;
    if (!p->front) p->back = &p->front;
    enqueue(p, b->task);
    b->state = ACCEPTED;
    pthread_cond_signal(&b->wakeup);
}

/* What to do next: the queue's first job, or what somebody hands over. False: the end. */
static bool next_task(struct thread_pool *p, struct worker *me) {
    if (p->queued > 0) {
        me->task = p->queue[p->first];
        p->first = (p->first + 1) % p->capacity;
        p->queued--;
        me->busy = true;
        let_one_in(p);
    } else if (!p->closed) {
        me->below = p->idle;
        p->idle = me;
        while (!me->busy && !p->closed) pthread_cond_wait(&me->wakeup, &p->lock);
    }
    return me->busy;
}

static void *work(void *argument) {
    struct worker *me = argument;
    struct thread_pool *p = me->pool;
    pthread_mutex_lock(&p->lock);
    while (next_task(p, me)) {
        struct task task = me->task;
        pthread_mutex_unlock(&p->lock);
        task.job(task.arg);
        pthread_mutex_lock(&p->lock);
        me->busy = false;
        if (p->idle_waiters > 0) pthread_cond_broadcast(&p->job_ended);
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

static bool start(struct thread_pool *p, size_t workers) {
    for (; p->worker_count < workers; p->worker_count++) {
        struct worker *w = &p->workers[p->worker_count];
        w->pool = p;
        pthread_cond_init(&w->wakeup, NULL);
        if (pthread_create(&w->thread, NULL, work, w) == 0) continue;
        pthread_cond_destroy(&w->wakeup);
        return false;
    }
    return true;
}

struct thread_pool *pool_new(size_t workers, size_t queue_capacity) {
    struct thread_pool *p = workers && queue_capacity ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->job_ended, NULL);
    pthread_cond_init(&p->all_ended, NULL);
    p->back = &p->front;
    p->capacity = queue_capacity;
    p->queue = calloc(queue_capacity, sizeof *p->queue);
    p->workers = calloc(workers, sizeof *p->workers);
    if (p->queue && p->workers && start(p, workers)) return p;
    pool_free(p);
    return NULL;
}

/* POOL_FULL: neither an idle worker nor room. Idle workers imply an empty queue. */
static enum pool_status try_submit(struct thread_pool *p, struct task task) {
    if (p->closed) return POOL_CLOSED;
    struct worker *w = p->idle;
    if (w) {
        p->idle = w->below;
        w->task = task;
        w->task.number = p->accepted++;
        w->busy = true;
        pthread_cond_signal(&w->wakeup);
        return POOL_OK;
    }
    if (p->queued == p->capacity) return POOL_FULL;
    enqueue(p, task);
    return POOL_OK;
}

static void leave_line(struct thread_pool *p, struct blocked *me) {
    struct blocked **at = &p->front;
    while (*at != me) at = &(*at)->behind;
    *at = me->behind;
    if (!*at) p->back = at;
}

static enum pool_status stand_in_line(struct thread_pool *p, struct task task, const struct timespec *deadline) {
    struct blocked me = {.task = task, .state = WAITING};
    int late = 0;
    pthread_cond_init(&me.wakeup, NULL);
    *p->back = &me;
    p->back = &me.behind;
    while (me.state == WAITING && !late)
        late = deadline ? pthread_cond_clockwait(&me.wakeup, &p->lock, CLOCK_MONOTONIC, deadline)
                        : pthread_cond_wait(&me.wakeup, &p->lock);
    if (me.state == WAITING) leave_line(p, &me);
    pthread_cond_destroy(&me.wakeup);
    return me.state == WAITING ? POOL_TIMEOUT : me.state == ACCEPTED ? POOL_OK : POOL_CLOSED;
}

enum pool_status pool_submit(struct thread_pool *p, pool_job job, void *arg) {
    struct task task = {job, arg, 0};
    pthread_mutex_lock(&p->lock);
    enum pool_status status = try_submit(p, task);
    if (status == POOL_FULL) status = stand_in_line(p, task, NULL);
    pthread_mutex_unlock(&p->lock);
    return status;
}

enum pool_status pool_try_submit(struct thread_pool *p, pool_job job, void *arg) {
    pthread_mutex_lock(&p->lock);
    enum pool_status status = try_submit(p, (struct task){job, arg, 0});
    pthread_mutex_unlock(&p->lock);
    return status;
}

enum pool_status pool_submit_within(struct thread_pool *p, pool_job job, void *arg, uint64_t timeout_ns) {
    struct task task = {job, arg, 0};
    struct timespec end;
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += (time_t)(timeout_ns / 1000000000u);
    end.tv_nsec += (long)(timeout_ns % 1000000000u);
    if (end.tv_nsec >= 1000000000) end.tv_nsec -= 1000000000, end.tv_sec++;
    pthread_mutex_lock(&p->lock);
    enum pool_status status = try_submit(p, task);
    if (status == POOL_FULL) status = timeout_ns ? stand_in_line(p, task, &end) : POOL_TIMEOUT;
    pthread_mutex_unlock(&p->lock);
    return status;
}

static bool older_than(const struct thread_pool *p, uint64_t target) {
    if (p->queued > 0 && p->queue[p->first].number < target) return true;
    for (size_t i = 0; i < p->worker_count; i++)
        if (p->workers[i].busy && p->workers[i].task.number < target) return true;
    return false;
}

void pool_wait_idle(struct thread_pool *p) {
    pthread_mutex_lock(&p->lock);
    p->idle_waiters++;
    for (uint64_t target = p->accepted; older_than(p, target);) pthread_cond_wait(&p->job_ended, &p->lock);
    p->idle_waiters--;
    pthread_mutex_unlock(&p->lock);
}

static size_t close_pool(struct thread_pool *p, enum pool_stop how) {
    size_t dropped = how == POOL_DISCARD ? p->queued : 0;
    p->closed = true;
    p->queued -= dropped;
    for (struct worker *w = p->idle; w; w = w->below) pthread_cond_signal(&w->wakeup);
    for (struct blocked *b = p->front; b; b = b->behind) {
        b->state = REFUSED;
        pthread_cond_signal(&b->wakeup);
    }
    p->front = NULL;
    p->back = &p->front;
    pthread_cond_broadcast(&p->job_ended);
    return dropped;
}

size_t pool_shutdown(struct thread_pool *p, enum pool_stop how) {
    pthread_mutex_lock(&p->lock);
    bool first = !p->closed;
    size_t dropped = first ? close_pool(p, how) : 0;
    while (!first && !p->ended) pthread_cond_wait(&p->all_ended, &p->lock);
    pthread_mutex_unlock(&p->lock);
    for (size_t i = 0; first && i < p->worker_count; i++) pthread_join(p->workers[i].thread, NULL);
    pthread_mutex_lock(&p->lock);
    p->ended = true;
    pthread_cond_broadcast(&p->all_ended);
    pthread_mutex_unlock(&p->lock);
    return dropped;
}

void pool_free(struct thread_pool *p) {
    if (!p) return;
    pool_shutdown(p, POOL_DRAIN);
    for (size_t i = 0; i < p->worker_count; i++) pthread_cond_destroy(&p->workers[i].wakeup);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->job_ended);
    pthread_cond_destroy(&p->all_ended);
    free(p->queue);
    free(p->workers);
    free(p);
}
