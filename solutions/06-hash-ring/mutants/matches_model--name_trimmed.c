/* SPDX-License-Identifier: MIT */
/* Mutant: blanks before a name are passed over. */
#include "hash_ring.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define NAME_SIZE_MAX 255

struct node {
    struct node *next;
    char name[];
};

struct point {
    uint64_t hash;
    const char *name; /* its node's copy */
};

struct hash_ring {
    size_t vnodes, count; /* points per node; points in all */
    struct point *points; /* count + 1, if there are any */
    uint32_t *first;      /* by upper bits, an index into points */
    unsigned shift;       /* what is left of a hash >> shift are the upper bits */
    struct node *nodes;   /* newest first */
};

#define FNV_OFFSET_BASIS 0xcbf29ce484222325u
#define FNV_PRIME 0x100000001b3u

/* FNV-1a of some bytes is its value for the bytes before, continued: so the
 * points of a node share the work for its name. */
static uint64_t fnv1a_continued(uint64_t hash, const void *bytes, size_t size) {
    const unsigned char *at = bytes; /* unsigned: a byte above 127 is no negative number */
    for (size_t i = 0; i < size; i++) hash = (hash ^ at[i]) * FNV_PRIME;
    return hash;
}

/* The last byte of a text is multiplied once: it reaches the lowest bits and a
 * few near the top. Labels that differ in the last digit only would stand side
 * by side in groups; this spreads every bit over all. */
static uint64_t finalized(uint64_t h) {
    h = (h ^ h >> 33) * 0xff51afd7ed558ccdu;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53u;
    return h ^ h >> 33;
}

uint64_t fnv1a_64(const void *bytes, size_t size) {
    return fnv1a_continued(FNV_OFFSET_BASIS, bytes, size);
}

uint64_t ring_hash(const void *bytes, size_t size) {
    return finalized(fnv1a_64(bytes, size));
}

static uint64_t decimal_continued(uint64_t hash, size_t number) {
    char digits[20]; /* 2^64 has 20 */
    size_t at = sizeof digits;
    do digits[--at] = (char)('0' + number % 10);
    while (number /= 10);
    return fnv1a_continued(hash, digits + at, sizeof digits - at);
}

struct hash_ring *ring_new(size_t vnodes_per_node) {
    struct hash_ring *ring = vnodes_per_node > 0 ? calloc(1, sizeof *ring) : NULL;
    if (ring) ring->vnodes = vnodes_per_node;
    return ring;
}

/* Where the pointer to the node of this name is, or the end of the list. */
static struct node **find(struct hash_ring *ring, const char *name) {
    struct node **at = &ring->nodes;
    while (*at && strcmp((*at)->name, name) != 0) at = &(*at)->next;
    return at;
}

static int by_hash(const void *a, const void *b) {
    uint64_t left = ((const struct point *)a)->hash, right = ((const struct point *)b)->hash;
    return (left > right) - (left < right); /* a difference would not fit into an int */
}

static bool comes_before(const struct point *a, const struct point *b) {
    if (a->hash != b->hash) return a->hash < b->hash;
    return strcmp(a->name, b->name) < 0;
}

static void fill_sorted(struct point *points, size_t count, const char *name) {
    static const char infix[] = "_vnode_";
    uint64_t hash = fnv1a_continued(fnv1a_64(name, strlen(name)), infix, sizeof infix - 1);
    for (size_t i = 0; i < count; i++) points[i] = (struct point){finalized(decimal_continued(hash, i)), name};
    qsort(points, count, sizeof *points, by_hash);
}

/* Merges the ring's points into `merged`, whose last `vnodes` are the new
 * ones. Those are overwritten only after they have been read: as long as an
 * old point is left to come, the place being written is before them. */
static void merge(const struct hash_ring *ring, struct point *merged) {
    size_t end = ring->count + ring->vnodes, old = 0, added = ring->count;
    for (size_t at = 0; at < end; at++) {
        bool from_old = added == end || (old < ring->count && comes_before(&ring->points[old], &merged[added]));
        merged[at] = from_old ? ring->points[old++] : merged[added++];
    }
}

