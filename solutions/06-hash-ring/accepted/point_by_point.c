/* SPDX-License-Identifier: MIT */
/* point_by_point.c -- a search tree, and a piece of memory of its own for each
 * point and for each label.
 *
 * Slow to change, and right: whatever was had before an allocation is refused
 * goes back, and the ring has not been touched by then. */
#include "hash_ring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point {
    uint64_t hash;
    const char *name;
    struct point *less, *more;
};

struct node {
    struct node *next;
    char name[256];
    struct point *points[];
};

struct hash_ring {
    size_t vnodes, nodes;
    struct point *root;
    struct node *first;
};

uint64_t fnv1a_64(const void *bytes, size_t size) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (const uint8_t *at = bytes, *end = at + size; at != end; at++) hash = (hash ^ *at) * 0x100000001b3u;
    return hash;
}

uint64_t ring_hash(const void *bytes, size_t size) {
    uint64_t h = fnv1a_64(bytes, size);
    h ^= h >> 33, h *= 0xff51afd7ed558ccdu;
    h ^= h >> 33, h *= 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}

struct hash_ring *ring_new(size_t vnodes_per_node) {
    struct hash_ring *ring = vnodes_per_node > 0 ? calloc(1, sizeof *ring) : NULL;
    if (ring) ring->vnodes = vnodes_per_node;
    return ring;
}

static bool comes_before(const struct point *a, const struct point *b) {
    if (a->hash != b->hash) return a->hash < b->hash;
    return strcmp(a->name, b->name) < 0;
}

static void insert(struct point **at, struct point *point) {
    while (*at) at = comes_before(point, *at) ? &(*at)->less : &(*at)->more;
    *at = point;
}

/* In the place of a point with two children comes the next larger one. */
static void take_out(struct point **at, struct point *point) {
    while (*at != point) at = comes_before(point, *at) ? &(*at)->less : &(*at)->more;
    if (!point->less || !point->more) {
        *at = point->less ? point->less : point->more;
        return;
    }
    struct point **next = &point->more;
    while ((*next)->less) next = &(*next)->less;
    struct point *heir = *next;
    *next = heir->more;
    heir->less = point->less, heir->more = point->more;
    *at = heir;
}

static struct node **find(struct hash_ring *ring, const char *name) {
    struct node **at = &ring->first;
    while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    return at;
}

static void node_free(struct node *node, size_t vnodes) {
    for (size_t i = 0; node && i < vnodes; i++) free(node->points[i]);
    free(node);
}

static struct point *point_new(const char *name, size_t i) {
    char *label = malloc(strlen(name) + 40);
    struct point *point = malloc(sizeof *point);
    if (label && point) {
        int size = snprintf(label, strlen(name) + 40, "%s_vnode_%zu", name, i);
        *point = (struct point){.hash = ring_hash(label, (size_t)size), .name = name};
    } else {
        free(point);
        point = NULL;
    }
    free(label);
    return point;
}

static struct node *node_new(const char *name, size_t vnodes) {
    if (vnodes > (SIZE_MAX - sizeof(struct node)) / sizeof(struct point *)) return NULL;
    struct node *node = calloc(1, sizeof *node + vnodes * sizeof *node->points);
    if (!node) return NULL;
    strcpy(node->name, name);
    for (size_t i = 0; i < vnodes; i++) {
        node->points[i] = point_new(node->name, i);
        if (!node->points[i]) return node_free(node, vnodes), NULL;
    }
    return node;
}

int ring_add_node(struct hash_ring *ring, const char *name) {
    if (!name || !name[0] || strnlen(name, 256) > 255) return -EINVAL;
    if (*find(ring, name)) return -EEXIST;
    struct node *node = node_new(name, ring->vnodes);
    if (!node) return -ENOMEM;
    for (size_t i = 0; i < ring->vnodes; i++) insert(&ring->root, node->points[i]);
    node->next = ring->first;
    ring->first = node;
    ring->nodes++;
    return 0;
}

int ring_remove_node(struct hash_ring *ring, const char *name) {
    struct node **link = name ? find(ring, name) : NULL;
    if (!link || !*link) return -ENOENT;
    struct node *node = *link;
    for (size_t i = 0; i < ring->vnodes; i++) take_out(&ring->root, node->points[i]);
    *link = node->next;
    node_free(node, ring->vnodes);
    ring->nodes--;
    return 0;
}

/* The first point that does not come before `wanted`, round the ring's end. */
static const struct point *successor(const struct hash_ring *ring, const struct point *wanted) {
    const struct point *best = NULL, *smallest = ring->root;
    for (const struct point *at = ring->root; at;) {
        bool before = at->hash < wanted->hash || (at->hash == wanted->hash && comes_before(at, wanted));
        if (!before) best = at;
        at = before ? at->more : at->less;
    }
    if (best) return best;
    while (smallest->less) smallest = smallest->less;
    return smallest;
}

const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    if (!ring->root) return NULL;
    return successor(ring, &(struct point){.hash = ring_hash(key, size), .name = ""})->name;
}

static bool is_among(const char *name, const char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (names[i] == name) return true;
    return false;
}

/* What comes just after a point: its own hash, and a name that is the least
 * greater one. */
static const struct point *after(const struct hash_ring *ring, const struct point *point) {
    char name[258];
    snprintf(name, sizeof name, "%s\1", point->name);
    return successor(ring, &(struct point){.hash = point->hash, .name = name});
}

size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n) {
    size_t count = 0;
    if (!ring->root) return 0;
    const struct point *at = successor(ring, &(struct point){.hash = ring_hash(key, size), .name = ""});
    for (; count < n && count < ring->nodes; at = after(ring, at))
        if (!is_among(at->name, out, count)) out[count++] = at->name;
    return count;
}

void ring_free(struct hash_ring *ring) {
    for (struct node *node = ring ? ring->first : NULL, *next; node; node = next) {
        next = node->next;
        node_free(node, ring->vnodes);
    }
    free(ring);
}
