/* SPDX-License-Identifier: MIT */
/* sharded_rwlocks.c -- the table in shards, a readers-writer lock for each, and
 * a semaphore for everybody who waits. A value that finds no room takes the
 * place of an idle one of its own shard; if there is none, it is not kept. */
#include "xfetch.h"

#include <math.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SHARDS 8

struct outcome {
    enum xfetch_result result;
    uint64_t value;
};

struct waiter {
    sem_t landed;
    struct outcome outcome;
    struct waiter *next;
};

struct flight {
    uint64_t key;
    struct waiter *waiters;
    struct flight *next;
};

struct node {
    uint64_t key, value;
    double expiry_s, delta_s;
    struct node *next;
};

struct shard {
    pthread_rwlock_t lock;
    size_t chains, hand;
    struct node **nodes;
    struct flight *flights;
};

struct xfetch_cache {
    struct xfetch_env env;
    double beta;
    size_t capacity;
    _Atomic size_t values;
    struct shard shards[SHARDS];
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    if (!(now_s < expiry_s)) return now_s >= expiry_s;
    if (!(delta_s >= 0) || !(beta >= 0) || !(uniform >= 0)) return false;
    if (!(uniform > 0)) return true;
    return now_s - log(uniform) * (beta * delta_s) >= expiry_s;
}

static uint64_t mixed(uint64_t key) {
    key = (key ^ key >> 33) * 0xff51afd7ed558ccdu;
    key = (key ^ key >> 33) * 0xc4ceb9fe1a85ec53u;
    return key ^ key >> 33;
}

static struct shard *shard_of(struct xfetch_cache *c, uint64_t key) {
    return &c->shards[mixed(key) % SHARDS];
}

static struct node **place_of(struct shard *s, uint64_t key) {
    struct node **place = &s->nodes[mixed(key) / SHARDS % s->chains];
    while (*place && (*place)->key != key) place = &(*place)->next;
    return place;
}

static struct flight **flight_of(struct shard *s, uint64_t key) {
    struct flight **f = &s->flights;
    while (*f && (*f)->key != key) f = &(*f)->next;
    return f;
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    if (capacity == 0 || capacity > SIZE_MAX / sizeof(struct node)) return NULL;
    struct xfetch_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->env = env, c->beta = beta, c->capacity = capacity;
    bool enough = true;
    for (struct shard *s = c->shards; s < c->shards + SHARDS; s++) {
        pthread_rwlock_init(&s->lock, NULL);
        s->chains = capacity / SHARDS + 1;
        s->nodes = calloc(s->chains, sizeof *s->nodes);
        enough &= s->nodes != NULL;
    }
    if (enough) return c;
    xfetch_free(c);
    return NULL;
}

static double now(struct xfetch_cache *c) {
    return c->env.now_s(c->env.world);
}

/* Is there a value without a flight in the shard? Its place, or NULL. */
static struct node **idle_place(struct shard *s) {
    for (size_t tried = 0; tried < s->chains; tried++) {
        s->hand = (s->hand + 1) % s->chains;
        for (struct node **place = &s->nodes[s->hand]; *place; place = &(*place)->next)
            if (!*flight_of(s, (*place)->key)) return place;
    }
    return NULL;
}

/* A node for a newcomer: a new one if there is room, else somebody's. */
static struct node *node_for(struct xfetch_cache *c, struct shard *s) {
    if (atomic_fetch_add(&c->values, 1) < c->capacity) {
        struct node *node = malloc(sizeof *node);
        if (!node) atomic_fetch_sub(&c->values, 1);
        return node;
    }
    atomic_fetch_sub(&c->values, 1);
    struct node **place = idle_place(s), *node = place ? *place : NULL;
    if (node) *place = node->next;
    return node;
}

