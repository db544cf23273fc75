/* SPDX-License-Identifier: MIT */
/* hash_ring.h -- consistent hashing: which node owns a key, so that nodes can
 * come and go and nearly every key stays where it is.
 *
 * The ring. A node stands at many places of a circle of 2^64 positions, its
 * points. Point i of node `name`, for i from 0 to vnodes_per_node - 1, is at
 * ring_hash() of the text "<name>_vnode_<i>", i in decimal without padding. A
 * key belongs to the first point at or after ring_hash(key), in all 64 bits;
 * after the last point comes the first. Of points at the same place, the one
 * whose node has the smaller name counts first, in the order of strcmp(); the
 * others are met after it. So a ring is fixed by the set of its nodes: how it
 * came to that set does not matter, nor what lay at its address before.
 *
 * Names. A node's name is a string of 1 to 255 bytes, whatever they are. The
 * ring copies it. A name that a lookup returned is the ring's copy, and lives
 * until its node is removed or the ring is freed, whatever else changes. It
 * may be passed to any call, also to the one that removes its node.
 *
 * Keys. Any bytes, also none; a key is not a string, and no byte ends it. Its
 * size is at most PTRDIFF_MAX: more than 32 bits hold.
 *
 * Threads. Any number of threads may look up at once while no thread changes
 * the ring. The thread that changes it must be alone, and must synchronize with the
 * lookups before and after. Different rings share nothing.
 *
 * Costs. A lookup takes O(log points) steps, and neither allocates nor takes
 * a lock. Adding or removing a node takes O(points) steps at most, for the
 * points in the ring, and n log n for its own n. No change re-sorts the ring,
 * and none searches a place in it for one point by walking over the others. */
#ifndef HASH_RING_H
#define HASH_RING_H

#include <stddef.h>
#include <stdint.h>

struct hash_ring;

/* FNV-1a, 64 bits: offset basis 0xcbf29ce484222325, prime 0x100000001b3. */
uint64_t fnv1a_64(const void *bytes, size_t size);

/* fnv1a_64(), then the 64-bit finalizer of MurmurHash3, in which h ^= h >> 33
 * stands before, between and after the multiplications by 0xff51afd7ed558ccd
 * and 0xc4ceb9fe1a85ec53. */
uint64_t ring_hash(const void *bytes, size_t size);

/* A ring without nodes; NULL if vnodes_per_node is 0 or there is no memory. */
struct hash_ring *ring_new(size_t vnodes_per_node);

/* Adds a node. 0, or, with the ring unchanged: -EEXIST if it has that node,
 * -EINVAL if the name is NULL, empty or longer than 255 bytes, -ENOMEM. */
int ring_add_node(struct hash_ring *ring, const char *name);

/* Removes a node. 0, or -ENOENT if the ring has no such node (NULL is none).
 * Never lacks memory. */
int ring_remove_node(struct hash_ring *ring, const char *name);

/* The name of the node that owns the key; NULL if the ring has no nodes. */
const char *ring_get_node(const struct hash_ring *ring, const void *key, size_t size);

/* The first n distinct nodes met going clockwise from the key, its owner
 * first, or all nodes if there are fewer. Returns how many were written to
 * `out`; the rest of `out` is left as it was. */
size_t ring_get_nodes(const struct hash_ring *ring, const void *key, size_t size, const char **out, size_t n);

/* Frees the ring. No other call may be in progress. NULL does nothing. */
void ring_free(struct hash_ring *ring);

#endif
