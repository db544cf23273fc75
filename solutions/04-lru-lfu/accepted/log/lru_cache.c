/* SPDX-License-Identifier: MIT */
/* lru_cache.c -- no list: every use is written to a log. The last line about
 * an entry says when it was used; older lines about it are void. An eviction
 * reads the log from its beginning to the first line that is not void. A full
 * log is copied without its void lines, at most once in `capacity` uses:
 * amortized O(1). */
#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

#define NONE UINT32_MAX

struct entry {
    uint64_t key, value;
    size_t line;   /* of its last use */
    uint32_t next; /* in the chain, or the next spare one */
};

struct lru_cache {
    pthread_mutex_t lock;
    size_t capacity, size, mask;
    size_t begin, end; /* of the log's lines that were not read yet */
    uint32_t spare;
    uint32_t *log; /* numbers of entries; twice the capacity */
    uint32_t *chains;
    struct entry entries[];
};

struct lru_cache *lru_new(size_t capacity) {
    if (capacity == 0 || capacity > (size_t)1 << 30) return NULL;
    struct lru_cache *c = malloc(sizeof *c + capacity * sizeof c->entries[0]);
    if (!c) return NULL;
    size_t chains = 1;
    while (chains < capacity) chains *= 2;
    c->log = malloc(2 * capacity * sizeof *c->log);
    c->chains = malloc(chains * sizeof *c->chains);
    if (!c->log || !c->chains || pthread_mutex_init(&c->lock, NULL) != 0) {
        free(c->log);
        free(c->chains);
        free(c);
        return NULL;
    }
    for (size_t i = 0; i < chains; i++) c->chains[i] = NONE;
    for (size_t i = 0; i < capacity; i++) c->entries[i].next = i + 1 < capacity ? (uint32_t)i + 1 : NONE;
    c->capacity = capacity;
    c->mask = chains - 1;
    c->size = c->begin = c->end = 0;
    c->spare = 0;
    return c;
}

/* The link to the entry of `key`, or the one that ends its chain. */
static uint32_t *link_of(struct lru_cache *c, uint64_t key) {
    uint64_t h = (key ^ key >> 33) * 0xff51afd7ed558ccdu; /* MurmurHash3's last steps */
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    uint32_t *link = &c->chains[(h ^ h >> 33) & c->mask];
    while (*link != NONE && c->entries[*link].key != key) link = &c->entries[*link].next;
    return link;
}

/* The line of an entry that has left: all lines about it are void. */
#define LEFT SIZE_MAX

static bool is_void(const struct lru_cache *c, size_t line) {
    return c->entries[c->log[line]].line != line;
}

static void copy_without_void(struct lru_cache *c) {
    size_t kept = 0;
    for (size_t line = c->begin; line < c->end; line++) {
        if (is_void(c, line)) continue;
        c->log[kept] = c->log[line];
        c->entries[c->log[kept]].line = kept;
        kept++;
    }
    c->begin = 0;
    c->end = kept;
}

static void use(struct lru_cache *c, uint32_t e) {
    if (c->end == 2 * c->capacity) copy_without_void(c);
    c->entries[e].line = c->end;
    c->log[c->end++] = e;
}

static void take_out(struct lru_cache *c, uint32_t e) {
    *link_of(c, c->entries[e].key) = c->entries[e].next;
    c->entries[e].line = LEFT;
    c->entries[e].next = c->spare;
    c->spare = e;
    c->size--;
}

static void evict(struct lru_cache *c, struct cache_entry *evicted) {
    while (is_void(c, c->begin)) c->begin++;
    uint32_t e = c->log[c->begin++];
    if (evicted) *evicted = (struct cache_entry){c->entries[e].key, c->entries[e].value};
    take_out(c, e);
}

static uint32_t add(struct lru_cache *c, uint64_t key) {
    uint32_t e = c->spare;
    c->spare = c->entries[e].next;
    uint32_t *link = link_of(c, key);
    c->entries[e].key = key;
    c->entries[e].next = NONE;
    *link = e;
    c->size++;
    return e;
}

bool lru_get(struct lru_cache *c, uint64_t key, uint64_t *value) {
    pthread_mutex_lock(&c->lock);
    uint32_t e = *link_of(c, key);
    if (e != NONE) {
        if (value) *value = c->entries[e].value;
        use(c, e);
    }
    pthread_mutex_unlock(&c->lock);
    return e != NONE;
}

bool lru_put(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    pthread_mutex_lock(&c->lock);
    uint32_t e = *link_of(c, key);
    bool full = e == NONE && c->size == c->capacity;
    if (full) evict(c, evicted);
    if (e == NONE) e = add(c, key);
    c->entries[e].value = value;
    use(c, e);
    pthread_mutex_unlock(&c->lock);
    return full;
}

bool lru_remove(struct lru_cache *c, uint64_t key) {
    pthread_mutex_lock(&c->lock);
    uint32_t e = *link_of(c, key);
    if (e != NONE) take_out(c, e);
    pthread_mutex_unlock(&c->lock);
    return e != NONE;
}

size_t lru_size(struct lru_cache *c) {
    pthread_mutex_lock(&c->lock);
    size_t size = c->size;
    pthread_mutex_unlock(&c->lock);
    return size;
}

void lru_free(struct lru_cache *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c->log);
    free(c->chains);
    free(c);
}
