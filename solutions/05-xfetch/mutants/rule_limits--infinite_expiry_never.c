/* SPDX-License-Identifier: MIT */
/* Mutant: a value that never expires is never due, not even by a draw of zero,
 * which looks ahead for ever. */
#include "xfetch.h"

#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* exp(-40) is beyond what a random double in [0, 1) reaches: no need to draw. */
#define LOOK_AHEAD_MAX 40
/* Chains are short; a longer walk has been led astray by a moving entry. */
#define HOPS_MAX 64

/* Written under the lock, read by anyone. */
struct entry {
    _Atomic uint64_t version; /* odd while the five below change */
    _Atomic uint64_t key, value;
    _Atomic double expiry_s, delta_s;
    _Atomic double quiet_until_s; /* before this, no draw can mean a refresh */
    _Atomic(struct entry *) next; /* in its chain */
};

struct snapshot {
    uint64_t value;
    double expiry_s, delta_s, quiet_until_s;
};

struct outcome {
    enum xfetch_result result;
    uint64_t value;
};

/* Lies on the stack of a thread that waits. */
struct waiter {
    pthread_cond_t landed;
    bool done;
    struct outcome outcome;
    struct waiter *next;
};

/* Lies on the stack of the thread that loads; under the lock. */
struct flight {
    uint64_t key;
    struct waiter *waiters;
    struct flight *next;
};

struct xfetch_cache {
    struct xfetch_env env;
    double beta;
    size_t capacity, used, hand; /* entries given out so far; where eviction looks next */
    size_t mask;
    struct entry *entries;
    _Atomic(struct entry *) *chains;
    pthread_mutex_t lock;
    struct flight *flights;
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    if (now_s >= expiry_s) return true;
    bool sensible = now_s < expiry_s && delta_s >= 0 && beta >= 0 && uniform >= 0; /* NaN is none of these */
    if (!sensible) return false;
    if (uniform == 0) return expiry_s < INFINITY; /* ln 0 is infinite, and 0 times that is NaN */
    return now_s - delta_s * beta * log(uniform) >= expiry_s;
}

static size_t chains_for(size_t capacity) {
    size_t chains = 1;
    while (chains < capacity) chains *= 2;
    return chains;
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    if (capacity == 0 || capacity > SIZE_MAX / sizeof(struct entry)) return NULL;
    struct xfetch_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    size_t chains = chains_for(capacity);
    c->env = env, c->beta = beta, c->capacity = capacity, c->mask = chains - 1;
    c->entries = calloc(capacity, sizeof *c->entries);
    c->chains = calloc(chains, sizeof *c->chains);
    pthread_mutex_init(&c->lock, NULL);
    if (c->entries && c->chains) return c;
    xfetch_free(c);
    return NULL;
}

static double now(const struct xfetch_cache *c) {
    return c->env.now_s(c->env.world);
}

/* The finalizer of splitmix64: every bit of the key reaches the lowest ones. */
static _Atomic(struct entry *) *chain_of(const struct xfetch_cache *c, uint64_t key) {
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u;
    key = (key ^ key >> 27) * 0x94d049bb133111ebu;
    return &c->chains[(key ^ key >> 31) & c->mask];
}

/* Copies the entry if it is, whole and all the time, that of `key`. The first
 * load of the version acquires what was stored before it turned even; the
 * acquires after it keep the last load from moving up in front of them. */
static bool copy_entry(const struct entry *e, uint64_t key, struct snapshot *s) {
    uint64_t version = atomic_load_explicit(&e->version, memory_order_acquire);
    if (atomic_load_explicit(&e->key, memory_order_acquire) != key) return false;
    s->value = atomic_load_explicit(&e->value, memory_order_acquire);
    s->expiry_s = atomic_load_explicit(&e->expiry_s, memory_order_acquire);
    s->delta_s = atomic_load_explicit(&e->delta_s, memory_order_acquire);
    s->quiet_until_s = atomic_load_explicit(&e->quiet_until_s, memory_order_acquire);
    return version % 2 == 0 && atomic_load_explicit(&e->version, memory_order_relaxed) == version;
}

