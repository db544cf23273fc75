/* SPDX-License-Identifier: MIT */
/* kinds.h -- both caches behind one face, for the scenarios and the exploration.
 * A function must be called by its own type (C11 6.5.2.2), so each has a small
 * one that takes the pointer back. */
#ifndef KINDS_H
#define KINDS_H

#include "cache.h"

/* The functions of one kind. A driver's traffic is the same for both. */
struct kind {
    void *(*new)(size_t capacity);
    bool (*get)(void *cache, uint64_t key, uint64_t *value);
    bool (*put)(void *cache, uint64_t key, uint64_t value, struct cache_entry *evicted);
    bool (*remove)(void *cache, uint64_t key);
    size_t (*size)(void *cache);
    void (*free)(void *cache);
};

enum { LRU, LFU, KINDS };
static void *new_lru(size_t capacity) {
    return lru_new(capacity);
}
static bool get_lru(void *cache, uint64_t key, uint64_t *value) {
    return lru_get(cache, key, value);
}
static bool put_lru(void *cache, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    return lru_put(cache, key, value, evicted);
}
static bool remove_lru(void *cache, uint64_t key) {
    return lru_remove(cache, key);
}
static size_t size_lru(void *cache) {
    return lru_size(cache);
}
static void free_lru(void *cache) {
    lru_free(cache);
}

static void *new_lfu(size_t capacity) {
    return lfu_new(capacity);
}
static bool get_lfu(void *cache, uint64_t key, uint64_t *value) {
    return lfu_get(cache, key, value);
}
static bool put_lfu(void *cache, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    return lfu_put(cache, key, value, evicted);
}
static bool remove_lfu(void *cache, uint64_t key) {
    return lfu_remove(cache, key);
}
static size_t size_lfu(void *cache) {
    return lfu_size(cache);
}
static void free_lfu(void *cache) {
    lfu_free(cache);
}

static const struct kind kinds[KINDS] = {
    [LRU] = {new_lru, get_lru, put_lru, remove_lru, size_lru, free_lru},
    [LFU] = {new_lfu, get_lfu, put_lfu, remove_lfu, size_lfu, free_lfu},
};

#endif
