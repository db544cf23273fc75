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

#include "evidence.h"
#include "gate.h"
#include "pace.h"
#include "scenario.h"

#define NODES 5
#define EVERY 4
#define NOBODY_SHORT 0xffffu

static struct {
    const struct hash_ring *ring;
    struct gate gate;
    uint64_t seed, keys;
} r;

struct reader {
    uint64_t number, *owners, *trios;
};

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

static void *read_all(void *argument) {
    struct reader *self = argument;
    pace_unsteady(r.seed, self->number);
    gate_pass(&r.gate);
    for (uint64_t key = 0; key < r.keys; key++) {
        self->owners[2 * key] = owner(r.ring, r.seed, key);
        self->owners[2 * key + 1] = owner(r.ring, r.seed, key);
        if (key % EVERY == 0) self->trios[key / EVERY] = trio(key);
    }
    return NULL;
}

static void play_round(uint64_t threads, uint64_t round, uint64_t *owners, uint64_t *trios) {
    pthread_t *thread = calloc(threads, sizeof *thread);
    struct reader *reader = calloc(threads, sizeof *reader);
    uint64_t per_thread = r.keys / EVERY;
    gate_init(&r.gate, threads);
    for (uint64_t i = 0; i < threads; i++) {
        uint64_t place = round * threads + i;
        reader[i] = (struct reader){place, owners + place * 2 * r.keys, trios + place * per_thread};
        thread[i] = gate_thread(read_all, &reader[i]);
    }
    for (uint64_t i = 0; i < threads; i++) pthread_join(thread[i], NULL);
    gate_destroy(&r.gate);
    free(thread), free(reader);
    evidence_progress();
}

void readers(uint64_t seed) {
    uint64_t threads = scenario_param("threads"), rounds = scenario_param("rounds");
    r.seed = seed, r.keys = scenario_param("keys");
    uint64_t owner_count = rounds * threads * 2 * r.keys, trio_count = rounds * threads * (r.keys / EVERY);
    uint64_t *owners = calloc(owner_count, sizeof *owners), *trios = calloc(trio_count, sizeof *trios);
    struct hash_ring *ring = new_ring(scenario_param("vnodes"));
    r.ring = ring;
    for (uint64_t node = 0; node < NODES; node++) add_node(ring, seed, node);
    for (uint64_t round = 0; round < rounds; round++) {
        play_round(threads, round, owners, trios);
        remove_node(ring, seed, round);
        add_node(ring, seed, round + NODES);
    }
    evidence_series("owners", owners, owner_count);
    evidence_series("trios", trios, trio_count);
    ring_free(ring);
    free(owners), free(trios);
}