/* Without the lock: "no" may be wrong, "yes" is not. */
static bool peek(const struct xfetch_cache *c, uint64_t key, struct snapshot *s) {
    /* Acquire: see what the entry held when it was linked here. */
    struct entry *e = atomic_load_explicit(chain_of(c, key), memory_order_acquire);
    for (int hops = 0; e && hops < HOPS_MAX; hops++) {
        if (copy_entry(e, key, s)) return true;
        e = atomic_load_explicit(&e->next, memory_order_acquire);
    }
    return false;
}

/* Under the lock, which orders everything: relaxed from here on. The link that
 * leads to the entry of `key`, or to NULL. */
static _Atomic(struct entry *) *find(const struct xfetch_cache *c, uint64_t key) {
    _Atomic(struct entry *) *link = chain_of(c, key);
    for (struct entry *e; (e = atomic_load_explicit(link, memory_order_relaxed)); link = &e->next)
        if (atomic_load_explicit(&e->key, memory_order_relaxed) == key) break;
    return link;
}

static struct flight *find_flight(const struct xfetch_cache *c, uint64_t key) {
    struct flight *f = c->flights;
    while (f && f->key != key) f = f->next;
    return f;
}

static void write_entry(struct entry *e, uint64_t key, const struct snapshot *s) {
    uint64_t version = atomic_load_explicit(&e->version, memory_order_relaxed);
    atomic_store_explicit(&e->version, version + 1, memory_order_relaxed);
    /* Release: whoever acquires one of these has seen the odd version. */
    atomic_store_explicit(&e->key, key, memory_order_release);
    atomic_store_explicit(&e->value, s->value, memory_order_release);
    atomic_store_explicit(&e->expiry_s, s->expiry_s, memory_order_release);
    atomic_store_explicit(&e->delta_s, s->delta_s, memory_order_release);
    atomic_store_explicit(&e->quiet_until_s, s->quiet_until_s, memory_order_release);
    /* Release: whoever acquires the even version sees all five. */
    atomic_store_explicit(&e->version, version + 2, memory_order_release);
}

/* An entry that is in no chain: a new one, or the next idle one in turn. NULL
 * if every value is in flight; then the newcomer is the one that leaves. */
static struct entry *free_entry(struct xfetch_cache *c) {
    if (c->used < c->capacity) return &c->entries[c->used++];
    for (size_t tried = 0; tried < c->capacity; tried++) {
        struct entry *e = &c->entries[c->hand];
        c->hand = (c->hand + 1) % c->capacity;
        uint64_t key = atomic_load_explicit(&e->key, memory_order_relaxed);
        if (find_flight(c, key)) continue;
        struct entry *next = atomic_load_explicit(&e->next, memory_order_relaxed);
        atomic_store_explicit(find(c, key), next, memory_order_release); /* readers see `next` whole */
        return e;
    }
    return NULL;
}

static void keep(struct xfetch_cache *c, uint64_t key, const struct snapshot *s) {
    struct entry *e = atomic_load_explicit(find(c, key), memory_order_relaxed);
    if (e) {
        write_entry(e, key, s);
    } else if ((e = free_entry(c))) {
        write_entry(e, key, s);
        _Atomic(struct entry *) *chain = chain_of(c, key);
        struct entry *first = atomic_load_explicit(chain, memory_order_relaxed);
        atomic_store_explicit(&e->next, first, memory_order_release); /* for readers that still stand here */
        atomic_store_explicit(chain, e, memory_order_release);        /* for those to come: the entry, written */
    }
}

/* What is left when the origin has failed. */
static struct outcome fall_back(const struct xfetch_cache *c, uint64_t key, double now_s) {
    struct entry *e = atomic_load_explicit(find(c, key), memory_order_relaxed);
    if (!e) return (struct outcome){XFETCH_FAILED, 0};
    bool live = now_s < atomic_load_explicit(&e->expiry_s, memory_order_relaxed);
    return (struct outcome){live ? XFETCH_FRESH : XFETCH_STALE, atomic_load_explicit(&e->value, memory_order_relaxed)};
}

