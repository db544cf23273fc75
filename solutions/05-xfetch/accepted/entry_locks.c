/* SPDX-License-Identifier: MIT */
/* entry_locks.c -- a mutex for the table, a mutex and a condition variable for
 * each entry, taken hand over hand; the least recently used value leaves.
 *
 * Who loads or waits pins its entry; what is pinned stays. Locks are taken in the
 * order table, entry. */
#include "xfetch.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

struct entry {
    pthread_mutex_t lock; /* for everything up to the line below */
    pthread_cond_t landed;
    size_t pins, flights;
    bool loading, has_value;
    double expiry_s, delta_s;
    uint64_t value;
    enum xfetch_result outcome; /* of the last flight */
    /* The table's lock: */
    uint64_t key;
    bool counted;
    struct entry *next, *newer, *older;
};

struct xfetch_cache {
    struct xfetch_env env;
    double beta;
    pthread_mutex_t lock;
    size_t capacity, values, chains;
    struct entry **table;
    struct entry newest; /* the ring of entries by use begins and ends here */
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    if (now_s >= expiry_s) return true;
    if (isnan(now_s) || isnan(expiry_s) || isnan(delta_s) || isnan(beta) || isnan(uniform)) return false;
    if (delta_s < 0 || beta < 0 || uniform < 0) return false;
    double look_ahead_s = uniform == 0 ? INFINITY : delta_s * beta * -log(uniform);
    return look_ahead_s >= expiry_s - now_s;
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    if (capacity == 0 || capacity > SIZE_MAX / sizeof(struct entry)) return NULL;
    struct xfetch_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->env = env, c->beta = beta, c->capacity = capacity;
    c->chains = capacity | 1;
    c->table = calloc(c->chains, sizeof *c->table);
    if (!c->table) {
        free(c);
        return NULL;
    }
    pthread_mutex_init(&c->lock, NULL);
    c->newest.newer = c->newest.older = &c->newest;
    return c;
}

static struct entry **place_of(struct xfetch_cache *c, uint64_t key) {
    uint64_t hash = key * 0xff51afd7ed558ccdu;
    hash = (hash ^ hash >> 32) * 0xc4ceb9fe1a85ec53u;
    struct entry **place = &c->table[(hash ^ hash >> 29) % c->chains];
    while (*place && (*place)->key != key) place = &(*place)->next;
    return place;
}

static void unlink_use(struct entry *e) {
    e->newer->older = e->older;
    e->older->newer = e->newer;
}

static void link_newest(struct xfetch_cache *c, struct entry *e) {
    e->older = c->newest.older, e->newer = &c->newest;
    e->older->newer = c->newest.older = e;
}

static void destroy(struct xfetch_cache *c, struct entry *e) {
    struct entry **place = place_of(c, e->key);
    *place = e->next;
    unlink_use(e);
    pthread_cond_destroy(&e->landed);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

/* With the table's lock held; the answer is locked. NULL: no memory. */
static struct entry *find_or_make(struct xfetch_cache *c, uint64_t key) {
    struct entry **place = place_of(c, key), *e = *place;
    if (e) {
        unlink_use(e);
    } else {
        if (!(e = *place = calloc(1, sizeof *e))) return NULL;
        e->key = key;
        pthread_mutex_init(&e->lock, NULL);
        pthread_cond_init(&e->landed, NULL);
    }
    link_newest(c, e);
    pthread_mutex_lock(&e->lock);
    return e;
}

static bool is_pinned(struct entry *e) {
    pthread_mutex_lock(&e->lock); /* whoever came through the table before us has had his turn */
    bool pinned = e->pins > 0;
    pthread_mutex_unlock(&e->lock);
    return pinned;
}

static void make_room(struct xfetch_cache *c) {
    struct entry *e = c->newest.newer; /* the oldest: the ring is closed */
    while (c->values > c->capacity && e != &c->newest) {
        struct entry *next = e->newer;
        if (e->counted && !is_pinned(e)) {
            c->values--;
            destroy(c, e);
        }
        e = next;
    }
}

static void unpin(struct xfetch_cache *c, struct entry *e) {
    pthread_mutex_lock(&c->lock);
    pthread_mutex_lock(&e->lock);
    bool idle = --e->pins == 0, has_value = e->has_value;
    pthread_mutex_unlock(&e->lock);
    if (has_value && !e->counted) c->values++, e->counted = true;
    if (idle && !has_value) destroy(c, e);
    make_room(c);
    pthread_mutex_unlock(&c->lock);
}

static double now(struct xfetch_cache *c) {
    return c->env.now_s(c->env.world);
}

/* With the entry's lock held, which is let go for the load. */
static void fly(struct xfetch_cache *c, struct entry *e, uint64_t key) {
    uint64_t value;
    double ttl_s;
    e->loading = true;
    pthread_mutex_unlock(&e->lock);
    double before_s = now(c);
    bool loaded = c->env.load(c->env.world, key, &value, &ttl_s);
    double after_s = now(c);
    pthread_mutex_lock(&e->lock);
    if (loaded) {
        e->has_value = true, e->value = value, e->delta_s = after_s - before_s;
        e->expiry_s = isnan(ttl_s) ? after_s : after_s + ttl_s;
    }
    bool fresh = loaded || (e->has_value && after_s < e->expiry_s);
    e->outcome = fresh ? XFETCH_FRESH : e->has_value ? XFETCH_STALE : XFETCH_FAILED;
    e->loading = false;
    e->flights++;
    pthread_cond_broadcast(&e->landed);
}

enum xfetch_result xfetch_get(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    pthread_mutex_lock(&c->lock);
    struct entry *e = find_or_make(c, key);
    pthread_mutex_unlock(&c->lock);
    if (!e) return XFETCH_FAILED;
    double now_s = now(c);
    bool live = e->has_value && now_s < e->expiry_s;
    bool due = !live || (!e->loading && e->expiry_s - now_s < 40 * c->beta * e->delta_s &&
                         xfetch_due(now_s, e->expiry_s, e->delta_s, c->beta, c->env.uniform(c->env.world)));
    if (!due) {
        *value = e->value;
        pthread_mutex_unlock(&e->lock);
        return XFETCH_FRESH;
    }
    e->pins++;
    if (e->loading)
        for (size_t flights = e->flights; e->flights == flights;) pthread_cond_wait(&e->landed, &e->lock);
    else
        fly(c, e, key);
    enum xfetch_result result = e->outcome;
    if (result != XFETCH_FAILED) *value = e->value;
    pthread_mutex_unlock(&e->lock);
    unpin(c, e);
    return result;
}

void xfetch_free(struct xfetch_cache *c) {
    if (!c) return;
    while (c->newest.newer != &c->newest) destroy(c, c->newest.newer);
    pthread_mutex_destroy(&c->lock);
    free(c->table);
    free(c);
}
