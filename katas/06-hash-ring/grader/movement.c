/* SPDX-License-Identifier: MIT */
/* movement.c -- who owns which keys, as nodes come and go.
 *
 *   movement  vnodes, nodes, keys: nodes come one by one, then go in an order
 *             drawn from the seed, until one is left
 *   shares    rings, vnodes, nodes, keys (of each ring)
 *
 * Evidence of movement: the rows `changes`. The first `nodes` - 1 are additions.
 * Evidence of shares: `owned`, keys per node, ring after ring. */
#include "driver.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "rng.h"
#include "scenario.h"

#define CHANGES_MAX 64

EVIDENCE_ROW(change, nodes, node, /* so many before, and the one that came or went */
             moved,               /* keys whose owner changed, from others to the node or from it to others */
             strayed,             /* keys whose owner changed otherwise */
             stuck);              /* keys still owned by the node that went */

static struct {
    struct hash_ring *ring;
    uint64_t seed, keys, *owners; /* before the change */
    uint64_t count;
    struct change changes[CHANGES_MAX];
} m;

static void note_change(uint64_t nodes_before, uint64_t node, bool added) {
    struct change *change = &m.changes[m.count++];
    change->nodes = nodes_before, change->node = node;
    for (uint64_t key = 0; key < m.keys; key++) {
        uint64_t before = m.owners[key], after = owner(m.ring, m.seed, key);
        m.owners[key] = after;
        if (!added && after == node) change->stuck++;
        if (before == after) continue;
        if (after == NOBODY || node != (added ? after : before))
            change->strayed++;
        else
            change->moved++;
    }
    evidence_progress();
}

static void come(uint64_t nodes) {
    add_node(m.ring, m.seed, 0);
    for (uint64_t key = 0; key < m.keys; key++) m.owners[key] = owner(m.ring, m.seed, key);
    for (uint64_t node = 1; node < nodes; node++) {
        add_node(m.ring, m.seed, node);
        note_change(node, node, true);
    }
}

static void go(uint64_t nodes) {
    uint64_t left[CHANGES_MAX];
    struct rng rng = rng_new(m.seed, 0);
    for (uint64_t i = 0; i < nodes; i++) left[i] = i;
    for (; nodes > 1; nodes--) {
        uint64_t at = rng_below(&rng, nodes), node = left[at];
        left[at] = left[nodes - 1];
        remove_node(m.ring, m.seed, node);
        note_change(nodes, node, false);
    }
}

void movement(uint64_t seed) {
    m.seed = seed, m.keys = scenario_param("keys");
    m.owners = calloc(m.keys, sizeof *m.owners);
    m.ring = new_ring(scenario_param("vnodes"));
    come(scenario_param("nodes"));
    go(scenario_param("nodes"));
    evidence_rows("changes", change, m.changes, m.count);
    ring_free(m.ring);
    free(m.owners);
}

void shares(uint64_t seed) {
    uint64_t rings = scenario_param("rings"), nodes = scenario_param("nodes"), keys = scenario_param("keys");
    uint64_t *owned = calloc(rings * nodes, sizeof *owned);
    for (uint64_t r = 0; r < rings; r++) {
        struct hash_ring *ring = new_ring(scenario_param("vnodes"));
        for (uint64_t node = 0; node < nodes; node++) add_node(ring, seed + r, node);
        for (uint64_t key = 0; key < keys; key++) {
            uint64_t node = owner(ring, seed + r, key);
            if (node < nodes) owned[r * nodes + node]++;
        }
        ring_free(ring);
    }
    evidence_series("owned", owned, rings * nodes);
    free(owned);
}
