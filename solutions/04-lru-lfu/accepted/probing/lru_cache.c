/* SPDX-License-Identifier: MIT */
/* lru_cache.c -- open addressing, and a spin lock that yields.
 *
 * The index holds numbers of entries; a key's place is the first free one from
 * its hash on, and removing moves later ones back instead of leaving a grave.
 * The table is at most half full. Size is an atomic beside the lock: it takes
 * its new value in one store, so a load of it takes effect there. */
#include "cache.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define NONE 0

struct entry {
    uint64_t key, value;
    uint32_t older, newer;
};

struct lru_cache {
    atomic_flag busy;
    _Atomic size_t size;
    size_t capacity, mask;
    uint32_t fresh, spare; /* spare: linked by `older` */
    uint32_t *table;
    struct entry *entries;
};

static void lock(struct lru_cache *c) {
    while (atomic_flag_test_and_set_explicit(&c->busy, memory_order_acquire)) sched_yield();
}

static void unlock(struct lru_cache *c) {
    atomic_flag_clear_explicit(&c->busy, memory_order_release);
}

struct lru_cache *lru_new(size_t capacity) {
    if (capacity == 0 || capacity > (size_t)1 << 30) return NULL;
    struct lru_cache *c = malloc(sizeof *c);
    if (!c) return NULL;
    size_t places = 4;
    while (places < 2 * capacity) places *= 2;
    c->table = calloc(places, sizeof *c->table);
    c->entries = calloc(capacity + 1, sizeof *c->entries);
    if (!c->table || !c->entries) {
        lru_free(c);
        return NULL;
    }
    atomic_flag_clear(&c->busy);
    atomic_init(&c->size, 0);
    c->capacity = capacity;
    c->mask = places - 1;
    c->fresh = c->spare = 0;
    return c;
}

static size_t home(const struct lru_cache *c, uint64_t key) {
    key = (key ^ key >> 30) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
    key = (key ^ key >> 27) * 0x94d049bb133111ebu;
    return (key ^ key >> 31) & c->mask;
}

/* The place of `key`, or the free one where it belongs. */
static size_t place_of(const struct lru_cache *c, uint64_t key) {
    size_t at = home(c, key);
    while (c->table[at] != NONE && c->entries[c->table[at]].key != key) at = (at + 1) & c->mask;
    return at;
}

/* Empties the place `at`: later entries that could have stood there move up. */
static void clear_place(struct lru_cache *c, size_t at) {
    for (size_t next = (at + 1) & c->mask; c->table[next] != NONE; next = (next + 1) & c->mask) {
        size_t wanted = home(c, c->entries[c->table[next]].key);
        if (((next - wanted) & c->mask) < ((next - at) & c->mask)) continue;
        c->table[at] = c->table[next];
        at = next;
    }
    c->table[at] = NONE;
}

static void unlink_entry(struct lru_cache *c, uint32_t e) {
    c->entries[c->entries[e].newer].older = c->entries[e].older;
    c->entries[c->entries[e].older].newer = c->entries[e].newer;
}

static void link_newest(struct lru_cache *c, uint32_t e) {
    uint32_t second = c->entries[NONE].older;
    c->entries[e].newer = NONE;
    c->entries[e].older = second;
    c->entries[second].newer = e;
    c->entries[NONE].older = e;
}

bool lru_get(struct lru_cache *c, uint64_t key, uint64_t *value) {
    lock(c);
    uint32_t e = c->table[place_of(c, key)];
    if (e != NONE) {
        unlink_entry(c, e);
        link_newest(c, e);
        if (value) *value = c->entries[e].value;
    }
    unlock(c);
    return e != NONE;
}

static uint32_t unused_entry(struct lru_cache *c) {
    uint32_t e = c->spare;
    if (e == NONE) return ++c->fresh;
    c->spare = c->entries[e].older;
    return e;
}

static uint32_t evict(struct lru_cache *c, struct cache_entry *evicted) {
    uint32_t e = c->entries[NONE].newer;
    if (evicted) *evicted = (struct cache_entry){c->entries[e].key, c->entries[e].value};
    clear_place(c, place_of(c, c->entries[e].key));
    unlink_entry(c, e);
    return e;
}

bool lru_put(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    lock(c);
    uint32_t e = c->table[place_of(c, key)];
    size_t size = atomic_load_explicit(&c->size, memory_order_relaxed); /* written under the lock only */
    bool full = e == NONE && size == c->capacity;
    if (e != NONE) {
        unlink_entry(c, e);
    } else {
        e = full ? evict(c, evicted) : unused_entry(c);
        c->table[place_of(c, key)] = e;
        c->entries[e].key = key;
        if (!full) atomic_store_explicit(&c->size, size + 1, memory_order_release);
    }
    c->entries[e].value = value;
    link_newest(c, e);
    unlock(c);
    return full;
}

bool lru_remove(struct lru_cache *c, uint64_t key) {
    lock(c);
    size_t at = place_of(c, key);
    uint32_t e = c->table[at];
    if (e != NONE) {
        clear_place(c, at);
        unlink_entry(c, e);
        c->entries[e].older = c->spare;
        c->spare = e;
        atomic_fetch_sub_explicit(&c->size, 1, memory_order_release);
    }
    unlock(c);
    return e != NONE;
}

size_t lru_size(struct lru_cache *c) {
    return atomic_load_explicit(&c->size, memory_order_acquire);
}

void lru_free(struct lru_cache *c) {
    if (!c) return;
    free(c->table);
    free(c->entries);
    free(c);
}
