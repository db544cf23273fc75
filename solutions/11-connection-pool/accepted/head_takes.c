/* SPDX-License-Identifier: MIT */
/* head_takes.c -- nothing is handed over: what is released becomes idle, a place becomes
 * free, and the head of the line is woken, to take what it finds. Connections have
 * records, which move between two lists; each waiter has a number, and sleeps on the
 * condition of its number's group. */
#include "conn_pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define NS_PER_S 1000000000u
#define GROUPS 8

struct record {
    struct record *next;
    void *connection;
    uint64_t born_ns, idle_since_ns;
};

struct waiter {
    struct waiter *next;
    uint64_t number;
};

struct conn_pool {
    struct pool_limits limits;
    struct pool_env env;
    pthread_mutex_t lock;
    pthread_cond_t turn[GROUPS], none_left;
    struct record *idle, *used, *unused, *all;          /* idle: the newest first */
    size_t idle_count, taken, opening, spares, waiting; /* taken: all places that are not free */
    struct waiter *first;
    uint64_t numbers;
    bool closed;
};

static uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void make_conditions(struct conn_pool *p) {
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    for (int i = 0; i < GROUPS; i++) pthread_cond_init(&p->turn[i], &monotonic);
    pthread_cond_init(&p->none_left, NULL);
    pthread_condattr_destroy(&monotonic);
}

struct conn_pool *conn_pool_new(struct pool_limits limits, struct pool_env env) {
    if (limits.size_max == 0 || limits.idle_min > limits.size_max) return NULL;
    struct record *records = calloc(limits.size_max, sizeof *records);
    struct conn_pool *p = records ? calloc(1, sizeof *p) : NULL;
    if (!p) {
        free(records);
        return NULL;
    }
    p->limits = limits, p->env = env, p->all = records;
    for (size_t i = 0; i < limits.size_max; i++) {
        records[i].next = p->unused;
        p->unused = &records[i];
    }
    pthread_mutex_init(&p->lock, NULL);
    make_conditions(p);
    return p;
}

static void push(struct record **list, struct record *r) {
    r->next = *list;
    *list = r;
}

static struct record *take(struct record **at) {
    struct record *r = *at;
    *at = r->next;
    return r;
}

/* Where the record of what is in use hangs. */
static struct record **used_at(struct conn_pool *p, const void *connection) {
    struct record **at = &p->used;
    while ((*at)->connection != connection) at = &(*at)->next;
    return at;
}

static bool can_serve(const struct conn_pool *p) {
    return p->idle || p->taken < p->limits.size_max;
}

static void wake_head(struct conn_pool *p) {
    if (p->first && can_serve(p)) pthread_cond_broadcast(&p->turn[p->first->number % GROUPS]);
    if (p->closed && p->taken == 0) pthread_cond_broadcast(&p->none_left);
}

static void free_place(struct conn_pool *p) {
    p->taken--;
    wake_head(p);
}

/* The record is in no list. */
static void close_record(struct conn_pool *p, struct record *r) {
    void *connection = r->connection;
    push(&p->unused, r);
    pthread_mutex_unlock(&p->lock);
    p->env.close(p->env.world, connection);
    pthread_mutex_lock(&p->lock);
}

static bool past_life(const struct conn_pool *p, const struct record *r) {
    return p->limits.lifetime_max_ns && now_ns() - r->born_ns > p->limits.lifetime_max_ns;
}

static bool past_idling(const struct conn_pool *p, const struct record *r) {
    return p->limits.idle_timeout_ns && now_ns() - r->idle_since_ns > p->limits.idle_timeout_ns;
}

static void put_back(struct conn_pool *p, struct record *r, bool broken) {
    if (broken || p->closed || past_life(p, r)) {
        close_record(p, r);
        free_place(p);
        return;
    }
    r->idle_since_ns = now_ns();
    push(&p->idle, r);
    p->idle_count++;
    wake_head(p);
}

/* The place is taken already. The record is in no list; NULL: it failed. */
static struct record *open_record(struct conn_pool *p) {
    p->opening++;
    pthread_mutex_unlock(&p->lock);
    void *connection = p->env.open(p->env.world);
    uint64_t born_ns = now_ns();
    pthread_mutex_lock(&p->lock);
    p->opening--;
    if (!connection) {
        free_place(p);
        return NULL;
    }
    struct record *r = take(&p->unused);
    r->connection = connection, r->born_ns = born_ns;
    return r;
}

/* What is looked at or being closed is in no list, but its place is taken. */
static bool take_good(struct conn_pool *p, void **connection) {
    while (p->idle) {
        struct record *r = take(&p->idle);
        p->idle_count--;
        if (!past_life(p, r) && !past_idling(p, r)) {
            pthread_mutex_unlock(&p->lock);
            bool alive = p->env.alive(p->env.world, r->connection);
            pthread_mutex_lock(&p->lock);
            if (alive) {
                *connection = r->connection;
                push(&p->used, r);
                return true;
            }
        }
        close_record(p, r);
        free_place(p);
    }
    return false;
}

