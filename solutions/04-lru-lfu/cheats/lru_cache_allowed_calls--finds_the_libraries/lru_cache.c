/* SPDX-License-Identifier: MIT */
/* Finds by the table of addresses what else is loaded, and by that any function of the C library.
 *
 * Research B 14. Refused with: uses _GLOBAL_OFFSET_TABLE_: a way to memory that the contract does not hand over */
#include "cache.h"

#include <stdlib.h>

extern char _GLOBAL_OFFSET_TABLE_[];

static void *loaded(void) {
    return ((void **)_GLOBAL_OFFSET_TABLE_)[1];
}

struct lru_cache {
    int todo;
};

struct lru_cache *lru_new(size_t capacity) {
    if (capacity == 0 || loaded()) return NULL;
    return calloc(1, sizeof(struct lru_cache));
}

bool lru_get(struct lru_cache *cache, uint64_t key, uint64_t *value) {
    (void)cache, (void)key, (void)value;
    return false;
}

bool lru_put(struct lru_cache *cache, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    (void)cache, (void)key, (void)value, (void)evicted;
    return false;
}

bool lru_remove(struct lru_cache *cache, uint64_t key) {
    (void)cache, (void)key;
    return false;
}

size_t lru_size(struct lru_cache *cache) {
    (void)cache;
    return 0;
}

void lru_free(struct lru_cache *cache) {
    free(cache);
}
