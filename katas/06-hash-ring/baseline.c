/* SPDX-License-Identifier: MIT */
/* baseline.c -- the simple, correct, slower way: every node keeps its own
 * points, and a lookup walks along those of all nodes.
 *
 * It gives the right owners and breaks one promise of hash_ring.h: its lookups
 * are O(points). The throughput of your ring is measured against this file,
 * in the same run.
 *
 * Clockwise distance is a subtraction: unsigned numbers go round by themselves,
 * so the wrap at the end of the ring needs no code. */
#include "hash_ring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE_MAX 255
#define LABEL_SIZE_MAX (NAME_SIZE_MAX + 32)

struct node {
    char *name;
    uint64_t points[]; /* vnodes of them, in order */
};

struct hash_ring {
    size_t vnodes, count;
    struct node **nodes;
};

uint64_t fnv1a_64(const void *bytes, size_t size) {
    const unsigned char *at = bytes;
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * 0x100000001b3;
    return hash;
}

uint64_t ring_hash(const void *bytes, size_t size) {
    uint64_t h = fnv1a_64(bytes, size);
    h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
    return h ^ h >> 33;
}

struct hash_ring *ring_new(size_t vnodes_per_node) {
    struct hash_ring *ring = vnodes_per_node > 0 ? calloc(1, sizeof *ring) : NULL;
    if (ring) ring->vnodes = vnodes_per_node;
    return ring;
}

static size_t find(const struct hash_ring *ring, const char *name) {
    size_t i = 0;
    while (i < ring->count && strcmp(ring->nodes[i]->name, name) != 0) i++;
    return i;
}

static int by_size(const void *left, const void *right) {
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

static struct node *node_new(const char *name, size_t vnodes) {
    if (vnodes > (SIZE_MAX - sizeof(struct node)) / sizeof(uint64_t)) return NULL;
    struct node *node = malloc(sizeof *node + vnodes * sizeof *node->points);
    if (!node) return NULL;
    node->name = malloc(strlen(name) + 1);
    if (!node->name) {
        free(node);
        return NULL;
    }
    strcpy(node->name, name);
    for (size_t i = 0; i < vnodes; i++) {
        char label[LABEL_SIZE_MAX];
        int size = snprintf(label, sizeof label, "%s_vnode_%zu", name, i);
        node->points[i] = ring_hash(label, (size_t)size);
    }
    qsort(node->points, vnodes, sizeof *node->points, by_size);
    return node;
}

static void node_free(struct node *node) {
    free(node->name);
    free(node);
}

int ring_add_node(struct hash_ring *ring, const char *name) {
    if (!name || name[0] == '\0' || strnlen(name, NAME_SIZE_MAX + 1) > NAME_SIZE_MAX) return -EINVAL;
    if (find(ring, name) < ring->count) return -EEXIST;
    struct node **nodes = realloc(ring->nodes, (ring->count + 1) * sizeof(struct node *));
    if (!nodes) return -ENOMEM;
    ring->nodes = nodes;
    struct node *node = node_new(name, ring->vnodes);
    if (!node) return -ENOMEM;
    nodes[ring->count++] = node;
    return 0;
}

int ring_remove_node(struct hash_ring *ring, const char *name) {
    size_t at = name ? find(ring, name) : ring->count;
    if (at == ring->count) return -ENOENT;
    node_free(ring->nodes[at]);
    ring->nodes[at] = ring->nodes[--ring->count];
    return 0;
}

/* How far it is clockwise from `hash` to the node's next point. */
static uint64_t distance_to(const struct node *node, size_t vnodes, uint64_t hash) {
    for (size_t i = 0; i < vnodes; i++)
        if (node->points[i] >= hash) return node->points[i] - hash;
    return node->points[0] - hash;
}

static bool comes_before(const char *name, uint64_t distance, const char *other, uint64_t other_distance) {
    if (distance != other_distance) return distance < other_distance;
    return strcmp(name, other) < 0;
}

static bool is_among(const char *name, const char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (names[i] == name) return true;
    return false;
}

/* The nearest node that is not among the `count` names of `seen`. */
static const char *nearest(const struct hash_ring *ring, uint64_t hash, const char **seen, size_t count) {
    const char *best = NULL;
    uint64_t best_distance = 0;
    for (size_t i = 0; i < ring->count; i++) {
        const char *name = ring->nodes[i]->name;
        if (is_among(name, seen, count)) continue;
        uint64_t distance = distance_to(ring->nodes[i], ring->vnodes, hash);
        if (best && !comes_before(name, distance, best, best_distance)) continue;
        best = name, best_distance = distance;
    }
    return best;
}

const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    return nearest(ring, ring_hash(key, size), NULL, 0);
}

size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n) {
    uint64_t hash = ring_hash(key, size);
    size_t count = 0;
    for (; count < n && count < ring->count; count++) out[count] = nearest(ring, hash, out, count);
    return count;
}

void ring_free(struct hash_ring *ring) {
    if (!ring) return;
    for (size_t i = 0; i < ring->count; i++) node_free(ring->nodes[i]);
    free(ring->nodes);
    free(ring);
}
