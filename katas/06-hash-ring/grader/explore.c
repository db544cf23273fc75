/* SPDX-License-Identifier: MIT */
/* explore.c -- kata 06 under the schedule explorer.
 *
 *   readers   nodes are added, two or three threads look up at once, the ring
 *             changes, two threads look up again
 *   pair      two threads, two lookups each: for exhaustive search
 *
 * Nothing but the start and the end of threads orders lookups and changes: so
 * whatever a lookup writes where another reads is a data race. Before the first
 * threads there has been no lookup, so that what a lookup does once is done
 * by several at the same time.
 *
 * Expected owners come from a ring of the driver's own: the points of all
 * nodes in no order, hashed here, never asked by the code under test. */
#include "explore.h"
#include "hash_ring.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { NODES = 4, VNODES = 2, KEYS = 4, READERS = 3, LOOKUPS_MAX = 3 };

static const char *const names[NODES] = {"a", "b", "c", "d"};
static const char *const keys[KEYS] = {"a_vnode_0", "k", "user:1", "the fox"};

static struct hash_ring *ring;
static bool inside[NODES];
static unsigned lookups, trio_at; /* per thread; which of them asks for two nodes */

/* Quiet: reading the driver's own table is no step of the subject's. */
EXPLORE_QUIET static unsigned long long position(const char *text) {
    unsigned long long h = 0xcbf29ce484222325;
    for (; *text; text++) h = (h ^ (unsigned char)*text) * 0x100000001b3;
    h = (h ^ h >> 33) * 0xff51afd7ed558ccd;
    h = (h ^ h >> 33) * 0xc4ceb9fe1a85ec53;
    return h ^ h >> 33;
}

EXPLORE_QUIET static unsigned long long distance(unsigned key, unsigned node) {
    unsigned long long from = position(keys[key]), nearest = ~0ull;
    for (char vnode = '0'; vnode < '0' + VNODES; vnode++) {
        char label[] = "?_vnode_?";
        label[0] = names[node][0], label[sizeof label - 2] = vnode;
        if (position(label) - from < nearest) nearest = position(label) - from;
    }
    return nearest;
}

/* The node met next clockwise from the key, `after` left out; NODES: none. */
EXPLORE_QUIET static unsigned expected(unsigned key, unsigned after) {
    unsigned best = NODES;
    for (unsigned node = 0; node < NODES; node++)
        if (inside[node] && node != after && (best == NODES || distance(key, node) < distance(key, best))) best = node;
    return best;
}

EXPLORE_QUIET static void check(unsigned key, const char *answer, unsigned node) {
    const char *wanted = node < NODES ? names[node] : "NULL";
    const char *seen = answer ? answer : "NULL";
    for (int i = 0; seen[i] || wanted[i]; i++) {
        if (seen[i] == wanted[i]) continue;
        explore_fail("key \"%s\" -> %.20s; its owner in this ring is %s", keys[key], seen, wanted);
        return;
    }
}

static void look_up(unsigned key, bool two) {
    const char *out[2] = {NULL, NULL};
    if (!two) {
        check(key, ring_get_node(ring, keys[key], strlen(keys[key])), expected(key, NODES));
        return;
    }
    size_t count = ring_get_nodes(ring, keys[key], strlen(keys[key]), out, 2);
    if (count != 2) explore_fail("ring_get_nodes for 2 nodes answers %zu; the ring has more", count);
    check(key, out[0], expected(key, NODES));
    check(key, out[1], expected(key, expected(key, NODES)));
}

static void *read_some(void *argument) {
    unsigned first = (unsigned)(size_t)argument;
    explore_name_thread("reader");
    for (unsigned i = 0; i < lookups; i++) look_up((first + i) % KEYS, i == trio_at);
    return NULL;
}

static void come(unsigned node) {
    if (ring_add_node(ring, names[node]) != 0) explore_fail("adding node %s is refused", names[node]);
    inside[node] = true;
}

static void go(unsigned node) {
    if (ring_remove_node(ring, names[node]) != 0) explore_fail("removing node %s is refused", names[node]);
    inside[node] = false;
}

static void read_together(unsigned readers, unsigned apart) {
    pthread_t thread[READERS];
    for (size_t i = 0; i < readers; i++) pthread_create(&thread[i], NULL, read_some, (void *)(i * apart));
    for (size_t i = 0; i < readers; i++) pthread_join(thread[i], NULL);
}

static void open_ring(void) {
    ring = ring_new(VNODES);
    if (!ring) explore_fail("ring_new answers NULL although there is memory");
    for (unsigned node = 0; node + 1 < NODES; node++) come(node);
}

static void close_ring(void) {
    ring_free(ring);
    ring = NULL;
}

static void run_readers(void) {
    open_ring();
    lookups = 1 + explore_choose(LOOKUPS_MAX), trio_at = explore_choose(LOOKUPS_MAX + 1);
    read_together(2 + explore_choose(READERS - 1), explore_choose(2));
    come(NODES - 1);
    go(explore_choose(NODES - 1));
    read_together(2, 1);
    close_ring();
}

static void run_pair(void) {
    open_ring();
    lookups = 2, trio_at = LOOKUPS_MAX;
    read_together(2, 1);
    close_ring();
}

const struct explore_scenario explore_scenarios[] = {{"readers", run_readers}, {"pair", run_pair}, {NULL, NULL}};