static struct outcome settle(struct xfetch_cache *c, struct shard *s, const struct node *brought, bool loaded,
                             double now_s) {
    struct node **place = place_of(s, brought->key), *node = *place;
    if (loaded) {
        if (!node && (node = node_for(c, s))) {
            place = place_of(s, brought->key); /* the old place may have been that of the one who left */
            node->next = NULL;
            *place = node;
        }
        if (node) {
            struct node *next = node->next;
            *node = *brought, node->next = next;
        }
        return (struct outcome){XFETCH_FRESH, brought->value};
    }
    if (!node) return (struct outcome){XFETCH_FAILED, 0};
    return (struct outcome){now_s < node->expiry_s ? XFETCH_FRESH : XFETCH_STALE, node->value};
}

/* Called with the shard's lock held for writing, and left without. */
static struct outcome fly(struct xfetch_cache *c, struct shard *s, uint64_t key) {
    struct flight flight = {key, NULL, s->flights};
    s->flights = &flight;
    pthread_rwlock_unlock(&s->lock);
    struct node brought = {.key = key};
    double ttl_s = 0, begun_s = now(c);
    bool loaded = c->env.load(c->env.world, key, &brought.value, &ttl_s);
    double ended_s = now(c);
    brought.delta_s = ended_s - begun_s;
    brought.expiry_s = ttl_s > 0 ? ended_s + ttl_s : 0;

    pthread_rwlock_wrlock(&s->lock);
    struct outcome outcome = settle(c, s, &brought, loaded, ended_s);
    *flight_of(s, key) = flight.next;
    for (struct waiter *w = flight.waiters, *next; w; w = next) {
        next = w->next; /* when it has been posted, it may be gone */
        w->outcome = outcome;
        sem_post(&w->landed);
    }
    pthread_rwlock_unlock(&s->lock);
    return outcome;
}

static struct outcome await_landing(struct shard *s, struct flight *flight) {
    struct waiter self = {.next = flight->waiters};
    sem_init(&self.landed, 0, 0);
    flight->waiters = &self;
    pthread_rwlock_unlock(&s->lock);
    while (sem_wait(&self.landed) != 0) continue; /* EINTR */
    pthread_rwlock_rdlock(&s->lock);              /* sem_post has returned when its poster lets go of the lock */
    pthread_rwlock_unlock(&s->lock);
    sem_destroy(&self.landed);
    return self.outcome;
}

/* false: the value has to be looked at by somebody who may change things. */
static bool is_hit(struct xfetch_cache *c, struct shard *s, uint64_t key, double *drawn, uint64_t *value) {
    const struct node *node = *place_of(s, key);
    double now_s = now(c);
    if (!node || now_s >= node->expiry_s) return false;
    *value = node->value;
    if (now_s < node->expiry_s - 40 * c->beta * node->delta_s) return true;
    if (*flight_of(s, key)) return true;
    if (*drawn < 0) *drawn = c->env.uniform(c->env.world);
    return !xfetch_due(now_s, node->expiry_s, node->delta_s, c->beta, *drawn);
}

enum xfetch_result xfetch_get(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    struct shard *s = shard_of(c, key);
    double drawn = -1;
    uint64_t found;
    pthread_rwlock_rdlock(&s->lock);
    bool hit = is_hit(c, s, key, &drawn, &found);
    pthread_rwlock_unlock(&s->lock);
    struct outcome outcome = {XFETCH_FRESH, found};
    if (!hit) {
        pthread_rwlock_wrlock(&s->lock);
        struct flight *flight = *flight_of(s, key);
        if (is_hit(c, s, key, &drawn, &found)) {
            outcome.value = found;
            pthread_rwlock_unlock(&s->lock);
        } else {
            outcome = flight ? await_landing(s, flight) : fly(c, s, key);
        }
    }
    if (outcome.result != XFETCH_FAILED) *value = outcome.value;
    return outcome.result;
}

void xfetch_free(struct xfetch_cache *c) {
    if (!c) return;
    for (struct shard *s = c->shards; s < c->shards + SHARDS; s++) {
        for (size_t i = 0; s->nodes && i < s->chains; i++)
            for (struct node *n = s->nodes[i], *next; n; n = next) next = n->next, free(n);
        free(s->nodes);
        pthread_rwlock_destroy(&s->lock);
    }
    free(c);
}
