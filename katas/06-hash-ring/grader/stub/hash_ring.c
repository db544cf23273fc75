/* SPDX-License-Identifier: MIT */
/* hash_ring.c -- consistent hashing with virtual nodes.
 *
 * This is the only file you edit. The types and the full contract are in
 * hash_ring.h; run `bun kata hint 06` when you are stuck.
 *
 * What must stay true, whatever nodes come and go:
 *   1. The same set of nodes gives the same owners, however it came about.
 *   2. A node that comes takes keys from others; no other key moves.
 *   3. A node that goes leaves its keys to others; no other key moves.
 *
 * Before you type, answer this on paper: with owner = hash % nodes, which
 * keys move when an eleventh node comes? And when a node stands at only one
 * place of the ring, how large can its share be? */
#include "hash_ring.h"

#include <errno.h>
#include <stdlib.h>

struct hash_ring {
    int todo; /* In which order must the points lie to be found quickly? Who owns the names? */
};

/* FNV-1a of `size` bytes, which need not be text. */
uint64_t fnv1a_64(const void *bytes, size_t size) {
    (void)bytes, (void)size;
    return 0; /* TODO: which comes first, the byte or the multiplication? */
}

/* FNV-1a, then mixed once more. */
uint64_t ring_hash(const void *bytes, size_t size) {
    return fnv1a_64(bytes, size); /* TODO: which bits of FNV-1a does the last byte of a text reach? */
}

struct hash_ring *ring_new(size_t vnodes_per_node) {
    (void)vnodes_per_node;
    return calloc(1, sizeof(struct hash_ring)); /* TODO: is every number of points a ring? */
}

/* Add a node, or leave everything as it was and say why. */
int ring_add_node(struct hash_ring *ring, const char *name) {
    (void)ring, (void)name;
    return -ENOMEM; /* TODO: what can fail, and what has been changed by then? */
}

/* Remove a node and all its points. This can't fail for want of memory. */
int ring_remove_node(struct hash_ring *ring, const char *name) {
    (void)ring, (void)name;
    return -ENOENT; /* TODO: whose are the keys of the node that goes? */
}

/* The owner of a key. Many threads may be in here at once. */
const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    (void)ring, (void)key, (void)size;
    return NULL; /* TODO: what comes after the last point? */
}

/* The first `n` distinct nodes from the key on. */
size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n) {
    (void)ring, (void)key, (void)size, (void)out, (void)n;
    return 0; /* TODO: two points in a row may be of the same node. When have all been seen? */
}

/* Free the ring and whatever it owns. `ring` may be NULL. */
void ring_free(struct hash_ring *ring) {
    free(ring); /* TODO: does the ring own anything else? */
}