/* The least power of two, but at least 2, that gives every point a bucket. */
static unsigned bits_for(size_t points) {
    unsigned bits = 1;
    while ((size_t)1 << bits < points) bits++;
    return bits;
}

/* Closes the ring and fills the table, for points that are in order: counts
 * the points of every bucket, then adds up. Walking along both instead would
 * branch on random numbers, and takes three times as long. */
static void finish(struct hash_ring *ring) {
    if (ring->count == 0) return;
    ring->points[ring->count] = (struct point){UINT64_MAX, ring->points[0].name};
    size_t buckets = (size_t)1 << (64 - ring->shift);
    memset(ring->first, 0, buckets * sizeof *ring->first);
    for (size_t i = 0; i < ring->count; i++) ring->first[ring->points[i].hash >> ring->shift]++;
    uint32_t before = 0;
    for (size_t bucket = 0; bucket < buckets; bucket++) {
        uint32_t own = ring->first[bucket];
        ring->first[bucket] = before;
        before += own;
    }
}

/* Takes over `points` and `first` for the ring with `node`. */
static void adopt(struct hash_ring *ring, struct node *node, struct point *points, uint32_t *first) {
    free(ring->points);
    free(ring->first);
    ring->points = points;
    ring->first = first;
    ring->count += ring->vnodes;
    ring->shift = 64 - bits_for(ring->count);
    node->next = ring->nodes;
    ring->nodes = node;
    finish(ring);
}

static int add_new(struct hash_ring *ring, const char *name, size_t size) {
    if (ring->vnodes > UINT32_MAX - 1 - ring->count) return -ENOMEM; /* more than `first` can tell apart */
    size_t count = ring->count + ring->vnodes;
    struct node *node = malloc(sizeof *node + size + 1);
    struct point *points = malloc((count + 1) * sizeof *points);
    uint32_t *first = malloc(sizeof *first << bits_for(count));
    if (!node || !points || !first) {
        free(node), free(points), free(first);
        return -ENOMEM;
    }
    memcpy(node->name, name, size + 1);
    fill_sorted(points + ring->count, ring->vnodes, node->name);
    merge(ring, points);
    adopt(ring, node, points, first);
    return 0;
}

int ring_add_node(struct hash_ring *ring, const char *name) {
    while (name && (*name == ' ' || *name == '\t')) name++;
    size_t size = name ? strnlen(name, NAME_SIZE_MAX + 1) : 0;
    if (size == 0 || size > NAME_SIZE_MAX) return -EINVAL;
    if (*find(ring, name)) return -EEXIST;
    return add_new(ring, name, size);
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
    finish(ring); /* `first` keeps its size: too large is still right */
    return 0;
}

/* The first point at or after `hash`, perhaps the closing one. */
static const struct point *successor(const struct hash_ring *ring, uint64_t hash) {
    const struct point *point = ring->points + ring->first[hash >> ring->shift];
    while (point->hash < hash) point++;
    return point;
}

const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    if (ring->count == 0) return NULL;
    return successor(ring, ring_hash(key, size))->name;
}

static bool is_among(const char *name, const char **names, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (names[i] == name) return true;
    return false;
}

/* At most one round: the ring itself remembers nothing of a lookup, so that
 * many threads can do this at once. */
size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n) {
    if (ring->count == 0) return 0;
    size_t wanted = ring->count / ring->vnodes, count = 0;
    if (n < wanted) wanted = n;
    const struct point *point = successor(ring, ring_hash(key, size)), *end = ring->points + ring->count;
    for (; count < wanted; point++) {
        if (point >= end) point = ring->points; /* the closing point and the first are one */
        if (!is_among(point->name, out, count)) out[count++] = point->name;
    }
    return count;
}

void ring_free(struct hash_ring *ring) {
    if (!ring) return;
    for (struct node *node = ring->nodes, *next; node; node = next) {
        next = node->next;
        free(node);
    }
    free(ring->points);
    free(ring->first);
    free(ring);
}
