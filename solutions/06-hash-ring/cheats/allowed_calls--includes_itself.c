/* SPDX-License-Identifier: MIT */
/* Is another file the second time, when the compiler reads it as a header of the system's.
 *
 * Research C 21. Refused with: includes allowed_calls--includes_itself.c from another folder */
#ifndef AGAIN
#define AGAIN
#include "allowed_calls--includes_itself.c"
#else
#pragma GCC system_header
#include "hash_ring.h"

#include <errno.h>
#include <stdlib.h>

struct hash_ring {
    int todo; /* In which order must the points lie to be found quickly? Who owns the names? */
};

uint64_t fnv1a_64(const void *bytes, size_t size) {
    (void)bytes, (void)size;
    return 0;
}

uint64_t ring_hash(const void *bytes, size_t size) {
    return fnv1a_64(bytes, size);
}

struct hash_ring *ring_new(size_t vnodes_per_node) {
    (void)vnodes_per_node;
    return calloc(1, sizeof(struct hash_ring));
}

int ring_add_node(struct hash_ring *ring, const char *name) {
    (void)ring, (void)name;
    return -ENOMEM;
}

int ring_remove_node(struct hash_ring *ring, const char *name) {
    (void)ring, (void)name;
    return -ENOENT;
}

const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    (void)ring, (void)key, (void)size;
    return NULL;
}

size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n) {
    (void)ring, (void)key, (void)size, (void)out, (void)n;
    return 0;
}

void ring_free(struct hash_ring *ring) {
    free(ring);
}
#endif
