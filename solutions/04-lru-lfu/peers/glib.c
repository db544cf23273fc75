/* SPDX-License-Identifier: MIT */
/* peer: GLib GHashTable and GQueue, one GMutex
 * package: libglib2.0-dev
 * pkg-config: glib-2.0
 * metrics: lru_4 */
#include "cache.h"

#include <glib.h>

struct entry {
    gint64 key; /* first: what the table hashes */
    uint64_t value;
    GList link;
};

struct lru_cache {
    GMutex lock;
    size_t capacity;
    GHashTable *index;
    GQueue order; /* newest first */
};

struct lru_cache *lru_new(size_t capacity) {
    struct lru_cache *c = g_new0(struct lru_cache, 1);
    c->capacity = capacity;
    c->index = g_hash_table_new(g_int64_hash, g_int64_equal);
    g_mutex_init(&c->lock);
    g_queue_init(&c->order);
    return c;
}

static struct entry *used(struct lru_cache *c, uint64_t key) {
    struct entry *e = g_hash_table_lookup(c->index, &key);
    if (!e) return NULL;
    g_queue_unlink(&c->order, &e->link);
    g_queue_push_head_link(&c->order, &e->link);
    return e;
}

bool lru_get(struct lru_cache *c, uint64_t key, uint64_t *value) {
    g_mutex_lock(&c->lock);
    struct entry *e = used(c, key);
    if (e && value) *value = e->value;
    g_mutex_unlock(&c->lock);
    return e != NULL;
}

static bool add(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    bool full = c->order.length == c->capacity;
    if (full) {
        struct entry *last = g_queue_pop_tail_link(&c->order)->data;
        if (evicted) *evicted = (struct cache_entry){(uint64_t)last->key, last->value};
        g_hash_table_remove(c->index, &last->key);
        g_free(last);
    }
    struct entry *e = g_new0(struct entry, 1);
    e->key = (gint64)key, e->value = value, e->link.data = e;
    g_queue_push_head_link(&c->order, &e->link);
    g_hash_table_insert(c->index, &e->key, e);
    return full;
}

bool lru_put(struct lru_cache *c, uint64_t key, uint64_t value, struct cache_entry *evicted) {
    g_mutex_lock(&c->lock);
    struct entry *e = used(c, key);
    if (e) e->value = value;
    bool left = e ? false : add(c, key, value, evicted);
    g_mutex_unlock(&c->lock);
    return left;
}

size_t lru_size(struct lru_cache *c) {
    return c->order.length;
}

void lru_free(struct lru_cache *c) {
    for (struct entry *e; c->order.length > 0; g_free(e)) e = g_queue_pop_head_link(&c->order)->data;
    g_hash_table_destroy(c->index);
    g_free(c);
}
