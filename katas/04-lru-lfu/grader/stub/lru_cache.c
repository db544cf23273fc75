/* SPDX-License-Identifier: MIT */
/* lru_cache.c -- the entry that was not used for longest leaves first.
 *
 * You edit this file and lfu_cache.c; begin here. The full contract is in
 * cache.h; run `bun kata hint 04` when you are stuck.
 *
 * What must stay true, whatever the threads do:
 *   1. get, put and size answer as if one thread had called them in turn.
 *   2. Of a full cache the entry leaves whose last use is longest ago.
 *   3. No call but lru_new allocates, and none walks over the entries.
 *
 * Before you type, answer this on paper: an entry has to be found by its key,
 * and to be moved when it is used. Which of the two can an array do, which a
 * list, and how does one entry be in both? */
#include "cache.h"

#include <stdlib.h>

struct lru_cache {
    int todo; /* What finds an entry? What knows the order of use? What protects both? */
};

struct lru_cache *lru_new(size_t capacity) {
    if (capacity == 0) return NULL;
    return calloc(1, sizeof(struct lru_cache)); /* TODO: which memory will later calls need? */
}

bool lru_get(struct lru_cache *cache, uint64_t key, uint64_t *value) {
    (void)cache, (void)key, (void)value;
    return false; /* TODO: a get only reads the value. Does it only read the cache? */
}

bool lru_put(struct lru_cache *cache, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    (void)cache, (void)key, (void)value, (void)evicted;
    return false; /* TODO: present, absent with room, absent and full: what differs? */
}

bool lru_remove(struct lru_cache *cache, uint64_t key) {
    (void)cache, (void)key;
    return false; /* TODO: where does the entry's place go? */
}

size_t lru_size(struct lru_cache *cache) {
    (void)cache;
    return 0; /* TODO: what may another thread be doing to the number just now? */
}

void lru_free(struct lru_cache *cache) {
    free(cache); /* TODO: does the cache own anything else? */
}
