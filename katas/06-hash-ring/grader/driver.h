/* SPDX-License-Identifier: MIT */
/* driver.h -- what the driver's files share: names, keys, and the scenarios. */
#ifndef DRIVER_H
#define DRIVER_H

#include <stddef.h>
#include <stdint.h>

#include "hash_ring.h"

#define NAME_SIZE 48
#define KEY_SIZE 8
#define NOBODY UINT64_MAX

/* The name of node `number`; another `set` has other names. */
void node_name(char name[NAME_SIZE], uint64_t set, uint64_t number);

/* The number in such a name; NOBODY for NULL and for a name of no such form. */
uint64_t node_number(const char *name);

/* The bytes of key `number`; another `set`, of less than 2^48, has other keys. */
void key_bytes(unsigned char key[KEY_SIZE], uint64_t set, uint64_t number);

/* A new ring. Without one there is no traffic, and the process ends saying so. */
struct hash_ring *new_ring(uint64_t vnodes);

/* Adds or removes a node; if that is refused, the process ends saying so. */
void add_node(struct hash_ring *ring, uint64_t set, uint64_t number);
void remove_node(struct hash_ring *ring, uint64_t set, uint64_t number);

/* The number of the node that owns key `number`. */
uint64_t owner(const struct hash_ring *ring, uint64_t set, uint64_t number);

/* For scripted calls: "2\na\nb" for what ring_get_nodes answers and writes. If
 * it writes beyond that, it says so. The text lives until the next call. */
const char *nodes_as_text(const struct hash_ring *ring, const void *key, size_t size, size_t n);

/* For scripted calls: -ENOMEM for a node of more points than there can be
 * memory for, by ring_new or by ring_add_node; else what that answers. */
int add_huge_node(size_t vnodes);

void movement(uint64_t seed);  /* movement.c */
void shares(uint64_t seed);    /* movement.c */
void readers(uint64_t seed);   /* readers.c */
void rings(uint64_t seed);     /* rings.c */
void counts(uint64_t seed);    /* counts.c */
void no_memory(uint64_t seed); /* memory.c */
void churn(uint64_t seed);     /* churn.c */
void bench(uint64_t seed);     /* bench.c */

#endif
