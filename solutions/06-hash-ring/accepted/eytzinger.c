/* SPDX-License-Identifier: MIT */
/* eytzinger.c -- the points in the order in which a search by halving meets
 * them (Khuong and Morin, 2017): the root first, then its two children, then
 * theirs. The sorted array stays beside it, to merge and to walk along. */
#include "hash_ring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct node {
    struct node *next;
    char name[256];
};

struct point {
    uint64_t hash;
    const char *name;
};

struct hash_ring {
    size_t vnodes, count;
    struct point *points; /* by hash, then by name */
    struct node *nodes;
    uint64_t *tree;
    size_t *place;
};

uint64_t fnv1a_64(const void *bytes, size_t size) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (const unsigned char *at = bytes; size > 0; size--) hash = (hash ^ *at++) * 0x100000001b3u;
    return hash;
}

uint64_t ring_hash(const void *bytes, size_t size) {
    uint64_t h = fnv1a_64(bytes, size);
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}

struct hash_ring *ring_new(size_t vnodes_per_node) {
    struct hash_ring *ring = vnodes_per_node > 0 ? calloc(1, sizeof *ring) : NULL;
    if (ring) ring->vnodes = vnodes_per_node;
    return ring;
}

static struct node **find(struct hash_ring *ring, const char *name) {
    struct node **at = &ring->nodes;
    while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    return at;
}

static size_t lay(struct hash_ring *ring, size_t from, size_t at) {
    if (at > ring->count) return from;
    from = lay(ring, from, 2 * at);
    ring->tree[at] = ring->points[from].hash;
    ring->place[at] = from++;
    return lay(ring, from, 2 * at + 1);
}

static int compare(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    if (a->hash != b->hash) return a->hash < b->hash ? -1 : 1;
    return strcmp(a->name, b->name);
}

/* The new node's points, in order, at the end of an array with room for all. */
static void make_points(struct point *points, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        char label[300];
        int size = snprintf(label, sizeof label, "%s_vnode_%zu", name, i);
        points[i] = (struct point){ring_hash(label, (size_t)size), name};
    }
    qsort(points, count, sizeof *points, compare);
}

static void merge(const struct point *old, size_t old_count, struct point *all, size_t count) {
    for (size_t at = 0, o = 0, n = old_count; at < count; at++) {
        bool from_old = n == count || (o < old_count && compare(&old[o], &all[n]) < 0);
        all[at] = from_old ? old[o++] : all[n++];
    }
}

int ring_add_node(struct hash_ring *ring, const char *name) {
    size_t size = name ? strnlen(name, 256) : 0;
    if (size == 0 || size > 255) return -EINVAL;
    if (*find(ring, name)) return -EEXIST;
    size_t count = ring->count + ring->vnodes;
    if (count < ring->count || count > SIZE_MAX / sizeof(struct point)) return -ENOMEM;
    struct node *node = malloc(sizeof *node);
    struct point *points = malloc(count * sizeof *points);
    uint64_t *tree = malloc((count + 1) * sizeof *tree);
    size_t *place = malloc((count + 1) * sizeof *place);
    if (!node || !points || !tree || !place) {
        free(node), free(points), free(tree), free(place);
        return -ENOMEM;
    }
    memcpy(node->name, name, size + 1);
    make_points(points + ring->count, ring->vnodes, node->name);
    merge(ring->points, ring->count, points, count);
    free(ring->points);
    free(ring->tree);
    free(ring->place);
    ring->points = points, ring->count = count;
    ring->tree = tree;
    ring->place = place;
    lay(ring, 0, 1);
    node->next = ring->nodes, ring->nodes = node;
    return 0;
}

int ring_remove_node(struct hash_ring *ring, const char *name) {
    struct node **link = name ? find(ring, name) : NULL;
    if (!link || !*link) return -ENOENT;
    struct node *node = *link;
    size_t kept = 0;
    for (size_t i = 0; i < ring->count; i++)
        if (ring->points[i].name != node->name) ring->points[kept++] = ring->points[i];
    ring->count = kept;
    lay(ring, 0, 1);
    *link = node->next;
    free(node);
    return 0;
}

static size_t successor(const struct hash_ring *ring, uint64_t hash) {
    size_t at = 1;
    while (at <= ring->count) at = 2 * at + (ring->tree[at] < hash);
    at >>= __builtin_ffsll((long long)~at);
    return at == 0 ? 0 : ring->place[at];
}

const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    return ring->count == 0 ? NULL : ring->points[successor(ring, ring_hash(key, size))].name;
}

static bool is_among(const char *name, const char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (names[i] == name) return true;
    return false;
}

size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n) {
    size_t count = 0, nodes = ring->count / ring->vnodes;
    if (nodes == 0) return 0;
    for (size_t at = successor(ring, ring_hash(key, size)); count < n && count < nodes; at++) {
        const char *name = ring->points[at % ring->count].name;
        if (!is_among(name, out, count)) out[count++] = name;
    }
    return count;
}

void ring_free(struct hash_ring *ring) {
    if (!ring) return;
    while (ring->nodes) {
        struct node *node = ring->nodes;
        ring->nodes = node->next;
        free(node);
    }
    free(ring->points);
    free(ring->tree);
    free(ring->place);
    free(ring);
}
