/* SPDX-License-Identifier: MIT */
/* lru_semaphores.c -- one mutex; fixed slots in order of use, found through open
 * addressing with backward shifts; a flight lies on the stack of the thread that
 * loads, which stays until all who waited at its semaphore have read it. */
#include "xfetch.h"

#include <assert.h>
#include <math.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

struct slot {
    uint64_t key, value;
    double expiry_s, delta_s;
    size_t newer, older;
};
struct flight {
    uint64_t key, value;
    enum xfetch_result result;
    size_t waiting;
    sem_t landed;
    struct flight *next;
};
struct xfetch_cache {
    struct xfetch_env env;
    double beta;
    size_t capacity, used, mask;
    size_t newest, oldest;
    struct slot *slots; /* from 1 */
    size_t *index;
    struct flight *flights;
    pthread_mutex_t lock;
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    if (now_s >= expiry_s) return true;
    if (isnan(now_s) || isnan(expiry_s) || isnan(delta_s) || isnan(beta) || isnan(uniform)) return false;
    if (delta_s < 0 || beta < 0 || uniform < 0) return false;
    if (uniform == 0) return true;
    double product = delta_s * beta;
    if (isnan(product)) return false;
    return now_s - product * log(uniform) >= expiry_s;
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    if (capacity == 0 || capacity > SIZE_MAX / 2 / sizeof(struct slot)) return NULL;
    struct xfetch_cache *c = malloc(sizeof *c);
    if (!c) return NULL;
    memset(c, 0, sizeof *c);
    size_t n = 4;
    while (n < 2 * capacity) n *= 2;
    c->env = env, c->beta = beta, c->capacity = capacity, c->mask = n - 1;
    c->slots = calloc(capacity + 1, sizeof *c->slots);
    c->index = calloc(n, sizeof *c->index);
    if (!c->slots || !c->index || pthread_mutex_init(&c->lock, NULL) != 0) {
        free(c->slots), free(c->index), free(c);
        return NULL;
    }
    return c;
}
static size_t home(struct xfetch_cache *c, uint64_t k) {
    k = (k ^ k >> 33) * 0xff51afd7ed558ccdu;
    k = (k ^ k >> 33) * 0xc4ceb9fe1a85ec53u;
    return (k ^ k >> 33) & c->mask;
}
static size_t probe(struct xfetch_cache *c, uint64_t key) {
    size_t i = home(c, key);
    while (c->index[i] && c->slots[c->index[i]].key != key) i = (i + 1) & c->mask;
    return i;
}
static void unlink_slot(struct xfetch_cache *c, size_t s) {
    struct slot *x = &c->slots[s];
    if (x->newer)
        c->slots[x->newer].older = x->older;
    else
        c->newest = x->older;
    if (x->older)
        c->slots[x->older].newer = x->newer;
    else
        c->oldest = x->newer;
}
static void touch(struct xfetch_cache *c, size_t s) {
    c->slots[s].older = c->newest, c->slots[s].newer = 0;
    if (c->newest)
        c->slots[c->newest].newer = s;
    else
        c->oldest = s;
    c->newest = s;
}
static void forget(struct xfetch_cache *c, size_t s) {
    size_t hole = probe(c, c->slots[s].key);
    c->index[hole] = 0;
    for (size_t i = (hole + 1) & c->mask; c->index[i]; i = (i + 1) & c->mask) {
        size_t h = home(c, c->slots[c->index[i]].key);
        if (((i - h) & c->mask) >= ((i - hole) & c->mask)) c->index[hole] = c->index[i], c->index[i] = 0, hole = i;
    }
}
static struct flight *flight_of(struct xfetch_cache *c, uint64_t key) {
    struct flight *f = c->flights;
    while (f && f->key != key) f = f->next;
    return f;
}
static void keep(struct xfetch_cache *c, struct slot new) {
    size_t i = probe(c, new.key), s = c->index[i];
    if (!s) {
        if (c->used < c->capacity)
            s = ++c->used;
        else {
            for (s = c->oldest; s && flight_of(c, c->slots[s].key); s = c->slots[s].newer) continue;
            if (!s) return;
            forget(c, s);
            unlink_slot(c, s);
            i = probe(c, new.key);
        }
        c->index[i] = s;
    } else
        unlink_slot(c, s);
    c->slots[s] = new;
    touch(c, s);
}
static double now(struct xfetch_cache *c) {
    return c->env.now_s(c->env.world);
}

static enum xfetch_result fly(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    struct flight f;
    memset(&f, 0, sizeof f);
    f.key = key, f.next = c->flights, c->flights = &f;
    sem_init(&f.landed, 0, 0);
    pthread_mutex_unlock(&c->lock);
    double ttl = 0;
    double begun = now(c);
    bool ok = c->env.load(c->env.world, key, &f.value, &ttl);
    double ended = now(c);
    pthread_mutex_lock(&c->lock);
    if (ok) {
        keep(c, (struct slot){key, f.value, ttl > 0 ? ended + ttl : ended, ended - begun, 0, 0});
        f.result = XFETCH_FRESH;
    } else {
        size_t s = c->index[probe(c, key)];
        f.result = !s ? XFETCH_FAILED : ended < c->slots[s].expiry_s ? XFETCH_FRESH : XFETCH_STALE;
        if (s) f.value = c->slots[s].value;
    }
    struct flight **l = &c->flights;
    while (*l != &f) l = &(*l)->next;
    *l = f.next;
    /* those who wait have registered; each takes one post, then says so */
    size_t n = f.waiting;
    for (size_t i = 0; i < n; i++) sem_post(&f.landed);
    while (f.waiting) {
        pthread_mutex_unlock(&c->lock);
        sched_yield();
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    sem_destroy(&f.landed);
    if (f.result != XFETCH_FAILED) *value = f.value;
    return f.result;
}
enum xfetch_result xfetch_get(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    assert(c && value);
    pthread_mutex_lock(&c->lock);
    struct flight *f = flight_of(c, key);
    size_t s = c->index[probe(c, key)];
    double t = now(c);
    if (s && t < c->slots[s].expiry_s) {
        struct slot x = c->slots[s];
        unlink_slot(c, s), touch(c, s);
        bool quiet = f || x.expiry_s - t > 40 * c->beta * x.delta_s;
        if (quiet || !xfetch_due(t, x.expiry_s, x.delta_s, c->beta, c->env.uniform(c->env.world))) {
            *value = x.value;
            pthread_mutex_unlock(&c->lock);
            return XFETCH_FRESH;
        }
    }
    if (!f) return fly(c, key, value);
    f->waiting++;
    pthread_mutex_unlock(&c->lock);
    while (sem_wait(&f->landed) != 0) continue;
    enum xfetch_result r = f->result;
    if (r != XFETCH_FAILED) *value = f->value;
    pthread_mutex_lock(&c->lock);
    f->waiting--;
    pthread_mutex_unlock(&c->lock);
    return r;
}
void xfetch_free(struct xfetch_cache *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c->slots), free(c->index), free(c);
}
