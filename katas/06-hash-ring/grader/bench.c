/* SPDX-License-Identifier: MIT */
/* bench.c -- a fixed amount of work, timed from outside.
 *
 *   bench  nodes, lookups (a multiple of KEYS)
 *
 * Nodes of 150 points are added one by one; then KEYS keys of 8 bytes are
 * looked up again and again. They are too many for a branch predictor to
 * learn, and few enough to stay in the cache, so that the ring is what costs.
 *
 * Names are four digits, read as one number: adding it up costs nothing, and
 * the grader knows the right sum. Evidence: `sum`, `nobody` (NULL answers). */
#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "evidence.h"
#include "scenario.h"

#define KEYS 8192
#define VNODES 150
#define BLOCK 64

static unsigned char keys[KEYS][KEY_SIZE];

static struct hash_ring *grown_ring(uint64_t nodes) {
    struct hash_ring *ring = new_ring(VNODES);
    for (uint64_t i = 0; i < nodes; i++) {
        char name[24];
        snprintf(name, sizeof name, "%04llu", (unsigned long long)i);
        if (ring_add_node(ring, name) != 0)
            evidence_broken_off("ring_add_node", "refused a node", "0", "ring_add_node");
    }
    return ring;
}

/* Where a key lies says nothing about it: the keys of a block lie where those of another did. */
static void look_up(const struct hash_ring *ring, unsigned char (*block)[KEY_SIZE], uint64_t *sum, uint64_t *nobody) {
    for (uint64_t i = 0; i < BLOCK; i++) {
        const char *name = ring_get_node(ring, block[i], KEY_SIZE);
        uint32_t digits = 0;
        if (name)
            memcpy(&digits, name, sizeof digits);
        else
            *nobody += 1;
        *sum += digits;
    }
}

void bench(uint64_t seed) {
    (void)seed; /* the same work every time */
    uint64_t rounds = scenario_param("lookups") / KEYS, sum = 0, nobody = 0;
    unsigned char block[BLOCK][KEY_SIZE];
    for (uint64_t i = 0; i < KEYS; i++) key_bytes(keys[i], 0, i);
    struct hash_ring *ring = grown_ring(scenario_param("nodes"));
    for (uint64_t round = 0; round < rounds; round++) {
        for (uint64_t i = 0; i < KEYS; i += BLOCK) {
            memcpy(block, keys[i], sizeof block);
            look_up(ring, block, &sum, &nobody);
        }
        evidence_progress();
    }
    evidence_count("sum", sum);
    evidence_count("nobody", nobody);
    ring_free(ring);
}
