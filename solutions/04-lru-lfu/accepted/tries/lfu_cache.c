/* SPDX-License-Identifier: MIT */
/* lfu_cache.c -- the reference, whose threads try for a while, and yield between the tries. */
#include "cache.h"

#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#define NONE 0

struct entry {
    uint64_t key, value;
    uint32_t older, newer; /* in its group */
    uint32_t next;         /* in the chain; of a free entry, the next free one */
    uint32_t group;
};

struct group {
    uint64_t count;       /* uses of each entry; 64 bits do not overflow */
    uint32_t fewer, more; /* the ring; of a free group, `more` is the next free one */
    uint32_t oldest, newest;
};

struct lfu_cache {
    pthread_mutex_t lock; /* of everything below */
    uint32_t capacity, size;
    uint32_t fresh_entry, fresh_group; /* above these nothing was ever used */
    uint32_t free_entry, free_group;
    unsigned shift;  /* of the index: 64 minus its bits */
    uint32_t *index; /* the first entry of each chain */
    struct group *groups;
    struct entry entries[];
};

static void lock(struct lfu_cache *c) {
    for (int rounds = 0; pthread_mutex_trylock(&c->lock) != 0; rounds++)
        if (rounds % 1000 == 999) sched_yield();
}

static unsigned index_bits(size_t capacity) {
    unsigned bits = 1;
    while ((size_t)1 << bits < capacity) bits++;
    return bits;
}

void lfu_free(struct lfu_cache *c) {
    if (!c) return;
    pthread_mutex_destroy(&c->lock);
    free(c->groups);
    free(c->index);
    free(c);
}

struct lfu_cache *lfu_new(size_t capacity) {
    /* Numbers of 32 bits, of which NONE is one; far below what overflows. */
    if (capacity == 0 || capacity >= UINT32_MAX) return NULL;
    struct lfu_cache *c = calloc(1, sizeof *c + (capacity + 1) * sizeof c->entries[0]);
    if (!c) return NULL;
    if (pthread_mutex_init(&c->lock, NULL) != 0) {
        free(c);
        return NULL;
    }
    unsigned bits = index_bits(capacity);
    c->index = calloc((size_t)1 << bits, sizeof *c->index);
    c->groups = calloc(capacity + 1, sizeof *c->groups);
    if (!c->index || !c->groups) {
        lfu_free(c);
        return NULL;
    }
    c->capacity = (uint32_t)capacity;
    c->shift = 64 - bits;
    return c;
}

/* Moremur (Pelle Evensen): each bit of the key reaches each bit of the result,
 * and no two keys meet. The upper bits of the last product are its best. */
static uint32_t *chain_of(struct lfu_cache *c, uint64_t key) {
    key = (key ^ key >> 27) * 0x3c79ac492ba7b653u;
    key = (key ^ key >> 33) * 0x1c69b3f74ac4ae35u;
    return &c->index[key >> c->shift];
}

static uint32_t find(struct lfu_cache *c, uint64_t key) {
    uint32_t e = *chain_of(c, key);
    while (e != NONE && c->entries[e].key != key) e = c->entries[e].next;
    return e;
}

/* A group of `count` behind group `fewer`; there is always one left. */
static uint32_t insert_group(struct lfu_cache *c, uint32_t fewer, uint64_t count) {
    uint32_t g = c->free_group;
    if (g == NONE)
        g = ++c->fresh_group;
    else
        c->free_group = c->groups[g].more;
    uint32_t more = c->groups[fewer].more;
    c->groups[g] = (struct group){.count = count, .fewer = fewer, .more = more};
    c->groups[fewer].more = g;
    c->groups[more].fewer = g;
    return g;
}

static void drop_group(struct lfu_cache *c, uint32_t g) {
    struct group *group = &c->groups[g];
    c->groups[group->fewer].more = group->more;
    c->groups[group->more].fewer = group->fewer;
    group->more = c->free_group;
    c->free_group = g;
}

