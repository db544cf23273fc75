/* SPDX-License-Identifier: MIT */
/* slots.c -- a table of places, each in one state. What is handed on is a place, with
 * a connection in it or without. Which idle one is the newest is a matter of numbers,
 * found by going through the table. One lock; waiters sleep on conditions of their
 * own, by pthread_cond_clockwait. */
#include "conn_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u

enum state { FREE, OPENING, IDLE, USED, STATES };

struct slot {
    enum state state;
    bool spare; /* OPENING: for nobody in particular */
    void *connection;
    uint64_t born_ns, idle_since_ns, turn; /* turn: of its last release, counted up */
};

struct waiter {
    struct waiter *before, *behind; /* a ring, through the pool's own */
    pthread_cond_t woken;
    struct slot *slot;
    bool refused;
};

struct conn_pool {
    struct pool_limits limits;
    struct pool_env env;
    pthread_mutex_t lock;
    pthread_cond_t emptied;
    struct waiter line;
    size_t waiting, counts[STATES];
    uint64_t turns;
    bool closed;
    struct slot slots[];
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void become(struct conn_pool *p, struct slot *s, enum state state) {
    p->counts[s->state]--;
    p->counts[s->state = state]++;
    if (p->closed && p->counts[FREE] == p->limits.size_max) pthread_cond_broadcast(&p->emptied);
}

struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    if (limits.size_max == 0 || limits.idle_min > limits.size_max) return NULL;
    if (limits.size_max > (SIZE_MAX - sizeof(struct conn_pool)) / sizeof(struct slot)) return NULL;
    struct conn_pool *p = calloc(1, sizeof *p + limits.size_max * sizeof(struct slot));
    if (!p) return NULL;
    p->limits = limits, p->env = env;
    p->line.before = p->line.behind = &p->line;
    p->counts[FREE] = limits.size_max;
    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->emptied, NULL);
    return p;
}

static bool too_old(const struct conn_pool *p, const struct slot *s) {
    return p->limits.lifetime_max_ns && now_ns() - s->born_ns > p->limits.lifetime_max_ns;
}

static bool idle_too_long(const struct conn_pool *p, const struct slot *s) {
    return p->limits.idle_timeout_ns && now_ns() - s->idle_since_ns > p->limits.idle_timeout_ns;
}

static void unlink_waiter(struct conn_pool *p, struct waiter *w) {
    w->before->behind = w->behind;
    w->behind->before = w->before;
    p->waiting--;
}

/* A place that nobody has: to the first in line, if there is one. */
static void pass_on(struct conn_pool *p, struct slot *s) {
    struct waiter *w = p->line.behind;
    if (w != &p->line) {
        unlink_waiter(p, w);
        become(p, s, s->connection ? USED : OPENING);
        w->slot = s;
        pthread_cond_signal(&w->woken);
    } else if (s->connection) {
        s->idle_since_ns = now_ns(), s->turn = ++p->turns;
        become(p, s, IDLE);
    } else {
        become(p, s, FREE);
    }
}

/* The slot is USED meanwhile, so that nobody else has it. */
static void empty(struct conn_pool *p, struct slot *s) {
    void *connection = s->connection;
    s->connection = NULL; /* first: as soon as it is closed, another one may have its address */
    pthread_mutex_unlock(&p->lock);
    p->env.close(p->env.world, connection);
    pthread_mutex_lock(&p->lock);
}

/* Fills an OPENING slot, which is USED afterwards, or empty. */
static bool fill(struct conn_pool *p, struct slot *s) {
    pthread_mutex_unlock(&p->lock);
    void *connection = p->env.open(p->env.world);
    uint64_t born = now_ns();
    pthread_mutex_lock(&p->lock);
    s->connection = connection, s->born_ns = born, s->spare = false;
    if (connection) become(p, s, USED);
    return connection;
}

static void give_back(struct conn_pool *p, struct slot *s, bool broken) {
    if (s->connection && (broken || p->closed || too_old(p, s))) empty(p, s);
    pass_on(p, s);
}

static struct slot *find(struct conn_pool *p, enum state state) {
    struct slot *found = NULL;
    if (p->counts[state] == 0) return NULL;
    for (struct slot *s = p->slots; s < p->slots + p->limits.size_max; s++)
        if (s->state == state && (!found || s->turn > found->turn)) found = s;
    return found;
}

static struct slot *longest_idle(struct conn_pool *p) {
    struct slot *found = NULL;
    for (struct slot *s = p->slots; s < p->slots + p->limits.size_max; s++)
        if (s->state == IDLE && (!found || s->turn < found->turn)) found = s;
    return found;
}

