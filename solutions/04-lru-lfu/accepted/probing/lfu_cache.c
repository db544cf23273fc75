/* SPDX-License-Identifier: MIT */
/* lfu_cache.c -- one ring of all entries, by count and then by last use, and
 * two hash tables: from a key to its entry, and from a count to the last entry
 * in the ring that has it. A used entry goes behind the last one with the next
 * count, or behind the last one with its own. So there are no groups to make
 * and to drop. */
#include "cache.h"

#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define NONE 0

struct entry {
    uint64_t key, value, count;
    uint32_t before, after; /* in the ring; `after` of a spare one is the next spare */
};

/* Linear probing; `by_count` says which member of an entry is the key. */
struct table {
    bool by_count;
    size_t mask;
    uint32_t *places;
};

struct lfu_cache {
    atomic_flag busy;
    size_t capacity, size;
    uint32_t fresh, spare;
    struct table keys, lasts;
    struct entry *entries;
};

static void lock(struct lfu_cache *c) {
    while (atomic_flag_test_and_set_explicit(&c->busy, memory_order_acquire)) sched_yield();
}

static void unlock(struct lfu_cache *c) {
    atomic_flag_clear_explicit(&c->busy, memory_order_release);
}

static bool take_table(struct table *t, size_t capacity, bool by_count) {
    size_t places = 4;
    while (places < 2 * capacity) places *= 2;
    *t = (struct table){by_count, places - 1, calloc(places, sizeof *t->places)};
    return t->places;
}

struct lfu_cache *lfu_new(size_t capacity) {
    if (capacity == 0 || capacity > (size_t)1 << 30) return NULL;
    struct lfu_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->entries = calloc(capacity + 1, sizeof *c->entries);
    bool taken = take_table(&c->keys, capacity, false) & take_table(&c->lasts, capacity, true);
    if (!c->entries || !taken) {
        lfu_free(c);
        return NULL;
    }
    atomic_flag_clear(&c->busy);
    c->capacity = capacity;
    return c;
}

static uint64_t number_of(const struct lfu_cache *c, const struct table *t, uint32_t e) {
    return t->by_count ? c->entries[e].count : c->entries[e].key;
}

static size_t home(const struct table *t, uint64_t number) {
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
    number = (number ^ number >> 27) * 0x94d049bb133111ebu;
    return (number ^ number >> 31) & t->mask;
}

static uint32_t *place_of(const struct lfu_cache *c, const struct table *t, uint64_t number) {
    size_t at = home(t, number);
    while (t->places[at] != NONE && number_of(c, t, t->places[at]) != number) at = (at + 1) & t->mask;
    return &t->places[at];
}

static void clear_place(struct lfu_cache *c, struct table *t, uint32_t *place) {
    size_t at = (size_t)(place - t->places);
    for (size_t next = (at + 1) & t->mask; t->places[next] != NONE; next = (next + 1) & t->mask) {
        size_t wanted = home(t, number_of(c, t, t->places[next]));
        if (((next - wanted) & t->mask) < ((next - at) & t->mask)) continue;
        t->places[at] = t->places[next];
        at = next;
    }
    t->places[at] = NONE;
}

static void insert_behind(struct lfu_cache *c, uint32_t anchor, uint32_t e) {
    uint32_t after = c->entries[anchor].after;
    c->entries[e].before = anchor;
    c->entries[e].after = after;
    c->entries[anchor].after = e;
    c->entries[after].before = e;
}

/* Out of the ring; if it was the last of its count, the one before it takes
 * over, or the count goes. */
static void take_from_ring(struct lfu_cache *c, uint32_t e) {
    struct entry *entry = &c->entries[e];
    uint32_t *last = place_of(c, &c->lasts, entry->count);
    if (*last == e) {
        if (entry->before != NONE && c->entries[entry->before].count == entry->count)
            *last = entry->before;
        else
            clear_place(c, &c->lasts, last);
    }
    c->entries[entry->before].after = entry->after;
    c->entries[entry->after].before = entry->before;
}

/* With one use more, behind the last of that count; else behind `otherwise`. */
static void put_into_ring(struct lfu_cache *c, uint32_t e, uint32_t otherwise) {
    uint64_t count = c->entries[e].count + 1;
    uint32_t last = *place_of(c, &c->lasts, count);
    insert_behind(c, last != NONE ? last : otherwise, e);
    c->entries[e].count = count;
    *place_of(c, &c->lasts, count) = e;
}

static void use(struct lfu_cache *c, uint32_t e) {
    uint32_t last = *place_of(c, &c->lasts, c->entries[e].count);
    uint32_t anchor = last == e ? c->entries[e].before : last;
    take_from_ring(c, e);
    put_into_ring(c, e, anchor);
}

static uint32_t unused_entry(struct lfu_cache *c) {
    uint32_t e = c->spare;
    if (e == NONE) return ++c->fresh;
    c->spare = c->entries[e].after;
    return e;
}

static void take_out(struct lfu_cache *c, uint32_t e) {
    take_from_ring(c, e);
    clear_place(c, &c->keys, place_of(c, &c->keys, c->entries[e].key));
}

static uint32_t evict(struct lfu_cache *c, struct cache_entry *evicted) {
    uint32_t e = c->entries[NONE].after;
    if (evicted) *evicted = (struct cache_entry){c->entries[e].key, c->entries[e].value};
    take_out(c, e);
    return e;
}

bool lfu_get(struct lfu_cache *c, uint64_t key, uint64_t *value) {
    lock(c);
    uint32_t e = *place_of(c, &c->keys, key);
    if (e != NONE) {
        use(c, e);
        if (value) *value = c->entries[e].value;
    }
    unlock(c);
    return e != NONE;
}

bool lfu_put(struct lfu_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    lock(c);
    uint32_t e = *place_of(c, &c->keys, key);
    bool full = e == NONE && c->size == c->capacity;
    if (e != NONE) {
        use(c, e);
    } else {
        e = full ? evict(c, evicted) : unused_entry(c);
        if (!full) c->size++;
        uint32_t *place = place_of(c, &c->keys, key);
        c->entries[e].key = key;
        c->entries[e].count = 0;
        *place = e;
        put_into_ring(c, e, NONE);
    }
    c->entries[e].value = value;
    unlock(c);
    return full;
}

bool lfu_remove(struct lfu_cache *c, uint64_t key) {
    lock(c);
    uint32_t e = *place_of(c, &c->keys, key);
    if (e != NONE) {
        take_out(c, e);
        c->entries[e].after = c->spare;
        c->spare = e;
        c->size--;
    }
    unlock(c);
    return e != NONE;
}

size_t lfu_size(struct lfu_cache *c) {
    lock(c);
    size_t size = c->size;
    unlock(c);
    return size;
}

void lfu_free(struct lfu_cache *c) {
    if (!c) return;
    free(c->keys.places);
    free(c->lasts.places);
    free(c->entries);
    free(c);
}