/* Out of its group, which goes too if nothing is left in it. */
static void leave(struct lfu_cache *c, uint32_t e) {
    struct entry *entry = &c->entries[e];
    struct group *group = &c->groups[entry->group];
    if (entry->older == NONE)
        group->oldest = entry->newer;
    else
        c->entries[entry->older].newer = entry->newer;
    if (entry->newer == NONE)
        group->newest = entry->older;
    else
        c->entries[entry->newer].older = entry->older;
    if (group->oldest == NONE) drop_group(c, entry->group);
}

static void join(struct lfu_cache *c, uint32_t g, uint32_t e) {
    struct group *group = &c->groups[g];
    c->entries[e].group = g;
    c->entries[e].newer = NONE;
    c->entries[e].older = group->newest;
    if (group->newest == NONE)
        group->oldest = e;
    else
        c->entries[group->newest].newer = e;
    group->newest = e;
}

static void use(struct lfu_cache *c, uint32_t e) {
    uint32_t g = c->entries[e].group, more = c->groups[g].more;
    uint64_t count = c->groups[g].count + 1;
    bool alone = c->groups[g].oldest == c->groups[g].newest;
    if (more == NONE || c->groups[more].count != count) {
        if (alone) { /* no other entry has the old count or the new one: the group keeps its entry and changes its count
                      */
            c->groups[g].count = count;
            return;
        }
        more = insert_group(c, g, count);
    }
    leave(c, e);
    join(c, more, e);
}

static void take_out(struct lfu_cache *c, uint32_t e) {
    uint32_t *link = chain_of(c, c->entries[e].key);
    while (*link != e) link = &c->entries[*link].next;
    *link = c->entries[e].next;
    leave(c, e);
}

/* The first use: the group of count 1, if there is one, is the first. */
static void add(struct lfu_cache *c, uint32_t e, uint64_t key, uint64_t value) {
    uint32_t *chain = chain_of(c, key);
    c->entries[e].key = key;
    c->entries[e].value = value;
    c->entries[e].next = *chain;
    *chain = e;
    uint32_t first = c->groups[NONE].more;
    join(c, first != NONE && c->groups[first].count == 1 ? first : insert_group(c, NONE, 1), e);
}

/* An entry that holds no key; there is one while the cache is not full. */
static uint32_t unused_entry(struct lfu_cache *c) {
    if (c->free_entry == NONE) return ++c->fresh_entry;
    uint32_t e = c->free_entry;
    c->free_entry = c->entries[e].next;
    return e;
}

/* The entry to leave, emptied for another key: before that one is added, since
 * its single use would make it the one to leave. */
static uint32_t evict(struct lfu_cache *c, struct cache_entry *evicted) {
    uint32_t e = c->groups[c->groups[NONE].more].oldest;
    if (evicted) *evicted = (struct cache_entry){c->entries[e].key, c->entries[e].value};
    take_out(c, e);
    return e;
}

bool lfu_get(struct lfu_cache *c, uint64_t key, uint64_t *value) {
    lock(c);
    uint32_t e = find(c, key);
    if (e != NONE) {
        use(c, e);
        if (value) *value = c->entries[e].value;
    }
    pthread_mutex_unlock(&c->lock);
    return e != NONE;
}

/* Lookup and insertion under one lock: between two, another thread could add
 * the same key. */
bool lfu_put(struct lfu_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    lock(c);
    uint32_t e = find(c, key);
    bool full = e == NONE && c->size == c->capacity;
    if (e != NONE) {
        c->entries[e].value = value;
        use(c, e);
    } else {
        if (!full) c->size++;
        add(c, full ? evict(c, evicted) : unused_entry(c), key, value);
    }
    pthread_mutex_unlock(&c->lock);
    return full;
}

bool lfu_remove(struct lfu_cache *c, uint64_t key) {
    lock(c);
    uint32_t e = find(c, key);
    if (e != NONE) {
        take_out(c, e);
        c->entries[e].next = c->free_entry;
        c->free_entry = e;
        c->size--;
    }
    pthread_mutex_unlock(&c->lock);
    return e != NONE;
}

size_t lfu_size(struct lfu_cache *c) {
    lock(c);
    size_t size = c->size;
    pthread_mutex_unlock(&c->lock);
    return size;
}
