/* SPDX-License-Identifier: MIT */
/* readers.c -- many threads look up at once; between rounds the ring changes.
 *
 *   readers  vnodes, threads, keys, rounds
 *
 * In round r the ring holds the nodes r to r + NODES - 1. Every thread looks
 * up every key, twice in a row, and asks for three nodes at every fourth.
 * Nothing but the start and the end of threads orders lookups and changes.
 *
 * Evidence: `owners`, two per key, thread after thread, round after round;
 * `trios`, the same with one per fourth key, the answer of ring_get_nodes as
 * three numbers of 16 bits, the owner's lowest. NOBODY_SHORT is none. */
#include "driver.h"

#include <stdlib.h>

#include "crew.h"
#include "evidence.h"
#include "pace.h"
#include "scenario.h"

#define NODES 5
#define EVERY 4
#define NOBODY_SHORT 0xffffu

static struct {
    const struct hash_ring *ring;
    uint64_t seed, keys, threads, round, *owners, *trios;
} r;

static uint64_t trio(uint64_t key_number) {
    unsigned char key[KEY_SIZE];
    const char *names[3] = {NULL, NULL, NULL};
    key_bytes(key, r.seed, key_number);
    size_t count = ring_get_nodes(r.ring, key, sizeof key, names, 3);
    uint64_t code = 0;
    for (size_t i = 0; i < 3; i++) {
        uint64_t number = i < count ? node_number(names[i]) : NOBODY_SHORT;
        code |= (number & 0xffff) << 16 * i;
    }
    return code;
}

static void read_all(uint64_t number) {
    uint64_t place = r.round * r.threads + number;
    uint64_t *owners = r.owners + place * 2 * r.keys, *trios = r.trios + place * (r.keys / EVERY);
    pace_unsteady(r.seed, place);
    for (uint64_t key = 0; key < r.keys; key++) {
        owners[2 * key] = owner(r.ring, r.seed, key);
        owners[2 * key + 1] = owner(r.ring, r.seed, key);
        if (key % EVERY == 0) trios[key / EVERY] = trio(key);
    }
}

void readers(uint64_t seed) {
    uint64_t rounds = scenario_param("rounds");
    r.seed = seed, r.keys = scenario_param("keys"), r.threads = scenario_param("threads");
    uint64_t owner_count = rounds * r.threads * 2 * r.keys, trio_count = rounds * r.threads * (r.keys / EVERY);
    r.owners = calloc(owner_count, sizeof *r.owners), r.trios = calloc(trio_count, sizeof *r.trios);
    struct hash_ring *ring = new_ring(scenario_param("vnodes"));
    r.ring = ring;
    for (uint64_t node = 0; node < NODES; node++) add_node(ring, seed, node);
    for (r.round = 0; r.round < rounds; r.round++) {
        crew_join(crew_start(r.threads, read_all));
        evidence_progress();
        remove_node(ring, seed, r.round);
        add_node(ring, seed, r.round + NODES);
    }
    evidence_series("owners", r.owners, owner_count);
    evidence_series("trios", r.trios, trio_count);
    ring_free(ring);
    free(r.owners), free(r.trios);
}
