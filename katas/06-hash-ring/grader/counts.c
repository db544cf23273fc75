/* SPDX-License-Identifier: MIT */
/* counts.c -- what the calls cost, in steps and allocations, on one thread.
 *
 *   counts
 *
 * Changes are measured over windows in which the number of nodes doubles, so
 * that arrays and tables that grow by doubling are in all their phases:
 *   few    4 points a node, from 32 to 64 nodes
 *   many   4 points a node, from 1,024 to 2,048 nodes
 *   wide   256 points a node, from 32 to 64 nodes
 * Lookups in rings of 256 points, of 8,192 (2,048 nodes of 4), and of 262,144
 * (8 nodes of 32,768).
 *
 * Evidence: the rows `costs`: of ADD and REMOVE with one of these windows for
 * their size and points of the ring for their calls, of GET and GET_NODES by the
 * number of points. And the answers of these lookups, a node's number each, in the
 * series `owners_256`, `owners_8192`, `owners_262144`. A call that goes beyond
 * CHANGE_LIMIT steps per point, or LOOKUP_LIMIT, ends the scenario. */
#include "driver.h"

#include <stdbool.h>

#include "costs.h"
#include "evidence.h"

#define CHANGE_LIMIT(points) (400 * (points) + 20000) /* a small ring may cost something in any case */
#define LOOKUP_LIMIT 20000
#define LOOKUPS 400
#define SET 6
#define BEFORE 3 /* in place of a window: additions until it begins */

enum phase { ADD, REMOVE, GET, GET_NODES };

static const struct window {
    uint64_t vnodes, from, to; /* nodes */
} few = {4, 32, 64}, many = {4, 1024, 2048}, wide = {256, 32, 64};
static const struct window *const windows[] = {&few, &many, &wide};

/* A window as a size of costs.h: its place in the table. */
static uint64_t place_of(const struct window *w) {
    uint64_t place = 0;
    while (windows[place] != w) place++;
    return place;
}

static void count_lookups(const char *owners_name, uint64_t points, const struct hash_ring *ring) {
    const char *names[3];
    unsigned char key[KEY_SIZE];
    uint64_t owners[LOOKUPS];
    for (uint64_t i = 0; i < LOOKUPS; i++) {
        key_bytes(key, SET, i);
        cost_begin(GET, points, 1, LOOKUP_LIMIT);
        const char *name = ring_get_node(ring, key, sizeof key);
        cost_end();
        owners[i] = node_number(name);
        cost_begin(GET_NODES, points, 1, LOOKUP_LIMIT);
        (void)ring_get_nodes(ring, key, sizeof key, names, 3);
        cost_end();
    }
    evidence_series(owners_name, owners, LOOKUPS);
}

/* The points that a change of a ring of so many nodes may touch. */
static uint64_t points_at(const struct window *w, uint64_t nodes) {
    return nodes * w->vnodes;
}

static void count_adds(const struct window *w, struct hash_ring *ring) {
    for (uint64_t nodes = 0; nodes < w->to; nodes++) {
        uint64_t points = points_at(w, nodes + 1);
        cost_begin(ADD, nodes < w->from ? BEFORE : place_of(w), points, CHANGE_LIMIT(points));
        add_node(ring, SET, nodes);
        cost_end();
    }
    evidence_progress();
}

/* Every third node goes before the others, so that not only the newest do. */
static void count_removes(const struct window *w, struct hash_ring *ring) {
    uint64_t nodes = w->to;
    for (uint64_t pass = 0; pass < 3; pass++) {
        for (uint64_t node = pass; node < w->to && nodes > w->from; node += 3, nodes--) {
            uint64_t points = points_at(w, nodes);
            cost_begin(REMOVE, place_of(w), points, CHANGE_LIMIT(points));
            remove_node(ring, SET, node);
            cost_end();
        }
    }
    evidence_progress();
}

static void count_window(const struct window *w) {
    struct hash_ring *ring = new_ring(w->vnodes);
    count_adds(w, ring);
    if (w == &many) count_lookups("owners_8192", 8192, ring);
    count_removes(w, ring);
    ring_free(ring);
}

static void count_shape(uint64_t nodes, uint64_t vnodes, const char *owners_name) {
    struct hash_ring *ring = new_ring(vnodes);
    for (uint64_t node = 0; node < nodes; node++) add_node(ring, SET, node);
    count_lookups(owners_name, nodes * vnodes, ring);
    ring_free(ring);
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    count_window(&few);
    count_window(&wide);
    count_shape(16, 16, "owners_256");
    count_window(&many);
    count_shape(8, 32768, "owners_262144");
    costs_report();
}
