/* SPDX-License-Identifier: MIT */
/* lfu_cache.c -- the entry with the fewest uses leaves first.
 *
 * You edit this file and lru_cache.c; make the other one work before you begin
 * here. The full contract is in cache.h.
 *
 * What must stay true, whatever the threads do:
 *   1. get, put and size answer as if one thread had called them in turn.
 *   2. Of a full cache the entry with the fewest uses leaves; of several, the
 *      one whose last use is longest ago.
 *   3. No call but lfu_new allocates, and none walks over entries or counts.
 *
 * Before you type, answer this on paper: a use changes a count by one. How far
 * can an entry move, then, in an order by count? */
#include "cache.h"

#include <stdlib.h>

struct lfu_cache {
    int todo; /* What do entries with the same count have in common? How many counts can there be? */
};

struct lfu_cache *lfu_new(size_t capacity) {
    if (capacity == 0) return NULL;
    return calloc(1, sizeof(struct lfu_cache)); /* TODO: which memory will later calls need? */
}

bool lfu_get(struct lfu_cache *cache, uint64_t key, uint64_t *value) {
    (void)cache, (void)key, (void)value;
    return false; /* TODO: what if no other entry has the new count? What if no entry is left with the old one? */
}

bool lfu_put(struct lfu_cache *cache, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    (void)cache, (void)key, (void)value, (void)evicted;
    return false; /* TODO: which entry leaves first, the old one or the new one? */
}

bool lfu_remove(struct lfu_cache *cache, uint64_t key) {
    (void)cache, (void)key;
    return false; /* TODO: which is the smallest count afterwards? */
}

size_t lfu_size(struct lfu_cache *cache) {
    (void)cache;
    return 0; /* TODO: as for lru. */
}

void lfu_free(struct lfu_cache *cache) {
    free(cache); /* TODO: as for lru. */
}
