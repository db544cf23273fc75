/* SPDX-License-Identifier: MIT */
/* conn_pool.c -- reference: one mutex, a stack of idle connections, and a queue of
 * waiters, each of which sleeps on a condition variable of its own.
 *
 * Whoever has something to give, a connection or a place, gives it to the first
 * waiter before the lock is released: nobody can come in between. Hence these
 * hold whenever nobody has the lock:
 *
 *   - Somebody waits: nothing is idle, and no place is free.
 *   - Every place is free, idle, in use, opening or closing; a place that is on its way to a
 *     waiter is opening, a connection on its way is in use.
 *
 * A waiter that wakes too late gives what it has been given to the next one. */
#include "conn_pool.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NS_PER_S 1000000000u

struct lent {
    void *connection;
    uint64_t born_ns, idle_since_ns;
};

/* On the stack of the one that waits. */
struct waiter {
    struct waiter *next;
    pthread_cond_t served;
    enum { NOTHING, A_CONNECTION, A_PLACE, THE_END } given;
    struct lent lent; /* of A_CONNECTION */
};

struct conn_pool {
    struct pool_limits limits;
    struct pool_env env;
    pthread_mutex_t lock; /* guards all that follows; never held in open, close or alive */
    pthread_condattr_t monotonic;
    pthread_cond_t none_left;
    struct lent *idle; /* a stack; so the longest idle is at the bottom */
    struct lent *used;
    size_t idle_count, used_count, closing, opening, spares_opening, waiting;
    struct waiter *first, **last;
    bool closed;
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static size_t places_taken(const struct conn_pool *p) {
    return p->idle_count + p->used_count + p->closing + p->opening;
}

struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    if (limits.size_max == 0 || limits.idle_min > limits.size_max) return NULL;
    struct conn_pool *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    p->limits = limits, p->env = env;
    p->idle = calloc(limits.size_max, sizeof *p->idle);
    p->used = calloc(limits.size_max, sizeof *p->used);
    if (!p->idle || !p->used) {
        free(p->idle), free(p->used), free(p);
        return NULL;
    }
    p->last = &p->first;
    pthread_mutex_init(&p->lock, NULL);
    pthread_condattr_init(&p->monotonic);
    pthread_condattr_setclock(&p->monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&p->none_left, NULL);
    return p;
}

static struct waiter *next_in_line(struct conn_pool *p) {
    struct waiter *w = p->first;
    p->first = w->next;
    if (!p->first) p->last = &p->first;
    p->waiting--;
    return w;
}

static void serve(struct conn_pool *p, int given, struct lent lent) {
    struct waiter *w = next_in_line(p);
    w->given = given, w->lent = lent;
    pthread_cond_signal(&w->served); /* with the lock held: the waiter, and its condition, are there */
}

/* A place is free: it has just been given up. */
static void give_place(struct conn_pool *p) {
    if (p->first) {
        p->opening++;
        serve(p, A_PLACE, (struct lent){0});
    }
    if (p->closed && places_taken(p) == 0) pthread_cond_broadcast(&p->none_left);
}

static void remove_used(struct conn_pool *p, size_t at) {
    p->used[at] = p->used[--p->used_count];
}

static size_t find_used(const struct conn_pool *p, const void *connection) {
    size_t at = 0;
    while (at < p->used_count && p->used[at].connection != connection) at++;
    assert(at < p->used_count);
    return at;
}

/* Closes what is in `used`; its place is the caller's then. The lock is given up meanwhile, and another connection
 * may have this one's address before we have it again: so it leaves `used` first. */
static void close_used(struct conn_pool *p, void *connection) {
    remove_used(p, find_used(p, connection));
    p->closing++;
    pthread_mutex_unlock(&p->lock);
    p->env.close(p->env.world, connection);
    pthread_mutex_lock(&p->lock);
    p->closing--;
}

/* Where there is no limit, nobody looks at the clock. */
static bool is_old(const struct conn_pool *p, struct lent lent) {
    return p->limits.lifetime_max_ns && now_ns() - lent.born_ns > p->limits.lifetime_max_ns;
}

static bool is_idle_for_long(const struct conn_pool *p, struct lent lent) {
    return p->limits.idle_timeout_ns && now_ns() - lent.idle_since_ns > p->limits.idle_timeout_ns;
}

/* Somebody else may have this one, which is in `used`. */
static void offer(struct conn_pool *p, struct lent lent) {
    if (p->closed || is_old(p, lent)) {
        close_used(p, lent.connection);
        give_place(p);
    } else if (p->first) {
        serve(p, A_CONNECTION, lent);
    } else {
        remove_used(p, find_used(p, lent.connection));
        lent.idle_since_ns = p->limits.idle_timeout_ns ? now_ns() : 0;
        p->idle[p->idle_count++] = lent;
    }
}

/* The place is ours already, and counted as opening. NULL: the open failed, and the place is ours still. */
static void *open_here(struct conn_pool *p, struct lent *lent) {
    pthread_mutex_unlock(&p->lock);
    void *connection = p->env.open(p->env.world);
    *lent = (struct lent){connection, now_ns(), 0};
    pthread_mutex_lock(&p->lock);
    p->opening--;
    if (connection) p->used[p->used_count++] = *lent;
    return connection;
}

static enum conn_status open_for_caller(struct conn_pool *p, uint64_t deadline, void **connection) {
    struct lent lent;
    if (!open_here(p, &lent)) {
        give_place(p);
        return CONN_FAILED;
    }
    if (!p->closed && lent.born_ns < deadline) {
        *connection = lent.connection;
        return CONN_OK;
    }
    enum conn_status status = p->closed ? CONN_CLOSED : CONN_TIMEOUT;
    offer(p, lent);
    return status;
}