/* Hands the outcome to everybody who waits. The moment a waiter has the lock it
 * may return, so nothing of it is touched after its signal. */
static void land(struct xfetch_cache *c, struct flight *flight, struct outcome outcome) {
    struct flight **link = &c->flights;
    while (*link != flight) link = &(*link)->next;
    *link = flight->next;
    for (struct waiter *w = flight->waiters, *next; w; w = next) {
        next = w->next;
        w->outcome = outcome;
        w->done = true;
        pthread_cond_signal(&w->landed);
    }
}

/* Called and left with the lock held; without it while the origin works. */
static struct outcome fly(struct xfetch_cache *c, uint64_t key) {
    struct flight flight = {key, NULL, c->flights};
    c->flights = &flight;
    pthread_mutex_unlock(&c->lock);
    uint64_t value = 0;
    double ttl_s = 0, begun_s = now(c);
    bool loaded = c->env.load(c->env.world, key, &value, &ttl_s);
    double ended_s = now(c), delta_s = ended_s - begun_s;
    pthread_mutex_lock(&c->lock);

    struct outcome outcome = {XFETCH_FRESH, value};
    if (loaded) {
        double expiry_s = ttl_s > 0 ? ended_s + ttl_s : ended_s; /* NaN too is not positive */
        keep(c, key, &(struct snapshot){value, expiry_s, delta_s, expiry_s - LOOK_AHEAD_MAX * c->beta * delta_s});
    } else {
        outcome = fall_back(c, key, ended_s);
    }
    land(c, &flight, outcome);
    return outcome;
}

static struct outcome await_landing(struct xfetch_cache *c, struct flight *flight) {
    struct waiter self = {.next = flight->waiters};
    pthread_cond_init(&self.landed, NULL);
    flight->waiters = &self;
    while (!self.done) pthread_cond_wait(&self.landed, &c->lock);
    pthread_cond_destroy(&self.landed);
    return self.outcome;
}

/* This get's draw, made when it is first needed. */
struct draw {
    bool made;
    double uniform;
};

static bool wants_refresh(const struct xfetch_cache *c, const struct snapshot *s, double now_s, struct draw *draw) {
    if (now_s < s->quiet_until_s) return false;
    if (!draw->made) *draw = (struct draw){true, c->env.uniform(c->env.world)};
    return xfetch_due(now_s, s->expiry_s, s->delta_s, c->beta, draw->uniform);
}

/* Everything but a plain hit. The entry may have changed since the hit was
 * tried, so all is decided again, with the same draw. */
static struct outcome get_slowly(struct xfetch_cache *c, uint64_t key, struct draw *draw) {
    struct snapshot s;
    pthread_mutex_lock(&c->lock);
    struct flight *flight = find_flight(c, key);
    struct entry *e = atomic_load_explicit(find(c, key), memory_order_relaxed);
    double now_s = now(c);
    bool live = e && copy_entry(e, key, &s) && now_s < s.expiry_s;
    struct outcome outcome = live && (flight || !wants_refresh(c, &s, now_s, draw))
                                 ? (struct outcome){XFETCH_FRESH, s.value}
                             : flight ? await_landing(c, flight)
                                      : fly(c, key);
    pthread_mutex_unlock(&c->lock);
    return outcome;
}

enum xfetch_result xfetch_get(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    struct snapshot s;
    struct draw draw = {false, 0};
    double now_s = now(c);
    if (peek(c, key, &s) && now_s < s.expiry_s && !wants_refresh(c, &s, now_s, &draw)) {
        *value = s.value;
        return XFETCH_FRESH;
    }
    struct outcome outcome = get_slowly(c, key, &draw);
    if (outcome.result != XFETCH_FAILED) *value = outcome.value;
    return outcome.result;
}

void xfetch_free(struct xfetch_cache *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c->entries);
    free(c->chains);
    free(c);
}
