/* SPDX-License-Identifier: MIT */
/* Mutant: from 512 entries on there are 16 caches, each with an order of its
 * own, and full before all of them are. */
#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

struct lru_cache {
    size_t count;
    struct shard *shards[16];
};
#define NONE 0 /* also the place that closes the ring */

struct entry {
    uint64_t key, value;
    uint32_t older, newer; /* the ring */
    uint32_t next;         /* in the chain; of a free entry, the next free one */
};

struct shard {
    pthread_mutex_t lock; /* of everything below */
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

static struct shard *shard_new(size_t capacity) {
    /* Numbers of 32 bits, of which NONE is one; far below what overflows. */
    if (capacity == 0 || capacity >= UINT32_MAX) return NULL;
    struct shard *c = calloc(1, sizeof *c + (capacity + 1) * sizeof c->entries[0]);
    if (!c) return NULL;
    unsigned bits = index_bits(capacity);
    c->index = calloc((size_t)1 << bits, sizeof *c->index);
    if (!c->index || pthread_mutex_init(&c->lock, NULL) != 0) {
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
static uint32_t *chain_of(struct shard *c, uint64_t key) {
    key = (key ^ key >> 27) * 0x3c79ac492ba7b653u;
    key = (key ^ key >> 33) * 0x1c69b3f74ac4ae35u;
    return &c->index[key >> c->shift];
}

static uint32_t find(struct shard *c, uint64_t key) {
    uint32_t e = *chain_of(c, key);
    while (e != NONE && c->entries[e].key != key) e = c->entries[e].next;
    return e;
}

static void unlink_entry(struct shard *c, uint32_t e) {
    struct entry *entry = &c->entries[e];
    c->entries[entry->newer].older = entry->older;
    c->entries[entry->older].newer = entry->newer;
}

static void link_newest(struct shard *c, uint32_t e) {
    uint32_t second = c->entries[NONE].older;
    c->entries[e].newer = NONE;
    c->entries[e].older = second;
    c->entries[second].newer = e;
    c->entries[NONE].older = e;
}

static void use(struct shard *c, uint32_t e) {
    if (c->entries[NONE].older == e) return; /* the newest already; frequent where keys are skewed */
    unlink_entry(c, e);
    link_newest(c, e);
}

/* Takes `e` out of its chain and out of the ring. */
static void take_out(struct shard *c, uint32_t e) {
    uint32_t *link = chain_of(c, c->entries[e].key);
    while (*link != e) link = &c->entries[*link].next;
    *link = c->entries[e].next;
    unlink_entry(c, e);
}

static void add(struct shard *c, uint32_t e, uint64_t key, uint64_t value) {
    uint32_t *chain = chain_of(c, key);
    c->entries[e].key = key;
    c->entries[e].value = value;
    c->entries[e].next = *chain;
    *chain = e;
    link_newest(c, e);
}

/* An entry of nobody's; there is one while the cache is not full. */
static uint32_t unused_entry(struct shard *c) {
    if (c->free == NONE) return ++c->fresh;
    uint32_t e = c->free;
    c->free = c->entries[e].next;
    return e;
}

/* The oldest entry, emptied for another key. `evicted` is filled in here,
 * under the lock: outside, the entry is another key's. */
static uint32_t evict(struct shard *c, struct cache_entry *evicted) {
    uint32_t e = c->entries[NONE].newer; /* round the ring: behind NONE comes the oldest */
    if (evicted) *evicted = (struct cache_entry){c->entries[e].key, c->entries[e].value};
    take_out(c, e);
    return e;
}

static bool shard_get(struct shard *c, uint64_t key, uint64_t *value) {
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
static bool shard_put(struct shard *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
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

static bool shard_remove(struct shard *c, uint64_t key) {
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

static size_t shard_size(struct shard *c) {
    pthread_mutex_lock(&c->lock);
    size_t size = c->size;
    pthread_mutex_unlock(&c->lock);
    return size;
}

static void shard_free(struct shard *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c->index);
    free(c);
}

static struct shard *shard_of(struct lru_cache *c, uint64_t key) {
    key = (key ^ key >> 27) * 0x3c79ac492ba7b653u;
    return c->shards[(key ^ key >> 33) % c->count];
}
struct lru_cache *lru_new(size_t capacity) {
    struct lru_cache *c = capacity && capacity < UINT32_MAX ? calloc(1, sizeof *c) : NULL;
    if (!c) return NULL;
    c->count = capacity >= 512 ? 16 : 1;
    for (size_t i = 0; i < c->count; i++)
        if (!(c->shards[i] = shard_new(capacity / c->count + (i < capacity % c->count)))) return lru_free(c), NULL;
    return c;
}
bool lru_get(struct lru_cache *c, uint64_t key, uint64_t *value) {
    return shard_get(shard_of(c, key), key, value);
}
bool lru_put(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    return shard_put(shard_of(c, key), key, value, evicted);
}
bool lru_remove(struct lru_cache *c, uint64_t key) {
    return shard_remove(shard_of(c, key), key);
}
size_t lru_size(struct lru_cache *c) {
    size_t sum = 0;
    for (size_t i = 0; i < c->count; i++) sum += shard_size(c->shards[i]);
    return sum;
}
void lru_free(struct lru_cache *c) {
    for (size_t i = 0; c && i < c->count; i++) shard_free(c->shards[i]);
    free(c);
}
