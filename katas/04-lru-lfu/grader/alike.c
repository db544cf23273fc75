/* SPDX-License-Identifier: MIT */
/* alike.c -- keys whose hashes are nearly equal, for caches that compare less
 * than the whole key.
 *
 * Of each two such keys, one is put into a cache of two entries, and the other
 * is asked for; then it is put as well, and the first one is removed.
 *
 * Evidence: `pairs` that were tried; `mixed_up`, the call after which one was
 * taken for the other (enum call), and `alike`, these two; 0: none. */
#include "alike.h"

#include "driver.h"
#include "evidence.h"
#include "scenario.h"

enum call { NONE, GET_OTHER, PUT_OTHER, GET_FIRST, REMOVE_FIRST, GET_LEFT };

static struct {
    const struct kind *kind;
    void *cache;
    uint64_t pairs, mixed_up, alike[2];
} a;

static void mix_up(uint64_t call, uint64_t key, uint64_t other) {
    a.mixed_up = call, a.alike[0] = key, a.alike[1] = other;
}

static bool holds(uint64_t key) {
    uint64_t value = 0;
    return a.kind->get(a.cache, key, &value) && value == value_of(key);
}

/* The first pair that is mixed up is the last that is tried. */
static void try_pair(uint64_t key, uint64_t other) {
    if (a.mixed_up) return;
    a.pairs++;
    (void)a.kind->put(a.cache, key, value_of(key), NULL); /* there is room */
    if (a.kind->get(a.cache, other, NULL)) return mix_up(GET_OTHER, key, other);
    (void)a.kind->put(a.cache, other, value_of(other), NULL); /* as above */
    if (a.kind->size(a.cache) != 2 || !holds(other)) return mix_up(PUT_OTHER, key, other);
    if (!holds(key)) return mix_up(GET_FIRST, key, other);
    if (!a.kind->remove(a.cache, key)) return mix_up(REMOVE_FIRST, key, other);
    if (!holds(other)) return mix_up(GET_LEFT, key, other);
    (void)a.kind->remove(a.cache, other); /* it is there */
}

static void try_pairs(uint64_t key, const uint64_t *others, size_t count) {
    for (size_t i = 0; i < count; i++) try_pair(key, others[i]);
}

void alike(uint64_t seed) {
    a.kind = &kinds[scenario_param("kind")];
    a.cache = new_cache(scenario_param("kind"), 2);
    alike_keys(seed, try_pairs);
    a.kind->free(a.cache);
    evidence_count("pairs", a.pairs);
    evidence_count("mixed_up", a.mixed_up);
    evidence_series("alike", a.alike, a.mixed_up ? 2 : 0);
}
