/* SPDX-License-Identifier: MIT */
/* lru_cache.c -- nodes linked by pointers, and a readers-writer lock. Only
 * lru_size changes nothing, so only lru_size takes the lock for reading. */
#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

struct node {
    uint64_t key, value;
    struct node *older, *newer, *next; /* next: in the chain, or the next spare one */
};

struct lru_cache {
    pthread_rwlock_t lock;
    size_t capacity, size, chain_count;
    struct node ends; /* its `older` is the newest, its `newer` the oldest */
    struct node *nodes, *spare, **chains;
};

/* One and a third chains a node. An odd number: the low bits are used too. */
static size_t chains_for(size_t capacity) {
    return (capacity + capacity / 3) | 1;
}

struct lru_cache *lru_new(size_t capacity) {
    if (capacity == 0 || capacity > SIZE_MAX / 2 / sizeof(struct node)) return NULL;
    struct lru_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->chain_count = chains_for(capacity);
    c->nodes = malloc(capacity * sizeof *c->nodes);
    c->chains = calloc(c->chain_count, sizeof *c->chains);
    if (!c->nodes || !c->chains || pthread_rwlock_init(&c->lock, NULL) != 0) {
        free(c->nodes);
        free(c->chains);
        free(c);
        return NULL;
    }
    c->capacity = capacity;
    c->ends.older = c->ends.newer = &c->ends;
    for (size_t i = capacity; i > 0; i--) {
        c->nodes[i - 1].next = c->spare;
        c->spare = &c->nodes[i - 1];
    }
    return c;
}

/* The link to the node of `key`, or the one that ends its chain. */
static struct node **link_of(struct lru_cache *c, uint64_t key) {
    uint64_t h = (key ^ key >> 33) * 0xff51afd7ed558ccdu; /* MurmurHash3's last steps */
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    struct node **link = &c->chains[(h ^ h >> 33) % c->chain_count];
    while (*link && (*link)->key != key) link = &(*link)->next;
    return link;
}

static void take_from_list(struct node *n) {
    n->newer->older = n->older;
    n->older->newer = n->newer;
}

static void make_newest(struct lru_cache *c, struct node *n) {
    n->newer = &c->ends;
    n->older = c->ends.older;
    n->older->newer = c->ends.older = n;
}

static void discard(struct lru_cache *c, struct node **link) {
    struct node *n = *link;
    *link = n->next;
    take_from_list(n);
    n->next = c->spare;
    c->spare = n;
    c->size--;
}

bool lru_get(struct lru_cache *c, uint64_t key, uint64_t *value) {
    pthread_rwlock_wrlock(&c->lock);
    struct node *n = *link_of(c, key);
    if (n) {
        take_from_list(n);
        make_newest(c, n);
        if (value) *value = n->value;
    }
    pthread_rwlock_unlock(&c->lock);
    return n;
}

static struct node *add(struct lru_cache *c, uint64_t key) {
    struct node *n = c->spare, **link = link_of(c, key);
    c->spare = n->next;
    n->key = key;
    n->next = NULL;
    *link = n;
    c->size++;
    return n;
}

bool lru_put(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    pthread_rwlock_wrlock(&c->lock);
    struct node *n = *link_of(c, key);
    bool full = !n && c->size == c->capacity;
    if (full) {
        struct node *oldest = c->ends.newer;
        if (evicted) *evicted = (struct cache_entry){oldest->key, oldest->value};
        discard(c, link_of(c, oldest->key));
    }
    if (n)
        take_from_list(n);
    else
        n = add(c, key);
    n->value = value;
    make_newest(c, n);
    pthread_rwlock_unlock(&c->lock);
    return full;
}

bool lru_remove(struct lru_cache *c, uint64_t key) {
    pthread_rwlock_wrlock(&c->lock);
    struct node **link = link_of(c, key);
    bool found = *link;
    if (found) discard(c, link);
    pthread_rwlock_unlock(&c->lock);
    return found;
}

size_t lru_size(struct lru_cache *c) {
    pthread_rwlock_rdlock(&c->lock);
    size_t size = c->size;
    pthread_rwlock_unlock(&c->lock);
    return size;
}

void lru_free(struct lru_cache *c) {
    if (!c) return;
    pthread_rwlock_destroy(&c->lock);
    free(c->nodes);
    free(c->chains);
    free(c);
}
