/* SPDX-License-Identifier: MIT */
/* peer: C++ std::list and std::unordered_map, one mutex
 * package: g++
 * libraries: -lstdc++
 * metrics: lru_4 lfu_4
 *
 * The textbook's LRU, and the LFU that interviews ask for: a map from keys to
 * entries, a map from counts to lists, and the least count. */
extern "C" {
#include "cache.h"
}

#include <list>
#include <mutex>
#include <unordered_map>

using guard = std::lock_guard<std::mutex>;

struct lru_cache {
    size_t capacity;
    std::mutex lock;
    std::list<cache_entry> order; /* newest first */
    std::unordered_map<uint64_t, std::list<cache_entry>::iterator> index;
};

extern "C" lru_cache *lru_new(size_t capacity) {
    return new lru_cache{capacity, {}, {}, {}};
}

extern "C" bool lru_get(lru_cache *c, uint64_t key, uint64_t *value) {
    guard held(c->lock);
    auto found = c->index.find(key);
    if (found == c->index.end()) return false;
    c->order.splice(c->order.begin(), c->order, found->second);
    if (value) *value = found->second->value;
    return true;
}

extern "C" bool lru_put(lru_cache *c, uint64_t key, uint64_t value, cache_entry *evicted) {
    guard held(c->lock);
    auto found = c->index.find(key);
    if (found != c->index.end()) {
        c->order.splice(c->order.begin(), c->order, found->second);
        found->second->value = value;
        return false;
    }
    bool full = c->order.size() == c->capacity;
    if (full) {
        if (evicted) *evicted = c->order.back();
        c->index.erase(c->order.back().key);
        c->order.pop_back();
    }
    c->order.push_front({key, value});
    c->index[key] = c->order.begin();
    return full;
}

extern "C" bool lru_remove(lru_cache *c, uint64_t key) {
    guard held(c->lock);
    auto found = c->index.find(key);
    if (found == c->index.end()) return false;
    c->order.erase(found->second);
    c->index.erase(found);
    return true;
}

extern "C" size_t lru_size(lru_cache *c) {
    guard held(c->lock);
    return c->order.size();
}

extern "C" void lru_free(lru_cache *c) {
    delete c;
}

struct counted {
    uint64_t value, count;
    std::list<uint64_t>::iterator place;
};

struct lfu_cache {
    size_t capacity;
    uint64_t least;
    std::mutex lock;
    std::unordered_map<uint64_t, counted> entries;
    std::unordered_map<uint64_t, std::list<uint64_t>> groups; /* keys by count, newest first */
};

extern "C" lfu_cache *lfu_new(size_t capacity) {
    return new lfu_cache{capacity, 0, {}, {}, {}};
}

static void use(lfu_cache *c, uint64_t key, counted &entry) {
    auto &group = c->groups[entry.count];
    group.erase(entry.place);
    if (group.empty()) {
        c->groups.erase(entry.count);
        if (c->least == entry.count) c->least++;
    }
    auto &next = c->groups[++entry.count];
    next.push_front(key);
    entry.place = next.begin();
}

extern "C" bool lfu_get(lfu_cache *c, uint64_t key, uint64_t *value) {
    guard held(c->lock);
    auto found = c->entries.find(key);
    if (found == c->entries.end()) return false;
    if (value) *value = found->second.value;
    use(c, key, found->second);
    return true;
}

static void evict(lfu_cache *c, cache_entry *evicted) {
    auto &group = c->groups[c->least];
    uint64_t key = group.back();
    if (evicted) *evicted = {key, c->entries[key].value};
    group.pop_back();
    if (group.empty()) c->groups.erase(c->least);
    c->entries.erase(key);
}

extern "C" bool lfu_put(lfu_cache *c, uint64_t key, uint64_t value, cache_entry *evicted) {
    guard held(c->lock);
    auto found = c->entries.find(key);
    if (found != c->entries.end()) {
        found->second.value = value;
        use(c, key, found->second);
        return false;
    }
    bool full = c->entries.size() == c->capacity;
    if (full) evict(c, evicted);
    auto &group = c->groups[c->least = 1];
    group.push_front(key);
    c->entries[key] = {value, 1, group.begin()};
    return full;
}

extern "C" size_t lfu_size(lfu_cache *c) {
    guard held(c->lock);
    return c->entries.size();
}

extern "C" void lfu_free(lfu_cache *c) {
    delete c;
}
