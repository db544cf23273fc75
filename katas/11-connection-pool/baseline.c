/* SPDX-License-Identifier: MIT */
/* baseline.c -- simple, right, and slow: one condition variable for everybody.
 * Whatever changes, all waiters wake, and all but the first of them find that it
 * is not their turn. */
#include "conn_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u

struct held {
    void *connection;
    uint64_t born_ns, idle_since_ns;
};

struct waiter {
    struct waiter *next;
};

struct conn_pool {
    struct pool_limits limits;
    struct pool_env env;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct held *idle, *used; /* the most recently used idle one is the last */
    size_t idle_count, used_count, closing, opening, spares, waiting;
    struct waiter *first;
    bool closed;
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    if (limits.size_max == 0 || limits.idle_min > limits.size_max) return NULL;
    struct conn_pool *p = calloc(1, sizeof *p);
    struct held *idle = calloc(limits.size_max, sizeof *idle), *used = calloc(limits.size_max, sizeof *used);
    if (!p || !idle || !used) {
        free(p), free(idle), free(used);
        return NULL;
    }
    p->limits = limits, p->env = env, p->idle = idle, p->used = used;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return p;
}

static bool has_room(const struct conn_pool *p) {
    return p->idle_count + p->used_count + p->closing + p->opening < p->limits.size_max;
}

static void take_out(struct conn_pool *p, const void *connection) {
    size_t at = 0;
    while (p->used[at].connection != connection) at++;
    p->used[at] = p->used[--p->used_count];
}

/* Once it is closed, another one may have its address: so it is taken out first. */
static void close_used(struct conn_pool *p, void *connection) {
    take_out(p, connection);
    p->closing++;
    pthread_mutex_unlock(&p->lock);
    p->env.close(p->env.world, connection);
    pthread_mutex_lock(&p->lock);
    p->closing--;
    pthread_cond_broadcast(&p->changed);
}

static bool is_old(const struct conn_pool *p, struct held held) {
    return p->limits.lifetime_max_ns && now_ns() - held.born_ns > p->limits.lifetime_max_ns;
}

static bool is_stale(const struct conn_pool *p, struct held held) {
    return p->limits.idle_timeout_ns && now_ns() - held.idle_since_ns > p->limits.idle_timeout_ns;
}

/* What is in `used` becomes idle, or is closed. */
static void put_back(struct conn_pool *p, struct held held) {
    if (p->closed || is_old(p, held)) {
        close_used(p, held.connection);
        return;
    }
    take_out(p, held.connection);
    held.idle_since_ns = now_ns();
    p->idle[p->idle_count++] = held;
    pthread_cond_broadcast(&p->changed);
}

/* NULL: it failed. Else it is in `used`. */
static void *open_one(struct conn_pool *p, struct held *held) {
    p->opening++;
    pthread_mutex_unlock(&p->lock);
    held->connection = p->env.open(p->env.world);
    held->born_ns = now_ns();
    pthread_mutex_lock(&p->lock);
    p->opening--;
    if (held->connection) p->used[p->used_count++] = *held;
    pthread_cond_broadcast(&p->changed);
    return held->connection;
}

/* An idle one that is good, or NULL. */
static void *newest_good(struct conn_pool *p) {
    while (p->idle_count > 0 && !p->closed) {
        struct held held = p->used[p->used_count++] = p->idle[--p->idle_count];
        if (!is_old(p, held) && !is_stale(p, held)) {
            pthread_mutex_unlock(&p->lock);
            bool alive = p->env.alive(p->env.world, held.connection);
            pthread_mutex_lock(&p->lock);
            if (alive) return held.connection;
        }
        close_used(p, held.connection);
    }
    return NULL;
}

static void leave(struct conn_pool *p, const struct waiter *me) {
    struct waiter **at = &p->first;
    while (*at != me) at = &(*at)->next;
    *at = me->next;
    p->waiting--;
    pthread_cond_broadcast(&p->changed); /* it may be somebody else's turn now */
}

static bool something_is_there(const struct conn_pool *p) {
    return p->idle_count > 0 || has_room(p);
}