static enum conn_status take_new(struct conn_pool *p, uint64_t deadline, void **connection) {
    p->taken++;
    struct record *r = open_record(p);
    if (!r) return CONN_FAILED;
    if (!p->closed && r->born_ns < deadline) {
        *connection = r->connection;
        push(&p->used, r);
        return CONN_OK;
    }
    enum conn_status status = p->closed ? CONN_CLOSED : CONN_TIMEOUT;
    put_back(p, r, false);
    return status;
}

static enum conn_status await_turn(struct conn_pool *p, uint64_t deadline) {
    const struct timespec until = {(time_t)(deadline / NS_PER_S), (long)(deadline % NS_PER_S)};
    struct waiter me = {NULL, p->numbers++}, **at = &p->first;
    if (p->waiting >= p->limits.waiters_max) return CONN_BUSY;
    while (*at) at = &(*at)->next;
    *at = &me;
    p->waiting++;
    while (!p->closed && !(p->first == &me && can_serve(p)) && now_ns() < deadline)
        pthread_cond_timedwait(&p->turn[me.number % GROUPS], &p->lock, &until);
    for (at = &p->first; *at != &me; at = &(*at)->next) continue;
    *at = me.next;
    p->waiting--;
    enum conn_status status = p->closed ? CONN_CLOSED : now_ns() < deadline ? CONN_OK : CONN_TIMEOUT;
    if (status != CONN_OK) wake_head(p);
    return status;
}

enum conn_status conn_acquire(struct conn_pool *p, void **connection) {
    uint64_t now = now_ns(), left = UINT64_MAX - now;
    uint64_t deadline = now + (p->limits.acquire_timeout_ns < left ? p->limits.acquire_timeout_ns : left);
    enum conn_status status = CONN_OK;
    pthread_mutex_lock(&p->lock);
    if (p->closed)
        status = CONN_CLOSED;
    else if (p->first || !can_serve(p))
        status = await_turn(p, deadline);
    if (status == CONN_OK && !take_good(p, connection))
        status = p->closed ? CONN_CLOSED : take_new(p, deadline, connection); /* all that was not good left a place */
    wake_head(p);                                                             /* there may be more than we have taken */
    pthread_mutex_unlock(&p->lock);
    return status;
}

void conn_release(struct conn_pool *p, void *connection, bool broken) {
    pthread_mutex_lock(&p->lock);
    put_back(p, take(used_at(p, connection)), broken);
    pthread_mutex_unlock(&p->lock);
}

static bool close_old(struct conn_pool *p) {
    struct record **at = &p->idle;
    while (*at && !past_life(p, *at)) at = &(*at)->next;
    if (!*at) return false;
    p->idle_count--;
    put_back(p, take(at), true);
    return true;
}

static bool close_longest_idle(struct conn_pool *p) {
    struct record **at = &p->idle;
    if (p->idle_count <= p->limits.idle_min) return false;
    while ((*at)->next) at = &(*at)->next;
    if (!past_idling(p, *at)) return false;
    p->idle_count--;
    put_back(p, take(at), true);
    return true;
}

void conn_pool_tend(struct conn_pool *p) {
    struct record *r = NULL;
    pthread_mutex_lock(&p->lock);
    while (close_old(p) || close_longest_idle(p)) continue;
    do {
        if (p->closed || p->first || p->idle_count + p->spares >= p->limits.idle_min || p->taken >= p->limits.size_max)
            break;
        p->taken++, p->spares++;
        r = open_record(p);
        p->spares--;
        if (r) put_back(p, r, false);
    } while (r);
    pthread_mutex_unlock(&p->lock);
}

struct conn_stats conn_pool_stats(struct conn_pool *p) {
    pthread_mutex_lock(&p->lock);
    size_t open = p->taken - p->opening;
    struct conn_stats stats = {open, p->idle_count, open - p->idle_count, p->opening, p->waiting};
    pthread_mutex_unlock(&p->lock);
    return stats;
}

void conn_pool_close(struct conn_pool *p) {
    pthread_mutex_lock(&p->lock);
    p->closed = true;
    for (int i = 0; i < GROUPS; i++) pthread_cond_broadcast(&p->turn[i]);
    while (p->idle) {
        p->idle_count--;
        put_back(p, take(&p->idle), true);
    }
    while (p->taken > 0) pthread_cond_wait(&p->none_left, &p->lock);
    pthread_mutex_unlock(&p->lock);
}

void conn_pool_free(struct conn_pool *p) {
    if (!p) return;
    conn_pool_close(p);
    for (int i = 0; i < GROUPS; i++) pthread_cond_destroy(&p->turn[i]);
    pthread_cond_destroy(&p->none_left);
    pthread_mutex_destroy(&p->lock);
    free(p->all), free(p);
}
