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
 * Evidence, in steps per thousand points in the ring: `add_few`, `add_many`,
 * `add_wide`, `remove_few`, `remove_many`, `remove_wide`. In steps per
 * hundred lookups: `lookup_256`, `lookup_8192`, `lookup_262144`; and the
 * answers of these lookups, a node's number each, in the series `owners_256`,
 * `owners_8192`, `owners_262144`. Also
 * `allocations_in_get`, `allocations_in_get_nodes`, and `overrun`: the call
 * (1 add, 2 remove, 3 get_node, 4 get_nodes) that was given up because it went beyond
 * CHANGE_LIMIT steps per point, or LOOKUP_LIMIT; what comes after it is then 0. */
#include "driver.h"

#include <stdbool.h>

#include "evidence.h"
#include "heap.h"
#include "pace.h"

#define CHANGE_LIMIT(points) (400 * (points) + 20000) /* a small ring may cost something in any case */
#define LOOKUP_LIMIT 20000
#define LOOKUPS 400
#define SET 6

enum call { NONE, ADD, REMOVE, GET, GET_NODES };

struct window {
    const char *add_name, *remove_name;
    uint64_t vnodes, from, to; /* nodes */
    uint64_t add_steps, add_points, remove_steps, remove_points;
};

static struct window windows[] = {
    {.add_name = "add_few", .remove_name = "remove_few", .vnodes = 4, .from = 32, .to = 64},
    {.add_name = "add_many", .remove_name = "remove_many", .vnodes = 4, .from = 1024, .to = 2048},
    {.add_name = "add_wide", .remove_name = "remove_wide", .vnodes = 256, .from = 32, .to = 64},
};
static struct {
    const char *steps_name, *owners_name;
    uint64_t steps, asked, owners[LOOKUPS];
} lookups[] = {
    {.steps_name = "lookup_256", .owners_name = "owners_256"},
    {.steps_name = "lookup_8192", .owners_name = "owners_8192"},
    {.steps_name = "lookup_262144", .owners_name = "owners_262144"},
};
static uint64_t in_get, in_get_nodes; /* allocations */
static enum call active;

static uint64_t per_thousand(uint64_t steps, uint64_t points) {
    return points == 0 ? 0 : steps * 1000 / points;
}

static void report(enum call overran) {
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        evidence_count(windows[i].add_name, per_thousand(windows[i].add_steps, windows[i].add_points));
        evidence_count(windows[i].remove_name, per_thousand(windows[i].remove_steps, windows[i].remove_points));
    }
    for (size_t i = 0; i < sizeof lookups / sizeof *lookups; i++) {
        evidence_count(lookups[i].steps_name, lookups[i].steps * 100 / LOOKUPS);
        evidence_series(lookups[i].owners_name, lookups[i].owners, lookups[i].asked);
    }
    evidence_count("allocations_in_get", in_get);
    evidence_count("allocations_in_get_nodes", in_get_nodes);
    evidence_count("overrun", overran);
}

static void overrun(void) {
    report(active);
    evidence_end();
}

static void begin(enum call call, uint64_t limit) {
    active = call;
    pace_count_steps(limit, overrun);
}

static uint64_t end(void) {
    uint64_t steps = pace_steps();
    pace_count_steps(0, NULL);
    return steps;
}

static void count_lookups(size_t which, const struct hash_ring *ring) {
    const char *names[3];
    unsigned char key[KEY_SIZE];
    for (uint64_t i = 0; i < LOOKUPS; i++) {
        key_bytes(key, SET, i);
        uint64_t before = heap_allocations();
        begin(GET, LOOKUP_LIMIT);
        const char *name = ring_get_node(ring, key, sizeof key);
        lookups[which].steps += end();
        lookups[which].owners[lookups[which].asked++] = node_number(name);
        uint64_t between = heap_allocations();
        begin(GET_NODES, LOOKUP_LIMIT);
        (void)ring_get_nodes(ring, key, sizeof key, names, 3);
        (void)end();
        in_get += between - before;
        in_get_nodes += heap_allocations() - between;
    }
    evidence_progress();
}

/* The points that a change of a ring of so many nodes may touch. */
static uint64_t points_at(const struct window *w, uint64_t nodes) {
    return nodes * w->vnodes;
}

static struct hash_ring *count_adds(struct window *w, struct hash_ring *ring, uint64_t nodes) {
    for (; nodes < w->to; nodes++) {
        uint64_t points = points_at(w, nodes + 1);
        begin(ADD, CHANGE_LIMIT(points));
        add_node(ring, SET, nodes);
        uint64_t steps = end();
        if (nodes < w->from) continue;
        w->add_steps += steps, w->add_points += points;
    }
    evidence_progress();
    return ring;
}

/* Every third node goes before the others, so that not only the newest do. */
static void count_removes(struct window *w, struct hash_ring *ring) {
    uint64_t nodes = w->to;
    for (uint64_t pass = 0; pass < 3; pass++) {
        for (uint64_t node = pass; node < w->to && nodes > w->from; node += 3, nodes--) {
            uint64_t points = points_at(w, nodes);
            begin(REMOVE, CHANGE_LIMIT(points));
            remove_node(ring, SET, node);
            w->remove_steps += end(), w->remove_points += points;
        }
    }
    evidence_progress();
}

void counts(uint64_t seed) {
    (void)seed; /* counts do not depend on chance */
    struct window *few = &windows[0], *many = &windows[1], *wide = &windows[2];
    struct hash_ring *ring = count_adds(few, new_ring(few->vnodes), 0);
    count_removes(few, ring);
    ring_free(ring);
    ring = count_adds(wide, new_ring(wide->vnodes), 0);
    count_removes(wide, ring);
    ring_free(ring);
    ring = count_adds(many, new_ring(many->vnodes), 0);
    count_lookups(1, ring);
    count_removes(many, ring);
    ring_free(ring);

    static const struct {
        uint64_t nodes, vnodes;
    } shapes[] = {{16, 16}, {0, 0}, {8, 32768}}; /* the second has been measured above */
    for (size_t i = 0; i < 3; i++) {
        if (shapes[i].nodes == 0) continue;
        ring = new_ring(shapes[i].vnodes);
        for (uint64_t node = 0; node < shapes[i].nodes; node++) add_node(ring, SET, node);
        count_lookups(i, ring);
        ring_free(ring);
    }
    report(NONE);
}