/* Returns when it is this caller's turn, or time is over, or the pool is closed. */
static enum conn_status wait_for_turn(struct conn_pool *p, uint64_t deadline) {
    const struct timespec until = {(time_t)(deadline / NS_PER_S), (long)(deadline % NS_PER_S)};
    struct waiter me = {NULL}, **at = &p->first;
    if (p->waiting >= p->limits.waiters_max) return CONN_BUSY;
    while (*at) at = &(*at)->next;
    *at = &me;
    p->waiting++;
    while (!p->closed && now_ns() < deadline && !(p->first == &me && something_is_there(p)))
        pthread_cond_timedwait(&p->changed, &p->lock, &until);
    leave(p, &me);
    return p->closed ? CONN_CLOSED : now_ns() < deadline ? CONN_OK : CONN_TIMEOUT;
}

static enum conn_status open_for_caller(struct conn_pool *p, uint64_t deadline, void **connection) {
    struct held held;
    if (!open_one(p, &held)) return CONN_FAILED;
    if (!p->closed && held.born_ns < deadline) {
        *connection = held.connection;
        return CONN_OK;
    }
    enum conn_status status = p->closed ? CONN_CLOSED : CONN_TIMEOUT;
    put_back(p, held);
    return status;
}

static enum conn_status acquire(struct conn_pool *p, uint64_t deadline, void **connection) {
    if (p->closed) return CONN_CLOSED;
    if (p->first || !something_is_there(p)) {
        enum conn_status turn = wait_for_turn(p, deadline);
        if (turn != CONN_OK) return turn;
    }
    void *good = newest_good(p);
    if (good) *connection = good;
    if (good) return CONN_OK;
    return p->closed ? CONN_CLOSED : open_for_caller(p, deadline, connection);
}

enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    uint64_t now = now_ns(), timeout = p->limits.acquire_timeout_ns;
    pthread_mutex_lock(&p->lock);
    enum conn_status status = acquire(p, timeout > UINT64_MAX - now ? UINT64_MAX : now + timeout, connection);
    pthread_mutex_unlock(&p->lock);
    return status;
}

void conn_release(struct conn_pool *p, void *connection, bool broken) {
    pthread_mutex_lock(&p->lock);
    size_t at = 0;
    while (p->used[at].connection != connection) at++;
    if (broken)
        close_used(p, connection);
    else
        put_back(p, p->used[at]);
    pthread_mutex_unlock(&p->lock);
}

/* Moves the one at `at` to `used`, and closes it. */
static void close_idle(struct conn_pool *p, size_t at) {
    struct held held = p->used[p->used_count++] = p->idle[at];
    p->idle_count--;
    for (; at < p->idle_count; at++) p->idle[at] = p->idle[at + 1];
    close_used(p, held.connection);
}

static bool close_one_old(struct conn_pool *p) {
    for (size_t at = 0; at < p->idle_count; at++) {
        if (!is_old(p, p->idle[at])) continue;
        close_idle(p, at);
        return true;
    }
    return false;
}

static bool open_spare(struct conn_pool *p) {
    struct held held;
    p->spares++;
    bool opened = open_one(p, &held);
    p->spares--;
    if (opened) put_back(p, held);
    return opened;
}

void conn_pool_tend(struct conn_pool *p) {
    pthread_mutex_lock(&p->lock);
    while (close_one_old(p)) continue;
    while (p->idle_count > p->limits.idle_min && is_stale(p, p->idle[0])) close_idle(p, 0);
    while (!p->closed && !p->first && has_room(p) && p->idle_count + p->spares < p->limits.idle_min)
        if (!open_spare(p)) break;
    pthread_mutex_unlock(&p->lock);
}

struct conn_stats conn_pool_stats(struct conn_pool *p) {
    pthread_mutex_lock(&p->lock);
    size_t in_use = p->used_count + p->closing;
    struct conn_stats s = {p->idle_count + in_use, p->idle_count, in_use, p->opening, p->waiting};
    pthread_mutex_unlock(&p->lock);
    return s;
}

void conn_pool_close(struct conn_pool *p) {
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    pthread_cond_broadcast(&p->changed);
    while (p->idle_count > 0) close_idle(p, p->idle_count - 1);
    while (p->used_count + p->closing + p->opening > 0) pthread_cond_wait(&p->changed, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void conn_pool_free(struct conn_pool *p) {
    if (!p) return;
    conn_pool_close(p);
    pthread_cond_destroy(&p->changed);
    pthread_mutex_destroy(&p->lock);
    free(p->idle), free(p->used), free(p);
}
