/* SPDX-License-Identifier: MIT */
/* made_anew.c -- every change makes the whole ring again: all labels hashed,
 * all points sorted, by counting and not by comparing, so that it is O(points)
 * in spite of that. Lookups halve, with branches.
 *
 * The arrays only grow, and are as large as the largest set of nodes needed:
 * there is always room for fewer. Equal points are put in order by filling
 * in the nodes by name, since the sort keeps the order of equals. */
#include "hash_ring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIGIT_BITS 8
#define DIGITS (1 << DIGIT_BITS)

struct point {
    uint64_t hash;
    const char *name;
};

struct hash_ring {
    size_t vnodes, nodes, room;     /* room: in nodes */
    char **names;                   /* by strcmp */
    struct point *points, *scratch; /* the second is used while sorting */
};

uint64_t fnv1a_64(const void *bytes, size_t size) {
    const uint8_t *at = bytes;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < size; i++) {
        hash ^= at[i];
        hash *= 1099511628211u;
    }
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

static size_t count_of(const struct hash_ring *ring) {
    return ring->vnodes * ring->nodes;
}

/* Sorts by one digit, keeping the order of equals. */
static void sort_by_digit(struct hash_ring *ring, unsigned shift) {
    size_t start[DIGITS + 1] = {0}, count = count_of(ring);
    for (size_t i = 0; i < count; i++) start[(ring->points[i].hash >> shift) % DIGITS + 1]++;
    for (size_t digit = 0; digit < DIGITS; digit++) start[digit + 1] += start[digit];
    for (size_t i = 0; i < count; i++)
        ring->scratch[start[(ring->points[i].hash >> shift) % DIGITS]++] = ring->points[i];
    struct point *sorted = ring->scratch;
    ring->scratch = ring->points;
    ring->points = sorted;
}

static void make_anew(struct hash_ring *ring) {
    struct point *at = ring->points;
    for (size_t n = 0; n < ring->nodes; n++) {
        for (size_t i = 0; i < ring->vnodes; i++) {
            char label[300];
            int size = snprintf(label, sizeof label, "%s_vnode_%zu", ring->names[n], i);
            *at++ = (struct point){ring_hash(label, (size_t)size), ring->names[n]};
        }
    }
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) sort_by_digit(ring, shift);
}

/* The first name that does not come before this one. */
static size_t place_of(const struct hash_ring *ring, const char *name, bool *found) {
    size_t at = 0;
    while (at < ring->nodes && strcmp(ring->names[at], name) < 0) at++;
    *found = at < ring->nodes && strcmp(ring->names[at], name) == 0;
    return at;
}

/* false: no memory, and nothing is different but perhaps larger. */
static bool make_room(struct hash_ring *ring) {
    if (ring->nodes < ring->room) return true;
    size_t room = ring->room ? 2 * ring->room : 4;
    if (ring->vnodes > SIZE_MAX / sizeof(struct point) / room) return false;
    size_t bytes = room * ring->vnodes * sizeof(struct point);
    char **names = realloc(ring->names, room * sizeof *names);
    if (names) ring->names = names;
    struct point *points = names ? realloc(ring->points, bytes) : NULL;
    if (points) ring->points = points;
    struct point *scratch = points ? realloc(ring->scratch, bytes) : NULL;
    if (!scratch) return false;
    ring->scratch = scratch;
    ring->room = room;
    return true;
}

int ring_add_node(struct hash_ring *ring, const char *name) {
    bool found;
    if (!name || name[0] == '\0' || strnlen(name, 256) == 256) return -EINVAL;
    size_t at = place_of(ring, name, &found);
    if (found) return -EEXIST;
    char *copy = make_room(ring) ? malloc(strlen(name) + 1) : NULL;
    if (!copy) return -ENOMEM;
    strcpy(copy, name);
    memmove(ring->names + at + 1, ring->names + at, (ring->nodes - at) * sizeof *ring->names);
    ring->names[at] = copy;
    ring->nodes++;
    make_anew(ring);
    return 0;
}

int ring_remove_node(struct hash_ring *ring, const char *name) {
    bool found = false;
    size_t at = name ? place_of(ring, name, &found) : 0;
    if (!found) return -ENOENT;
    free(ring->names[at]);
    ring->nodes--;
    memmove(ring->names + at, ring->names + at + 1, (ring->nodes - at) * sizeof *ring->names);
    make_anew(ring);
    return 0;
}

static size_t successor(const struct hash_ring *ring, uint64_t hash) {
    size_t low = 0, high = count_of(ring);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ring->points[middle].hash < hash)
            low = middle + 1;
        else
            high = middle;
    }
    return low == count_of(ring) ? 0 : low;
}

const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    return ring->nodes == 0 ? NULL : ring->points[successor(ring, ring_hash(key, size))].name;
}

size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n) {
    size_t count = 0, wanted = n < ring->nodes ? n : ring->nodes;
    if (wanted == 0) return 0;
    for (size_t at = successor(ring, ring_hash(key, size)); count < wanted; at = (at + 1) % count_of(ring)) {
        const char *name = ring->points[at].name;
        size_t seen = 0;
        while (seen < count && out[seen] != name) seen++;
        if (seen == count) out[count++] = name;
    }
    return count;
}

void ring_free(struct hash_ring *ring) {
    if (!ring) return;
    for (size_t i = 0; i < ring->nodes; i++) free(ring->names[i]);
    free(ring->names), free(ring->points), free(ring->scratch);
    free(ring);
}
