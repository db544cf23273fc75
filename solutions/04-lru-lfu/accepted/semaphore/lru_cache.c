/* SPDX-License-Identifier: MIT */
/* lru_cache.c -- the reference, locked by a semaphore that is 1 or 0. */
#include "cache.h"

#include <pthread.h>
#include <semaphore.h>

#include <stdlib.h>

#define NONE 0 /* also the place that closes the ring */

struct entry {
    uint64_t key, value;
    uint32_t older, newer; /* the ring */
    uint32_t next;         /* in the chain; of a free entry, the next free one */
};

struct lru_cache {
    sem_t lock; /* of everything below */
    uint32_t capacity, size;
    uint32_t fresh;  /* entries above this were never used */
    uint32_t free;   /* entries given back, linked by `next` */
    unsigned shift;  /* of the index: 64 minus its bits */
    uint32_t *index; /* the first entry of each chain */
    struct entry entries[];
};

/* A power of two, at least `capacity`: chains of one entry on average. */
static unsigned index_bits(size_t capacity) {
    unsigned bits = 1;
    while ((size_t)1 << bits < capacity) bits++;
    return bits;
}

struct lru_cache *lru_new(size_t capacity) {
    /* Numbers of 32 bits, of which NONE is one; far below what overflows. */
    if (capacity == 0 || capacity >= UINT32_MAX) return NULL;
    struct lru_cache *c = calloc(1, sizeof *c + (capacity + 1) * sizeof c->entries[0]);
    if (!c) return NULL;
    unsigned bits = index_bits(capacity);
    c->index = calloc((size_t)1 << bits, sizeof *c->index);
    if (!c->index || sem_init(&c->lock, 0, 1) != 0) {
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
static uint32_t *chain_of(struct lru_cache *c, uint64_t key) {
    key = (key ^ key >> 27) * 0x3c79ac492ba7b653u;
    key = (key ^ key >> 33) * 0x1c69b3f74ac4ae35u;
    return &c->index[key >> c->shift];
}

static uint32_t find(struct lru_cache *c, uint64_t key) {
    uint32_t e = *chain_of(c, key);
    while (e != NONE && c->entries[e].key != key) e = c->entries[e].next;
    return e;
}

static void unlink_entry(struct lru_cache *c, uint32_t e) {
    struct entry *entry = &c->entries[e];
    c->entries[entry->newer].older = entry->older;
    c->entries[entry->older].newer = entry->newer;
}

static void link_newest(struct lru_cache *c, uint32_t e) {
    uint32_t second = c->entries[NONE].older;
    c->entries[e].newer = NONE;
    c->entries[e].older = second;
    c->entries[second].newer = e;
    c->entries[NONE].older = e;
}

static void use(struct lru_cache *c, uint32_t e) {
    if (c->entries[NONE].older == e) return; /* the newest already; frequent where keys are skewed */
    unlink_entry(c, e);
    link_newest(c, e);
}

/* Takes `e` out of its chain and out of the ring. */
static void take_out(struct lru_cache *c, uint32_t e) {
    uint32_t *link = chain_of(c, c->entries[e].key);
    while (*link != e) link = &c->entries[*link].next;
    *link = c->entries[e].next;
    unlink_entry(c, e);
}

static void add(struct lru_cache *c, uint32_t e, uint64_t key, uint64_t value) {
    uint32_t *chain = chain_of(c, key);
    c->entries[e].key = key;
    c->entries[e].value = value;
    c->entries[e].next = *chain;
    *chain = e;
    link_newest(c, e);
}

/* An entry that holds no key; there is one while the cache is not full. */
static uint32_t unused_entry(struct lru_cache *c) {
    if (c->free == NONE) return ++c->fresh;
    uint32_t e = c->free;
    c->free = c->entries[e].next;
    return e;
}

/* The oldest entry, emptied for another key. `evicted` is filled in here,
 * under the lock: outside, the entry is another key's. */
static uint32_t evict(struct lru_cache *c, struct cache_entry *evicted) {
    uint32_t e = c->entries[NONE].newer; /* round the ring: behind NONE comes the oldest */
    if (evicted) *evicted = (struct cache_entry){c->entries[e].key, c->entries[e].value};
    take_out(c, e);
    return e;
}

bool lru_get(struct lru_cache *c, uint64_t key, uint64_t *value) {
    while (sem_wait(&c->lock) != 0) {
    }
    uint32_t e = find(c, key);
    if (e != NONE) {
        use(c, e);
        if (value) *value = c->entries[e].value;
    }
    sem_post(&c->lock);
    return e != NONE;
}

/* Lookup and insertion under one lock: between two, another thread could add
 * the same key. */
bool lru_put(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    while (sem_wait(&c->lock) != 0) {
    }
    uint32_t e = find(c, key);
    bool full = e == NONE && c->size == c->capacity;
    if (e != NONE) {
        c->entries[e].value = value;
        use(c, e);
    } else {
        if (!full) c->size++;
        add(c, full ? evict(c, evicted) : unused_entry(c), key, value);
    }
    sem_post(&c->lock);
    return full;
}

bool lru_remove(struct lru_cache *c, uint64_t key) {
    while (sem_wait(&c->lock) != 0) {
    }
    uint32_t e = find(c, key);
    if (e != NONE) {
        take_out(c, e);
        c->entries[e].next = c->free;
        c->free = e;
        c->size--;
    }
    sem_post(&c->lock);
    return e != NONE;
}

size_t lru_size(struct lru_cache *c) {
    while (sem_wait(&c->lock) != 0) {
    }
    size_t size = c->size;
    sem_post(&c->lock);
    return size;
}

void lru_free(struct lru_cache *c) {
    if (!c) return;
    sem_destroy(&c->lock);
    free(c->index);
    free(c);
}
