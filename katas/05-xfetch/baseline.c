/* SPDX-License-Identifier: MIT */
/* baseline.c -- XFetch behind one mutex: a table of chains, a node from malloc
 * for every key, and one condition variable on which all threads wait.
 *
 * It is correct. Every hit takes the mutex, draws, and computes a logarithm. The
 * throughput of your cache is measured against this file, in the same run. */
#include "xfetch.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>

/* A load that runs, or has ended and is still to be read by those who waited. */
struct flight {
    bool landed;
    enum xfetch_result result;
    uint64_t value;
    size_t holders;
};

/* Without a value only while its first load runs. */
struct node {
    uint64_t key, value;
    bool has_value;
    double expiry_s, delta_s;
    struct flight *flight;
    struct node *next;
};

struct xfetch_cache {
    struct xfetch_env env;
    double beta;
    size_t capacity, values, chains, hand;
    pthread_mutex_t lock;
    pthread_cond_t landed;
    struct node **nodes;
};

bool xfetch_due(double now_s, double expiry_s, double delta_s, double beta, double uniform) {
    if (now_s >= expiry_s) return true;
    if (!(now_s < expiry_s && delta_s >= 0 && beta >= 0 && uniform >= 0)) return false;
    return uniform == 0 || now_s - delta_s * beta * log(uniform) >= expiry_s;
}

struct xfetch_cache *xfetch_new(size_t capacity, double beta, struct xfetch_env env) {
    if (capacity == 0 || capacity > SIZE_MAX / sizeof(struct node)) return NULL;
    struct xfetch_cache *c = calloc(1, sizeof *c);
    struct node **nodes = calloc(capacity, sizeof *nodes);
    if (!c || !nodes) {
        free(c), free(nodes);
        return NULL;
    }
    c->env = env, c->beta = beta, c->capacity = c->chains = capacity, c->nodes = nodes;
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->landed, NULL);
    return c;
}

static double now(const struct xfetch_cache *c) {
    return c->env.now_s(c->env.world);
}

/* Where the node of `key` hangs, or would. */
static struct node **place_of(struct xfetch_cache *c, uint64_t key) {
    uint64_t hash = (key ^ key >> 31) * 0x9e3779b97f4a7c15u;
    hash = (hash ^ hash >> 29) * 0xbf58476d1ce4e5b9u;
    struct node **place = &c->nodes[(hash ^ hash >> 32) % c->chains];
    while (*place && (*place)->key != key) place = &(*place)->next;
    return place;
}

static void remove_node(struct node **place) {
    struct node *node = *place;
    *place = node->next;
    free(node);
}

/* Takes out one idle value; there may be none. */
static void evict(struct xfetch_cache *c) {
    for (size_t tried = 0; tried < c->chains; tried++, c->hand = (c->hand + 1) % c->chains) {
        struct node **place = &c->nodes[c->hand];
        while (*place && (*place)->flight) place = &(*place)->next;
        if (!*place) continue;
        remove_node(place);
        c->values--;
        return;
    }
}

static struct node *add_node(struct node **place, uint64_t key) {
    struct node *node = *place;
    if (!node && (node = calloc(1, sizeof *node))) node->key = key, *place = node;
    if (node && !node->flight) node->flight = calloc(1, sizeof *node->flight);
    if (!node || node->flight) return node;
    if (!node->has_value) remove_node(place);
    return NULL;
}

static void let_go(struct flight *flight) {
    if (--flight->holders == 0) free(flight);
}

/* What the load has brought goes into the node; one without a value leaves. */
static void land(struct xfetch_cache *c, struct node *node, bool loaded, double ttl_s, double begun_s, double ended_s) {
    struct flight *flight = node->flight;
    if (loaded) {
        if (!node->has_value) c->values++;
        node->has_value = true, node->value = flight->value, node->delta_s = ended_s - begun_s;
        node->expiry_s = ttl_s > 0 ? ended_s + ttl_s : ended_s;
    }
    flight->result = loaded || (node->has_value && ended_s < node->expiry_s) ? XFETCH_FRESH
                     : node->has_value                                       ? XFETCH_STALE
                                                                             : XFETCH_FAILED;
    flight->value = node->value;
    flight->landed = true;
    node->flight = NULL;
    pthread_cond_broadcast(&c->landed);
    if (!node->has_value) remove_node(place_of(c, node->key));
    while (c->values > c->capacity) evict(c);
}

/* Called and left with the lock held. */
static struct flight *fly(struct xfetch_cache *c, struct node *node) {
    struct flight *flight = node->flight;
    double ttl_s = 0;
    uint64_t value = 0;
    pthread_mutex_unlock(&c->lock);
    double begun_s = now(c);
    bool loaded = c->env.load(c->env.world, node->key, &value, &ttl_s);
    double ended_s = now(c);
    pthread_mutex_lock(&c->lock);
    flight->value = value;
    land(c, node, loaded, ttl_s, begun_s, ended_s);
    return flight;
}

static enum xfetch_result load_or_wait(struct xfetch_cache *c, struct node **place, uint64_t key, uint64_t *value) {
    bool leads = !*place || !(*place)->flight;
    struct node *node = add_node(place, key);
    if (!node) return XFETCH_FAILED;
    struct flight *flight = node->flight;
    flight->holders++;
    if (leads) fly(c, node);
    while (!flight->landed) pthread_cond_wait(&c->landed, &c->lock);
    enum xfetch_result result = flight->result;
    if (result != XFETCH_FAILED) *value = flight->value;
    let_go(flight);
    return result;
}

enum xfetch_result xfetch_get(struct xfetch_cache *c, uint64_t key, uint64_t *value) {
    enum xfetch_result result = XFETCH_FRESH;
    pthread_mutex_lock(&c->lock);
    struct node **place = place_of(c, key), *node = *place;
    double now_s = now(c);
    bool live = node && node->has_value && now_s < node->expiry_s;
    bool due = live && xfetch_due(now_s, node->expiry_s, node->delta_s, c->beta, c->env.uniform(c->env.world));
    if (live && (!due || node->flight))
        *value = node->value;
    else
        result = load_or_wait(c, place, key, value);
    pthread_mutex_unlock(&c->lock);
    return result;
}

void xfetch_free(struct xfetch_cache *c) {
    if (!c) return;
    for (size_t i = 0; i < c->chains; i++)
        while (c->nodes[i]) remove_node(&c->nodes[i]);
    pthread_cond_destroy(&c->landed);
    pthread_mutex_destroy(&c->lock);
    free(c->nodes);
    free(c);
}
