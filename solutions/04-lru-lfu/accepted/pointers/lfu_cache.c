/* SPDX-License-Identifier: MIT */
/* lfu_cache.c -- the structure as textbooks draw it: nodes with equal counts in
 * one row, the rows in a ring, everything linked by pointers. A readers-writer
 * lock, which only lfu_size takes for reading. */
#include "cache.h"

#include <pthread.h>
#include <stdlib.h>

struct row;

struct node {
    uint64_t key, value;
    struct node *older, *newer, *next; /* next: in the chain, or the next spare one */
    struct row *row;
};

struct row {
    uint64_t count;
    struct row *fewer, *more; /* more: also the next spare one */
    struct node *oldest, *newest;
};

struct lfu_cache {
    pthread_rwlock_t lock;
    size_t capacity, size, chain_count;
    size_t used_nodes, used_rows; /* beyond these nothing was ever touched */
    struct row ends;              /* its `more` has the fewest uses; count 0 */
    struct node *nodes, *spare_node, **chains;
    struct row *rows, *spare_row;
};

struct lfu_cache *lfu_new(size_t capacity) {
    if (capacity == 0 || capacity > SIZE_MAX / 2 / sizeof(struct node)) return NULL;
    struct lfu_cache *c = calloc(1, sizeof *c);
    if (!c) return NULL;
    c->chain_count = (capacity + capacity / 3) | 1;
    c->nodes = malloc(capacity * sizeof *c->nodes);
    c->rows = malloc((capacity + 1) * sizeof *c->rows); /* a new row comes before the old one goes */
    c->chains = calloc(c->chain_count, sizeof *c->chains);
    if (!c->nodes || !c->rows || !c->chains || pthread_rwlock_init(&c->lock, NULL) != 0) {
        free(c->nodes);
        free(c->rows);
        free(c->chains);
        free(c);
        return NULL;
    }
    c->capacity = capacity;
    c->ends.fewer = c->ends.more = &c->ends;
    return c;
}

static struct node **link_of(struct lfu_cache *c, uint64_t key) {
    uint64_t h = (key ^ key >> 33) * 0xff51afd7ed558ccdu; /* MurmurHash3's last steps */
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    struct node **link = &c->chains[(h ^ h >> 33) % c->chain_count];
    while (*link && (*link)->key != key) link = &(*link)->next;
    return link;
}

/* The row of `count`, which comes right after `fewer`: there, or made. */
static struct row *row_after(struct lfu_cache *c, struct row *fewer, uint64_t count) {
    if (fewer->more->count == count) return fewer->more;
    struct row *row = c->spare_row;
    if (row)
        c->spare_row = row->more;
    else
        row = &c->rows[c->used_rows++];
    *row = (struct row){.count = count, .fewer = fewer, .more = fewer->more};
    fewer->more = row->more->fewer = row;
    return row;
}

static void join(struct row *row, struct node *n) {
    n->row = row;
    n->newer = NULL;
    n->older = row->newest;
    *(n->older ? &n->older->newer : &row->oldest) = n;
    row->newest = n;
}

static void leave(struct lfu_cache *c, struct node *n) {
    struct row *row = n->row;
    *(n->older ? &n->older->newer : &row->oldest) = n->newer;
    *(n->newer ? &n->newer->older : &row->newest) = n->older;
    if (row->oldest) return;
    row->fewer->more = row->more;
    row->more->fewer = row->fewer;
    row->more = c->spare_row;
    c->spare_row = row;
}

static void use(struct lfu_cache *c, struct node *n) {
    struct row *row = row_after(c, n->row, n->row->count + 1);
    leave(c, n);
    join(row, n);
}

static void discard(struct lfu_cache *c, struct node **link) {
    struct node *n = *link;
    *link = n->next;
    leave(c, n);
    n->next = c->spare_node;
    c->spare_node = n;
    c->size--;
}

static void add(struct lfu_cache *c, uint64_t key, uint64_t value) {
    struct node *n = c->spare_node, **link = link_of(c, key);
    if (n)
        c->spare_node = n->next;
    else
        n = &c->nodes[c->used_nodes++];
    n->key = key;
    n->value = value;
    n->next = NULL;
    *link = n;
    join(row_after(c, &c->ends, 1), n);
    c->size++;
}

bool lfu_get(struct lfu_cache *c, uint64_t key, uint64_t *value) {
    pthread_rwlock_wrlock(&c->lock);
    struct node *n = *link_of(c, key);
    if (n) {
        use(c, n);
        if (value) *value = n->value;
    }
    pthread_rwlock_unlock(&c->lock);
    return n;
}

bool lfu_put(struct lfu_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    pthread_rwlock_wrlock(&c->lock);
    struct node *n = *link_of(c, key);
    bool full = !n && c->size == c->capacity;
    if (full) {
        struct node *least = c->ends.more->oldest;
        if (evicted) *evicted = (struct cache_entry){least->key, least->value};
        discard(c, link_of(c, least->key));
    }
    if (n) {
        n->value = value;
        use(c, n);
    } else {
        add(c, key, value);
    }
    pthread_rwlock_unlock(&c->lock);
    return full;
}

bool lfu_remove(struct lfu_cache *c, uint64_t key) {
    pthread_rwlock_wrlock(&c->lock);
    struct node **link = link_of(c, key);
    bool found = *link;
    if (found) discard(c, link);
    pthread_rwlock_unlock(&c->lock);
    return found;
}

size_t lfu_size(struct lfu_cache *c) {
    pthread_rwlock_rdlock(&c->lock);
    size_t size = c->size;
    pthread_rwlock_unlock(&c->lock);
    return size;
}

void lfu_free(struct lfu_cache *c) {
    if (!c) return;
    pthread_rwlock_destroy(&c->lock);
    free(c->nodes);
    free(c->rows);
    free(c->chains);
    free(c);
}
