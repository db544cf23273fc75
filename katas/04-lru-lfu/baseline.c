/* SPDX-License-Identifier: MIT */
/* baseline.c -- the textbook caches, each behind one mutex: a table of chains,
 * a list by use, and a node from malloc for every entry.
 *
 * Both are correct, except that they break the promise about memory: an added
 * key allocates, and an eviction frees. For lfu, entries with equal counts share a list, and
 * the lists are found in a second table, by count. The throughput of your
 * caches is measured against this file, in the same run.
 *
 * One file holds both, on the same pieces: for lru every entry has count 0. */
#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

struct list;

struct node {
    uint64_t key, value;
    struct list *list;
    struct node *older, *newer, *next_in_chain;
};

/* Entries with the same count. */
struct list {
    uint64_t count;
    struct node *oldest, *newest;
    struct list *next_in_chain;
};

struct cache {
    pthread_mutex_t lock;
    bool counts_uses;
    size_t capacity, size, chains;
    uint64_t fewest; /* the smallest count of all entries, once there are any */
    struct node **nodes;
    struct list **lists;
};

static void cache_free(struct cache *c) {
    if (!c) return;
    for (size_t i = 0; c->nodes && i < c->chains; i++) {
        for (struct node *n = c->nodes[i], *next; n; n = next) next = n->next_in_chain, free(n);
    }
    for (size_t i = 0; c->lists && i < c->chains; i++) {
        for (struct list *l = c->lists[i], *next; l; l = next) next = l->next_in_chain, free(l);
    }
    pthread_mutex_destroy(&c->lock);
    free(c->nodes);
    free(c->lists);
    free(c);
}

static struct cache *cache_new(size_t capacity, bool counts_uses) {
    if (capacity == 0 || capacity > SIZE_MAX / 64) return NULL;
    struct cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    pthread_mutex_init(&c->lock, NULL);
    c->counts_uses = counts_uses;
    c->capacity = capacity;
    c->chains = capacity + capacity / 4 + 1;
    c->nodes = calloc(c->chains, sizeof *c->nodes);
    c->lists = calloc(c->chains, sizeof *c->lists);
    if (c->nodes && c->lists) return c;
    cache_free(c);
    return NULL;
}

static size_t chain(const struct cache *c, uint64_t number) {
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
    number = (number ^ number >> 27) * 0x94d049bb133111ebu;
    return (number ^ number >> 31) % c->chains;
}

static struct node **node_of(struct cache *c, uint64_t key) {
    struct node **link = &c->nodes[chain(c, key)];
    while (*link && (*link)->key != key) link = &(*link)->next_in_chain;
    return link;
}

static struct list **list_of(struct cache *c, uint64_t count) {
    struct list **link = &c->lists[chain(c, count)];
    while (*link && (*link)->count != count) link = &(*link)->next_in_chain;
    return link;
}

/* There is no call that could answer "no memory". */
static void *take(size_t size) {
    void *memory = calloc(1, size);
    if (!memory) abort();
    return memory;
}

/* As the newest of those with the same count. */
static void link_node(struct cache *c, struct node *n, uint64_t count) {
    struct list **link = list_of(c, count);
    if (!*link) {
        *link = take(sizeof **link);
        (*link)->count = count;
    }
    n->list = *link;
    n->newer = NULL;
    n->older = n->list->newest;
    *(n->older ? &n->older->newer : &n->list->oldest) = n;
    n->list->newest = n;
}

static void unlink_node(struct cache *c, struct node *n) {
    struct list *list = n->list;
    *(n->older ? &n->older->newer : &list->oldest) = n->newer;
    *(n->newer ? &n->newer->older : &list->newest) = n->older;
    if (list->oldest) return;
    *list_of(c, list->count) = list->next_in_chain;
    free(list);
}

static void use(struct cache *c, struct node *n) {
    uint64_t count = n->list->count;
    unlink_node(c, n);
    link_node(c, n, count + c->counts_uses);
    if (count == c->fewest && !*list_of(c, count)) c->fewest = count + 1;
}

static void discard(struct cache *c, struct node **link) {
    struct node *n = *link;
    *link = n->next_in_chain;
    unlink_node(c, n);
    free(n);
    c->size--;
}

static bool get(struct cache *c, uint64_t key, uint64_t *value) {
    pthread_mutex_lock(&c->lock);
    struct node *n = *node_of(c, key);
    if (n) {
        use(c, n);
        if (value) *value = n->value;
    }
    pthread_mutex_unlock(&c->lock);
    return n;
}

static void evict(struct cache *c, struct cache_entry *evicted) {
    /* After a removal the smallest count may be gone: walk on to the next. */
    while (!*list_of(c, c->fewest)) c->fewest++;
    struct node *n = (*list_of(c, c->fewest))->oldest;
    if (evicted) *evicted = (struct cache_entry){n->key, n->value};
    discard(c, node_of(c, n->key));
}

static void add(struct cache *c, uint64_t key, uint64_t value) {
    struct node *n = take(sizeof *n), **link = node_of(c, key);
    n->key = key;
    n->value = value;
    n->next_in_chain = *link;
    *link = n;
    link_node(c, n, c->counts_uses);
    c->fewest = c->counts_uses;
    c->size++;
}

static bool put(struct cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    pthread_mutex_lock(&c->lock);
    struct node *n = *node_of(c, key);
    bool full = !n && c->size == c->capacity;
    if (full) evict(c, evicted);
    if (n) {
        n->value = value;
        use(c, n);
    } else {
        add(c, key, value);
    }
    pthread_mutex_unlock(&c->lock);
    return full;
}

static bool discard_key(struct cache *c, uint64_t key) {
    pthread_mutex_lock(&c->lock);
    struct node **link = node_of(c, key);
    bool found = *link;
    if (found) discard(c, link);
    pthread_mutex_unlock(&c->lock);
    return found;
}

static size_t size(struct cache *c) {
    pthread_mutex_lock(&c->lock);
    size_t n = c->size;
    pthread_mutex_unlock(&c->lock);
    return n;
}

struct lru_cache {
    struct cache cache;
};
struct lfu_cache {
    struct cache cache;
};

struct lru_cache *lru_new(size_t capacity) {
    return (struct lru_cache *)cache_new(capacity, false);
}
bool lru_get(struct lru_cache *c, uint64_t key, uint64_t *value) {
    return get(&c->cache, key, value);
}
bool lru_put(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    return put(&c->cache, key, value, evicted);
}
bool lru_remove(struct lru_cache *c, uint64_t key) {
    return discard_key(&c->cache, key);
}
size_t lru_size(struct lru_cache *c) {
    return size(&c->cache);
}
void lru_free(struct lru_cache *c) {
    cache_free((struct cache *)c);
}

struct lfu_cache *lfu_new(size_t capacity) {
    return (struct lfu_cache *)cache_new(capacity, true);
}
bool lfu_get(struct lfu_cache *c, uint64_t key, uint64_t *value) {
    return get(&c->cache, key, value);
}
bool lfu_put(struct lfu_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    return put(&c->cache, key, value, evicted);
}
bool lfu_remove(struct lfu_cache *c, uint64_t key) {
    return discard_key(&c->cache, key);
}
size_t lfu_size(struct lfu_cache *c) {
    return size(&c->cache);
}
void lfu_free(struct lfu_cache *c) {
    cache_free((struct cache *)c);
}
