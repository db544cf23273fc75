/* SPDX-License-Identifier: MIT */
/* peer: LevelDB's LRU cache (16 shards, an LRU each)
 * package: libleveldb-dev
 * libraries: -lleveldb -lstdc++
 * metrics: lru_4
 * answers: its own (16 orders instead of one, and puts do not tell what left)
 *
 * The C API can make such a cache, and not use it; the C++ header can. */
extern "C" {
#include "cache.h"
}

#include <leveldb/cache.h>

struct lru_cache {
    leveldb::Cache *shards;
};

static leveldb::Slice bytes_of(const uint64_t *key) {
    return leveldb::Slice((const char *)key, sizeof *key);
}

extern "C" lru_cache *lru_new(size_t capacity) {
    return new lru_cache{leveldb::NewLRUCache(capacity)};
}

extern "C" bool lru_get(lru_cache *c, uint64_t key, uint64_t *value) {
    leveldb::Cache::Handle *found = c->shards->Lookup(bytes_of(&key));
    if (!found) return false;
    if (value) *value = (uint64_t)c->shards->Value(found);
    c->shards->Release(found);
    return true;
}

static void leaves(const leveldb::Slice &, void *) {
}

extern "C" bool lru_put(lru_cache *c, uint64_t key, uint64_t value, cache_entry *) {
    c->shards->Release(c->shards->Insert(bytes_of(&key), (void *)value, 1, leaves));
    return false;
}

extern "C" size_t lru_size(lru_cache *c) {
    return c->shards->TotalCharge();
}

extern "C" void lru_free(lru_cache *c) {
    delete c->shards;
    delete c;
}