/* NULL: not in time, or refused. */
static struct slot *wait_for_slot(struct conn_pool *p, uint64_t deadline) {
    struct waiter me = {.before = p->line.before, .behind = &p->line};
    const struct timespec until = {(time_t)(deadline / NS_PER_S), (long)(deadline % NS_PER_S)};
    pthread_cond_init(&me.woken, NULL);
    me.before->behind = me.behind->before = &me;
    p->waiting++;
    while (!me.slot && !me.refused)
        if (pthread_cond_clockwait(&me.woken, &p->lock, CLOCK_MONOTONIC, &until) && now_ns() >= deadline) break;
    if (!me.slot && !me.refused) unlink_waiter(p, &me);
    pthread_cond_destroy(&me.woken);
    if (me.slot && now_ns() >= deadline) {
        give_back(p, me.slot, false);
        return NULL;
    }
    return me.slot;
}

static enum conn_status fill_for(struct conn_pool *p, struct slot *s, uint64_t deadline, void **connection) {
    bool opened = fill(p, s);
    if (opened && !p->closed && s->born_ns < deadline) {
        *connection = s->connection;
        return CONN_OK;
    }
    give_back(p, s, false);
    return !opened ? CONN_FAILED : p->closed ? CONN_CLOSED : CONN_TIMEOUT;
}

/* Of the idle ones the newest that is good; if none is, the slot of the last that was not. */
static struct slot *take_idle(struct conn_pool *p) {
    struct slot *s = NULL, *next;
    while ((next = find(p, IDLE))) {
        if (s) pass_on(p, s);
        s = next;
        become(p, s, USED);
        if (!too_old(p, s) && !idle_too_long(p, s)) {
            pthread_mutex_unlock(&p->lock);
            bool alive = p->env.alive(p->env.world, s->connection);
            pthread_mutex_lock(&p->lock);
            if (alive) return s;
        }
        empty(p, s);
    }
    return s;
}

static enum conn_status acquire(struct conn_pool *p, uint64_t deadline, void **connection) {
    if (p->closed) return CONN_CLOSED;
    struct slot *s = take_idle(p);
    if (!s) s = find(p, FREE);
    if (!s) {
        if (p->waiting >= p->limits.waiters_max) return CONN_BUSY;
        s = wait_for_slot(p, deadline);
        if (!s) return p->closed ? CONN_CLOSED : CONN_TIMEOUT;
    }
    if (s->connection) {
        *connection = s->connection;
        return CONN_OK;
    }
    if (p->closed) {
        pass_on(p, s);
        return CONN_CLOSED;
    }
    become(p, s, OPENING);
    return fill_for(p, s, deadline, connection);
}

enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    uint64_t now = now_ns(), timeout = p->limits.acquire_timeout_ns;
    uint64_t deadline = now + timeout < now ? UINT64_MAX : now + timeout;
    pthread_mutex_lock(&p->lock);
    enum conn_status status = acquire(p, deadline, connection);
    pthread_mutex_unlock(&p->lock);
    return status;
}

void conn_release(struct conn_pool *p, void *connection, bool broken) {
    pthread_mutex_lock(&p->lock);
    struct slot *s = p->slots;
    while (s->connection != connection) s++;
    give_back(p, s, broken);
    pthread_mutex_unlock(&p->lock);
}

static void drop(struct conn_pool *p, struct slot *s) {
    become(p, s, USED);
    give_back(p, s, true);
}

static size_t spares(const struct conn_pool *p) {
    size_t count = p->counts[IDLE];
    for (size_t i = 0; i < p->limits.size_max; i++) count += p->slots[i].spare;
    return count;
}

void conn_pool_tend(struct conn_pool *p) {
    struct slot *s;
    pthread_mutex_lock(&p->lock);
    for (s = p->slots; s < p->slots + p->limits.size_max; s++)
        if (s->state == IDLE && too_old(p, s)) drop(p, s);
    while (p->counts[IDLE] > p->limits.idle_min && idle_too_long(p, s = longest_idle(p))) drop(p, s);
    while (!p->closed && p->waiting == 0 && spares(p) < p->limits.idle_min && (s = find(p, FREE))) {
        become(p, s, OPENING);
        s->spare = true;
        bool opened = fill(p, s);
        give_back(p, s, false);
        if (!opened) break;
    }
    pthread_mutex_unlock(&p->lock);
}

struct conn_stats conn_pool_stats(struct conn_pool *p) {
    pthread_mutex_lock(&p->lock);
    struct conn_stats stats = {.open = p->counts[IDLE] + p->counts[USED],
                               .idle = p->counts[IDLE],
                               .in_use = p->counts[USED],
                               .opening = p->counts[OPENING],
                               .waiting = p->waiting};
    pthread_mutex_unlock(&p->lock);
    return stats;
}

void conn_pool_close(struct conn_pool *p) {
    struct slot *s;
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    for (struct waiter *w = p->line.behind; w != &p->line; w = p->line.behind) {
        unlink_waiter(p, w);
        w->refused = true;
        pthread_cond_signal(&w->woken);
    }
    while ((s = find(p, IDLE))) drop(p, s);
    while (p->counts[FREE] < p->limits.size_max) pthread_cond_wait(&p->emptied, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void conn_pool_free(struct conn_pool *p) {
    if (!p) return;
    conn_pool_close(p);
    pthread_cond_destroy(&p->emptied);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
