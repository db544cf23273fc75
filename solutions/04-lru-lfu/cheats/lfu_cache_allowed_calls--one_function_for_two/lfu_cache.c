/* SPDX-License-Identifier: MIT */
/* Gives one function two names, one of which the grader would take for another's.
 *
 * Research B 20. Refused with: uses alias: another name for what is called */
#include "cache.h"

#include <stdlib.h>

static size_t one(struct lfu_cache *cache) {
    return (size_t)cache;
}
size_t lfu_count(struct lfu_cache *) __attribute__((alias("one")));

struct lfu_cache {
    int todo;
};

struct lfu_cache *lfu_new(size_t capacity) {
    if (capacity == 0) return NULL;
    return calloc(1, sizeof(struct lfu_cache));
}

bool lfu_get(struct lfu_cache *cache, uint64_t key, uint64_t *value) {
    (void)cache, (void)key, (void)value;
    return false;
}

bool lfu_put(struct lfu_cache *cache, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    (void)cache, (void)key, (void)value, (void)evicted;
    return false;
}

bool lfu_remove(struct lfu_cache *cache, uint64_t key) {
    (void)cache, (void)key;
    return false;
}

size_t lfu_size(struct lfu_cache *cache) {
    (void)cache;
    return 0;
}

void lfu_free(struct lfu_cache *cache) {
    free(cache);
}
