/* SPDX-License-Identifier: MIT */
/* peer: libmemcached, ketama (160 points a node, keys by FNV-1a of 32 bits)
 * package: libmemcached-dev
 * libraries: -lmemcached
 * metrics: nodes_10 nodes_100
 * answers: its own (another hash and other points: another ring) */
#define KEY_HASH MEMCACHED_HASH_FNV1A_32
#include "libmemcached.c"
