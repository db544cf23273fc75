/* SPDX-License-Identifier: MIT */
/* lfu_cache.c -- a binary heap by count and last use. Right in every answer,
 * and O(log n). */
#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

#define NONE 0 /* also the place that closes the ring */

struct entry {
    uint64_t key, value;
    uint64_t count, last_use; /* count 0: nobody's */
    uint32_t at;              /* in the heap */
    uint32_t next;            /* in the chain; of a free entry, the next free one */
};

struct lfu_cache {
    pthread_mutex_t lock; /* of everything below */
    uint32_t capacity, size;
    uint32_t length; /* of the heap */
    uint64_t clock;  /* of uses */
    uint32_t fresh;  /* entries above this were never used */
    uint32_t free;   /* entries given back, linked by `next` */
    unsigned shift;  /* of the index: 64 minus its bits */
    uint32_t *heap;  /* numbers of entries from 1 on; the one to leave comes first */
    uint32_t *index; /* the first entry of each chain */
    struct entry entries[];
};

/* A power of two, at least `capacity`: chains of one entry on average. */
static unsigned index_bits(size_t capacity) {
    unsigned bits = 1;
    while ((size_t)1 << bits < capacity) bits++;
    return bits;
}

struct lfu_cache *lfu_new(size_t capacity) {
    /* Numbers of 32 bits, of which NONE is one; far below what overflows. */
    if (capacity == 0 || capacity >= UINT32_MAX) return NULL;
    struct lfu_cache *c = calloc(1, sizeof *c + (capacity + 1) * sizeof c->entries[0]);
    if (!c) return NULL;
    unsigned bits = index_bits(capacity);
    c->index = calloc((size_t)1 << bits, sizeof *c->index);
    c->heap = calloc(capacity + 1, sizeof *c->heap);
    if (!c->index || !c->heap || pthread_mutex_init(&c->lock, NULL) != 0) {
        free(c->heap);
        free(c->index);
        free(c);
        return NULL;
    }
    c->capacity = (uint32_t)capacity;
    c->shift = 64 - bits;
    return c;
}

/* Moremur (Pelle Evensen): each bit of the key reaches each bit of the result,
 * and no two keys meet, so keys can't be patterned against the index by
 * accident. The upper bits of the last product are its best. */
static uint32_t *chain_of(struct lfu_cache *c, uint64_t key) {
    key = (key ^ key >> 27) * 0x3c79ac492ba7b653u;
    key = (key ^ key >> 33) * 0x1c69b3f74ac4ae35u;
    return &c->index[key >> c->shift];
}

static uint32_t find(struct lfu_cache *c, uint64_t key) {
    uint32_t e = *chain_of(c, key);
    while (e != NONE && c->entries[e].key != key) e = c->entries[e].next;
    return e;
}

static bool leaves_before(const struct lfu_cache *c, uint32_t a, uint32_t b) {
    const struct entry *x = &c->entries[a], *y = &c->entries[b];
    return x->count == y->count ? x->last_use < y->last_use : x->count < y->count;
}

static void settle(struct lfu_cache *c, uint32_t at, uint32_t e) {
    c->heap[at] = e;
    c->entries[e].at = at;
}

static void rise(struct lfu_cache *c, uint32_t at) {
    uint32_t e = c->heap[at];
    for (; at > 1 && leaves_before(c, e, c->heap[at / 2]); at /= 2) settle(c, at, c->heap[at / 2]);
    settle(c, at, e);
}

static void sink(struct lfu_cache *c, uint32_t at) {
    uint32_t e = c->heap[at];
    for (uint32_t child = 2 * at; child <= c->length; at = child, child = 2 * at) {
        if (child < c->length && leaves_before(c, c->heap[child + 1], c->heap[child])) child++;
        if (!leaves_before(c, c->heap[child], e)) break;
        settle(c, at, c->heap[child]);
    }
    settle(c, at, e);
}

static void use(struct lfu_cache *c, uint32_t e) {
    c->entries[e].count++;
    c->entries[e].last_use = ++c->clock;
    sink(c, c->entries[e].at);
}

static void leave_heap(struct lfu_cache *c, uint32_t e) {
    uint32_t at = c->entries[e].at, last = c->heap[c->length--];
    if (last == e) return;
    settle(c, at, last);
    rise(c, at);
    sink(c, c->entries[last].at);
}

static void take_out(struct lfu_cache *c, uint32_t e) {
    uint32_t *link = chain_of(c, c->entries[e].key);
    while (*link != e) link = &c->entries[*link].next;
    *link = c->entries[e].next;
    leave_heap(c, e);
}

static void add(struct lfu_cache *c, uint32_t e, uint64_t key, uint64_t value) {
    uint32_t *chain = chain_of(c, key);
    c->entries[e].key = key;
    c->entries[e].value = value;
    c->entries[e].next = *chain;
    *chain = e;
    c->entries[e].count = 1;
    c->entries[e].last_use = ++c->clock;
    settle(c, ++c->length, e);
    rise(c, c->length);
}

/* An entry of nobody's; there is one while the cache is not full. */
static uint32_t unused_entry(struct lfu_cache *c) {
    if (c->free == NONE) return ++c->fresh;
    uint32_t e = c->free;
    c->free = c->entries[e].next;
    return e;
}

static uint32_t evict(struct lfu_cache *c, struct cache_entry *evicted) {
    uint32_t e = c->heap[1];
    if (evicted) *evicted = (struct cache_entry){c->entries[e].key, c->entries[e].value};
    take_out(c, e);
    return e;
}

bool lfu_get(struct lfu_cache *c, uint64_t key, uint64_t *value) {
    pthread_mutex_lock(&c->lock);
    uint32_t e = find(c, key);
    if (e != NONE) {
        use(c, e);
        if (value) *value = c->entries[e].value;
    }
    pthread_mutex_unlock(&c->lock);
    return e != NONE;
}

/* Lookup and insertion under one lock: between two, another thread could add
 * the same key. */
bool lfu_put(struct lfu_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    pthread_mutex_lock(&c->lock);
    uint32_t e = find(c, key);
    bool full = e == NONE && c->size == c->capacity;
    if (e != NONE) {
        c->entries[e].value = value;
        use(c, e);
    } else {
        if (!full) c->size++;
        add(c, full ? evict(c, evicted) : unused_entry(c), key, value);
    }
    pthread_mutex_unlock(&c->lock);
    return full;
}

bool lfu_remove(struct lfu_cache *c, uint64_t key) {
    pthread_mutex_lock(&c->lock);
    uint32_t e = find(c, key);
    if (e != NONE) {
        take_out(c, e);
        c->entries[e].next = c->free;
        c->free = e;
        c->size--;
    }
    pthread_mutex_unlock(&c->lock);
    return e != NONE;
}

size_t lfu_size(struct lfu_cache *c) {
    pthread_mutex_lock(&c->lock);
    size_t size = c->size;
    pthread_mutex_unlock(&c->lock);
    return size;
}

void lfu_free(struct lfu_cache *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c->heap);
    free(c->index);
    free(c);
}