/* The newest idle one that is good; NULL: there is none, and each that was not good has been closed. */
static void *newest_good(struct conn_pool *p) {
    while (p->idle_count > 0) {
        struct lent lent = p->used[p->used_count++] = p->idle[--p->idle_count];
        if (!is_old(p, lent) && !is_idle_for_long(p, lent)) {
            pthread_mutex_unlock(&p->lock);
            bool good = p->env.alive(p->env.world, lent.connection);
            pthread_mutex_lock(&p->lock);
            if (good) return lent.connection;
        }
        close_used(p, lent.connection);
    }
    return NULL;
}

static void leave_line(struct conn_pool *p, const struct waiter *w) {
    struct waiter **at = &p->first;
    while (*at != w) at = &(*at)->next;
    *at = w->next;
    if (p->last == &w->next) p->last = at;
    p->waiting--;
}

static void sleep_until_served(struct conn_pool *p, struct waiter *w, uint64_t deadline) {
    const struct timespec until = {(time_t)(deadline / NS_PER_S), (long)(deadline % NS_PER_S)};
    *p->last = w;
    p->last = &w->next;
    p->waiting++;
    pthread_cond_init(&w->served, &p->monotonic);
    while (w->given == NOTHING && now_ns() < deadline) pthread_cond_timedwait(&w->served, &p->lock, &until);
    if (w->given == NOTHING) leave_line(p, w);
    pthread_cond_destroy(&w->served);
}

static enum conn_status wait_in_line(struct conn_pool *p, uint64_t deadline, void **connection) {
    struct waiter w = {.given = NOTHING};
    sleep_until_served(p, &w, deadline);
    bool in_time = now_ns() < deadline;
    if (w.given == THE_END) return CONN_CLOSED;
    if (w.given == A_CONNECTION && in_time) {
        *connection = w.lent.connection;
        return CONN_OK;
    }
    if (w.given == A_PLACE && in_time && !p->closed) return open_for_caller(p, deadline, connection);
    enum conn_status status = p->closed ? CONN_CLOSED : CONN_TIMEOUT;
    if (w.given == A_CONNECTION) offer(p, w.lent);
    if (w.given == A_PLACE) {
        p->opening--;
        give_place(p);
    }
    return status;
}

static enum conn_status acquire_locked(struct conn_pool *p, uint64_t deadline, void **connection) {
    if (p->closed) return CONN_CLOSED;
    if (p->idle_count > 0) {
        void *good = newest_good(p);
        if (good) {
            *connection = good;
            return CONN_OK;
        }
        if (p->closed) {
            give_place(p);
            return CONN_CLOSED;
        }
    }
    if (places_taken(p) < p->limits.size_max) {
        p->opening++;
        return open_for_caller(p, deadline, connection);
    }
    if (p->waiting >= p->limits.waiters_max) return CONN_BUSY;
    return wait_in_line(p, deadline, connection);
}

enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    uint64_t now = now_ns(), timeout = p->limits.acquire_timeout_ns;
    uint64_t deadline = timeout > UINT64_MAX - now ? UINT64_MAX : now + timeout;
    pthread_mutex_lock(&p->lock);
    enum conn_status status = acquire_locked(p, deadline, connection);
    pthread_mutex_unlock(&p->lock);
    return status;
}

void conn_release(struct conn_pool *p, void *connection, bool broken) {
    pthread_mutex_lock(&p->lock);
    if (broken) {
        close_used(p, connection);
        give_place(p);
    } else {
        offer(p, p->used[find_used(p, connection)]);
    }
    pthread_mutex_unlock(&p->lock);
}

static void close_idle(struct conn_pool *p, size_t at) {
    struct lent lent = p->used[p->used_count++] = p->idle[at];
    memmove(&p->idle[at], &p->idle[at + 1], (--p->idle_count - at) * sizeof *p->idle);
    close_used(p, lent.connection);
    give_place(p);
}

static bool close_one_old(struct conn_pool *p) {
    for (size_t at = 0; at < p->idle_count; at++) {
        if (!is_old(p, p->idle[at])) continue;
        close_idle(p, at);
        return true;
    }
    return false;
}

static bool open_one_spare(struct conn_pool *p) {
    struct lent lent;
    p->opening++, p->spares_opening++;
    void *connection = open_here(p, &lent);
    p->spares_opening--;
    if (connection)
        offer(p, lent);
    else
        give_place(p);
    return connection;
}

void conn_pool_tend(struct conn_pool *p) {
    const size_t idle_min = p->limits.idle_min;
    pthread_mutex_lock(&p->lock);
    while (close_one_old(p)) continue;
    while (p->idle_count > idle_min && is_idle_for_long(p, p->idle[0])) close_idle(p, 0);
    while (!p->closed && !p->first && p->idle_count + p->spares_opening < idle_min &&
           places_taken(p) < p->limits.size_max)
        if (!open_one_spare(p)) break;
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
    while (p->first) serve(p, THE_END, (struct lent){0});
    while (p->idle_count > 0) close_idle(p, p->idle_count - 1);
    while (places_taken(p) > 0) pthread_cond_wait(&p->none_left, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void conn_pool_free(struct conn_pool *p) {
    if (!p) return;
    conn_pool_close(p);
    pthread_cond_destroy(&p->none_left);
    pthread_condattr_destroy(&p->monotonic);
    pthread_mutex_destroy(&p->lock);
    free(p->idle), free(p->used), free(p);
}
