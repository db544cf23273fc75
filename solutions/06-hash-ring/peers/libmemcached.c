/* SPDX-License-Identifier: MIT */
/* peer: libmemcached, ketama (160 points a node, MD5)
 * package: libmemcached-dev
 * libraries: -lmemcached
 * metrics: nodes_10 nodes_100
 * answers: its own (another hash and other points: another ring) */
#include "hash_ring.h"

#include <libmemcached/memcached.h>
#include <stdlib.h>

#ifndef KEY_HASH
#define KEY_HASH MEMCACHED_HASH_MD5
#endif

struct hash_ring {
    memcached_st *servers; /* in the order of addition */
};

struct hash_ring *ring_new(size_t vnodes_per_node) {
    (void)vnodes_per_node; /* the library has its own number */
    struct hash_ring *ring = calloc(1, sizeof *ring);
    if (!ring) return NULL;
    ring->servers = memcached_create(NULL);
    memcached_behavior_set(ring->servers, MEMCACHED_BEHAVIOR_KETAMA_WEIGHTED, 1);
    memcached_behavior_set(ring->servers, MEMCACHED_BEHAVIOR_HASH, KEY_HASH);
    return ring;
}

int ring_add_node(struct hash_ring *ring, const char *name) {
    return memcached_server_add(ring->servers, name, 0) == MEMCACHED_SUCCESS ? 0 : -1;
}

/* No connection is opened: the library only says which server it would ask. */
const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size) {
    uint32_t server = memcached_generate_hash(ring->servers, key, size);
    return memcached_server_name(memcached_server_instance_by_position(ring->servers, server));
}

void ring_free(struct hash_ring *ring) {
    memcached_free(ring->servers);
    free(ring);
}
