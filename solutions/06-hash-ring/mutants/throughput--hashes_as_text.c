/* SPDX-License-Identifier: MIT */
/* Mutant: hashes are kept as text, the search compares texts, and writes the
 * key's anew for each comparison: as many steps as any search by halving takes,
 * and each of them two calls. */
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
    char hash[17]; /* in hex */
    const char *name;
};

struct hash_ring {
    size_t vnodes, count;
    struct point *points; /* by hash, then by name */
    struct node *nodes;
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

static int compare(const void *left, const void *right) {
    const struct point *a = left, *b = right;
    int difference = strcmp(a->hash, b->hash);
    return difference ? difference : strcmp(a->name, b->name);
}

static void write_hex(char text[17], uint64_t hash) {
    snprintf(text, 17, "%016llx", (unsigned long long)hash);
}

/* The new node's points, in order, at the end of an array with room for all. */
static void make_points(struct point *points, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        char label[300];
        int size = snprintf(label, sizeof label, "%s_vnode_%zu", name, i);
        points[i].name = name;
        write_hex(points[i].hash, ring_hash(label, (size_t)size));
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
    if (!node || !points) {
        free(node), free(points);
        return -ENOMEM;
    }
    memcpy(node->name, name, size + 1);
    make_points(points + ring->count, ring->vnodes, node->name);
    merge(ring->points, ring->count, points, count);
    free(ring->points);
    ring->points = points, ring->count = count;
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
    *link = node->next;
    free(node);
    return 0;
}

/* The first point at or after the hash; after the last comes the first. */
static size_t successor(const struct hash_ring *ring, uint64_t hash) {
    char text[17];
    size_t low = 0, high = ring->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        write_hex(text, hash);
        if (strcmp(ring->points[middle].hash, text) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low == ring->count ? 0 : low;
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
    free(ring);
}
